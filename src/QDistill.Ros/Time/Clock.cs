using System.Diagnostics;

namespace QDistill.Ros;

/// <summary>The kinds of clocks of ROS 2, with rcl's numbers.</summary>
public enum ClockType
{
    /// <summary>ROS time: the system's, or what /clock says when simulated time is on.</summary>
    Ros = 1,

    /// <summary>The system's time since the Unix epoch.</summary>
    System = 2,

    /// <summary>A clock that never jumps; its origin means nothing.</summary>
    Steady = 3,
}

/// <summary>A jump of ROS time.</summary>
/// <param name="From">Time before, ns.</param>
/// <param name="To">Time after, ns.</param>
/// <param name="SourceChanged">Whether simulated time was switched on or off by it.</param>
public readonly record struct TimeJump(long From, long To, bool SourceChanged)
{
    /// <summary>The size of the jump, ns; negative: backwards.</summary>
    public long Delta => To - From;
}

/// <summary>A clock. Reading it is thread-safe and allocates nothing.</summary>
public sealed class Clock
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly double NanosecondsPerTick = (double)NanosecondsPerSecond / Stopwatch.Frequency;

    private readonly Lock gate = new();
    private long simulated;
    private volatile bool isSimulated;

    /// <summary>Creates a clock; a ROS clock follows the system's until a node feeds it from /clock.</summary>
    public Clock(ClockType type) => Type = type;

    /// <summary>Raised when ROS time was set: at every sample of /clock, and when simulated time is switched.</summary>
    public event Action<TimeJump>? Jumped;

    /// <summary>The system's clock.</summary>
    public static Clock System { get; } = new(ClockType.System);

    /// <summary>The steady clock.</summary>
    public static Clock Steady { get; } = new(ClockType.Steady);

    /// <summary>The kind of clock.</summary>
    public ClockType Type { get; }

    /// <summary>Whether this is a ROS clock that follows /clock; then it reads 0 until the first sample.</summary>
    public bool IsSimulated => isSimulated;

    /// <summary>The time, ns.</summary>
    public long Now => Type switch
    {
        ClockType.Steady => SteadyNow,
        ClockType.Ros when isSimulated => Volatile.Read(ref simulated),
        _ => SystemNow,
    };

    internal static long SteadyNow => Stopwatch.Frequency == NanosecondsPerSecond ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * NanosecondsPerTick);

    internal static long SystemNow => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    internal void SetSimulated(bool on)
    {
        TimeJump jump;
        lock (gate)
        {
            if (Type != ClockType.Ros || isSimulated == on)
            {
                return;
            }

            long before = Now;
            isSimulated = on;
            jump = new TimeJump(before, Now, SourceChanged: true);
        }

        Jumped?.Invoke(jump);
    }

    internal void SetTime(long nanoseconds)
    {
        TimeJump jump;
        lock (gate)
        {
            long before = simulated;
            Volatile.Write(ref simulated, nanoseconds);
            if (!isSimulated)
            {
                return;
            }

            jump = new TimeJump(before, nanoseconds, SourceChanged: false);
        }

        Jumped?.Invoke(jump);
    }
}
