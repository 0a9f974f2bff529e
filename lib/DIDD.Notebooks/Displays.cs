namespace DIDD.Notebooks;

/// <summary>
/// Shows values among a cell's outputs, from any thread and also after the cell. .NET Interactive's own <c>Display</c> raises one value and returns
/// another, whose updates nobody knows; cells see the functions of <see cref="Prelude"/> in its place.
/// </summary>
public static class Displays
{
    internal const string Prelude = """
        using Microsoft.DotNet.Interactive;
        using static Microsoft.DotNet.Interactive.Kernel;
        static Microsoft.DotNet.Interactive.Formatting.DisplayedValue display(object value, params string[] mimeTypes) => DIDD.Notebooks.Displays.Show(value, mimeTypes);
        static Microsoft.DotNet.Interactive.Formatting.DisplayedValue Display(this object value, params string[] mimeTypes) => DIDD.Notebooks.Displays.Show(value, mimeTypes);
        static Microsoft.DotNet.Interactive.Formatting.DisplayedValue DisplayAs(this string value, string mimeType) => DIDD.Notebooks.Displays.ShowAs(value, mimeType);
        static void CSS(string content) => DIDD.Notebooks.Displays.ShowAs($"<style>{content}</style>", "text/html");
        """;

    /// <summary>Shows a value as MIME types; as those that its type prefers where none are given.</summary>
    public static DisplayedValue Show(object? value, params string[] mimeTypes) => Shown(value, FormattedValue.CreateManyFromObject(value, mimeTypes));

    /// <summary>Shows a text as the given MIME type, unformatted.</summary>
    public static DisplayedValue ShowAs(string value, string mimeType) => Shown(value, [new FormattedValue(mimeType, value)]);

    /// <summary>Has all values that anything displays or updates from now on sent to a receiver alone.</summary>
    internal static void SendTo(Action<DisplayedValue>? receive) =>
        typeof(Formatter).GetField("OnFormatterEvent", BindingFlags.NonPublic | BindingFlags.Static)!.SetValue(null, receive);

    private static DisplayedValue Shown(object? value, IReadOnlyList<FormattedValue> formatted)
    {
        var shown = new DisplayedValue(value, formatted);
        Session.Current.Show(shown);
        return shown;
    }
}
