namespace DIDD.Cli;

/// <summary><c>didd spec</c>: specs by name, as JSON, and the schemas by which editors check them.</summary>
internal static class SpecCommand
{
    public static Command Create() => new("spec", "Specs of runs: presets, JSON, schemas.") { Presets(), Show(), Schema() };

    private static Command Presets()
    {
        var words = new Argument<string[]>("words") { Description = "What the names shall contain, such as r-mnist ipc10; all by default.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("presets", "Lists the names that run --preset takes, with the published A_T / F_T where the paper has that cell.") { words };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(words) ?? [];
            var names = Experiments.Presets.Names.Where(name => wanted.All(word => name.Contains(word, StringComparison.Ordinal))).ToList();
            if (names.Count == 0)
                throw new SpecException($"no preset contains {string.Join(" and ", wanted)}; they are called [profile/]dataset/ipcN/rule[/official]");
            foreach (var name in names)
            {
                var spec = Experiments.Presets.Spec(name);
                Console.WriteLine(PublishedResults.Of(spec.Dataset, spec.Ipc, spec.Rule) is { } paper ? $"{name,-40} paper {paper.Average:0.0} / {paper.Forgetting?.ToString("0.0") ?? "–"}" : name);
            }
        });
        return command;
    }

    private static Command Show()
    {
        var options = new SpecOptions(Learners.Names);
        var command = new Command("show", "Prints the spec that didd run would compute with the same options, as JSON; didd run takes the file.");
        options.AddTo(command);
        // They change nothing of the spec, but the options of a run are taken as they are.
        new PlaceOptions().AddTo(command);
        command.SetAction(parsed => Console.Out.Write(options.Spec(parsed).ToJson()));
        return command;
    }

    private static Command Schema()
    {
        var into = new Option<string?>("--into") { Description = "Folder into which all schemas are written; the run's is printed by default." };
        var command = new Command("schema", "JSON schemas of the files that didd reads, made from the types that read them.") { into };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(into) is not { } folder)
            {
                Console.Out.Write(SpecSchema.Files["run.schema.json"]());
                return;
            }
            Directory.CreateDirectory(folder);
            foreach (var (name, schema) in SpecSchema.Files)
            {
                AtomicFile.WriteText(Path.Combine(folder, name), schema());
                Console.WriteLine(Path.Combine(folder, name));
            }
        });
        return command;
    }
}
