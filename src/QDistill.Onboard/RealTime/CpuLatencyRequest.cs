using System.Buffers.Binary;

namespace QDistill.Onboard;

/// <summary>
/// Linux's request that no processor goes into an idle state that takes longer to leave than a bound (PM QoS, <c>/dev/cpu_dma_latency</c>). It holds as long as the file is open, so
/// the kernel drops it when the process dies, however it does.
/// </summary>
public sealed class CpuLatencyRequest : IDisposable
{
    /// <summary>The device that takes requests.</summary>
    public const string Device = "/dev/cpu_dma_latency";

    private const string IdleDriver = "/sys/devices/system/cpu/cpuidle/current_driver";

    private readonly FileStream file;

    private CpuLatencyRequest(FileStream file) => this.file = file;

    /// <summary>Asks for a bound, and holds it until disposed.</summary>
    /// <param name="microseconds">The bound [us]; 0: processors that have nothing to do poll and never sleep.</param>
    /// <param name="remark">Why it cannot be held, or why it will change nothing; null when there is nothing to say.</param>
    /// <param name="device">The device, for tests.</param>
    /// <param name="idleDriver">The file that names the kernel's idle driver, for tests.</param>
    /// <returns>The request; null when it cannot be held.</returns>
    public static CpuLatencyRequest? Hold(int microseconds, out string? remark, string device = Device, string idleDriver = IdleDriver)
    {
        remark = null;
        FileStream? file = null;
        try
        {
            file = new FileStream(device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            Span<byte> value = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(value, microseconds);
            file.Write(value);
            if (File.Exists(idleDriver) && File.ReadAllText(idleDriver).Trim() == "none")
            {
                remark = $"a wake-up latency of {microseconds} us is asked for at {device}, but this kernel has no idle driver to heed it, as in most virtual machines; limit idle states on the host, or use real_time.busy_poll_us.";
            }

            return new CpuLatencyRequest(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            remark = e is FileNotFoundException or DirectoryNotFoundException
                ? $"a wake-up latency of {microseconds} us cannot be asked for: {device} is not there; run on Linux with power management, and in a container with --device {device}."
                : $"a wake-up latency of {microseconds} us cannot be asked for at {device} ({e.Message.TrimEnd('.')}); run as root, or let a udev rule give the device to the node's group (KERNEL==\"cpu_dma_latency\", GROUP=\"realtime\", MODE=\"0660\").";
            return null;
        }
    }

    /// <summary>Drops the request.</summary>
    public void Dispose() => file.Dispose();
}
