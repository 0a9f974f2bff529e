using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.DotNet.Interactive.Formatting;

namespace DIDD.Notebooks;

/// <summary>A value formatted as several MIME types, by the formatters registered for its type.</summary>
internal static class MimeBundle
{
    /// <summary>The value as the MIME types that its type prefers.</summary>
    public static IReadOnlyDictionary<string, string> Of(object? value) =>
        Of(value, [.. Formatter.GetPreferredMimeTypesFor(value?.GetType() ?? typeof(object))]);

    /// <summary>The value as the given MIME types.</summary>
    public static IReadOnlyDictionary<string, string> Of(object? value, IReadOnlyCollection<string> mimeTypes) =>
        mimeTypes.ToDictionary(mimeType => mimeType, mimeType => value.ToDisplayString(mimeType));

    /// <summary>Whether values of a MIME type are JSON.</summary>
    public static bool IsJson(string mimeType) => mimeType.EndsWith("json", StringComparison.Ordinal);

    /// <summary>JSON text as JSON; a string where it is not well-formed.</summary>
    public static JsonNode? Json(string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return value;
        }
    }
}
