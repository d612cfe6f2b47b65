namespace QDistill.Metrics;

/// <summary>How well a score (uncertainty, distance, entropy) tells foreign data from familiar.</summary>
/// <param name="Auroc">Probability that a foreign window scores above a familiar one; null when either is empty.</param>
/// <param name="Auprc">Average precision with foreign as positive.</param>
/// <param name="FprAt95Tpr">Fraction of familiar windows flagged at the highest threshold that flags at least 95 % of the foreign ones.</param>
public readonly record struct OutOfDistribution(double? Auroc, double? Auprc, double? FprAt95Tpr)
{
    /// <summary>Compares scores of familiar and foreign windows; higher means more foreign.</summary>
    /// <exception cref="ArgumentException">A score is NaN.</exception>
    public static OutOfDistribution Compute(ReadOnlySpan<double> familiar, ReadOnlySpan<double> foreign)
    {
        double[] scores = [.. familiar, .. foreign];
        bool[] y = new bool[scores.Length];
        y.AsSpan(familiar.Length).Fill(true);
        BinaryMetrics m = BinaryMetrics.Compute(scores, y, new BinaryMetricsOptions { ScoresAreProbabilities = false });
        if (m.Auroc is null)
        {
            return default;
        }

        RocPoint at = RocCurve.Compute(scores, y).Points.First(p => p.TruePositiveRate >= 0.95);
        return new OutOfDistribution(m.Auroc, m.Auprc, at.FalsePositiveRate);
    }
}
