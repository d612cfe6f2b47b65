namespace QDistill.Bags.Check;

/// <summary>Gathers a <see cref="Spread"/> in bounded memory: extremes of all values, the median of every 2^k-th.</summary>
internal sealed class SpreadBuilder
{
    private const int Capacity = 1 << 16;
    private readonly List<long> kept = [];
    private long count;
    private int stride = 1;
    private long min = long.MaxValue;
    private long max = long.MinValue;

    public void Add(long value)
    {
        min = Math.Min(min, value);
        max = Math.Max(max, value);
        if (count++ % stride != 0)
        {
            return;
        }

        if (kept.Count == Capacity)
        {
            for (int i = 0; i < Capacity / 2; i++)
            {
                kept[i] = kept[2 * i];
            }

            kept.RemoveRange(Capacity / 2, Capacity / 2);
            stride *= 2;
        }

        kept.Add(value);
    }

    public Spread? Build() => count == 0 ? null : new Spread(min, Quantile(0.5), max);

    /// <summary>The value below which the fraction <paramref name="q"/> of the sample lies; 0 without values.</summary>
    public long Quantile(double q)
    {
        long[] sorted = [.. kept];
        Array.Sort(sorted);
        return sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(q * sorted.Length))];
    }
}
