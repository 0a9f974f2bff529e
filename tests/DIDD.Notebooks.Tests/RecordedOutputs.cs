using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Tests;

/// <summary>Keeps what a session puts out.</summary>
internal sealed class RecordedOutputs() : CellOutputs(TimeSpan.FromMilliseconds(10))
{
    private readonly Dictionary<string, string> _streams = new() { ["stdout"] = "", ["stderr"] = "" };

    public string Stdout => Stream("stdout");

    public string Stderr => Stream("stderr");

    public Dictionary<string, IReadOnlyDictionary<string, string>> Displays { get; } = [];

    public List<IReadOnlyDictionary<string, string>> Results { get; } = [];

    public List<JsonObject> Errors { get; } = [];

    protected override void Put(string type, JsonObject content, string? displayId = null)
    {
        if (type == "stream")
            _streams[(string)content["name"]!] += (string?)content["text"];
        else if (type == "error")
            Errors.Add(content);
        else if (type == "execute_result")
            Results.Add(Bundle(content));
        else
        {
            Assert.Equal(type == "update_display_data", Displays.ContainsKey(displayId!));
            Displays[displayId!] = Bundle(content);
        }
    }

    private static Dictionary<string, string> Bundle(JsonObject content) => content["data"]!.AsObject().ToDictionary(each => each.Key, each => each.Value!.ToString());

    private string Stream(string name)
    {
        Flush();
        return _streams[name];
    }
}
