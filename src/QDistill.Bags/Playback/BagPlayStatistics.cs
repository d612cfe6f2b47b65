using System.Globalization;

namespace QDistill.Bags;

/// <summary>What was played, and how punctually.</summary>
public sealed record BagPlayStatistics
{
    /// <summary>Messages published, <c>/clock</c> not counted.</summary>
    public required long Messages { get; init; }

    /// <summary>Times the bag was started.</summary>
    public required long Rounds { get; init; }

    /// <summary>From the first message to the last [s], pauses included.</summary>
    public required double Seconds { get; init; }

    /// <summary>The median of how long after its due time a message was published [s].</summary>
    public required double LatenessMedian { get; init; }

    /// <summary>The 99th percentile of the same.</summary>
    public required double LatenessP99 { get; init; }

    /// <summary>The largest of the same.</summary>
    public required double LatenessMax { get; init; }

    /// <summary>Whether playing was ended from outside.</summary>
    public required bool Cancelled { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Messages} messages in {Seconds:F2} s{(Rounds > 1 ? $" ({Rounds} rounds)" : string.Empty)}; lateness median {LatenessMedian * 1e6:F0} us, p99 {LatenessP99 * 1e6:F0} us, max {LatenessMax * 1e6:F0} us{(Cancelled ? "; stopped" : string.Empty)}");
}
