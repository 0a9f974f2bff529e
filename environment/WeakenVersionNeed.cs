using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks one symbol-version need of a 64-bit little-endian ELF library as weak, so that the dynamic loader no longer refuses the library
/// where that version is absent. libLibTorchSharp.so names GLIBCXX_3.4.32 for a symbol that none of its relocations uses; without the
/// mark it does not load on systems whose libstdc++ is older than GCC 13's (Debian 12, Ubuntu 22.04).
/// </summary>
/// <remarks>
/// The output folder holds hard links into the package cache, so the changed library is written beside the old one and moved over it: the
/// package stays as it was. Size and time stamp are kept, so that an incremental build sees an unchanged file.
/// Layout: System V ABI, "Symbol Versioning" (Elf64_Verneed, Elf64_Vernaux).
/// </remarks>
public class WeakenVersionNeed : Task
{
    private const int SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort FlagWeak = 2;

    /// <summary>Path of the library.</summary>
    [Required]
    public string Library { get; set; }

    /// <summary>Name of the version, such as GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        var file = File.ReadAllBytes(Library);
        var flags = FindFlags(file);
        if (flags < 0)
        {
            Log.LogMessage("{0} does not need {1}", Library, Version);
            return true;
        }
        if ((BitConverter.ToUInt16(file, flags) & FlagWeak) != 0)
            return true;
        file[flags] |= (byte)FlagWeak;
        var temporary = Library + "." + Guid.NewGuid().ToString("N") + ".tmp";
        var stamp = File.GetLastWriteTimeUtc(Library);
        File.WriteAllBytes(temporary, file);
        File.SetLastWriteTimeUtc(temporary, stamp);
        File.Delete(Library);
        File.Move(temporary, Library);
        Log.LogMessage("{0}: the need of {1} is now weak", Library, Version);
        return true;
    }

    /// <summary>Offset of Vernaux.vna_flags of the version, or -1 where the library does not need it.</summary>
    private int FindFlags(byte[] file)
    {
        if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F' || file[4] != 2 || file[5] != 1)
            throw new InvalidDataException(Library + " is not a 64-bit little-endian ELF file");
        var sections = (int)BitConverter.ToInt64(file, 0x28);
        var sectionSize = BitConverter.ToUInt16(file, 0x3a);
        var sectionCount = BitConverter.ToUInt16(file, 0x3c);
        for (var section = 0; section < sectionCount; section++)
        {
            var header = sections + section * sectionSize;
            if (BitConverter.ToInt32(file, header + 4) != SectionTypeVersionNeed)
                continue;
            var strings = (int)BitConverter.ToInt64(file, sections + BitConverter.ToInt32(file, header + 0x28) * sectionSize + 0x18);
            var need = (int)BitConverter.ToInt64(file, header + 0x18);
            for (var needs = BitConverter.ToInt32(file, header + 0x2c); needs > 0; needs--)
            {
                var entry = need + BitConverter.ToInt32(file, need + 8);
                for (var entries = BitConverter.ToUInt16(file, need + 2); entries > 0; entries--)
                {
                    if (ReadString(file, strings + BitConverter.ToInt32(file, entry + 8)) == Version)
                        return entry + 4;
                    entry += BitConverter.ToInt32(file, entry + 12);
                }
                need += BitConverter.ToInt32(file, need + 12);
            }
        }
        return -1;
    }

    private static string ReadString(byte[] file, int start)
    {
        var end = Array.IndexOf(file, (byte)0, start);
        return Encoding.ASCII.GetString(file, start, end - start);
    }
}
