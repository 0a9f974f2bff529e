using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DIDD.Notebooks.Tests;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("notebooks-").FullName;

    /// <summary>The full path of a name, in which <c>/</c> separates folders everywhere.</summary>
    public string this[string name] => System.IO.Path.GetFullPath(name, Path);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllText(this[name], text);
        return this[name];
    }

    /// <summary>Writes a notebook of code cells; a source that starts with <c>tag:</c> and a line end gives the cell that tag.</summary>
    public string WriteNotebook(string name, params string[] sources) => Write(name, Notebook(sources).ToJsonString());

    /// <summary>Compiles C# to an assembly in this folder.</summary>
    public string Compile(string assemblyName, string source, params string[] references)
    {
        var runtime = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(System.IO.Path.PathSeparator)
            .Where(file => System.IO.Path.GetDirectoryName(file) == System.IO.Path.GetDirectoryName(typeof(object).Assembly.Location));
        var compilation = CSharpCompilation.Create(
            assemblyName,
            [CSharpSyntaxTree.ParseText(source)],
            runtime.Concat(references).Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var path = this[$"{assemblyName}.dll"];
        var result = compilation.Emit(path);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }

    public static JsonObject Notebook(params string[] sources)
    {
        var cells = new JsonArray();
        foreach (var (index, text) in sources.Index())
        {
            var isTagged = text.StartsWith("tag:", StringComparison.Ordinal);
            var (tag, source) = isTagged ? (text[4..text.IndexOf('\n')], text[(text.IndexOf('\n') + 1)..]) : (null, text);
            cells.Add((JsonNode)new JsonObject
            {
                ["cell_type"] = "code",
                ["execution_count"] = null,
                ["id"] = $"cell-{index}",
                ["metadata"] = tag is null ? [] : new JsonObject { ["tags"] = new JsonArray(tag) },
                ["outputs"] = new JsonArray(),
                ["source"] = source,
            });
        }

        return new JsonObject
        {
            ["cells"] = cells,
            ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" } },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (UnauthorizedAccessException) when (OperatingSystem.IsWindows())
        {
            // Assemblies that the test loaded stay open until the process ends.
        }
    }
}
