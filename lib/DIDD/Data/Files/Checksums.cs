namespace DIDD.Data;

/// <summary>The <c>SHA256SUMS</c> of a folder, as <c>sha256sum</c> writes it: nothing of the folder is used before it was compared.</summary>
internal sealed partial class Checksums
{
    public const string FileName = "SHA256SUMS";

    private const long LargestList = 1 << 20;
    private const long LargestFile = 256 << 20;

    private readonly string _folder;
    private readonly Dictionary<string, string> _sums = [];

    /// <summary>Reads the list.</summary>
    /// <exception cref="DataSetException">The list is missing or damaged, or names a file outside the folder.</exception>
    public Checksums(string folder)
    {
        _folder = folder;
        var path = Path.Combine(folder, FileName);
        foreach (var (number, line) in ListFile.Read(path, LargestList))
        {
            var match = Line().Match(line);
            if (!match.Success || match.Groups["file"].Value.Split('/').Contains("..") || !_sums.TryAdd(match.Groups["file"].Value, match.Groups["sum"].Value))
                throw new DataSetException($"{path}, line {number}: expected a SHA-256 and a file of this folder, each file once; {Mend}");
        }
    }

    /// <summary>The files, in the order of the list.</summary>
    public IReadOnlyCollection<string> Files => _sums.Keys;

    private string Mend => $"restore it with `git checkout -- data/{Path.GetFileName(Path.TrimEndingDirectorySeparator(_folder))}`";

    /// <summary>The content of a file.</summary>
    /// <exception cref="DataSetException">It is missing or not the one of the list.</exception>
    public byte[] Content(string file)
    {
        var path = Path.Combine(_folder, file);
        if (!_sums.TryGetValue(file, out var sum))
            throw new DataSetException($"{Path.Combine(_folder, FileName)}: no line for {file}; {Mend}");
        if (!File.Exists(path))
            throw new DataSetException($"{path} is missing; {Mend}");
        if (new FileInfo(path).Length > LargestFile)
            throw new DataSetException($"{path} is not the file of {FileName}, it is too large; {Mend}");
        var content = File.ReadAllBytes(path);
        var found = Convert.ToHexStringLower(SHA256.HashData(content));
        return found == sum ? content : throw new DataSetException($"{path} has the SHA-256 {found}, expected {sum}; {Mend}");
    }

    [GeneratedRegex(@"^(?<sum>[0-9a-f]{64}) [ *](?<file>[^/\\\0]+(/[^/\\\0]+)*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
