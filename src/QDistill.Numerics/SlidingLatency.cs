namespace QDistill.Numerics;

/// <summary>
/// Latency statistics over a sliding window of time: the last <c>span</c> nanoseconds, but at most <c>capacity</c> records. Memory is fixed at construction;
/// neither recording nor summarising allocates. One thread at a time.
/// </summary>
public sealed class SlidingLatency
{
    private readonly (long Stamp, long Latency)[] ring;
    private readonly int[] counts = new int[LatencyHistogram.Size];
    private readonly long span;
    private readonly long deadline;
    private int first;
    private int count;
    private long misses;
    private UInt128 sum;
    private UInt128 squares;

    /// <summary>Sets up the window.</summary>
    /// <param name="capacity">Most records held: rate times span, generously.</param>
    /// <param name="spanNanoseconds">Records older than this before the newest stamp are forgotten.</param>
    /// <param name="deadlineNanoseconds">Latencies above this count as misses.</param>
    public SlidingLatency(int capacity, long spanNanoseconds, long deadlineNanoseconds = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(spanNanoseconds);
        ring = new (long, long)[capacity];
        span = spanNanoseconds;
        deadline = deadlineNanoseconds;
    }

    /// <summary>Records held.</summary>
    public int Count => count;

    /// <summary>Records one latency; one below zero counts as zero.</summary>
    /// <param name="stampNanoseconds">When; on a clock that does not run backwards. A stamp before the last one (a clock reset) empties the window first.</param>
    /// <param name="latencyNanoseconds">How long.</param>
    public void Record(long stampNanoseconds, long latencyNanoseconds)
    {
        if (count > 0 && stampNanoseconds < ring[Position(count - 1)].Stamp)
        {
            Reset();
        }

        while (count > 0 && (count == ring.Length || stampNanoseconds - ring[first].Stamp > span))
        {
            Forget(ring[first].Latency);
        }

        long latency = Math.Clamp(latencyNanoseconds, 0, LatencyHistogram.Limit);
        ring[Position(count)] = (stampNanoseconds, latency);
        count++;
        counts[LatencyHistogram.IndexOf(latency)]++;
        sum += (ulong)latency;
        squares += (UInt128)(ulong)latency * (ulong)latency;
        misses += latency > deadline ? 1 : 0;
    }

    /// <summary>Statistics of the window. Costs a pass over the window and the histogram: call it per second, not per record.</summary>
    public LatencySummary Summarize()
    {
        if (count == 0)
        {
            return default;
        }

        long min = long.MaxValue, max = 0;
        for (int i = 0; i < count; i++)
        {
            long latency = ring[Position(i)].Latency;
            min = Math.Min(min, latency);
            max = Math.Max(max, latency);
        }

        long covered = ring[Position(count - 1)].Stamp - ring[first].Stamp;
        return new LatencySummary
        {
            Count = count,
            P50 = Percentile(0.50, min, max),
            P95 = Percentile(0.95, min, max),
            P99 = Percentile(0.99, min, max),
            Min = min,
            Max = max,
            Mean = (double)sum / count,
            Jitter = LatencyHistogram.Deviation(count, sum, squares),
            Span = covered,
            Rate = covered > 0 ? (count - 1) * 1e9 / covered : 0,
            DeadlineMisses = misses,
        };
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(counts);
        (first, count, misses, sum, squares) = (0, 0, 0, 0, 0);
    }

    private long Percentile(double quantile, long min, long max)
    {
        long rank = LatencyHistogram.Rank(quantile, count);
        return rank == count ? max : Math.Clamp(LatencyHistogram.MiddleOf(LatencyHistogram.Find<int>(counts, rank)), min, max);
    }

    private void Forget(long latency)
    {
        counts[LatencyHistogram.IndexOf(latency)]--;
        sum -= (ulong)latency;
        squares -= (UInt128)(ulong)latency * (ulong)latency;
        misses -= latency > deadline ? 1 : 0;
        first = first + 1 == ring.Length ? 0 : first + 1;
        count--;
    }

    private int Position(int i) => first + i < ring.Length ? first + i : first + i - ring.Length;
}
