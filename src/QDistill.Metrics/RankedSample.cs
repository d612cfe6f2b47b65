namespace QDistill.Metrics;

/// <summary>
/// Scores and labels sorted once, with every per-window loss precomputed, so that the metrics of a bootstrap resample (each window taken
/// <c>counts[i]</c> times) need a single linear pass and no sort.
/// </summary>
internal sealed class RankedSample
{
    private readonly BinaryMetricsOptions options;
    private readonly double[] score; // ascending
    private readonly bool[] y;
    private readonly double[] nll;
    private readonly int[] widthBin;
    private readonly int clipped;

    public RankedSample(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels, BinaryMetricsOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Bins, "options.Bins");
        if (!(options.NllClip is > 0 and < 0.5))
        {
            throw new ArgumentException("options.NllClip must lie between 0 and 0.5");
        }

        if (options.ScoresAreProbabilities)
        {
            Inputs.CheckProbabilities(scores, labels.Length);
        }
        else
        {
            Inputs.CheckScores(scores, labels.Length);
        }

        this.options = options;
        int n = scores.Length;
        score = scores.ToArray();
        Order = new int[n];
        for (int i = 0; i < n; i++)
        {
            Order[i] = i;
        }

        Array.Sort(score, Order);
        y = new bool[n];
        nll = new double[n];
        widthBin = new int[n];
        for (int i = 0; i < n; i++)
        {
            y[i] = labels[Order[i]];
            if (options.ScoresAreProbabilities)
            {
                double own = y[i] ? score[i] : 1 - score[i];
                double kept = Math.Clamp(own, options.NllClip, 1 - options.NllClip);
                clipped += own < options.NllClip ? 1 : 0;
                nll[i] = -Math.Log(kept);
                widthBin[i] = Math.Min(options.Bins - 1, (int)(score[i] * options.Bins));
            }
        }
    }

    /// <summary>Sorted position → index in the caller's order.</summary>
    public int[] Order { get; }

    /// <summary>Metrics of the sample itself (<paramref name="counts"/> empty) or of a resample that takes the window at sorted position i counts[i] times.</summary>
    public BinaryMetrics Evaluate(ReadOnlySpan<int> counts = default)
    {
        (Confusion confusion, double? auroc, double? auprc) = Rank(counts);
        var result = new BinaryMetrics
        {
            Count = (int)confusion.Count,
            Positives = (int)(confusion.TruePositives + confusion.FalseNegatives),
            Threshold = options.Threshold,
            Confusion = confusion,
            Auroc = auroc,
            Auprc = auprc,
        };
        return options.ScoresAreProbabilities && result.Count > 0 ? Probabilistic(result, counts) : result;
    }

    // AUROC by midranks and average precision in one pass over groups of equal scores, from the highest down.
    private (Confusion Confusion, double? Auroc, double? Auprc) Rank(ReadOnlySpan<int> counts)
    {
        long tp = 0, fp = 0, predictedTp = 0, predictedFp = 0;
        double area2 = 0, precisionSum = 0; // area2: twice the number of (positive, negative) pairs in the wrong order, ties counted once
        for (int i = score.Length - 1; i >= 0;)
        {
            double s = score[i];
            long groupTp = 0, groupFp = 0;
            for (; i >= 0 && score[i] == s; i--)
            {
                int c = counts.IsEmpty ? 1 : counts[i];
                if (y[i])
                {
                    groupTp += c;
                }
                else
                {
                    groupFp += c;
                }
            }

            area2 += groupTp * ((2.0 * fp) + groupFp);
            tp += groupTp;
            fp += groupFp;
            if (groupTp > 0)
            {
                precisionSum += groupTp * ((double)tp / (tp + fp));
            }

            if (s >= options.Threshold)
            {
                (predictedTp, predictedFp) = (tp, fp);
            }
        }

        var confusion = new Confusion(predictedTp, predictedFp, fp - predictedFp, tp - predictedTp);
        return tp > 0 && fp > 0 ? (confusion, 1 - (area2 / (2.0 * tp * fp)), precisionSum / tp) : (confusion, null, null);
    }

    private BinaryMetrics Probabilistic(BinaryMetrics result, ReadOnlySpan<int> counts)
    {
        int bins = options.Bins;
        Span<BinSums> width = bins <= 64 ? stackalloc BinSums[bins] : new BinSums[bins];
        Span<BinSums> mass = bins <= 64 ? stackalloc BinSums[bins] : new BinSums[bins];
        width.Clear();
        mass.Clear();
        double squares = 0, logs = 0;
        double n = result.Count;
        long below = 0;
        for (int i = 0; i < score.Length;)
        {
            // Equal scores share an equal-mass bin (the one of their middle), so that the result does not depend on the order of ties.
            double s = score[i];
            long group = 0, groupPositives = 0;
            double groupLogs = 0;
            int bin = widthBin[i];
            for (; i < score.Length && score[i] == s; i++)
            {
                int c = counts.IsEmpty ? 1 : counts[i];
                group += c;
                groupPositives += y[i] ? c : 0;
                groupLogs += c * nll[i];
            }

            if (group == 0)
            {
                continue;
            }

            logs += groupLogs;
            squares += (groupPositives * (1 - s) * (1 - s)) + ((group - groupPositives) * s * s);
            int massBin = Math.Min(bins - 1, (int)((below + (0.5 * group)) * bins / n));
            below += group;
            width[bin].Add(s, group, groupPositives);
            mass[massBin].Add(s, group, groupPositives);
        }

        (double ece, double mce) = Errors(width, n);
        double brier = squares / n;
        return result with
        {
            Brier = brier,
            BrierDecomposition = BrierDecomposition.From(width, brier, n, result.Positives),
            Nll = logs / n,
            NllClipped = counts.IsEmpty ? clipped : null,
            Ece = ece,
            EceEqualMass = Errors(mass, n).Ece,
            Mce = mce,
        };
    }

    private static (double Ece, double Mce) Errors(ReadOnlySpan<BinSums> bins, double n)
    {
        double ece = 0, mce = 0;
        foreach (ref readonly BinSums b in bins)
        {
            if (b.Count > 0)
            {
                double gap = Math.Abs(b.Positives - b.Predicted);
                ece += gap;
                mce = Math.Max(mce, gap / b.Count);
            }
        }

        return (ece / n, mce);
    }
}

/// <summary>What one calibration bin gathers.</summary>
internal struct BinSums
{
    public long Count;
    public long Positives;
    public double Predicted;

    public void Add(double p, long count, long positives)
    {
        Count += count;
        Positives += positives;
        Predicted += p * count;
    }
}
