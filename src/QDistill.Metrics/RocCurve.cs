namespace QDistill.Metrics;

/// <summary>One operating point: the decisions "score ≥ threshold".</summary>
/// <param name="Threshold">The lowest score that is still an alarm; +∞ at the first point, where nothing is.</param>
/// <param name="Confusion">The decisions there.</param>
public readonly record struct RocPoint(double Threshold, Confusion Confusion)
{
    /// <summary>FP / negatives (0 when there are none).</summary>
    public double FalsePositiveRate => 1 - (Confusion.Specificity ?? 1);

    /// <summary>TP / positives (0 when there are none).</summary>
    public double TruePositiveRate => Confusion.Recall ?? 0;
}

/// <summary>Every distinct operating point of a score, from "never" to "always": the ROC curve and the precision–recall curve.</summary>
public sealed record RocCurve
{
    /// <summary>Points in order of falling threshold; the first is (0, 0), the last (1, 1). Without windows only the first exists.</summary>
    public required IReadOnlyList<RocPoint> Points { get; init; }

    /// <summary>Computes all points.</summary>
    /// <exception cref="ArgumentException">Lengths differ or a score is NaN.</exception>
    public static RocCurve Compute(ReadOnlySpan<double> scores, ReadOnlySpan<bool> y)
    {
        Inputs.CheckScores(scores, y.Length);
        double[] s = scores.ToArray();
        bool[] labels = y.ToArray();
        Array.Sort(s, labels);
        long positives = labels.LongCount(static l => l), negatives = labels.Length - positives;
        List<RocPoint> points = [new(double.PositiveInfinity, new Confusion(0, 0, negatives, positives))];
        long tp = 0, fp = 0;
        for (int i = s.Length - 1; i >= 0;)
        {
            double at = s[i];
            for (; i >= 0 && s[i] == at; i--)
            {
                _ = labels[i] ? tp++ : fp++;
            }

            points.Add(new RocPoint(at, new Confusion(tp, fp, negatives - fp, positives - tp)));
        }

        return new RocCurve { Points = points };
    }

    /// <summary>
    /// The curve with at most <paramref name="count"/> points for drawing: points on a straight run (the same direction before and after) go first, then
    /// the rest is thinned evenly along the curve. The first and last points stay.
    /// </summary>
    public IReadOnlyList<RocPoint> Thinned(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        List<RocPoint> kept = [];
        for (int i = 0; i < Points.Count; i++)
        {
            if (i == 0 || i == Points.Count - 1 || !Collinear(Points[i - 1].Confusion, Points[i].Confusion, Points[i + 1].Confusion))
            {
                kept.Add(Points[i]);
            }
        }

        if (kept.Count <= count)
        {
            return kept;
        }

        var even = new RocPoint[count];
        for (int i = 0; i < count; i++)
        {
            even[i] = kept[(int)((long)i * (kept.Count - 1) / (count - 1))];
        }

        return even;
    }

    private static bool Collinear(Confusion a, Confusion b, Confusion c) =>
        (b.TruePositives - a.TruePositives) * (c.FalsePositives - b.FalsePositives) == (c.TruePositives - b.TruePositives) * (b.FalsePositives - a.FalsePositives);
}
