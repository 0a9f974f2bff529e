using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace DIDD.Notebooks.Jupyter;

/// <summary>What was executed since the kernel started, for clients that step back through it. Nothing is kept on disk.</summary>
internal sealed class ExecutionHistory
{
    private readonly List<(int Count, string Code, string? Result)> _executions = [];

    public void Add(int count, string code, string? result) => _executions.Add((count, code, result));

    /// <summary>Answers a <c>history_request</c>.</summary>
    /// <exception cref="MessageException">The request asks for an access that there is not.</exception>
    public JsonObject Answer(Message request)
    {
        var last = request.Number("n") is { } n ? Math.Max(0, n) : int.MaxValue;
        IEnumerable<(int Count, string Code, string? Result)> chosen = request.Text("hist_access_type") switch
        {
            "tail" => _executions.TakeLast(last),
            "range" => Range(request.Number("session") ?? 0, request.Number("start") ?? 0, request.Number("stop") ?? int.MaxValue),
            "search" => Matching(request.Text("pattern"), request.Flag("unique", whereAbsent: false)).TakeLast(last),
            var other => throw new MessageException($"hist_access_type is '{other}'; there are tail, range and search"),
        };
        var withOutput = request.Flag("output", whereAbsent: false);
        return new JsonObject
        {
            ["status"] = "ok",
            ["history"] = new JsonArray([.. chosen.Select(each => new JsonArray(Session, each.Count, withOutput ? new JsonArray(each.Code, each.Result) : each.Code))]),
        };
    }

    /// <summary>This session's number, which 0 names too; earlier ones are gone.</summary>
    private const int Session = 1;

    private IEnumerable<(int Count, string Code, string? Result)> Range(int session, int start, int stop) =>
        session is 0 or Session ? _executions.Where(each => each.Count >= start && each.Count < stop) : [];

    private IEnumerable<(int Count, string Code, string? Result)> Matching(string pattern, bool unique)
    {
        var matching = _executions.Where(each => FileSystemName.MatchesSimpleExpression(pattern, each.Code, ignoreCase: false));
        return unique ? matching.Reverse().DistinctBy(each => each.Code).Reverse() : matching;
    }
}
