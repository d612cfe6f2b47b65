namespace QDistill.Metrics;

/// <summary>Bootstrap percentile intervals and paired comparisons (Efron and Tibshirani 1993, chapters 13 and 16) for the metrics of this room and for means.</summary>
public static class Bootstrap
{
    /// <summary>Intervals of the asked metrics, all from the same resamples. Work: one sort, then linear per resample.</summary>
    /// <param name="p">Predictions.</param>
    /// <param name="y">Truth.</param>
    /// <param name="metrics">Which; empty for all.</param>
    /// <param name="options">Resampling; null for the defaults.</param>
    /// <param name="metricOptions">Threshold, bins; null for the defaults.</param>
    /// <exception cref="ArgumentException">As <see cref="BinaryMetrics.Compute(ReadOnlySpan{double}, ReadOnlySpan{bool}, BinaryMetricsOptions?)"/>, or options do not fit.</exception>
    public static IReadOnlyDictionary<BinaryMetric, Interval> Intervals(
        ReadOnlySpan<double> p,
        ReadOnlySpan<bool> y,
        ReadOnlySpan<BinaryMetric> metrics = default,
        BootstrapOptions? options = null,
        BinaryMetricsOptions? metricOptions = null)
    {
        options ??= BootstrapOptions.Default;
        BinaryMetric[] asked = metrics.IsEmpty ? Enum.GetValues<BinaryMetric>() : metrics.ToArray();
        var sample = new RankedSample(p, y, metricOptions ?? BinaryMetricsOptions.Default);
        BinaryMetrics whole = sample.Evaluate();
        double?[][] values = Resample(p.Length, options, asked.Length, (counts, sorted, into) =>
        {
            Sort(counts, sample.Order, sorted);
            BinaryMetrics m = sample.Evaluate(sorted);
            for (int k = 0; k < asked.Length; k++)
            {
                into[k] = m.Get(asked[k]);
            }
        });
        return asked.Select((k, i) => (k, Percentile(whole.Get(k), values[i], options))).ToDictionary(t => t.k, t => t.Item2);
    }

    /// <summary>One metric of predictor A minus that of predictor B on the same windows, each resample shared by both.</summary>
    /// <exception cref="ArgumentException">As <see cref="Intervals"/>.</exception>
    public static PairedDifference Paired(
        BinaryMetric metric,
        ReadOnlySpan<double> a,
        ReadOnlySpan<double> b,
        ReadOnlySpan<bool> y,
        BootstrapOptions? options = null,
        BinaryMetricsOptions? metricOptions = null)
    {
        options ??= BootstrapOptions.Default;
        var first = new RankedSample(a, y, metricOptions ?? BinaryMetricsOptions.Default);
        var second = new RankedSample(b, y, metricOptions ?? BinaryMetricsOptions.Default);
        double?[] values = Resample(y.Length, options, 1, (counts, sorted, into) =>
        {
            Sort(counts, first.Order, sorted);
            double? one = first.Evaluate(sorted).Get(metric);
            Sort(counts, second.Order, sorted);
            into[0] = one - second.Evaluate(sorted).Get(metric);
        })[0];
        Interval difference = Percentile(first.Evaluate().Get(metric) - second.Evaluate().Get(metric), values, options);
        if (difference.Estimate is null || difference.Resamples == 0)
        {
            return new PairedDifference(difference, null);
        }

        int below = values.Count(v => v <= 0), above = values.Count(v => v >= 0);
        return new PairedDifference(difference, Math.Min(1, 2 * (Math.Min(below, above) + 1.0) / (difference.Resamples + 1.0)));
    }

    /// <summary>The interval of the mean of any values (losses, lead times, seeds' scores).</summary>
    /// <exception cref="ArgumentException">A value is not finite, or options do not fit.</exception>
    public static Interval Mean(ReadOnlySpan<double> values, BootstrapOptions? options = null)
    {
        options ??= BootstrapOptions.Default;
        Inputs.CheckFinite(values, "value");
        double[] x = values.ToArray();
        double?[] means = Resample(x.Length, options, 1, (counts, _, into) =>
        {
            double sum = 0;
            long n = 0;
            for (int i = 0; i < x.Length; i++)
            {
                sum += counts[i] * x[i];
                n += counts[i];
            }

            into[0] = n > 0 ? sum / n : null;
        })[0];
        return Percentile(x.Length > 0 ? x.Average() : null, means, options);
    }

    private delegate void Statistic(ReadOnlySpan<int> counts, Span<int> scratch, Span<double?> into);

    private static double?[][] Resample(int n, BootstrapOptions options, int metrics, Statistic statistic)
    {
        var values = new double?[metrics][];
        for (int k = 0; k < metrics; k++)
        {
            values[k] = new double?[options.Resamples];
        }

        var resampler = new Resampler(n, options);
        if (n == 0)
        {
            return values;
        }

        Parallel.For(
            0,
            options.Resamples,
            () => (Counts: new int[n], Scratch: new int[n], Into: new double?[metrics]),
            (r, _, local) =>
            {
                resampler.Draw(r, local.Counts);
                statistic(local.Counts, local.Scratch, local.Into);
                for (int k = 0; k < metrics; k++)
                {
                    values[k][r] = local.Into[k];
                }

                return local;
            },
            static _ => { });
        return values;
    }

    private static void Sort(ReadOnlySpan<int> counts, int[] order, Span<int> sorted)
    {
        for (int i = 0; i < order.Length; i++)
        {
            sorted[i] = counts[order[i]];
        }
    }

    private static Interval Percentile(double? estimate, double?[] values, BootstrapOptions options)
    {
        double[] sorted = [.. values.Where(v => v.HasValue).Select(v => v!.Value).Order()];
        if (estimate is null || sorted.Length == 0)
        {
            return new Interval(estimate, null, null, options.Confidence, sorted.Length);
        }

        double tail = (1 - options.Confidence) / 2;
        return new Interval(estimate, Quantiles.Linear(sorted, tail), Quantiles.Linear(sorted, 1 - tail), options.Confidence, sorted.Length);
    }
}
