using QDistill.Numerics;

namespace QDistill.Onboard;

/// <summary>How a node's latency is doing.</summary>
public enum LatencyState
{
    /// <summary>Nothing was answered yet.</summary>
    NoneYet,

    /// <summary>All answers since the last evaluation were in time.</summary>
    InTime,

    /// <summary>At least one was late, or a period was missed.</summary>
    Late,

    /// <summary>For longer than the acceptable delay, all were late.</summary>
    LateForTooLong,
}

/// <summary>
/// Latency of the last answers, and where it went: a sliding window for the total, and the last answer's stages. The window's figures and the state are worked out by
/// <see cref="Refresh"/>, on a timer, so that a node that answers nothing reports as well.
/// </summary>
public sealed class LatencyMonitor(LatencyOptions options)
{
    private SlidingLatency window = Create(options);
    private LatencyOptions options = options;
    private long lastAt = long.MinValue;
    private long inTimeAt = long.MinValue;
    private bool lateSinceRefresh;
    private bool lastWasLate;

    /// <summary>The last answer's stages.</summary>
    public StageTimes Last { get; private set; }

    /// <summary>The window's figures at the last refresh.</summary>
    public LatencySummary Window { get; private set; }

    /// <summary>The state at the last refresh.</summary>
    public LatencyState State { get; private set; }

    /// <summary>Answers that were late, since the start.</summary>
    public long DeadlineMisses { get; private set; }

    /// <summary>Gaps between answers that were longer than the period, since the start.</summary>
    public long PeriodMisses { get; private set; }

    /// <summary>What is watched. A change empties the window.</summary>
    public LatencyOptions Options
    {
        get => options;
        set
        {
            if (value != options)
            {
                options = value;
                window = Create(value);
            }
        }
    }

    /// <summary>Records one answer. Does not allocate.</summary>
    public void Record(in StageTimes stages, long steadyNow)
    {
        Last = stages;
        window.Record(steadyNow, stages.Total);
        lastWasLate = stages.Total > options.MaxAllowed;
        bool missedPeriod = options.MaxPeriod > 0 && lastAt != long.MinValue && steadyNow - lastAt > options.MaxPeriod;
        DeadlineMisses += lastWasLate ? 1 : 0;
        PeriodMisses += missedPeriod ? 1 : 0;
        lateSinceRefresh |= lastWasLate || missedPeriod;
        if (!lastWasLate || inTimeAt == long.MinValue)
        {
            // The delay of the very first answer, when it is late, begins with that answer.
            inTimeAt = steadyNow;
        }

        lastAt = steadyNow;
    }

    /// <summary>Works out the window's figures and the state.</summary>
    public void Refresh(long steadyNow)
    {
        Window = window.Summarize();
        bool overdue = options.MaxPeriod > 0 && steadyNow - lastAt > options.MaxPeriod;
        State = lastAt == long.MinValue ? LatencyState.NoneYet
            : lastWasLate && steadyNow - inTimeAt > options.MaxConsecutiveDelay ? LatencyState.LateForTooLong
            : lateSinceRefresh || overdue ? LatencyState.Late
            : LatencyState.InTime;
        lateSinceRefresh = false;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        window.Reset();
        (Last, Window, State, DeadlineMisses, PeriodMisses) = (default, default, LatencyState.NoneYet, 0, 0);
        (lastAt, inTimeAt, lateSinceRefresh, lastWasLate) = (long.MinValue, long.MinValue, false, false);
    }

    private static SlidingLatency Create(LatencyOptions options) => new(options.Capacity, options.Window, options.MaxAllowed);
}
