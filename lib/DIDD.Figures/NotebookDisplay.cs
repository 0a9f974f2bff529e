using System.Reflection;

namespace DIDD.Figures;

/// <summary>
/// The <c>display</c> of the notebook around, which every engine has under the same name (<c>Microsoft.DotNet.Interactive.Kernel.display</c>) in an assembly of
/// its own: found at run time, since this library runs without a notebook as well.
/// </summary>
internal static class NotebookDisplay
{
    private const string KernelType = "Microsoft.DotNet.Interactive.Kernel";

    /// <summary>Shows a value among the outputs of the cell that runs.</summary>
    /// <returns>What shows another value in its place; null where there is no notebook.</returns>
    public static Action<object>? Show(object value)
    {
        var display = AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(KernelType)).OfType<Type>()
            .Select(kernel => kernel.GetMethod("display", [typeof(object), typeof(string[])])).FirstOrDefault(method => method is not null);
        try
        {
            var shown = display?.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [value, Array.Empty<string>()], null);
            return shown?.GetType().GetMethod("Update", [typeof(object)])?.CreateDelegate<Action<object>>(shown);
        }
        catch (InvalidOperationException)
        {
            // The engine is loaded, and no cell runs.
            return null;
        }
    }
}
