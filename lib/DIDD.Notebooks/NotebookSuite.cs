using System.ComponentModel;

namespace DIDD.Notebooks;

/// <summary>Executes many notebooks in the order of their names and shows them as pages.</summary>
public static class NotebookSuite
{
    /// <summary>
    /// Executes notebooks one after another, each in a process of its own. A notebook that fails does not stop the others.
    /// The executed copies, a page of each, <c>index.html</c> and the script for figures go to one folder.
    /// </summary>
    /// <param name="paths">Notebooks, and folders of which all notebooks directly within are taken.</param>
    /// <param name="outFolder">Where copies and pages go.</param>
    /// <param name="options">Parameters and time limit. Each notebook gets those parameters that it declares.</param>
    /// <param name="pageFolder">Where the pages go; beside the copies if null.</param>
    /// <param name="browser">Full path of Chromium or Chrome that draws a static picture of each figure, for readers without scripts; null for none.</param>
    /// <param name="made">What makes the outputs, such as processor and version, and the day, yyyy-MM-dd: for the foot of the pages; null for no foot.</param>
    /// <param name="progress">Told of each cell as it begins and ends.</param>
    /// <param name="finished">Told of each notebook as it ends.</param>
    /// <param name="noPictures">Told why the browser drew no pictures; the pages are written without them.</param>
    /// <param name="cancellation">Kills the running notebook's process; copies of what ran stay.</param>
    /// <returns>A result per notebook, in order.</returns>
    /// <exception cref="FileNotFoundException">A path does not exist, or is a folder without notebooks.</exception>
    /// <exception cref="ArgumentException">No notebook declares a given parameter, two have the same file name, or copies would replace notebooks.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was asked for.</exception>
    public static async Task<IReadOnlyList<NotebookResult>> RunAsync(
        IEnumerable<string> paths,
        string outFolder,
        NotebookRunOptions? options = null,
        string? pageFolder = null,
        string? browser = null,
        (string Environment, string Date)? made = null,
        IProgress<CellProgress>? progress = null,
        IProgress<NotebookResult>? finished = null,
        Action<string>? noPictures = null,
        CancellationToken cancellation = default)
    {
        options ??= new NotebookRunOptions();
        var notebooks = Find(paths);
        var declared = notebooks.ToDictionary(path => path, path => DeclaredAmong(options.Parameters, path));
        var parameters = declared.ToDictionary(notebook => notebook.Key, notebook => notebook.Value ?? []);
        // Of a notebook that cannot be read it is not known; running it says what is wrong with it.
        if (!declared.ContainsValue(null) && options.Parameters.Keys.Except(options.Optional).Except(parameters.Values.SelectMany(each => each.Keys)).FirstOrDefault() is { } unknown)
            throw new ArgumentException($"none of the notebooks declares a parameter '{unknown}' in its cell tagged 'parameters'");

        var results = new List<NotebookResult>();
        foreach (var notebook in notebooks)
        {
            var copy = Path.Combine(outFolder, Path.GetFileName(notebook));
            var result = await NotebookRunner.RunAsync(notebook, copy, options with { Parameters = parameters[notebook] }, progress, cancellation);
            results.Add(result);
            finished?.Report(result);
        }

        await FinishAsync(results, parameters, browser, made, noPictures, cancellation);
        NotebookPage.WriteAll(
            from result in results where result.ExecutedCopy is not null select (result.ExecutedCopy, Path.GetDirectoryName(result.Source)),
            pageFolder ?? outFolder);
        return results;
    }

    // What the executed copies have beyond what ran: pictures of all figures, by one start of the browser, and what made them.
    private static async Task FinishAsync(
        List<NotebookResult> results, Dictionary<string, Dictionary<string, string>> parameters, string? browser, (string Environment, string Date)? made, Action<string>? noPictures,
        CancellationToken cancellation)
    {
        if (browser is null && made is null)
            return;
        var executed = results.Where(result => result.ExecutedCopy is not null).Select(result => (Result: result, Copy: NotebookDocument.Load(result.ExecutedCopy!))).ToList();
        try
        {
            if (browser is not null)
                await FigurePictures.AddAsync([.. executed.Select(each => each.Copy)], browser, cancellation);
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            noPictures?.Invoke(e.Message);
        }
        foreach (var (result, copy) in executed)
        {
            if (made is var (environment, date))
                NotebookRecorder.Describe(copy, parameters[result.Source], environment, date);
            copy.Save(result.ExecutedCopy!);
        }
    }

    private static List<string> Find(IEnumerable<string> paths)
    {
        var found = new List<string>();
        foreach (var path in paths.Select(Path.GetFullPath))
        {
            if (Directory.Exists(path))
                found.AddRange(Directory.GetFiles(path, "*.ipynb") is { Length: > 0 } here ? here : throw new FileNotFoundException($"there is no notebook (.ipynb) in {path}", path));
            else if (File.Exists(path))
                found.Add(path);
            else
                throw new FileNotFoundException($"there is no notebook or folder {path}", path);
        }

        found = [.. found.Distinct().OrderBy(Path.GetFileName, StringComparer.Ordinal)];
        if (found.GroupBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } clash)
            throw new ArgumentException($"two notebooks are named {clash.Key}, and one executed copy would replace the other; run them apart");
        return found;
    }

    private static Dictionary<string, string>? DeclaredAmong(IReadOnlyDictionary<string, string> values, string path)
    {
        try
        {
            var declared = NotebookParameters.Declared(NotebookDocument.Load(path));
            return values.Where(value => declared.ContainsKey(value.Key)).ToDictionary();
        }
        catch (NotebookFormatException)
        {
            return null;
        }
    }
}
