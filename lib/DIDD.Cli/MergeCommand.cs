namespace DIDD.Cli;

/// <summary><c>didd merge</c>: shards of <c>didd run --classes</c> to a run.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var folders = new Argument<string[]>("shards") { Description = "Folders of shards that together have every class once.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--out") { Description = "Folder of the run; by default its name, beside the first shard." };
        var place = new PlaceOptions();
        var force = RunCommand.Force();
        var command = new Command("merge", "Joins shards of a run (`didd run --classes`) and evaluates the sets: a finished run as any other.") { folders, output, force };
        place.AddTo(command);
        command.SetAction(Stoppable.Action((parsed, cancellation) =>
        {
            var shards = parsed.GetRequiredValue(folders).Select(Path.GetFullPath).ToList();
            var merge = ShardMerge.Open(shards);
            var folder = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(shards[0]))!, merge.Spec.Name));
            Console.WriteLine($"{merge.Spec.Name} → {folder}");
            var runner = new Runner(merge.Spec, folder, place.Data(parsed), place.Device(parsed))
            {
                Shards = merge,
                Warn = RunCommand.Warn,
                Estimated = RunCommand.Announce,
                Force = parsed.GetValue(force),
            };
            RunCommand.Report(RunCommand.ShowProgress(progress => runner.Execute(progress, cancellation)));
            return ExitCode.Done;
        }));
        return command;
    }
}
