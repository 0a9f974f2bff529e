using DIDD.Notebooks;

namespace Microsoft.DotNet.Interactive;

/// <summary>A value among a cell's outputs, which can be replaced in place.</summary>
public sealed class DisplayedValue
{
    private readonly Session _session;
    private readonly string _displayId;

    internal DisplayedValue(Session session, string displayId, IReadOnlyCollection<string> mimeTypes)
    {
        _session = session;
        _displayId = displayId;
        MimeTypes = mimeTypes;
    }

    /// <summary>The MIME types that the value is shown as.</summary>
    public IReadOnlyCollection<string> MimeTypes { get; }

    /// <summary>Shows another value in this one's place, formatted as the same MIME types.</summary>
    public void Update(object? updatedValue) => _session.Update(_displayId, MimeBundle.Of(updatedValue, MimeTypes));
}
