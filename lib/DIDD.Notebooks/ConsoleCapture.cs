using System.Text;

namespace DIDD.Notebooks;

/// <summary>Sends what managed code writes to the console to a receiver, until disposed.</summary>
internal sealed class ConsoleCapture : IDisposable
{
    private readonly TextWriter _output = Console.Out;
    private readonly TextWriter _error = Console.Error;

    /// <param name="receive">Gets the stream's name, <c>stdout</c> or <c>stderr</c>, and the text.</param>
    public ConsoleCapture(Action<string, string> receive)
    {
        Console.SetOut(new Writer(text => receive("stdout", text)));
        Console.SetError(new Writer(text => receive("stderr", text)));
    }

    public void Dispose()
    {
        Console.SetOut(_output);
        Console.SetError(_error);
    }

    private sealed class Writer : TextWriter
    {
        private readonly Action<string> _receive;

        public Writer(Action<string> receive)
        {
            _receive = receive;
            CoreNewLine = ['\n'];
        }

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => _receive(value.ToString());

        public override void Write(char[] buffer, int index, int count) => _receive(new string(buffer, index, count));

        public override void Write(string? value) => _receive(value ?? "");

        public override void WriteLine(string? value) => _receive(value + "\n");
    }
}
