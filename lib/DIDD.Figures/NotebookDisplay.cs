using System.Reflection;

namespace DIDD.Figures;

/// <summary>
/// The display of the notebook around, in an assembly of .NET Interactive: found at run time, since this library runs without a notebook as well. It is asked through the
/// invocation of the cell, since the shorter <c>Display()</c> returns a handle whose updates are lost.
/// </summary>
internal static class NotebookDisplay
{
    private const string Interactive = "Microsoft.DotNet.Interactive";

    /// <summary>Shows a value among the outputs of the cell that runs.</summary>
    /// <returns>What shows another value in its place; null where there is no notebook.</returns>
    public static Action<object>? Show(object value)
    {
        var assembly = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name == Interactive);
        if (assembly?.GetType($"{Interactive}.KernelInvocationContext") is not { } type || type.GetProperty("Current")!.GetValue(null) is not { } cell)
            return null;
        var display = assembly.GetType($"{Interactive}.KernelInvocationContextExtensions")!.GetMethod("Display", [type, typeof(object), typeof(string[])])!;
        var shown = display.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [cell, value, Array.Empty<string>()], null)!;
        return shown.GetType().GetMethod("Update", [typeof(object)])!.CreateDelegate<Action<object>>(shown);
    }
}
