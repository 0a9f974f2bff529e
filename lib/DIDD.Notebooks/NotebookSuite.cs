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
        Action<string>? noPictures = null,
        CancellationToken cancellation = default)
    {
        options ??= new NotebookRunOptions();
        var notebooks = Find(paths);
        var parameters = notebooks.ToDictionary(path => path, path => DeclaredAmong(options.Parameters, path));
        // Of a notebook that cannot be read it is not known; running it says what is wrong with it.
        if (!parameters.ContainsValue(null) && options.Parameters.Keys.Except(options.Optional).Except(parameters.Values.SelectMany(each => each!.Keys)).FirstOrDefault() is { } unknown)
            throw new ArgumentException($"none of the notebooks declares a parameter '{unknown}' in its cell tagged 'parameters'");

        var results = new List<NotebookResult>();
        foreach (var notebook in notebooks)
        {
            var given = parameters[notebook] ?? [];
            var result = await NotebookRunner.RunAsync(notebook, Path.Combine(outFolder, Path.GetFileName(notebook)), options with { Parameters = given }, progress, cancellation);
            results.Add(result);
            if (result.ExecutedCopy is not { } copy)
                continue;
            var executed = NotebookDocument.Load(copy);
            try
            {
                if (browser is not null)
                    await FigurePictures.AddAsync(executed, browser, cancellation);
            }
            catch (Exception e) when (e is IOException or Win32Exception)
            {
                noPictures?.Invoke(e.Message);
                browser = null;
            }

            if (made is var (environment, date))
                NotebookRecorder.Describe(executed, given, environment, date);
            executed.Save(copy);
        }

        NotebookPage.WriteAll(
            from result in results where result.ExecutedCopy is not null select (result.ExecutedCopy, Path.GetDirectoryName(result.Source)),
            pageFolder ?? outFolder);
        return results;
    }

    private static List<string> Find(IEnumerable<string> paths)
    {
        List<string> found = [.. paths.Select(Path.GetFullPath).SelectMany(Within).Distinct().OrderBy(Path.GetFileName, StringComparer.Ordinal)];
        if (found.GroupBy(Path.GetFileName, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1) is { } clash)
            throw new ArgumentException($"two notebooks are named {clash.Key}, and one executed copy would replace the other; run them apart");
        return found;

        static string[] Within(string path) => File.Exists(path) ? [path]
            : !Directory.Exists(path) ? throw new FileNotFoundException($"there is no notebook or folder {path}", path)
            : Directory.GetFiles(path, "*.ipynb") is { Length: > 0 } here ? here : throw new FileNotFoundException($"there is no notebook (.ipynb) in {path}", path);
    }

    private static Dictionary<string, string>? DeclaredAmong(IReadOnlyDictionary<string, string> values, string path)
    {
        try
        {
            var declared = NotebookParameters.Declared(NotebookDocument.Load(path));
            return values.Where(value => declared.ContainsKey(value.Key)).ToDictionary();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
