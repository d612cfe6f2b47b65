namespace QDistill.Metrics;

/// <summary>Chooses a decision threshold. On validation data only: a threshold chosen on the data being judged flatters its predictor.</summary>
public static class ThresholdChoice
{
    /// <summary>
    /// The threshold of the highest F1. Candidates lie midway between neighbouring distinct scores (the lowest score itself at the end), so that the choice
    /// keeps a margin to unseen scores; of equal F1 the highest threshold wins (fewest alarms).
    /// </summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or a class is absent.</exception>
    public static (double Threshold, double F1) BestF1(ReadOnlySpan<double> scores, ReadOnlySpan<bool> y) =>
        Best(scores, y, static c => c.F1 ?? 0);

    /// <summary>The threshold of the highest balanced accuracy (Youden's J), chosen alike.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is NaN, or a class is absent.</exception>
    public static (double Threshold, double BalancedAccuracy) BestBalancedAccuracy(ReadOnlySpan<double> scores, ReadOnlySpan<bool> y) =>
        Best(scores, y, static c => c.BalancedAccuracy ?? 0);

    private static (double Threshold, double Value) Best(ReadOnlySpan<double> scores, ReadOnlySpan<bool> y, Func<Confusion, double> value)
    {
        Inputs.CheckBothClasses(y, "choosing a threshold");
        RocCurve roc = RocCurve.Compute(scores, y);
        (double Threshold, double Value) best = (double.NaN, double.NegativeInfinity);
        for (int i = 1; i < roc.Points.Count; i++)
        {
            RocPoint at = roc.Points[i];
            double v = value(at.Confusion);
            if (v > best.Value)
            {
                best = (i + 1 < roc.Points.Count ? Between(roc.Points[i + 1].Threshold, at.Threshold) : at.Threshold, v);
            }
        }

        return best;
    }

    // The midpoint, kept above the lower score; the upper score itself where the lower one is -infinity or the two are neighbouring numbers.
    private static double Between(double low, double high)
    {
        double middle = low + ((high - low) / 2);
        return middle > low && middle <= high && double.IsFinite(middle) ? middle : high;
    }
}
