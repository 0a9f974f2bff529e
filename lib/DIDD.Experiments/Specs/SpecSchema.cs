using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;

namespace DIDD.Experiments;

/// <summary>
/// JSON schemas (draft 2020-12) of what people write for this library, made from the types that read it, so that an editor completes and checks:
/// names, kinds, ranges and, from the documentation comments, descriptions. What does not go together is found when it is read.
/// </summary>
public static partial class SpecSchema
{
    private const string Draft = "https://json-schema.org/draft/2020-12/schema";

    private static readonly Dictionary<string, IEnumerable<string>> Words = new()
    {
        [$"{nameof(RunSpec)}.{nameof(RunSpec.Dataset)}"] = DataSetEntry.ByName.Keys,
        [$"{nameof(RunSpec)}.{nameof(RunSpec.Rule)}"] = Learners.Names,
        [$"{nameof(RunSpec)}.{nameof(RunSpec.Profile)}"] = Profiles.Names,
        [$"{nameof(SweepGrid)}.{nameof(SweepGrid.Profile)}"] = Profiles.Names,
        [$"{nameof(SweepGrid)}.{nameof(SweepGrid.Datasets)}"] = DataSetEntry.ByName.Keys,
        [$"{nameof(SweepGrid)}.{nameof(SweepGrid.Rules)}"] = Learners.Names,
        [$"{nameof(Distillation.DistillationSettings)}.{nameof(Distillation.DistillationSettings.Objective)}"] = ObjectiveEntry.ByName.Keys,
        [$"{nameof(Distillation.DistillationSettings)}.{nameof(Distillation.DistillationSettings.Kernel)}"] = KernelEntry.ByName.Keys,
        [$"{nameof(Evaluation.EvaluationSettings)}.{nameof(Evaluation.EvaluationSettings.Architecture)}"] = ArchitectureEntry.ByName.Keys,
    };

    /// <summary>What has a schema: file name → the schema's text, which ends with a line end.</summary>
    public static IReadOnlyDictionary<string, Func<string>> Files { get; } = new Dictionary<string, Func<string>>
    {
        ["run.schema.json"] = () => Of(typeof(RunSpec), "A run of didd: everything that determines its result."),
        ["sweep.schema.json"] = () => Of(typeof(Sweep), "A sweep of didd: many runs, as products of data sets, IPCs, rules, seeds and settings."),
    };

    private static string Of(Type type, string title)
    {
        var json = new JsonSerializerOptions(RunSpec.Json) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var comments = Comments(typeof(RunSpec).Assembly, typeof(Data.DomainStream).Assembly);
        var exporter = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) => Describe(context, node, comments) };
        var schema = json.GetJsonSchemaAsNode(type, exporter).AsObject();
        schema.Insert(0, "$schema", Draft);
        schema.Insert(1, "title", title);
        schema["properties"]!.AsObject().TryAdd("$schema", new JsonObject { ["description"] = "Where this schema is, for editors.", ["type"] = "string" });
        return schema.ToJsonString(RunSpec.Json) + "\n";
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node, Dictionary<string, string> comments)
    {
        if (node is not JsonObject schema || context.PropertyInfo is not { AttributeProvider: PropertyInfo property } || property.DeclaringType is not { } type)
            return node;
        // What is left out is the profile's, not the type's.
        schema.Remove("default");
        var described = type.GetInterfaces().Select(parent => parent.FullName).Prepend(type.FullName).Select(name => comments.GetValueOrDefault($"{name}.{property.Name}"));
        if (described.FirstOrDefault(text => text is not null) is { } comment)
            schema.Insert(0, "description", comment);
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema[range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = JsonSerializer.SerializeToNode(range.Minimum);
            if (range.Maximum is not (int.MaxValue or double.MaxValue))
                schema["maximum"] = JsonSerializer.SerializeToNode(range.Maximum);
        }
        if (Words.TryGetValue($"{type.Name}.{property.Name}", out var words))
            (schema["items"] as JsonObject ?? schema)["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]);
        return schema;
    }

    // The summary of every property, and the comment of every parameter of a type, by the property's full name.
    private static Dictionary<string, string> Comments(params IEnumerable<Assembly> assemblies)
    {
        var comments = new Dictionary<string, string>();
        foreach (var member in assemblies.SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")))
        {
            var name = member.Attribute("name")!.Value;
            if (name.StartsWith("P:", StringComparison.Ordinal) && member.Element("summary") is { } summary)
                comments[name[2..]] = Text(summary);
            else if (name.StartsWith("T:", StringComparison.Ordinal))
                foreach (var parameter in member.Elements("param"))
                    comments[$"{name[2..]}.{parameter.Attribute("name")!.Value}"] = Text(parameter);
        }
        return comments;
    }

    private static string Text(XElement comment) => Spaces().Replace(string.Concat(comment.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement { Value.Length: > 0 } element => element.Value,
        XElement element => element.Attribute("cref")?.Value.Split('.')[^1] ?? element.Attribute("name")?.Value ?? "",
        _ => "",
    })), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
