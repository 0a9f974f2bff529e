using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Has the runtime compile an assembly without optimisation, by the modes of its DebuggableAttribute: DisableOptimizations and, without which the runtime
/// passes that over, Default. A method's arguments then live until it returns. TorchSharp needs it: its methods read the handle of a number that they are
/// given and call libtorch with it, and an optimised method no longer keeps the number itself, so that a collection which another thread begins frees it while
/// libtorch reads it ("Expected false to be true, but got false"). What is compiled so only calls libtorch.
/// </summary>
/// <remarks>The output folder holds hard links into the package cache, so the changed assembly is written beside the old one and moved over it. Size and time stamp are kept.</remarks>
public class KeepArgumentsAlive : Task
{
    // An attribute's blob (ECMA-335 II.23.3): its length, the prolog, the modes, no named arguments.
    private static readonly byte[] Released = { 8, 1, 0, 2, 0, 0, 0, 0, 0 };
    private static readonly byte[] Kept = { 8, 1, 0, 3, 1, 0, 0, 0, 0 };

    /// <summary>Path of the assembly.</summary>
    [Required]
    public string Assembly { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        var file = File.ReadAllBytes(Assembly);
        var at = Find(file, Released);
        if (at < 0 && Find(file, Kept) >= 0)
            return true;
        if (at < 0)
        {
            Log.LogError("{0}: has no DebuggableAttribute as TorchSharp 0.107 has it; see whether its methods keep numbers alive now, and adapt {1}", Assembly, nameof(KeepArgumentsAlive));
            return false;
        }
        Kept.CopyTo(file, at);
        var temporary = Assembly + "." + Guid.NewGuid().ToString("N") + ".tmp";
        var stamp = File.GetLastWriteTimeUtc(Assembly);
        File.WriteAllBytes(temporary, file);
        File.SetLastWriteTimeUtc(temporary, stamp);
        File.Delete(Assembly);
        File.Move(temporary, Assembly);
        Log.LogMessage("{0}: compiled without optimisation from now on", Assembly);
        return true;
    }

    // Where the pattern begins, or -1 where it is not there, or more than once.
    private static int Find(byte[] file, byte[] pattern)
    {
        var latin1 = Encoding.GetEncoding("ISO-8859-1");
        var (text, wanted) = (latin1.GetString(file), latin1.GetString(pattern));
        var first = text.IndexOf(wanted, StringComparison.Ordinal);
        return first >= 0 && text.IndexOf(wanted, first + 1, StringComparison.Ordinal) < 0 ? first : -1;
    }
}
