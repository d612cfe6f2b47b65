namespace QDistill.Metrics;

/// <summary>Holm's step-down correction (1979) of several p-values: family-wise error control under any dependence.</summary>
public static class HolmCorrection
{
    /// <summary>Adjusted p-values in the order given; compare each with the level directly.</summary>
    /// <exception cref="ArgumentException">A p-value is not in [0, 1].</exception>
    public static double[] Adjust(ReadOnlySpan<double> pValues)
    {
        double[] p = pValues.ToArray();
        int[] order = new int[p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            if (!(p[i] is >= 0 and <= 1))
            {
                throw new ArgumentException($"p-value {i} is {p[i]}, not in [0, 1]");
            }

            order[i] = i;
        }

        Array.Sort((double[])p.Clone(), order);
        double[] adjusted = new double[p.Length];
        double running = 0;
        for (int rank = 0; rank < order.Length; rank++)
        {
            running = Math.Max(running, Math.Min(1, (p.Length - rank) * p[order[rank]]));
            adjusted[order[rank]] = running;
        }

        return adjusted;
    }
}
