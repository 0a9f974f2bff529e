namespace DIDD.Notebooks.Tests;

/// <summary>Tests that use a session in this process; it can have one at a time.</summary>
[CollectionDefinition(Name)]
public sealed class OneSession
{
    public const string Name = "session";
}

/// <summary>A session in a folder of its own, and what it puts out.</summary>
[Collection(OneSession.Name)]
public abstract class SessionTest : IDisposable
{
    private readonly Session _session;

    protected SessionTest() => _session = new Session(Folder.Path, Folder["cache"]);

    internal TestFolder Folder { get; } = new();

    internal RecordedOutputs Outputs { get; } = new();

    /// <summary>Executes a cell that must succeed.</summary>
    protected async Task RunAsync(string code) => Assert.Null(await _session.RunAsync(code, "test.ipynb, cell [1]", Outputs));

    /// <summary>Executes a cell that must fail.</summary>
    protected async Task<CellError> FailAsync(string code)
    {
        var error = await _session.RunAsync(code, "test.ipynb, cell [1]", Outputs);
        Assert.NotNull(error);
        Assert.Equal(error.Message, (string?)Outputs.Errors[^1]["evalue"]);
        return error;
    }

    /// <summary>Executes a cell that ends in a text and gives that text.</summary>
    protected async Task<string> ValueAsync(string code)
    {
        await RunAsync(code);
        return Outputs.Results[^1]["text/plain"];
    }

    /// <summary>Executes a cell that may be interrupted.</summary>
    protected Task<CellError?> InterruptibleAsync(string code, CancellationToken interrupt) => _session.RunAsync(code, "test.ipynb, cell [1]", Outputs, interrupt);

    public void Dispose()
    {
        _session.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
