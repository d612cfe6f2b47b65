namespace QDistill.Metrics;

/// <summary>
/// Temperature scaling (Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017): <c>σ(z / T)</c> with the single T &gt; 0 that
/// minimises the NLL of validation logits. It changes no ranking and no decision at 0.5.
/// </summary>
public sealed class TemperatureScaling : Calibrator
{
    /// <summary>Fitted temperatures stay within [0.05, 20]: beyond, the validation data were separable or carried no signal.</summary>
    public const double Least = 0.05;

    /// <summary>See <see cref="Least"/>.</summary>
    public const double Most = 20;

    /// <summary>A known temperature.</summary>
    /// <exception cref="ArgumentException">It is not positive and finite.</exception>
    public TemperatureScaling(double temperature)
    {
        if (!(temperature > 0) || !double.IsFinite(temperature))
        {
            throw new ArgumentException($"temperature {temperature} is not positive and finite");
        }

        Temperature = temperature;
    }

    /// <summary>T.</summary>
    public double Temperature { get; }

    /// <summary>True when the fit ended at a bound of its range, which deserves a warning.</summary>
    public bool AtBound => Temperature is <= Least or >= Most;

    /// <inheritdoc/>
    public override string Method => "temperature";

    /// <inheritdoc/>
    public override CalibrationParameters Parameters => new() { Method = Method, Temperature = Temperature };

    /// <summary>Fits on validation logits and truth.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a logit is not finite, or a class is absent.</exception>
    public static TemperatureScaling Fit(ReadOnlySpan<double> logits, ReadOnlySpan<bool> y)
    {
        Inputs.CheckLengths(logits.Length, y.Length);
        Inputs.CheckFinite(logits, "logit");
        Inputs.CheckBothClasses(y, "temperature scaling");
        double[] z = logits.ToArray();
        bool[] labels = y.ToArray();
        return new TemperatureScaling(1 / Solve(beta =>
        {
            double first = 0, second = 0;
            for (int i = 0; i < z.Length; i++)
            {
                double s = Logit.Sigmoid(beta * z[i]);
                first += (s - (labels[i] ? 1 : 0)) * z[i];
                second += s * (1 - s) * z[i] * z[i];
            }

            return (first, second);
        }));
    }

    /// <summary>Fits on validation probabilities, through their logits.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a value is no probability, or a class is absent.</exception>
    public static TemperatureScaling FitProbabilities(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        Inputs.CheckProbabilities(p, y.Length);
        return Fit(Logit.Of(p), y);
    }

    /// <summary>Fits one temperature for k classes.</summary>
    /// <param name="logits">Row-major [n, k].</param>
    /// <param name="classes">k, at least 2.</param>
    /// <param name="labels">True class of each row, in [0, k).</param>
    /// <exception cref="ArgumentException">Sizes do not fit, a logit is not finite, a label is out of range, or all labels are equal.</exception>
    public static TemperatureScaling FitMulticlass(ReadOnlySpan<double> logits, int classes, ReadOnlySpan<int> labels)
    {
        MulticlassMetrics.CheckShape(logits.Length, classes, labels);
        Inputs.CheckFinite(logits, "logit");
        if (labels.IsEmpty || !labels.ContainsAnyExcept(labels[0]))
        {
            throw new ArgumentException("temperature scaling needs at least two classes among the validation labels");
        }

        double[] z = logits.ToArray();
        int[] truth = labels.ToArray();
        return new TemperatureScaling(1 / Solve(beta =>
        {
            // d NLL / d beta = E_p[z] - z_true; the second derivative is the variance of z under p.
            double first = 0, second = 0;
            for (int i = 0; i < truth.Length; i++)
            {
                ReadOnlySpan<double> row = z.AsSpan(i * classes, classes);
                double top = double.NegativeInfinity, sum = 0, mean = 0, square = 0;
                foreach (double v in row)
                {
                    top = Math.Max(top, v);
                }

                foreach (double v in row)
                {
                    double w = Math.Exp(beta * (v - top));
                    sum += w;
                    mean += w * v;
                    square += w * v * v;
                }

                mean /= sum;
                first += mean - row[truth[i]];
                second += (square / sum) - (mean * mean);
            }

            return (first, second);
        }));
    }

    /// <inheritdoc/>
    public override double Calibrate(double p) => Logit.Sigmoid(Logit.Of(p) / Temperature);

    /// <summary>The calibrated probability of a logit.</summary>
    public double CalibrateLogit(double logit) => Logit.Sigmoid(logit / Temperature);

    // The NLL is convex in beta = 1/T, so its derivative has at most one root: Newton, kept inside a shrinking bracket (bisection when a step leaves it).
    private static double Solve(Func<double, (double First, double Second)> derivatives)
    {
        double low = 1 / Most, high = 1 / Least, beta = 1;
        if (derivatives(low).First >= 0)
        {
            return low;
        }

        if (derivatives(high).First <= 0)
        {
            return high;
        }

        for (int i = 0; i < 200; i++)
        {
            (double first, double second) = derivatives(beta);
            if (first > 0)
            {
                high = beta;
            }
            else
            {
                low = beta;
            }

            double next = second > 0 ? beta - (first / second) : double.NaN;
            if (!(next > low && next < high))
            {
                next = 0.5 * (low + high);
            }

            if (Math.Abs(next - beta) <= 1e-14 * beta)
            {
                return next;
            }

            beta = next;
        }

        return beta;
    }
}
