using Jint;
using Jint.Native;

namespace DIDD.Notebooks;

/// <summary>Typesets formulas with KaTeX, which is carried along: a page needs neither a script nor a network for them.</summary>
internal static class Formula
{
    /// <summary>The style sheet beside the pages; its fonts lie in <c>fonts</c> beside it.</summary>
    public const string StyleSheet = "katex/katex.min.css";

    private static readonly Lazy<Engine> KaTeX = new(() => new Engine().Execute(NotebookPage.Resource("katex/katex.min.js")));

    /// <summary>HTML and MathML of a formula; one that is not understood stands as it was written, in red.</summary>
    /// <param name="latex">The formula, without its dollar signs.</param>
    /// <param name="display">Whether it has lines of its own.</param>
    public static string ToHtml(string latex, bool display)
    {
        lock (KaTeX)
        {
            var options = new JsObject(KaTeX.Value) { ["displayMode"] = display, ["throwOnError"] = false };
            return KaTeX.Value.GetValue("katex").AsObject().Get("renderToString").Call(latex, options).AsString();
        }
    }
}
