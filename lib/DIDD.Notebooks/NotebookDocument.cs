using System.Text.Encodings.Web;

namespace DIDD.Notebooks;

/// <summary>
/// A notebook in nbformat 4 whose code is C# (kernelspec <c>.net-csharp</c>). Reading checks what running relies on;
/// writing keeps all metadata, known or not, and the order of keys.
/// </summary>
public sealed class NotebookDocument
{
    private const string Restore = "; restore the file from version control";

    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly JsonObject _json;
    private readonly List<NotebookCell> _cells = [];

    private NotebookDocument(JsonObject json, string name) => (_json, Name) = (json, name);

    /// <summary>File name, as messages name the notebook.</summary>
    public string Name { get; }

    /// <summary>All cells in order.</summary>
    public IReadOnlyList<NotebookCell> Cells => _cells;

    /// <summary>The cells that are executed; the n-th of them, from 1, is what messages call cell [n].</summary>
    public IEnumerable<NotebookCell> CodeCells => _cells.Where(cell => cell.Kind == CellKind.Code);

    /// <summary>What its cells show, each a bundle from MIME type to value.</summary>
    internal IEnumerable<JsonObject> Bundles => CodeCells.SelectMany(cell => cell.Outputs).Select(output => output!["data"]).OfType<JsonObject>();

    /// <summary>The notebook's own metadata.</summary>
    internal JsonObject Metadata => (JsonObject)_json["metadata"]!;

    /// <summary>Reads a notebook from a file.</summary>
    /// <exception cref="InvalidDataException">The file is missing or is not a C# notebook in nbformat 4.</exception>
    public static NotebookDocument Load(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            return Parse(File.ReadAllText(path), name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{name}: the file cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a notebook from its JSON.</summary>
    /// <param name="text">The content of the .ipynb file.</param>
    /// <param name="name">File name, used in messages.</param>
    /// <exception cref="InvalidDataException">The text is not a C# notebook in nbformat 4.</exception>
    public static NotebookDocument Parse(string text, string name)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name}: not valid JSON (line {e.LineNumber + 1}: {e.Message}){Restore}", e);
        }

        if (root is not JsonObject json)
            throw new InvalidDataException($"{name}: a notebook is a JSON object, this is not{Restore}");
        var document = new NotebookDocument(json, name);
        document.CheckFormat();
        document.CheckLanguage();
        document.ReadCells();
        return document;
    }

    /// <summary>
    /// Injects parameters as papermill does: a new cell tagged <c>injected-parameters</c> behind the one tagged <c>parameters</c>,
    /// in place of one injected earlier, assigns the variables that the cell tagged <c>parameters</c> declares.
    /// </summary>
    /// <param name="values">Values by variable name.</param>
    /// <exception cref="InvalidDataException">The notebook declares no parameter of that name.</exception>
    public void InjectParameters(IReadOnlyDictionary<string, string> values)
    {
        if (values.Count == 0)
            return;
        var declared = NotebookParameters.Declared(this);
        if (values.Keys.FirstOrDefault(name => !declared.ContainsKey(name)) is { } unknown)
        {
            throw new InvalidDataException(declared.Count == 0
                ? $"{Name}: no cell is tagged 'parameters', so that '{unknown}' cannot be set; tag the cell that declares it"
                : $"{Name}: the cell tagged 'parameters' declares no '{unknown}'; it has {string.Join(", ", declared.Keys)}");
        }

        var cells = _json["cells"]!.AsArray();
        foreach (var injected in _cells.Where(cell => cell.Tags.Contains(NotebookParameters.InjectedTag)))
            cells.Remove(injected.ToJson());
        var source = string.Join('\n', values.Select(value => NotebookParameters.Assignment(declared[value.Key], value.Value)));
        var id = _cells[0].ToJson().ContainsKey("id") ? NotebookParameters.InjectedTag : null;
        cells.Insert(cells.IndexOf(_cells.Find(cell => cell.Tags.Contains(NotebookParameters.Tag))!.ToJson()) + 1, NotebookCell.NewCode(source, NotebookParameters.InjectedTag, id));
        ReadCells();
    }

    /// <summary>Empties the outputs and execution counts of all code cells, so that none from an earlier run remains.</summary>
    public void ClearOutputs()
    {
        foreach (var cell in CodeCells)
        {
            cell.Outputs = [];
            cell.ExecutionCount = null;
        }
    }

    /// <summary>Writes the notebook to a temporary name in the same folder and moves it into place.</summary>
    public void Save(string path)
    {
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, ToJson());
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The notebook as the content of an .ipynb file: one space of indentation, <c>\n</c> line ends.</summary>
    public string ToJson() => _json.ToJsonString(Layout) + "\n";

    private void CheckFormat()
    {
        if (_json["nbformat"] is not JsonValue number || !number.TryGetValue(out int format))
            throw new InvalidDataException($"{Name}: the number 'nbformat' is missing, so this is no notebook{Restore}");
        if (format != 4)
            throw new InvalidDataException($"{Name}: nbformat {format} is not supported; convert it with: jupyter nbconvert --to notebook --nbformat 4");
        if (_json["cells"] is not JsonArray)
            throw new InvalidDataException($"{Name}: the array 'cells' is missing{Restore}");
        if (_json["metadata"] is not JsonObject)
            throw new InvalidDataException($"{Name}: the object 'metadata' is missing{Restore}");
    }

    /// <summary>Metadata name a notebook's language in up to four ways; any that is not C# is refused.</summary>
    private void CheckLanguage()
    {
        string?[] kernel = [NotebookCell.Text(Metadata, "kernelspec", "language"), NotebookCell.Text(Metadata, "kernelspec", "name")];
        if ((kernel.FirstOrDefault(language => language is not null && !NotebookCell.IsCSharp(language)) ?? NotebookCell.OtherLanguage(Metadata)) is { } other)
            throw new InvalidDataException($"{Name}: the notebook is in '{other}'; only C# (kernelspec .net-csharp) runs here, translate it or remove it");
        if (kernel.All(language => language is null))
            throw new InvalidDataException($"{Name}: metadata.kernelspec names no language; add {{\"name\": \".net-csharp\", \"language\": \"C#\"}}");
    }

    private void ReadCells()
    {
        var number = 0;
        _cells.Clear();
        foreach (var node in _json["cells"]!.AsArray())
        {
            number++;
            if (node is not JsonObject cell)
                throw Wrong("is not a JSON object");
            CellKind kind = Text(cell) switch
            {
                "code" => CellKind.Code,
                "markdown" => CellKind.Markdown,
                "raw" => CellKind.Raw,
                var type => throw Wrong($"has the cell_type '{type}', not code, markdown or raw{Restore}"),
            };
            if (!IsText(cell["source"]) && !(cell["source"] is JsonArray lines && lines.All(IsText)))
                throw Wrong($"has no 'source' that is text or an array of lines{Restore}");
            if (cell["metadata"] is not (null or JsonObject))
                throw Wrong($"has 'metadata' that is not an object{Restore}");
            if (kind == CellKind.Code && NotebookCell.OtherLanguage(cell["metadata"]) is { } language && !CellDirectives.Languages.Contains(language))
                throw Wrong($"is in '{language}'; only C# and {string.Join(", ", CellDirectives.Languages)} run here, translate it or remove it");
            _cells.Add(new NotebookCell(cell, kind));
        }

        InvalidDataException Wrong(string problem) => new($"{Name}: the cell at position {number} {problem}");
        static string? Text(JsonObject cell) => cell["cell_type"] is JsonValue type ? type.ToString() : null;
        static bool IsText(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String;
    }
}
