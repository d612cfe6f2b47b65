namespace QDistill.Metrics;

/// <summary>
/// Platt scaling (J. Platt, "Probabilistic outputs for support vector machines", 1999) in the stable form of Lin, Lin and Weng (2007): <c>σ(a z + b)</c> fitted
/// by Newton's method with backtracking on the NLL of smoothed targets (N₊+1)/(N₊+2) and 1/(N₋+2), which keep the fit finite on separable data.
/// </summary>
public sealed class PlattScaling : Calibrator
{
    /// <summary>Known parameters.</summary>
    /// <exception cref="ArgumentException">A parameter is not finite.</exception>
    public PlattScaling(double slope, double intercept)
    {
        Inputs.CheckFinite([slope, intercept], "Platt parameter");
        (Slope, Intercept) = (slope, intercept);
    }

    /// <summary>a.</summary>
    public double Slope { get; }

    /// <summary>b.</summary>
    public double Intercept { get; }

    /// <inheritdoc/>
    public override string Method => "platt";

    /// <inheritdoc/>
    public override CalibrationParameters Parameters => new() { Method = Method, Slope = Slope, Intercept = Intercept };

    /// <summary>Fits on validation logits, or any other real scores (a time-to-collision rule, a kernel machine's margin).</summary>
    /// <exception cref="ArgumentException">Lengths differ, a score is not finite, or a class is absent.</exception>
    public static PlattScaling Fit(ReadOnlySpan<double> logits, ReadOnlySpan<bool> y)
    {
        Inputs.CheckLengths(logits.Length, y.Length);
        Inputs.CheckFinite(logits, "score");
        Inputs.CheckBothClasses(y, "Platt scaling");
        int n = logits.Length;

        // Standardised scores make the Hessian well conditioned whatever the unit of the score.
        double mean = 0, square = 0, positives = 0;
        for (int i = 0; i < n; i++)
        {
            mean += logits[i] / n;
            positives += y[i] ? 1 : 0;
        }

        for (int i = 0; i < n; i++)
        {
            square += (logits[i] - mean) * (logits[i] - mean) / n;
        }

        double scale = square > 0 ? Math.Sqrt(square) : 1;
        double[] x = new double[n], t = new double[n];
        double high = (positives + 1) / (positives + 2), low = 1 / (n - positives + 2);
        for (int i = 0; i < n; i++)
        {
            x[i] = (logits[i] - mean) / scale;
            t[i] = y[i] ? high : low;
        }

        double a = 0, b = Math.Log((positives + 1) / (n - positives + 1));
        double loss = Loss(x, t, a, b);
        for (int iteration = 0; iteration < 100; iteration++)
        {
            double ga = 0, gb = 0, haa = 1e-12, hab = 0, hbb = 1e-12;
            for (int i = 0; i < n; i++)
            {
                double s = Logit.Sigmoid((a * x[i]) + b), w = s * (1 - s), d = s - t[i];
                ga += d * x[i];
                gb += d;
                haa += w * x[i] * x[i];
                hab += w * x[i];
                hbb += w;
            }

            double det = (haa * hbb) - (hab * hab);
            double da = -((hbb * ga) - (hab * gb)) / det, db = -((haa * gb) - (hab * ga)) / det;
            double slope = (ga * da) + (gb * db), step = 1;
            double next = Loss(x, t, a + da, b + db);

            // The slack is the rounding of the sum itself: near the minimum the last Newton steps gain less than that, and still sharpen the root.
            double slack = 1e-14 * Math.Abs(loss);
            while (next > loss + (1e-4 * step * slope) + slack && step > 1e-10)
            {
                step /= 2;
                next = Loss(x, t, a + (step * da), b + (step * db));
            }

            if (step <= 1e-10)
            {
                break;
            }

            (a, b, loss) = (a + (step * da), b + (step * db), next);
            if (Math.Abs(step * da) <= 1e-12 * (1 + Math.Abs(a)) && Math.Abs(step * db) <= 1e-12 * (1 + Math.Abs(b)))
            {
                break;
            }
        }

        return new PlattScaling(a / scale, b - (a * mean / scale));
    }

    /// <summary>Fits on validation probabilities, through their logits.</summary>
    /// <exception cref="ArgumentException">Lengths differ, a value is no probability, or a class is absent.</exception>
    public static PlattScaling FitProbabilities(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        Inputs.CheckProbabilities(p, y.Length);
        return Fit(Logit.Of(p), y);
    }

    /// <inheritdoc/>
    public override double Calibrate(double p) => CalibrateLogit(Logit.Of(p));

    /// <summary>The calibrated probability of a logit or score; an infinite score gives the limit.</summary>
    public double CalibrateLogit(double logit) => Slope == 0 ? Logit.Sigmoid(Intercept) : Logit.Sigmoid((Slope * logit) + Intercept);

    private static double Loss(double[] x, double[] t, double a, double b)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double z = (a * x[i]) + b;
            sum += Logit.Softplus(z) - (t[i] * z);
        }

        return sum;
    }
}
