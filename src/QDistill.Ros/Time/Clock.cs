using System.Diagnostics;

namespace QDistill.Ros;

/// <summary>A clock. Reading it is thread-safe and allocates nothing.</summary>
public sealed partial class Clock
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly double NanosecondsPerTick = (double)NanosecondsPerSecond / Stopwatch.Frequency;

    private readonly Lock gate = new();
    private readonly RosContext? context;
    private JumpHandler[] handlers = [];
    private long simulated;
    private volatile bool isSimulated;

    /// <summary>Creates a clock; a ROS clock follows the system's until a node feeds it from /clock.</summary>
    public Clock(ClockType type) => Type = type;

    internal Clock(ClockType type, RosContext context)
        : this(type) => this.context = context;

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

    /// <summary>Whether the time is known: of simulated time from the first sample on that is not 0, else always.</summary>
    public bool IsStarted => Now != 0;

    /// <summary>The time, ns.</summary>
    public long Now => Type switch
    {
        ClockType.Steady => SteadyNow,
        ClockType.Ros when isSimulated => Volatile.Read(ref simulated),
        _ => SystemNow,
    };

    /// <summary>The callback group that receives /clock.</summary>
    internal CallbackGroup? FeederGroup { get; set; }

    internal static long SteadyNow => Stopwatch.Frequency == NanosecondsPerSecond ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * NanosecondsPerTick);

    internal static long SystemNow => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    /// <summary>Calls back around jumps that pass a threshold, on the thread that sets the time.</summary>
    /// <param name="threshold">Which jumps.</param>
    /// <param name="before">Called before the time changes; may be null.</param>
    /// <param name="after">Called after it; may be null.</param>
    /// <returns>Ends the callbacks when disposed.</returns>
    public IDisposable AddJumpCallback(JumpThreshold threshold, Action? before, Action<TimeJump>? after)
    {
        var handler = new JumpHandler(this, threshold, before, after);
        lock (gate)
        {
            handlers = [.. handlers, handler];
        }

        return handler;
    }

    /// <summary>Switches simulated time. Its value is kept while it is off: on switching on, it is activated at 0 and then jumps to that value, as in rclcpp.</summary>
    internal void SetSimulated(bool on)
    {
        if (Type != ClockType.Ros || isSimulated == on)
        {
            return;
        }

        long kept = Volatile.Read(ref simulated);
        var jump = new TimeJump(Now, on ? 0 : SystemNow, on ? ClockChange.RosTimeActivated : ClockChange.RosTimeDeactivated);
        JumpHandler[] told = Announce(jump);
        isSimulated = on;
        Tell(told, jump);
        if (on && kept != 0)
        {
            jump = new TimeJump(0, kept, ClockChange.RosTimeNoChange);
            Tell(Announce(jump), jump);
        }
    }

    /// <summary>Takes a sample of /clock.</summary>
    internal void SetTime(long nanoseconds)
    {
        long before = Volatile.Read(ref simulated);
        if (!isSimulated)
        {
            Volatile.Write(ref simulated, nanoseconds);
            return;
        }

        var jump = new TimeJump(before, nanoseconds, ClockChange.RosTimeNoChange);
        JumpHandler[] told = Announce(jump);
        Volatile.Write(ref simulated, nanoseconds);
        Tell(told, jump);
    }

    private JumpHandler[] Announce(in TimeJump jump)
    {
        JumpHandler[] told = handlers;
        foreach (JumpHandler handler in told)
        {
            if (handler.Threshold.Passes(jump))
            {
                handler.Before?.Invoke();
            }
        }

        return told;
    }

    private void Tell(JumpHandler[] told, in TimeJump jump)
    {
        Jumped?.Invoke(jump);
        foreach (JumpHandler handler in told)
        {
            if (handler.Threshold.Passes(jump))
            {
                handler.After?.Invoke(jump);
            }
        }
    }

    private sealed class JumpHandler(Clock clock, JumpThreshold threshold, Action? before, Action<TimeJump>? after) : IDisposable
    {
        public JumpThreshold Threshold { get; } = threshold;

        public Action? Before { get; } = before;

        public Action<TimeJump>? After { get; } = after;

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.handlers = [.. clock.handlers.Where(h => h != this)];
            }
        }
    }
}
