using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DIDD.Notebooks.Tests;

/// <summary>The folders of the core stand in reading order, that of the table in <c>lib/README.md</c>: each uses those before it alone.</summary>
public sealed partial class FolderOrderTests
{
    private static string Library => Path.Combine(Repository.Folder, "lib");

    [Fact]
    public void NoLineOfTheCore_PointsBackToALaterFolder() => Assert.Empty(PointingBack(Sources(Path.Combine(Library, "DIDD")), Order()));

    [Fact]
    public void ALineThatPointsBack_IsNamed()
    {
        var early = CSharpSyntaxTree.ParseText("namespace DIDD.Data;\nclass Early\n{\n    object Late() => new Rules.Late();\n}", path: "Data/Early.cs");
        var late = CSharpSyntaxTree.ParseText("namespace DIDD.Rules;\nclass Late : Data.Early;", path: "Rules/Late.cs");
        Assert.Equal(["Data/Early.cs(4): Late of DIDD.Rules"], PointingBack([early, late], Order()));
    }

    [Fact]
    public void NoFunction_IsLongerThanAScreen()
    {
        var functions = Directory.GetDirectories(Library).Where(folder => Path.GetFileName(folder) != "bin").SelectMany(Sources)
            .SelectMany(source => source.GetRoot().DescendantNodes().OfType<BaseMethodDeclarationSyntax>()).ToList();
        int Lines(SyntaxNode function) => function.GetText().Lines.Count - 1 - function.GetLeadingTrivia().ToString().Count(character => character == '\n');
        Assert.True(functions.Count > 1000);
        Assert.Empty(functions.Where(function => Lines(function) > 60).Select(function => $"{function.SyntaxTree.FilePath}: {Lines(function)} lines"));
    }

    [Fact]
    public void EveryFolderOfTheCore_StandsInTheTable() =>
        Assert.Equal(Directory.GetDirectories(Path.Combine(Library, "DIDD")).Select(folder => Path.GetFileName(folder)!).Where(name => name is not ("bin" or "obj")).Order(), Order().Order());

    // The rows of the table of DIDD's folders, from the top.
    private static List<string> Order()
    {
        var readme = File.ReadAllText(Path.Combine(Library, "README.md"));
        var table = readme[readme.IndexOf("| folder of `DIDD` |", StringComparison.Ordinal)..];
        return [.. FolderRow().Matches(table[..table.IndexOf("\n\n", StringComparison.Ordinal)]).Select(row => row.Groups[1].Value)];
    }

    private static IReadOnlyList<SyntaxTree> Sources(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !Generated().IsMatch(Path.GetRelativePath(folder, file)))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: Path.GetRelativePath(folder, file))),
    ];

    private static List<string> PointingBack(IReadOnlyList<SyntaxTree> sources, IReadOnlyList<string> order)
    {
        string[] implicitly = ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks", "static TorchSharp.torch", "F = TorchSharp.torch.nn.functional"];
        var usings = CSharpSyntaxTree.ParseText(string.Concat(implicitly.Select(name => $"global using {name};\n")));
        string[] libraries = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator), Path.Combine(Library, "bin", "TorchSharp.dll"), Path.Combine(Library, "bin", "SkiaSharp.dll")];
        var compilation = CSharpCompilation.Create(
            "core", [usings, .. sources],
            libraries.Where(file => !Path.GetFileName(file).StartsWith("DIDD", StringComparison.Ordinal)).DistinctBy(Path.GetFileName).Select(file => MetadataReference.CreateFromFile(file)));
        // Files at the top, which know no folder, stand before all.
        int Position(string name) => name == "DIDD" ? -1 : order.ToList().IndexOf(name.Split('.')[1]);
        return
        [
            .. from source in sources
               let model = compilation.GetSemanticModel(source)
               let own = source.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString()
               where own is not null
               from name in source.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>()
               let symbol = model.GetSymbolInfo(name).Symbol
               let space = $"{symbol?.ContainingNamespace}"
               where symbol is not (null or INamespaceSymbol) && (space == "DIDD" || space.StartsWith("DIDD.", StringComparison.Ordinal)) && Position(space) > Position(own)
               select $"{source.FilePath}({name.GetLocation().GetLineSpan().StartLinePosition.Line + 1}): {name.Identifier.Text} of {space}",
        ];
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex FolderRow();

    [GeneratedRegex(@"^(bin|obj)[/\\]")]
    private static partial Regex Generated();
}
