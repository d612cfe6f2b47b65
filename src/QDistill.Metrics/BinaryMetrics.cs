namespace QDistill.Metrics;

/// <summary>
/// The metrics of a binary predictor over a set of windows: the project's one implementation. A metric that the data cannot give is null:
/// AUROC, AUPRC and balanced accuracy when a class is absent, everything when there is no window, probability metrics for mere scores.
/// </summary>
public sealed record BinaryMetrics
{
    /// <summary>Number of windows.</summary>
    public required int Count { get; init; }

    /// <summary>Number of positive windows.</summary>
    public required int Positives { get; init; }

    /// <summary>Fraction of positive windows; the AUPRC of a blind predictor.</summary>
    public double? Prevalence => Count > 0 ? (double)Positives / Count : null;

    /// <summary>The decision threshold of the confusion matrix.</summary>
    public required double Threshold { get; init; }

    /// <summary>Decisions at <see cref="Threshold"/>.</summary>
    public required Confusion Confusion { get; init; }

    /// <summary>Area under the ROC curve: the probability that a positive scores above a negative, ties counting one half (midranks).</summary>
    public double? Auroc { get; init; }

    /// <summary>Average precision, Σ (Rₙ − Rₙ₋₁) Pₙ over distinct scores: the step-wise area under the precision–recall curve, no interpolation.</summary>
    public double? Auprc { get; init; }

    /// <summary>F1 at <see cref="Threshold"/>.</summary>
    public double? F1 => Confusion.F1;

    /// <summary>Accuracy at <see cref="Threshold"/>.</summary>
    public double? Accuracy => Confusion.Accuracy;

    /// <summary>Balanced accuracy at <see cref="Threshold"/>.</summary>
    public double? BalancedAccuracy => Confusion.BalancedAccuracy;

    /// <summary>Precision at <see cref="Threshold"/>.</summary>
    public double? Precision => Confusion.Precision;

    /// <summary>Recall at <see cref="Threshold"/>.</summary>
    public double? Recall => Confusion.Recall;

    /// <summary>Mean squared error of the probability.</summary>
    public double? Brier { get; init; }

    /// <summary>Murphy's parts of <see cref="Brier"/>.</summary>
    public BrierDecomposition? BrierDecomposition { get; init; }

    /// <summary>Mean negative log-likelihood [nats], clipped as <see cref="BinaryMetricsOptions.NllClip"/> says.</summary>
    public double? Nll { get; init; }

    /// <summary>How many windows the clip changed: confident and wrong. Null in a resample.</summary>
    public int? NllClipped { get; init; }

    /// <summary>Expected calibration error over equal-width bins [k/K, (k+1)/K), the last closed.</summary>
    public double? Ece { get; init; }

    /// <summary>Expected calibration error over bins of equal mass ("adaptive ECE"); equal predictions share a bin.</summary>
    public double? EceEqualMass { get; init; }

    /// <summary>Maximum calibration error: the worst equal-width bin, however few windows it holds.</summary>
    public double? Mce { get; init; }

    /// <summary>Computes everything in one sort and two passes.</summary>
    /// <param name="p">Predictions, one per window; probabilities in [0, 1] unless the options say otherwise.</param>
    /// <param name="y">Truth, one per window.</param>
    /// <param name="options">Threshold, bins and clipping; null for the defaults.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a prediction is NaN or no probability; the index is named.</exception>
    public static BinaryMetrics Compute(ReadOnlySpan<double> p, ReadOnlySpan<bool> y, BinaryMetricsOptions? options = null) =>
        new RankedSample(p, y, options ?? BinaryMetricsOptions.Default).Evaluate();

    /// <summary>The same for float32 predictions, as the student gives them.</summary>
    public static BinaryMetrics Compute(ReadOnlySpan<float> p, ReadOnlySpan<bool> y, BinaryMetricsOptions? options = null)
    {
        double[] wide = new double[p.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = p[i];
        }

        return Compute(wide, y, options);
    }

    /// <summary>One metric by its kind.</summary>
    public double? Get(BinaryMetric metric) => metric switch
    {
        BinaryMetric.Auroc => Auroc,
        BinaryMetric.Auprc => Auprc,
        BinaryMetric.F1 => F1,
        BinaryMetric.Accuracy => Accuracy,
        BinaryMetric.BalancedAccuracy => BalancedAccuracy,
        BinaryMetric.Precision => Precision,
        BinaryMetric.Recall => Recall,
        BinaryMetric.Brier => Brier,
        BinaryMetric.Nll => Nll,
        BinaryMetric.Ece => Ece,
        BinaryMetric.EceEqualMass => EceEqualMass,
        BinaryMetric.Mce => Mce,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "no such metric"),
    };
}

/// <summary>The scalar metrics of <see cref="BinaryMetrics"/>, by which intervals and comparisons are asked for.</summary>
public enum BinaryMetric
{
    /// <summary>Area under the ROC curve.</summary>
    Auroc,

    /// <summary>Average precision.</summary>
    Auprc,

    /// <summary>F1 at the threshold.</summary>
    F1,

    /// <summary>Accuracy at the threshold.</summary>
    Accuracy,

    /// <summary>Balanced accuracy at the threshold.</summary>
    BalancedAccuracy,

    /// <summary>Precision at the threshold.</summary>
    Precision,

    /// <summary>Recall at the threshold.</summary>
    Recall,

    /// <summary>Brier score.</summary>
    Brier,

    /// <summary>Negative log-likelihood.</summary>
    Nll,

    /// <summary>Expected calibration error, equal-width bins.</summary>
    Ece,

    /// <summary>Expected calibration error, equal-mass bins.</summary>
    EceEqualMass,

    /// <summary>Maximum calibration error.</summary>
    Mce,
}
