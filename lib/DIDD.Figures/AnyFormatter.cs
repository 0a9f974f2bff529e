using Microsoft.DotNet.Interactive.Formatting;

namespace DIDD.Figures;

/// <summary>Writes a value in one MIME type, exactly as a function renders it.</summary>
internal sealed class AnyFormatter<T>(string mimeType, Func<T, string> render) : TypeFormatter<T>
{
    public override string MimeType => mimeType;

    public override bool Format(T value, FormatContext context)
    {
        context.Writer.Write(render(value));
        return true;
    }
}
