namespace QDistill.Metrics;

/// <summary>
/// Isotonic regression by pool-adjacent-violators (Ayer et al. 1955; for calibration: Zadrozny and Elkan 2002): the rising map of least squared error on the
/// validation data, linear between its knots and constant beyond them. Needs hundreds of windows; with few it learns their noise.
/// </summary>
public sealed class IsotonicRegression : Calibrator
{
    private readonly double[] inputs;
    private readonly double[] outputs;

    /// <summary>A known map.</summary>
    /// <param name="inputs">Strictly rising knots, at least one.</param>
    /// <param name="outputs">Values at the knots, never falling, in [0, 1].</param>
    /// <exception cref="ArgumentException">The lists do not describe such a map.</exception>
    public IsotonicRegression(ReadOnlySpan<double> inputs, ReadOnlySpan<double> outputs)
    {
        if (inputs.IsEmpty || inputs.Length != outputs.Length)
        {
            throw new ArgumentException($"an isotonic map needs as many outputs as inputs and at least one; it has {inputs.Length} and {outputs.Length}");
        }

        Metrics.Inputs.CheckFinite(inputs, "isotonic input");
        Metrics.Inputs.CheckFinite(outputs, "isotonic output");
        for (int i = 0; i < inputs.Length; i++)
        {
            if (outputs[i] is < 0 or > 1 || (i > 0 && (inputs[i] <= inputs[i - 1] || outputs[i] < outputs[i - 1])))
            {
                throw new ArgumentException($"an isotonic map must rise within [0, 1]; it does not at knot {i}");
            }
        }

        this.inputs = inputs.ToArray();
        this.outputs = outputs.ToArray();
    }

    /// <summary>Rising knots.</summary>
    public IReadOnlyList<double> Inputs => inputs;

    /// <summary>Values at the knots.</summary>
    public IReadOnlyList<double> Outputs => outputs;

    /// <inheritdoc/>
    public override string Method => "isotonic";

    /// <inheritdoc/>
    public override CalibrationParameters Parameters => new() { Method = Method, Inputs = [.. inputs], Outputs = [.. outputs] };

    /// <summary>Fits on validation scores (probabilities, or any real scores) and truth.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is not finite, or a class is absent.</exception>
    public static IsotonicRegression Fit(ReadOnlySpan<double> scores, ReadOnlySpan<bool> y)
    {
        Metrics.Inputs.CheckLengths(scores.Length, y.Length);
        Metrics.Inputs.CheckFinite(scores, "score");
        Metrics.Inputs.CheckBothClasses(y, "isotonic regression");
        double[] s = scores.ToArray();
        bool[] labels = y.ToArray();
        Array.Sort(s, labels);

        // A stack of pools: span of scores, weight, positives. Means are compared as fractions of whole numbers, hence exactly.
        List<(double Low, double High, long Count, long Positives)> pools = [];
        for (int i = 0; i < s.Length;)
        {
            double at = s[i];
            long count = 0, positives = 0;
            for (; i < s.Length && s[i] == at; i++)
            {
                count++;
                positives += labels[i] ? 1 : 0;
            }

            (double Low, double High, long Count, long Positives) pool = (at, at, count, positives);
            while (pools.Count > 0 && pools[^1].Positives * pool.Count >= pool.Positives * pools[^1].Count)
            {
                pool = (pools[^1].Low, pool.High, pools[^1].Count + pool.Count, pools[^1].Positives + pool.Positives);
                pools.RemoveAt(pools.Count - 1);
            }

            pools.Add(pool);
        }

        List<double> x = [], f = [];
        foreach ((double low, double high, long count, long positives) in pools)
        {
            double value = (double)positives / count;
            x.Add(low);
            f.Add(value);
            if (high > low)
            {
                x.Add(high);
                f.Add(value);
            }
        }

        return new IsotonicRegression([.. x], [.. f]);
    }

    /// <inheritdoc/>
    public override double Calibrate(double p)
    {
        int at = Array.BinarySearch(inputs, p);
        if (at >= 0)
        {
            return outputs[at];
        }

        int above = ~at;
        if (above == 0)
        {
            return double.IsNaN(p) ? double.NaN : outputs[0];
        }

        if (above == inputs.Length)
        {
            return outputs[^1];
        }

        double fraction = (p - inputs[above - 1]) / (inputs[above] - inputs[above - 1]);
        return outputs[above - 1] + (fraction * (outputs[above] - outputs[above - 1]));
    }
}
