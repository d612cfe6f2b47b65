namespace QDistill.Metrics;

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Low">Lower edge (equal width) or lowest prediction (equal mass).</param>
/// <param name="High">Upper edge or highest prediction.</param>
/// <param name="Count">Windows in the bin; never 0 for equal mass.</param>
/// <param name="Positives">Positive windows among them.</param>
/// <param name="MeanPrediction">Mean predicted probability; null in an empty bin.</param>
public readonly record struct ReliabilityBin(double Low, double High, int Count, int Positives, double? MeanPrediction)
{
    /// <summary>Observed frequency of positives; null in an empty bin.</summary>
    public double? Observed => Count > 0 ? (double)Positives / Count : null;

    /// <summary>The 95 % Wilson score interval of <see cref="Observed"/> (Wilson 1927), as if windows were independent; null in an empty bin.</summary>
    public (double Low, double High)? ObservedInterval
    {
        get
        {
            if (Count == 0)
            {
                return null;
            }

            const double z = 1.959963984540054;
            double n = Count, f = Positives / n, scale = 1 / (1 + (z * z / n));
            double centre = scale * (f + (z * z / (2 * n)));
            double half = scale * z * Math.Sqrt((f * (1 - f) / n) + (z * z / (4 * n * n)));
            return (Math.Max(0, centre - half), Math.Min(1, centre + half));
        }
    }
}

/// <summary>Predicted probability against observed frequency: the bins behind the calibration errors.</summary>
public static class ReliabilityDiagram
{
    /// <summary>Bins [k/K, (k+1)/K), the last closed; empty bins included.</summary>
    /// <exception cref="ArgumentException">Lengths differ, or a value is no probability.</exception>
    public static IReadOnlyList<ReliabilityBin> EqualWidth(ReadOnlySpan<double> p, ReadOnlySpan<bool> y, int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        Inputs.CheckProbabilities(p, y.Length);
        var sums = new BinSums[bins];
        for (int i = 0; i < p.Length; i++)
        {
            sums[Math.Min(bins - 1, (int)(p[i] * bins))].Add(p[i], 1, y[i] ? 1 : 0);
        }

        var result = new ReliabilityBin[bins];
        for (int k = 0; k < bins; k++)
        {
            result[k] = Bin((double)k / bins, (k + 1.0) / bins, sums[k]);
        }

        return result;
    }

    /// <summary>At most K bins of near-equal count; equal predictions share a bin, and bins left empty by that are dropped.</summary>
    /// <exception cref="ArgumentException">Lengths differ, or a value is no probability.</exception>
    public static IReadOnlyList<ReliabilityBin> EqualMass(ReadOnlySpan<double> p, ReadOnlySpan<bool> y, int bins = 15)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        Inputs.CheckProbabilities(p, y.Length);
        double[] s = p.ToArray();
        bool[] labels = y.ToArray();
        Array.Sort(s, labels);
        List<ReliabilityBin> result = [];
        BinSums open = default;
        int openBin = -1;
        double low = 0, high = 0;
        for (int i = 0; i < s.Length;)
        {
            int from = i, positives = 0;
            for (; i < s.Length && s[i] == s[from]; i++)
            {
                positives += labels[i] ? 1 : 0;
            }

            int bin = Math.Min(bins - 1, (int)((from + (0.5 * (i - from))) * bins / s.Length));
            if (bin != openBin)
            {
                if (open.Count > 0)
                {
                    result.Add(Bin(low, high, open));
                }

                (open, openBin, low) = (default, bin, s[from]);
            }

            high = s[from];
            open.Add(s[from], i - from, positives);
        }

        if (open.Count > 0)
        {
            result.Add(Bin(low, high, open));
        }

        return result;
    }

    private static ReliabilityBin Bin(double low, double high, BinSums s) =>
        new(low, high, (int)s.Count, (int)s.Positives, s.Count > 0 ? s.Predicted / s.Count : null);
}
