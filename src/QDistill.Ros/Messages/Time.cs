namespace QDistill.Msgs.BuiltinInterfaces;

public sealed partial class Time
{
    /// <summary>Nanoseconds since the epoch.</summary>
    public long ToNanoseconds() => (Sec * 1_000_000_000L) + Nanosec;

    /// <summary>Sets seconds and nanoseconds (the latter always in [0, 1e9)).</summary>
    /// <exception cref="OverflowException">The seconds do not fit an int32.</exception>
    public void SetNanoseconds(long nanoseconds) => (Sec, Nanosec) = TimeParts.Split(nanoseconds);
}

public sealed partial class Duration
{
    /// <summary>The duration in nanoseconds.</summary>
    public long ToNanoseconds() => (Sec * 1_000_000_000L) + Nanosec;

    /// <summary>Sets seconds and nanoseconds (the latter always in [0, 1e9), so that -1 ns is -1 s + 999999999 ns).</summary>
    /// <exception cref="OverflowException">The seconds do not fit an int32.</exception>
    public void SetNanoseconds(long nanoseconds) => (Sec, Nanosec) = TimeParts.Split(nanoseconds);
}

internal static class TimeParts
{
    public static (int Sec, uint Nanosec) Split(long nanoseconds)
    {
        (long sec, long rest) = Math.DivRem(nanoseconds, 1_000_000_000L);
        return rest < 0 ? (checked((int)(sec - 1)), (uint)(rest + 1_000_000_000L)) : (checked((int)sec), (uint)rest);
    }
}
