using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DIDD.Notebooks;

/// <summary>The variables that a notebook's cell tagged <c>parameters</c> declares, and how a value given as text is assigned to one.</summary>
internal static class NotebookParameters
{
    public const string Tag = "parameters";
    public const string InjectedTag = "injected-parameters";

    /// <summary>The declared variables by name, in the cell's order; empty where no cell has the tag.</summary>
    public static IReadOnlyDictionary<string, VariableDeclaratorSyntax> Declared(NotebookDocument notebook)
    {
        var source = notebook.CodeCells.FirstOrDefault(cell => cell.Tags.Contains(Tag))?.Source ?? "";
        var variables = CSharpSyntaxTree.ParseText(source, CellDirectives.Script).GetRoot().DescendantNodes().OfType<VariableDeclaratorSyntax>();
        return variables.DistinctBy(variable => variable.Identifier.Text).ToDictionary(variable => variable.Identifier.Text);
    }

    /// <summary>
    /// The statement that assigns <paramref name="text"/>: a string literal where the declaration holds a string,
    /// else a number or truth value where the text reads as one.
    /// </summary>
    public static string Assignment(VariableDeclaratorSyntax variable, string text)
    {
        var holdsString = variable.Initializer?.Value.IsKind(SyntaxKind.StringLiteralExpression) == true
            || variable.Parent is VariableDeclarationSyntax { Type: PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.StringKeyword } };
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
        var isPlain = isNumber || text is "true" or "false";
        var value = isPlain && !holdsString ? text.Trim() : SymbolDisplay.FormatLiteral(text, quote: true);
        return $"{variable.Identifier.Text} = {value};";
    }
}
