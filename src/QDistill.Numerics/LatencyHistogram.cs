using System.Numerics;
using System.Runtime.CompilerServices;

namespace QDistill.Numerics;

/// <summary>
/// A histogram of durations in fixed memory (37 kB), in the manner of HdrHistogram: exact below 256 ns, then 128 steps per octave, so that a percentile is
/// within 0.4 % of the recorded value, up to 73 minutes. Recording is a few instructions and never allocates. Count, least, greatest, mean and
/// standard deviation are exact. One thread at a time.
/// </summary>
public sealed class LatencyHistogram
{
    internal const int StepBits = 7;
    internal const long Limit = (1L << 42) - 1;
    internal const int Size = ((41 - StepBits) << StepBits) + (2 << StepBits);

    private readonly long[] counts = new long[Size];
    private UInt128 sum;
    private UInt128 squares;
    private long least = long.MaxValue;
    private long greatest;

    /// <summary>Durations recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Durations below zero (clocks that disagree), recorded as zero.</summary>
    public long Negative { get; private set; }

    /// <summary>The least duration [ns]; 0 when empty.</summary>
    public long Min => Count > 0 ? least : 0;

    /// <summary>The greatest duration [ns]; 0 when empty.</summary>
    public long Max => greatest;

    /// <summary>The mean [ns]; 0 when empty.</summary>
    public double Mean => Count > 0 ? (double)sum / Count : 0;

    /// <summary>Jitter: the standard deviation [ns] over all recorded durations; 0 when empty.</summary>
    public double StandardDeviation => Deviation(Count, sum, squares);

    /// <summary>Records one duration [ns].</summary>
    public void Record(long nanoseconds)
    {
        if (nanoseconds < 0)
        {
            Negative++;
            nanoseconds = 0;
        }

        counts[IndexOf(nanoseconds)]++;
        Count++;
        ulong kept = (ulong)Math.Min(nanoseconds, Limit);
        sum += kept;
        squares += (UInt128)kept * kept;
        least = Math.Min(least, nanoseconds);
        greatest = Math.Max(greatest, nanoseconds);
    }

    /// <summary>The duration [ns] that the fraction <paramref name="quantile"/> (0 to 1) of the recorded ones does not exceed (nearest rank); 0 when empty.</summary>
    public long Percentile(double quantile)
    {
        if (Count == 0)
        {
            return 0;
        }

        long rank = Rank(quantile, Count);
        return rank == Count ? greatest : Math.Clamp(MiddleOf(Find(counts, rank)), least, greatest);
    }

    /// <summary>Percentiles and moments at once.</summary>
    public LatencySummary Summarize() => new()
    {
        Count = Count,
        P50 = Percentile(0.50),
        P95 = Percentile(0.95),
        P99 = Percentile(0.99),
        Min = Min,
        Max = Max,
        Mean = Mean,
        Jitter = StandardDeviation,
    };

    /// <summary>Adds all that another histogram recorded.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < Size; i++)
        {
            counts[i] += other.counts[i];
        }

        Count += other.Count;
        Negative += other.Negative;
        sum += other.sum;
        squares += other.squares;
        least = Math.Min(least, other.least);
        greatest = Math.Max(greatest, other.greatest);
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(counts);
        (Count, Negative, sum, squares, least, greatest) = (0, 0, 0, 0, long.MaxValue, 0);
    }

    /// <summary>The filled steps in rising order: lower edge and width [ns], count. For drawing; allocates.</summary>
    public IEnumerable<(long Low, long Width, long Count)> Steps()
    {
        for (int i = 0; i < Size; i++)
        {
            if (counts[i] > 0)
            {
                (long low, long width) = StepOf(i);
                yield return (low, width, counts[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int IndexOf(long nanoseconds)
    {
        ulong v = (ulong)Math.Min(nanoseconds, Limit);
        int shift = Math.Max(BitOperations.Log2(v | 1) - StepBits, 0);
        return (shift << StepBits) + (int)(v >> shift);
    }

    internal static long MiddleOf(int index)
    {
        (long low, long width) = StepOf(index);
        return low + ((width - 1) / 2);
    }

    internal static long Rank(double quantile, long count) =>
        Math.Clamp((long)Math.Ceiling((quantile * count) - 1e-9), 1, count);

    internal static double Deviation(long count, UInt128 sum, UInt128 squares)
    {
        if (count == 0)
        {
            return 0;
        }

        // Squares about the whole part of the mean, in whole numbers: nothing cancels, and nothing overflows below 2^42 ns and 2^43 counts.
        UInt128 n = (ulong)count, whole = sum / n;
        UInt128 about = squares + (n * whole * whole) - (2 * whole * sum);
        double rest = (double)(sum % n) / count;
        return Math.Sqrt(Math.Max(0, ((double)about / count) - (rest * rest)));
    }

    internal static int Find<T>(ReadOnlySpan<T> counts, long rank)
        where T : INumberBase<T>
    {
        long seen = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            seen += long.CreateTruncating(counts[i]);
            if (seen >= rank)
            {
                return i;
            }
        }

        return counts.Length - 1;
    }

    private static (long Low, long Width) StepOf(int index)
    {
        int shift = Math.Max((index >> StepBits) - 1, 0);
        return ((long)(index - (shift << StepBits)) << shift, 1L << shift);
    }

    private static int Find(long[] counts, long rank) => Find<long>(counts, rank);
}
