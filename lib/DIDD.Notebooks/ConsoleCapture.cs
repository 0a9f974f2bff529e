namespace DIDD.Notebooks;

/// <summary>
/// Sends what managed code writes to the console to a receiver, and refuses to read from it, until disposed. .NET Interactive would keep every line as an event, and lose
/// those of threads that outlive their cell.
/// </summary>
/// <param name="receive">Gets the stream's name, <c>stdout</c> or <c>stderr</c>, and the text.</param>
internal sealed class ConsoleCapture(Action<string, string> receive) : IDisposable
{
    private readonly TextWriter _output = Console.Out;
    private readonly TextWriter _error = Console.Error;
    private readonly TextReader _input = Console.In;

    /// <summary>Takes the console, also from who took it since.</summary>
    public void Take()
    {
        Console.SetOut(new Writer(text => receive("stdout", text)) { NewLine = "\n" });
        Console.SetError(new Writer(text => receive("stderr", text)) { NewLine = "\n" });
        Console.SetIn(new NoInput());
    }

    public void Dispose()
    {
        Console.SetOut(_output);
        Console.SetError(_error);
        Console.SetIn(_input);
    }

    private sealed class Writer(Action<string> receive) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => receive(value.ToString());

        public override void Write(char[] buffer, int index, int count) => receive(new string(buffer, index, count));

        public override void Write(string? value) => receive(value ?? "");

        public override void WriteLine(string? value) => receive(value + "\n");
    }

    private sealed class NoInput : TextReader
    {
        public override int Peek() => Read();

        public override int Read() => throw new NotSupportedException("Notebooks here take no input from the console; set a variable instead.");
    }
}
