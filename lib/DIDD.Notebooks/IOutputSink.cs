namespace DIDD.Notebooks;

/// <summary>
/// Where a running cell's outputs go: into a notebook's JSON, or as messages to a front end.
/// A bundle maps MIME types to the value formatted as that type; JSON types hold JSON text. Calls come from any thread.
/// </summary>
public interface IOutputSink
{
    /// <summary>Text that the cell wrote.</summary>
    /// <param name="name"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="text">The text, with <c>\n</c> line ends; not necessarily whole lines.</param>
    public void WriteStream(string name, string text);

    /// <summary>A value that the cell displays.</summary>
    /// <param name="displayId">Names the display for later updates; unique in the session.</param>
    /// <param name="bundle">The value by MIME type.</param>
    public void ShowDisplay(string displayId, IReadOnlyDictionary<string, string> bundle);

    /// <summary>A new value for a display, which may belong to an earlier cell.</summary>
    /// <param name="displayId">The id that <see cref="ShowDisplay"/> was given.</param>
    /// <param name="bundle">The value by MIME type.</param>
    public void UpdateDisplay(string displayId, IReadOnlyDictionary<string, string> bundle);

    /// <summary>The value of the cell's trailing expression.</summary>
    /// <param name="bundle">The value by MIME type.</param>
    public void ShowResult(IReadOnlyDictionary<string, string> bundle);

    /// <summary>The error that ended the cell.</summary>
    public void ShowError(CellError failure);
}
