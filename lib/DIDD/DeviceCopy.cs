namespace DIDD;

/// <summary>Copies from the host to a device that do not wait.</summary>
internal static class DeviceCopy
{
    /// <summary>
    /// A tensor of the CPU on a device, in the caller's dispose scope. On a GPU the copy queues behind what the device still has to do, from page-locked memory: a plain one would
    /// wait for all of that first, and the device then for the host.
    /// </summary>
    public static Tensor On(this Tensor host, Device device) =>
        device.type == TorchSharp.DeviceType.CUDA && host.device_type == TorchSharp.DeviceType.CPU ? host.pin_memory().to(device, non_blocking: true) : host.to(device);
}
