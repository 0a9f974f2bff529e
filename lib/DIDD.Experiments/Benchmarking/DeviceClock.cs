using static TorchSharp.torch;

namespace DIDD.Benchmarking;

/// <summary>Waits for a device, so that what was given to it counts in the time that is read next.</summary>
internal static class DeviceClock
{
    public static void Wait(Device device)
    {
        if (device.type == TorchSharp.DeviceType.CUDA)
            cuda.synchronize();
    }
}
