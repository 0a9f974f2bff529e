using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.QuickInfo;
using Microsoft.CodeAnalysis.Text;

namespace DIDD.Notebooks.Jupyter;

/// <summary>What may be typed next, and what a name means: Roslyn's services on the cells of a session, each a project that goes on from the one before.</summary>
/// <param name="session">The session whose cells the code continues.</param>
internal sealed class CodeAssistant(Session session) : IDisposable
{
    private static readonly CSharpParseOptions Script = new(LanguageVersion.Latest, DocumentationMode.Parse, SourceCodeKind.Script);

    private readonly Lazy<AdhocWorkspace> _workspace = new(() => new AdhocWorkspace(MefHostServices.DefaultHost));
    private ImmutableArray<MetadataReference> _references = [];
    private ImmutableArray<MetadataReference> _documented = [];
    private Solution? _solution;
    private ProjectId? _last;
    private int _cells;

    /// <summary>Answers an <c>is_complete_request</c>.</summary>
    public static JsonObject IsComplete(string code)
    {
        string text;
        try
        {
            text = CellDirectives.Parse(code).Code;
        }
        catch (DirectiveException)
        {
            return new JsonObject { ["status"] = "invalid" };
        }

        var tree = CSharpSyntaxTree.ParseText(text, Script);
        if (!SyntaxFactory.IsCompleteSubmission(tree))
            return new JsonObject { ["status"] = "incomplete", ["indent"] = "    " };
        return new JsonObject { ["status"] = tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? "invalid" : "complete" };
    }

    /// <summary>Finds what may stand at a position.</summary>
    public async Task<Completions> CompleteAsync(string code, int position)
    {
        var document = Open(code);
        var service = CompletionService.GetService(document)!;
        var list = await service.GetCompletionsAsync(document, position);
        var typed = code[Math.Min(list.Span.Start, position)..position];
        var matches = list.ItemsList
            .Where(item => item.DisplayText.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(item => new Match(item.DisplayText, item.Tags.FirstOrDefault("").ToLowerInvariant()))
            .Distinct();
        return new Completions([.. matches], position - typed.Length, position);
    }

    /// <summary>Says what the name at a position is: its declaration and its documentation; null where there is nothing to say.</summary>
    public async Task<string?> InspectAsync(string code, int position)
    {
        var document = Open(code);
        var service = QuickInfoService.GetService(document)!;
        // A cursor behind a name means that name.
        var info = await service.GetQuickInfoAsync(document, position) ?? await service.GetQuickInfoAsync(document, Math.Max(0, position - 1));
        return info is null ? null : string.Join("\n\n", info.Sections.Select(section => section.Text).Where(text => text.Length > 0));
    }

    public void Dispose()
    {
        if (_workspace.IsValueCreated)
            _workspace.Value.Dispose();
    }

    /// <summary>The code as a document that goes on from the session's last cell.</summary>
    private Document Open(string code)
    {
        if (_solution is null || !session.References.SequenceEqual(_references))
        {
            _references = session.References;
            _documented = [.. _references.Cast<PortableExecutableReference>().Select(Documentation.AddedTo)];
            (_solution, _last, _cells) = (_workspace.Value.CurrentSolution, null, 0);
        }

        foreach (var cell in session.Cells.Skip(_cells))
            (_solution, _last) = Append(_solution, cell);
        _cells = session.Cells.Count;
        var (solution, project) = Append(_solution, BlankDirectives(code));
        return solution.GetProject(project)!.Documents.Single();
    }

    private (Solution Solution, ProjectId Project) Append(Solution solution, string code)
    {
        var id = ProjectId.CreateNewId();
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: Session.Imports);
        var project = ProjectInfo.Create(
            id, VersionStamp.Default, name: id.Id.ToString(), assemblyName: id.Id.ToString(), LanguageNames.CSharp, compilationOptions: options, parseOptions: Script,
            projectReferences: _last is null ? [] : [new ProjectReference(_last)], metadataReferences: _documented, isSubmission: true);
        var document = DocumentInfo.Create(
            DocumentId.CreateNewId(id), "cell.csx", sourceCodeKind: SourceCodeKind.Script,
            loader: TextLoader.From(TextAndVersion.Create(SourceText.From(code), VersionStamp.Default)));
        return (solution.AddProject(project).AddDocument(document), id);
    }

    private static string BlankDirectives(string code)
    {
        try
        {
            return CellDirectives.Parse(code).Code;
        }
        catch (DirectiveException)
        {
            return code;
        }
    }

    /// <summary>What may stand between two positions.</summary>
    public sealed record Completions(IReadOnlyList<Match> Matches, int Start, int End);

    /// <summary>A completion.</summary>
    /// <param name="Text">What is inserted.</param>
    /// <param name="Kind">What it is, such as <c>property</c>.</param>
    public sealed record Match(string Text, string Kind);
}
