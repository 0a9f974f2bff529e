using DIDD.Notebooks;

namespace Microsoft.DotNet.Interactive;

/// <summary>A value among a cell's outputs, which can be replaced in place.</summary>
public sealed class DisplayedValue
{
    private readonly Session session;
    private readonly string displayId;

    internal DisplayedValue(Session session, string displayId, IReadOnlyCollection<string> mimeTypes)
    {
        this.session = session;
        this.displayId = displayId;
        MimeTypes = mimeTypes;
    }

    /// <summary>The MIME types that the value is shown as.</summary>
    public IReadOnlyCollection<string> MimeTypes { get; }

    /// <summary>Shows another value in this one's place, formatted as the same MIME types.</summary>
    public void Update(object? updatedValue) => session.Update(displayId, MimeBundle.Of(updatedValue, MimeTypes));
}
