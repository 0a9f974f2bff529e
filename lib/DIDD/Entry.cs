using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace DIDD;

/// <summary>
/// What is known of something that specs and the command line can name, before it is made: an update rule, an objective, a learner, a data set, a network. A class that can be named has one as a static
/// property <c>Entry</c>, in its own file, and is found by it, in this library and in all that use it, a notebook's cells too.
/// </summary>
/// <typeparam name="T">The kind of entry.</typeparam>
/// <param name="Name">Its name in specs.</param>
public abstract record Entry<T>(string Name) where T : Entry<T>
{
    // One object, so that threads see both or neither.
    private static Tuple<int, IReadOnlyDictionary<string, T>> _found = new(0, new Dictionary<string, T>());

    /// <summary>Name → entry, in the order of their rows. Of two with one name the one that was loaded last stands, as where a cell ran again.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Read from a kind, such as RuleEntry.ByName.")]
    public static IReadOnlyDictionary<string, T> ByName
    {
        get
        {
            var assemblies = AppDomain.CurrentDomain.GetAssemblies();
            var found = _found;
            if (found.Item1 != assemblies.Length)
                _found = found = new(assemblies.Length, Find(assemblies));
            return found.Item2;
        }
    }

    /// <summary>How figures and tables call it; its name in specs by default.</summary>
    public string Title { get; init; } = Name;

    /// <summary>Where it stands in lists and tables: after those with a smaller number, and among those with the same by name.</summary>
    public int Row { get; init; } = int.MaxValue;

    private static Dictionary<string, T> Find(IEnumerable<Assembly> assemblies)
    {
        var own = typeof(T).Assembly.GetName().Name;
        var entries = new Dictionary<string, T>();
        foreach (var type in assemblies.Where(assembly => assembly == typeof(T).Assembly || assembly.GetReferencedAssemblies().Any(name => name.Name == own)).SelectMany(assembly => assembly.GetTypes()))
            if (type is { IsClass: true, ContainsGenericParameters: false }
                && type.GetProperty("Entry", BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly) is { } property && property.PropertyType == typeof(T)
                && property.GetValue(null) is T entry)
                entries[entry.Name] = entry;
        return entries.Values.OrderBy(entry => entry.Row).ThenBy(entry => entry.Name, StringComparer.Ordinal).ToDictionary(entry => entry.Name);
    }
}
