namespace DIDD.Notebooks;

/// <summary>Executes the cells of a notebook in this process, one after another, each seeing what the earlier ones left.</summary>
internal interface ICellEngine : IDisposable
{
    /// <summary>Folders whose assemblies the cells referenced so far, in order.</summary>
    public IReadOnlyList<string> ReferencedFolders { get; }

    /// <summary>Executes one cell.</summary>
    /// <param name="code">C#, and directives such as <c>#r</c>.</param>
    /// <param name="name">What messages and traces call the cell, such as <c>01-data.ipynb, cell [3]</c>.</param>
    /// <param name="outputs">Gets the cell's outputs.</param>
    /// <param name="cancellation">Interrupts the cell.</param>
    /// <returns>The error that <paramref name="outputs"/> was shown, or null when the cell succeeded.</returns>
    public Task<CellError?> RunAsync(string code, string name, IOutputSink outputs, CancellationToken cancellation = default);
}
