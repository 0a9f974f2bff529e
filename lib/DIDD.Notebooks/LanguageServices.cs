using Microsoft.CodeAnalysis.CSharp.Formatting;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.CSharp;

namespace DIDD.Notebooks;

/// <summary>
/// What a C# kernel answers questions about code with. The kernel would load it at its start, 30 MB that notebooks without an editor never need; so it starts
/// with a workspace that has no services, and the first question puts one in its place that has.
/// </summary>
/// <param name="kernel">A kernel of <see cref="KernelWithoutThem"/>.</param>
internal sealed class LanguageServices(CSharpKernel kernel)
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    // Null once the services, which then know them, are loaded.
    private List<ScriptState>? _states = [];

    /// <summary>Makes a kernel that has no services yet.</summary>
    public static CSharpKernel KernelWithoutThem()
    {
        DefaultHost(null) ??= MefHostServices.Create([typeof(Workspace).Assembly, typeof(CSharpFormattingOptions).Assembly]);
        return new CSharpKernel();
    }

    /// <summary>Keeps the state after a cell, which the services have to know.</summary>
    public void Add(ScriptState state) => _states?.Add(state);

    /// <summary>Loads the services, unless that is done.</summary>
    public async Task LoadAsync()
    {
        if (_states is not { } states)
            return;
        _states = null;
        DefaultHost(null) = null;
        var workspace = typeof(CSharpKernel).GetField("_workspace", Hidden)!;
        var references = workspace.FieldType.GetField("_packageManagerReferences", Hidden)!;
        var loaded = Activator.CreateInstance(workspace.FieldType)!;
        references.SetValue(loaded, references.GetValue(workspace.GetValue(kernel)));
        foreach (var state in states)
            await (Task)workspace.FieldType.GetMethod("UpdateWorkspaceAsync")!.Invoke(loaded, [state])!;
        workspace.SetValue(kernel, loaded);
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "<DefaultHost>k__BackingField")]
    private static extern ref MefHostServices? DefaultHost(MefHostServices? type);
}
