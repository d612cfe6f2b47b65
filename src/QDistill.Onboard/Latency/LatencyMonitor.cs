using QDistill.Numerics;

namespace QDistill.Onboard;

/// <summary>What is watched of the latency, and when it is a warning or an error.</summary>
public sealed record LatencyOptions
{
    /// <summary>The sliding window's length [ns].</summary>
    public long Window { get; init; } = 10_000_000_000;

    /// <summary>A prediction whose total latency is above this missed its deadline [ns].</summary>
    public long Deadline { get; init; } = 100_000_000;

    /// <summary>A gap between two predictions above this is a missed period [ns]; 0: not watched.</summary>
    public long Period { get; init; }

    /// <summary>Share of missed deadlines in the window that is a warning; ten times as much is an error.</summary>
    public double WarnShare { get; init; } = 0.01;

    /// <summary>Most predictions held in the window.</summary>
    public int Capacity { get; init; } = 20_000;
}

/// <summary>
/// Latency of the last predictions, and where it went: a sliding window for the total, a running summary per stage since the last refresh. The window's figures
/// are worked out by <see cref="Refresh"/>, once a second, not with every prediction.
/// </summary>
public sealed class LatencyMonitor(LatencyOptions options)
{
    private readonly SlidingLatency window = new(options.Capacity, options.Window, options.Deadline);
    private long lastAt = long.MinValue;

    /// <summary>The last prediction's stages.</summary>
    public StageTimes Last { get; private set; }

    /// <summary>The window's figures at the last refresh.</summary>
    public LatencySummary Window { get; private set; }

    /// <summary>Gaps between predictions that were longer than the period, since the start.</summary>
    public long PeriodMisses { get; private set; }

    /// <summary>What is watched.</summary>
    public LatencyOptions Options => options;

    /// <summary>Records one prediction.</summary>
    public void Record(in StageTimes stages, long steadyNow)
    {
        Last = stages;
        window.Record(steadyNow, stages.Total);
        if (options.Period > 0 && lastAt != long.MinValue && steadyNow - lastAt > options.Period)
        {
            PeriodMisses++;
        }

        lastAt = steadyNow;
    }

    /// <summary>Works out the window's figures.</summary>
    public void Refresh() => Window = window.Summarize();

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        window.Reset();
        (Last, Window, PeriodMisses, lastAt) = (default, default, 0, long.MinValue);
    }

    /// <summary>0: in time; 1: more misses than the warning allows; 2: ten times as many, or half of all.</summary>
    public int Severity()
    {
        double share = Window.Count > 0 ? (double)Window.DeadlineMisses / Window.Count : 0;
        return share > 0 && share >= Math.Min(0.5, 10 * options.WarnShare) ? 2 : share > options.WarnShare ? 1 : 0;
    }
}
