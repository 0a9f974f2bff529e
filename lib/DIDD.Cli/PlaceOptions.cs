using TorchSharp;

namespace DIDD.Cli;

/// <summary>The options that say where to compute, and where the data are.</summary>
internal sealed class PlaceOptions
{
    private readonly Option<string> _device = new("--device") { Description = "auto, cpu or cuda.", DefaultValueFactory = _ => "auto" };
    private readonly Option<bool> _tf32 = new("--tf32") { Description = "Lets a CUDA device compute products and convolutions in TF32: faster, about three digits." };
    private readonly Option<string?> _data = new("--data") { Description = "Folder of the data sets." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_device, _tf32, _data])
            command.Add(option);
    }

    /// <summary>The device, set up.</summary>
    /// <exception cref="SpecException">There is no such device.</exception>
    public torch.Device Device(ParseResult parsed) => ComputeDevice.Open(parsed.GetRequiredValue(_device), parsed.GetValue(_tf32));

    /// <summary>Folder of the data sets, or null.</summary>
    public string? Data(ParseResult parsed) => parsed.GetValue(_data);

    /// <summary>The options as arguments of another process.</summary>
    public IReadOnlyList<string> Arguments(ParseResult parsed) =>
    [
        _device.Name, parsed.GetRequiredValue(_device),
        .. parsed.GetValue(_tf32) ? (string[])[_tf32.Name] : [],
        .. Data(parsed) is { } folder ? (string[])[_data.Name, folder] : [],
    ];
}
