namespace QDistill.Metrics;

/// <summary>The confusion matrix of a binary decision and the rates read from it. A rate whose denominator is zero is null.</summary>
/// <param name="TruePositives">Predicted positive, truly positive.</param>
/// <param name="FalsePositives">Predicted positive, truly negative.</param>
/// <param name="TrueNegatives">Predicted negative, truly negative.</param>
/// <param name="FalseNegatives">Predicted negative, truly positive.</param>
public readonly record struct Confusion(long TruePositives, long FalsePositives, long TrueNegatives, long FalseNegatives)
{
    /// <summary>All decisions.</summary>
    public long Count => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    /// <summary>Fraction of right decisions.</summary>
    public double? Accuracy => Ratio(TruePositives + TrueNegatives, Count);

    /// <summary>TP / (TP + FP), the positive predictive value.</summary>
    public double? Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>TP / (TP + FN), the true positive rate.</summary>
    public double? Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>TN / (TN + FP), the true negative rate.</summary>
    public double? Specificity => Ratio(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>Mean of recall and specificity; null when a class is absent.</summary>
    public double? BalancedAccuracy => (Recall + Specificity) / 2;

    /// <summary>2 TP / (2 TP + FP + FN); null when there is neither a positive nor a positive prediction.</summary>
    public double? F1 => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>Matthews correlation coefficient; null when a row or column of the matrix is empty.</summary>
    public double? Mcc
    {
        get
        {
            double tp = TruePositives, fp = FalsePositives, tn = TrueNegatives, fn = FalseNegatives;
            double square = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
            return square > 0 ? ((tp * tn) - (fp * fn)) / Math.Sqrt(square) : null;
        }
    }

    /// <summary>Counts the decisions "score at or above the threshold".</summary>
    /// <exception cref="ArgumentException">Lengths differ, or a score is NaN.</exception>
    public static Confusion At(ReadOnlySpan<double> scores, ReadOnlySpan<bool> y, double threshold)
    {
        Inputs.CheckScores(scores, y.Length);
        long tp = 0, fp = 0, tn = 0, fn = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            bool alarm = scores[i] >= threshold;
            if (y[i])
            {
                _ = alarm ? tp++ : fn++;
            }
            else
            {
                _ = alarm ? fp++ : tn++;
            }
        }

        return new Confusion(tp, fp, tn, fn);
    }

    private static double? Ratio(long part, long whole) => whole > 0 ? (double)part / whole : null;
}
