using System.Reflection;
using DIDD.Distillation;

namespace DIDD.Rules;

/// <summary>The update rules by the names that the command line and specs use: every class with an <see cref="RuleEntry"/>, of this library and of all that use it, a notebook's cells too.</summary>
public static class UpdateRules
{
    private static (int Assemblies, IReadOnlyDictionary<string, RuleEntry> Entries) _found = (0, new Dictionary<string, RuleEntry>());

    /// <summary>Name → entry, in the order of their rows. Of two rules with one name the one that was loaded last stands, as where a cell ran again.</summary>
    public static IReadOnlyDictionary<string, RuleEntry> ByName
    {
        get
        {
            var assemblies = AppDomain.CurrentDomain.GetAssemblies();
            if (_found.Assemblies != assemblies.Length)
                _found = (assemblies.Length, Find(assemblies));
            return _found.Entries;
        }
    }

    private static Dictionary<string, RuleEntry> Find(IEnumerable<Assembly> assemblies)
    {
        var own = typeof(UpdateRule).Assembly;
        var entries = new Dictionary<string, RuleEntry>();
        foreach (var type in assemblies.Where(assembly => assembly == own || assembly.GetReferencedAssemblies().Any(name => name.Name == own.GetName().Name))
            .SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(UpdateRule))))
        {
            if (type.GetProperty("Entry", BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)?.GetValue(null) is RuleEntry entry)
                entries[entry.Name] = entry;
        }
        return entries.Values.OrderBy(entry => entry.Row).ThenBy(entry => entry.Name, StringComparer.Ordinal).ToDictionary(entry => entry.Name);
    }
}
