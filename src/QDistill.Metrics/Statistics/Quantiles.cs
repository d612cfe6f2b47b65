namespace QDistill.Metrics;

/// <summary>Sample quantiles.</summary>
public static class Quantiles
{
    /// <summary>The quantile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7: NumPy's and R's default).</summary>
    /// <param name="sorted">Rising values, at least one.</param>
    /// <param name="q">In [0, 1].</param>
    /// <exception cref="ArgumentException">There is no value, or q is out of range.</exception>
    public static double Linear(ReadOnlySpan<double> sorted, double q)
    {
        if (sorted.IsEmpty || !(q is >= 0 and <= 1))
        {
            throw new ArgumentException($"a quantile needs at least one value and a fraction in [0, 1]; there are {sorted.Length} values and the fraction is {q}");
        }

        double at = q * (sorted.Length - 1);
        int low = (int)at;
        return low + 1 < sorted.Length ? sorted[low] + ((at - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }

    /// <summary>The median of unsorted values; null when there is none.</summary>
    public static double? Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length > 0 ? Linear(sorted, 0.5) : null;
    }
}
