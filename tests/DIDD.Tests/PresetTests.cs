using System.Text.Json.Nodes;
using DIDD.Evaluation;
using DIDD.Experiments;

namespace DIDD.Tests;

public class PresetTests
{
    [Fact]
    public void EveryPreset_IsAValidSpecOfItsOwn()
    {
        var specs = Presets.Names.Select(name => Presets.Spec(name)).ToList();
        Assert.All(specs, spec => spec.Validate());
        Assert.Equal(specs.Count, specs.Select(spec => spec.Name).Distinct().Count());
        using var emoji = Streams.Open(specs.First(spec => spec.Dataset == "emoji-styles"));
        var smallest = emoji.Train(0).ByClass.Min(images => images.Count);
        Assert.All(specs.Where(spec => spec.Dataset == "emoji-styles"), spec => Assert.True(spec.Distillation.RealImages <= smallest, spec.Name));
    }

    [Theory]
    [InlineData("r-mnist/ipc10/asymmetric", "paper", "r-mnist", 10, "asymmetric", Protocol.Clean)]
    [InlineData("paper/pacs/ipc20/lwf", "paper", "pacs", 20, "lwf", Protocol.Clean)]
    [InlineData("core50/ipc20/joint-m3d/official", "paper", "core50", 20, "joint-m3d", Protocol.Official)]
    [InlineData("laptop/emoji-styles/ipc5/stable", "laptop", "emoji-styles", 5, "stable", Protocol.Clean)]
    public void Name_SaysWhatTheSpecIs(string name, string profile, string dataset, int ipc, string rule, Protocol protocol)
    {
        var spec = Presets.Spec(name, seed: 3);
        Assert.Equal((profile, dataset, ipc, rule, protocol, 3L), (spec.Profile, spec.Dataset, spec.Ipc, spec.Rule, spec.Evaluation.Protocol, spec.Seed));
    }

    [Fact]
    public void EveryPublishedCell_HasAPresetOverThePapersDomains() =>
        Assert.All(PublishedResults.Settings.SelectMany(setting => PublishedResults.Rules(setting.Dataset, setting.Ipc).Select(rule => (setting.Dataset, setting.Ipc, Rule: rule))), cell =>
        {
            var spec = Presets.Spec($"{cell.Dataset}/ipc{cell.Ipc}/{cell.Rule}");
            Assert.Equal(("paper", cell, PublishedResults.Domains(cell.Dataset)), (spec.Profile, (spec.Dataset, spec.Ipc, spec.Rule), (int?)spec.Domains));
        });

    [Theory]
    [InlineData("r-mnist/ipc10/asymetric", "near are r-mnist/ipc10/asymmetric,")]
    [InlineData("smoke/emoji-styles/ipc10/finetune", "smoke/emoji-styles/ipc1/finetune")]
    [InlineData("", "near are")]
    public void UnknownPreset_IsRefusedWithNearOnes(string name, string part) =>
        Assert.Contains(part, Assert.Throws<SpecException>(() => Presets.Spec(name)).Message, StringComparison.Ordinal);

    public static TheoryData<string> SchemaFiles => [.. SpecSchema.Files.Keys];

    [Theory]
    [MemberData(nameof(SchemaFiles))]
    public void CommittedSchema_IsThatOfTheCode(string file)
    {
        var path = Path.Combine(TestFolder.Repository, "data", "specs", file);
        Assert.True(File.ReadAllText(path) == SpecSchema.Files[file](), $"{path} is not what the code has; write it again: didd spec schema --into data/specs");
    }

    // Every member of a spec stands in the schema under its name, with a description, and no other does.
    [Fact]
    public void RunSchema_HasTheMembersOfASpec()
    {
        static void Compare(JsonObject schema, JsonObject value)
        {
            var properties = schema["properties"]!.AsObject();
            Assert.Equal(value.Select(member => member.Key), properties.Select(property => property.Key).Where(key => key != "$schema"));
            Assert.False(schema["additionalProperties"]!.GetValue<bool>());
            foreach (var (key, member) in value)
            {
                Assert.NotNull(properties[key]!["description"]);
                if (member is JsonObject child)
                    Compare(properties[key]!.AsObject(), child);
            }
        }
        // With what a spec leaves out while it has its default value.
        var spec = Presets.Spec("r-mnist/ipc1/asymmetric").With("asymmetric.joint", "true").With("asymmetric.assignment", "shared")
            .With("stable.steps", "1,0.5").With("distillation.targets", "bfloat16")
            .With("distillation.objective", "mtt").With("trajectories.steps", "10").With("gradientMatching.metric", "mse")
            .With("consolidated.networks", "4").With("distillation.decay", "cosine").With("data.listing", "0")
            .With("data.arriving", "1").With("data.returning", "true").With("consolidated.real", "0.5").With("evaluation.oneOfAll", "true");
        Compare(JsonNode.Parse(SpecSchema.Files["run.schema.json"]())!.AsObject(), JsonNode.Parse(spec.ToJson())!.AsObject());
    }
}
