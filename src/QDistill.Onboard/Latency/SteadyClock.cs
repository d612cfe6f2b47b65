using System.Diagnostics;

namespace QDistill.Onboard;

/// <summary>A clock that never jumps.</summary>
internal static class SteadyClock
{
    /// <summary>Nanoseconds since an arbitrary moment.</summary>
    public static long Now => Stopwatch.Frequency == 1_000_000_000 ? Stopwatch.GetTimestamp() : (long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency);
}
