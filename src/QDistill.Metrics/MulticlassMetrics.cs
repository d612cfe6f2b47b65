namespace QDistill.Metrics;

/// <summary>Metrics of a k-class predictor. Those that the data cannot give are null.</summary>
public sealed record MulticlassMetrics
{
    /// <summary>Number of windows.</summary>
    public required int Count { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Fraction of windows whose most probable class (the first of equals) is the truth.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean recall over the classes that occur.</summary>
    public double? BalancedAccuracy { get; init; }

    /// <summary>Mean F1 over the classes that occur in truth or prediction.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>Mean over the classes that occur of one-against-rest AUROC.</summary>
    public double? MacroAuroc { get; init; }

    /// <summary>Mean over windows of the summed squared error over classes (Brier 1950: twice the binary score when k = 2).</summary>
    public double? Brier { get; init; }

    /// <summary>Mean negative log-likelihood [nats], clipped by <see cref="BinaryMetricsOptions.NllClip"/>.</summary>
    public double? Nll { get; init; }

    /// <summary>Expected calibration error of the top label's probability.</summary>
    public double? EceTopLabel { get; init; }

    /// <summary>Mean over classes of one-against-rest expected calibration error (Kull et al. 2019, "classwise ECE").</summary>
    public double? EceClasswise { get; init; }

    /// <summary>Computes all.</summary>
    /// <param name="p">Row-major [n, k]; each row sums to 1.</param>
    /// <param name="classes">k.</param>
    /// <param name="labels">True class of each row, in [0, k).</param>
    /// <param name="options">Bins and clipping; null for the defaults.</param>
    /// <exception cref="ArgumentException">Sizes do not fit, a value is no probability, a row does not sum to 1 (to 1e-3), or a label is out of range.</exception>
    public static MulticlassMetrics Compute(ReadOnlySpan<double> p, int classes, ReadOnlySpan<int> labels, BinaryMetricsOptions? options = null)
    {
        options ??= BinaryMetricsOptions.Default;
        CheckShape(p.Length, classes, labels);
        Inputs.CheckProbabilities(p, p.Length);
        int n = labels.Length;
        if (n == 0)
        {
            return new MulticlassMetrics { Count = 0, Classes = classes };
        }

        double nll = 0, brier = 0;
        double[] top = new double[n];
        bool[] right = new bool[n];
        long[] truth = new long[classes], predicted = new long[classes], hits = new long[classes];
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<double> row = p.Slice(i * classes, classes);
            double sum = 0;
            int best = 0;
            for (int c = 0; c < classes; c++)
            {
                sum += row[c];
                best = row[c] > row[best] ? c : best;
                double error = row[c] - (c == labels[i] ? 1 : 0);
                brier += error * error;
            }

            if (Math.Abs(sum - 1) > 1e-3)
            {
                throw new ArgumentException($"the probabilities of row {i} sum to {sum:G6}, not to 1");
            }

            nll -= Math.Log(Math.Clamp(row[labels[i]], options.NllClip, 1 - options.NllClip));
            top[i] = row[best];
            right[i] = best == labels[i];
            truth[labels[i]]++;
            predicted[best]++;
            hits[best] += right[i] ? 1 : 0;
        }

        double recall = 0, f1 = 0, auroc = 0, classwise = 0;
        int present = 0, scored = 0, ranked = 0;
        double[] own = new double[n];
        bool[] isClass = new bool[n];
        for (int c = 0; c < classes; c++)
        {
            for (int i = 0; i < n; i++)
            {
                own[i] = p[(i * classes) + c];
                isClass[i] = labels[i] == c;
            }

            BinaryMetrics against = BinaryMetrics.Compute(own, isClass, options);
            classwise += against.Ece!.Value;
            if (against.Auroc is { } a)
            {
                auroc += a;
                ranked++;
            }

            if (truth[c] > 0)
            {
                recall += (double)hits[c] / truth[c];
                present++;
            }

            if (truth[c] + predicted[c] > 0)
            {
                f1 += 2.0 * hits[c] / (truth[c] + predicted[c]);
                scored++;
            }
        }

        return new MulticlassMetrics
        {
            Count = n,
            Classes = classes,
            Accuracy = (double)hits.Sum() / n,
            BalancedAccuracy = recall / present,
            MacroF1 = f1 / scored,
            MacroAuroc = ranked > 0 ? auroc / ranked : null,
            Brier = brier / n,
            Nll = nll / n,
            EceTopLabel = BinaryMetrics.Compute(top, right, options).Ece,
            EceClasswise = classwise / classes,
        };
    }

    internal static void CheckShape(int values, int classes, ReadOnlySpan<int> labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (values != (long)labels.Length * classes)
        {
            throw new ArgumentException($"{labels.Length} labels of {classes} classes need {(long)labels.Length * classes} values, not {values}");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes)
            {
                throw new ArgumentException($"label {i} is {labels[i]}, not one of 0 to {classes - 1}");
            }
        }
    }
}
