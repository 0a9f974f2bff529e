namespace DIDD.Cli;

/// <summary>The options that say what to compute.</summary>
internal sealed class SpecOptions
{
    private readonly Option<string?> _preset = new("--preset") { Description = "A spec by its name, such as r-mnist/ipc10/asymmetric; `didd spec presets` lists them." };
    private readonly Option<string> _dataset = new("--dataset") { Description = $"Data set: {string.Join(", ", DataSetEntry.ByName.Keys)}.", DefaultValueFactory = _ => "r-mnist" };
    private readonly Option<string?> _folder = new("--data-folder") { Description = "Your own pictures in place of a data set: DIR/<domain>/<class>/*.png (or jpg, bmp, gif, webp). The spec records the SHA-256 of their listing.", HelpName = "DIR" };
    private readonly Option<string> _rule;
    private readonly Option<int> _ipc = new("--ipc") { Description = "Stored images per class.", DefaultValueFactory = _ => 1 };
    private readonly Option<string> _profile = new("--profile") { Description = $"Starting point of the settings: {string.Join(", ", Profiles.Names)}.", DefaultValueFactory = _ => "smoke" };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of all draws.", DefaultValueFactory = _ => 0 };
    private readonly Option<string[]> _set = new("--set") { Description = "Changes a setting, such as distillation.iterations=500; as often as needed.", HelpName = "key=value" };

    /// <summary>Creates the options.</summary>
    public SpecOptions(IEnumerable<string> rules) =>
        _rule = new("--rule") { Description = $"Update rule, or what stands for one: {string.Join(", ", rules)}.", DefaultValueFactory = _ => "asymmetric" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_preset, _dataset, _folder, _rule, _ipc, _profile, _seed, _set])
            command.Add(option);
    }

    /// <summary>The spec, validated; of a spec's file, in place of a profile, where one is given, beside which only <c>--set</c> goes.</summary>
    /// <exception cref="SpecException">A setting is not known or impossible.</exception>
    public RunSpec Spec(ParseResult parsed, string? file = null)
    {
        var spec = file is not null ? OfFile(parsed, file)
            : parsed.GetValue(_preset) is { } preset ? OfPreset(parsed, preset)
            : parsed.GetValue(_folder) is { } folder ? OfFolder(parsed, folder)
            : OfProfile(parsed, parsed.GetRequiredValue(_dataset));
        foreach (var (key, value) in (parsed.GetValue(_set) ?? []).Select(assignment => Assignment("--set", assignment)).OrderBy(setting => setting.Key != RunSpec.Leading))
            spec = spec.With(key, value);
        spec.Validate();
        foreach (var ignored in Learners.Ignored(spec))
            Console.Error.WriteLine($"warning: {ignored}: rule {spec.Rule} does not read this setting");
        return spec;
    }

    private RunSpec OfProfile(ParseResult parsed, string dataset) =>
        Profiles.Spec(parsed.GetRequiredValue(_profile), dataset, parsed.GetRequiredValue(_rule), parsed.GetRequiredValue(_ipc), parsed.GetRequiredValue(_seed));

    private RunSpec OfFolder(ParseResult parsed, string folder)
    {
        RefuseBeside(parsed, $"--data-folder {folder}", _dataset);
        return OfProfile(parsed, FolderStream.Entry.Name).With("data.source", Path.GetFullPath(folder)).With("data.listing", FolderStream.Listing(folder));
    }

    private RunSpec OfFile(ParseResult parsed, string file)
    {
        RefuseBeside(parsed, $"the spec in {file}", _preset, _profile, _dataset, _folder, _rule, _ipc, _seed);
        if (Directory.Exists(file))
            throw new SpecException(File.Exists(Path.Combine(file, "spec.json")) ? $"{file}: is a run's folder; give its spec: didd run {Path.Combine(file, "spec.json")} --out {file}" : $"{file}: is a folder; give a spec's file");
        return File.Exists(file) ? RunSpec.FromJson(File.ReadAllText(file), file) : throw new SpecException($"{file}: no such file");
    }

    private RunSpec OfPreset(ParseResult parsed, string preset)
    {
        RefuseBeside(parsed, $"the preset {preset}", _profile, _dataset, _folder, _rule, _ipc);
        return Presets.Spec(preset, parsed.GetRequiredValue(_seed));
    }

    private static void RefuseBeside(ParseResult parsed, string source, params Option[] options)
    {
        foreach (var option in options)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new SpecException($"{option.Name}: {source} says that already; change it with --set");
    }

    /// <summary>Key and value of an option such as <c>--set key=value</c>.</summary>
    /// <exception cref="SpecException">There is no equals sign.</exception>
    public static (string Key, string Value) Assignment(string option, string text) =>
        text.Split('=', 2) is [var key, var value] ? (key, value) : throw new SpecException($"{option} {text}: expected key=value");
}
