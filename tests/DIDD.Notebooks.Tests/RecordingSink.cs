namespace DIDD.Notebooks.Tests;

/// <summary>Keeps what a session puts out.</summary>
internal sealed class RecordingSink : IOutputSink
{
    private readonly Lock _gate = new();

    public string Stdout { get; private set; } = "";

    public string Stderr { get; private set; } = "";

    public Dictionary<string, IReadOnlyDictionary<string, string>> Displays { get; } = [];

    public List<IReadOnlyDictionary<string, string>> Results { get; } = [];

    public List<CellError> Errors { get; } = [];

    public void WriteStream(string name, string text)
    {
        lock (_gate)
            _ = name == "stdout" ? Stdout += text : Stderr += text;
    }

    public void ShowDisplay(string displayId, IReadOnlyDictionary<string, string> bundle)
    {
        lock (_gate)
            Displays.Add(displayId, bundle);
    }

    public void UpdateDisplay(string displayId, IReadOnlyDictionary<string, string> bundle)
    {
        lock (_gate)
        {
            Assert.True(Displays.ContainsKey(displayId));
            Displays[displayId] = bundle;
        }
    }

    public void ShowResult(IReadOnlyDictionary<string, string> bundle) => Results.Add(bundle);

    public void ShowError(CellError failure) => Errors.Add(failure);
}
