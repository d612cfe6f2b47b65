namespace QDistill.Numerics;

/// <summary>Percentiles and moments of durations, all in nanoseconds; zero where nothing was recorded.</summary>
public readonly record struct LatencySummary
{
    /// <summary>Durations recorded.</summary>
    public long Count { get; init; }

    /// <summary>Median.</summary>
    public long P50 { get; init; }

    /// <summary>95th percentile.</summary>
    public long P95 { get; init; }

    /// <summary>99th percentile.</summary>
    public long P99 { get; init; }

    /// <summary>Least.</summary>
    public long Min { get; init; }

    /// <summary>Greatest.</summary>
    public long Max { get; init; }

    /// <summary>Mean.</summary>
    public double Mean { get; init; }

    /// <summary>Standard deviation.</summary>
    public double Jitter { get; init; }

    /// <summary>Time from the first to the last stamp of a <see cref="SlidingLatency"/>; 0 for a <see cref="LatencyHistogram"/>.</summary>
    public long Span { get; init; }

    /// <summary>Records per second over <see cref="Span"/> [Hz]; 0 when unknown.</summary>
    public double Rate { get; init; }

    /// <summary>Durations above the deadline of a <see cref="SlidingLatency"/>.</summary>
    public long DeadlineMisses { get; init; }
}
