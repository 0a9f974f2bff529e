namespace DIDD.Notebooks.Tests;

public sealed class DirectiveTests : SessionTest
{
    [Fact]
    public async Task ReferencedFile_IsFoundFromTheNotebooksFolder_WithWhatLiesBesideIt()
    {
        var inner = Folder.Compile("DirectiveInner", "namespace Inner; public class Thing { public string Name => \"inner\"; }");
        Folder.Compile("DirectiveOuter", "namespace Outer; public static class Maker { public static Inner.Thing Make() => new(); }", inner);
        Assert.Equal("inner", await ValueAsync("#r \"DirectiveOuter.dll\"\nOuter.Maker.Make().Name"));
        Assert.Equal("inner", await ValueAsync("new Inner.Thing().Name"));
        Assert.Equal("True", await ValueAsync("(new Inner.Thing().GetType() == Outer.Maker.Make().GetType()).ToString()"));
        Assert.Equal("Default", await ValueAsync("System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(typeof(Inner.Thing).Assembly).Name"));
        Assert.Equal("DirectiveInner", await ValueAsync("System.Reflection.Assembly.Load(\"DirectiveInner\").GetName().Name"));
    }

    [LinuxFact]
    public async Task NativeLibrary_BesideTheReferencedFile_IsFound()
    {
        Folder.Compile("DirectiveNative", """
            using System.Runtime.InteropServices;
            public static class Native { [DllImport("didd_test_native")] public static extern double cos(double x); }
            """);
        var loaded = File.ReadLines("/proc/self/maps").First(line => line.Contains("/libm.so.6", StringComparison.Ordinal));
        File.Copy(loaded[loaded.IndexOf('/', StringComparison.Ordinal)..], Folder["libdidd_test_native.so"]);
        Assert.Equal("1", await ValueAsync("#r \"DirectiveNative.dll\"\nNative.cos(0).ToString()"));
    }

    [Fact]
    public async Task MissingReference_SaysWhichFileAndWhatToDo()
    {
        var error = await FailAsync("\n#r \"bin/Absent.dll\"\n1");
        Assert.Equal(2, error.Line);
        Assert.Contains(Folder["bin/Absent.dll"], error.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet build", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReferenceThatIsNoAssembly_SaysSo()
    {
        Folder.Write("Text.dll", "text");
        Assert.Contains("not an assembly", (await FailAsync("#r \"Text.dll\"")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Formatter_NamedByAttributeInAReferencedAssembly_IsUsed()
    {
        Folder.Compile("DirectiveFormatted", """
            using System; using System.Collections.Generic; using Microsoft.DotNet.Interactive.Formatting;
            public class TypeFormatterSourceAttribute : Attribute
            {
                public TypeFormatterSourceAttribute(Type type) => FormatterSourceType = type;
                public Type FormatterSourceType { get; }
                public string[] PreferredMimeTypes { get; set; }
            }
            public class Source { public IEnumerable<object> CreateTypeFormatters() { yield return new Shape(); } }
            public class Shape
            {
                public string MimeType => "text/html";
                public bool Format(object instance, System.IO.TextWriter writer) { writer.Write("<figure/>"); return true; }
            }
            [TypeFormatterSource(typeof(Source), PreferredMimeTypes = new[] { "text/html" })]
            public class Figure { }
            """.Replace(" using Microsoft.DotNet.Interactive.Formatting;", "", StringComparison.Ordinal));
        await RunAsync("#r \"DirectiveFormatted.dll\"\nnew Figure()");
        Assert.Equal("<figure/>", Assert.Single(Outputs.Results)["text/html"]);
    }

    [Fact]
    public async Task Formatter_RegisteredByAModuleInitializer_IsUsedFromTheReferenceOn()
    {
        Folder.Compile(
            "DirectiveModule",
            """
            using Microsoft.DotNet.Interactive.Formatting;
            public class Table { }
            static class Startup
            {
                [System.Runtime.CompilerServices.ModuleInitializer]
                internal static void Register() => Formatter.Register<System.Version>(version => "<table/>", "text/html");
            }
            """,
            typeof(Microsoft.DotNet.Interactive.Formatting.Formatter).Assembly.Location);
        await RunAsync("#r \"DirectiveModule.dll\"\nnew Version(1, 2)");
        Assert.Equal("<table/>", Assert.Single(Outputs.Results)["text/html"]);
    }

    [Fact]
    public async Task Import_ExecutesAFile_ANestedOneAndANotebook()
    {
        Folder.Write("code/first.cs", "#!import second.csx\nint first = second + 1;");
        Folder.Write("code/second.csx", "int second = 1;");
        Folder.WriteNotebook("third.ipynb", "int third = first + 1;", "third++;");
        Assert.Equal("1 2 4", await ValueAsync("#!import code/first.cs\n#!import \"third.ipynb\"\n$\"{second} {first} {third}\""));
    }

    [Fact]
    public async Task Import_ThatCannotBeDone_SaysWhy()
    {
        Folder.Write("self.csx", "#!import self.csx");
        Folder.Write("wrong.cs", "int x = 1;\nint y = \"\";");
        Folder.Write("notes.txt", "");
        Assert.Contains("no file", (await FailAsync("#!import absent.cs")).Message, StringComparison.Ordinal);
        Assert.Contains("imports itself", (await FailAsync("#!import self.csx")).Message, StringComparison.Ordinal);
        Assert.Contains("wrong.cs, line 2: CS0029", (await FailAsync("#!import wrong.cs")).Message, StringComparison.Ordinal);
        Assert.Contains("only .cs, .csx and .ipynb", (await FailAsync("#!import notes.txt")).Message, StringComparison.Ordinal);
        Assert.Contains("above the code", (await FailAsync("var x = 1;\n#!import self.csx")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadedScript_IsFoundFromTheNotebooksFolder_WithItsReferences()
    {
        Folder.Compile("DirectiveLoaded", "public static class Loaded { public static int Value => 3; }");
        Folder.Write("script.csx", "#r \"DirectiveLoaded.dll\"\nint loaded = Loaded.Value;");
        Assert.Equal("3", await ValueAsync("#load \"script.csx\"\nloaded.ToString()"));
        Assert.Contains("CS1504", (await FailAsync("#load \"absent.csx\"")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_ShowsTheWallTime()
    {
        await RunAsync("#!time\nvar x = 1;");
        Assert.Matches(@"^Wall time: \d+\.\dms$", Assert.Single(Outputs.Displays).Value["text/plain"]);
    }

    [Fact]
    public async Task OtherMagics_AreRefused() => Assert.Contains("not supported here", (await FailAsync("var x = 1;\n#!magic")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task DirectivesInStringsAndComments_AreText() =>
        Assert.Equal("#!fsharp", await ValueAsync("/*\n#!pwsh\n*/\nvar text = \"\"\"\n#!fsharp\n\"\"\";\ntext"));
}
