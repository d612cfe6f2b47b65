using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>What is watched of the latency, and when it is a warning or an error.</summary>
public sealed record LatencyOptions
{
    /// <summary>The sliding window's length [ns].</summary>
    public long Window { get; init; } = 10_000_000_000;

    /// <summary>The absolute deadline: an answer whose total latency is above this is late [ns].</summary>
    public long MaxAllowed { get; init; } = 100_000_000;

    /// <summary>Answers that have all been late for longer than this are an error [ns].</summary>
    public long MaxConsecutiveDelay { get; init; } = 1_000_000_000;

    /// <summary>The deadline of the period: a gap between two answers above this is a missed period [ns]; 0: not watched.</summary>
    public long MaxPeriod { get; init; }

    /// <summary>Most answers held in the window.</summary>
    public int Capacity { get; init; } = 20_000;

    internal static ParameterTable<LatencyOptions> Parameters { get; } = new ParameterTable<LatencyOptions>()
        .Seconds("latency.window", Live, 0.1, 3600, "Length of the sliding window of percentiles, jitter and rate.", o => o.Window, (o, v) => o with { Window = v })
        .Seconds("latency.max_allowed", Live, 1e-6, 3600, "Absolute deadline: an answer later than this after its sensor's stamp is a warning.", o => o.MaxAllowed, (o, v) => o with { MaxAllowed = v })
        .Seconds("latency.max_acceptable_consecutive_delay", Live, 0, 3600, "Nothing but late answers for longer than this is an error.", o => o.MaxConsecutiveDelay, (o, v) => o with { MaxConsecutiveDelay = v })
        .Seconds("latency.max_period", Live, 0, 3600, "Deadline of the period: a longer gap between two answers is a warning; 0: not watched.", o => o.MaxPeriod, (o, v) => o with { MaxPeriod = v });
}
