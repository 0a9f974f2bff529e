namespace DIDD.Data;

/// <summary>Reads lists of files: UTF-8, or Latin-1 where it is no UTF-8.</summary>
internal static class ListFile
{
    /// <summary>The lines that are not empty, numbered from 1.</summary>
    /// <exception cref="DataSetException">The file is missing or larger than that many bytes.</exception>
    public static IEnumerable<(int Number, string Line)> Read(string path, long largest)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new DataSetException($"{path}: no such file; see data/README.md");
        if (file.Length > largest)
            throw new DataSetException($"{path}: {file.Length} bytes, expected a list of at most {largest}; copy it again");
        var content = File.ReadAllBytes(path);
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            text = Encoding.Latin1.GetString(content);
        }
        return text.TrimStart('\ufeff').Split('\n').Select((line, i) => (i + 1, line.Trim())).Where(line => line.Item2.Length > 0);
    }
}
