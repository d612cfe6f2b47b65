using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// A support vector machine by sequential minimal optimisation with second-order pair choice (Fan, Chen, Lin, JMLR 6, 1889 (2005)), and probabilities by Platt's sigmoid (Lin, Lin, Weng,
/// Mach. Learn. 68, 267 (2007)) fitted on cross-validated decision values.
/// </summary>
public sealed class KernelSvm : IKernelClassifier
{
    private const int Folds = 5;
    private readonly double slope;
    private readonly double offset;

    private KernelSvm(double[] coefficients, double bias, double slope, double offset)
    {
        Coefficients = coefficients;
        Bias = bias;
        this.slope = slope;
        this.offset = offset;
    }

    /// <summary>α_i y_i of every training sample; 0 for those that support nothing.</summary>
    public IReadOnlyList<double> Coefficients { get; }

    /// <summary>The constant of the decision function.</summary>
    public double Bias { get; }

    /// <summary>Trains.</summary>
    /// <param name="gram">[n, n], positive semidefinite.</param>
    /// <param name="positive">The classes [n]; both must occur.</param>
    /// <param name="c">The price of violations, above 0.</param>
    /// <param name="tolerance">The largest violation of the optimality conditions.</param>
    /// <exception cref="UserErrorException">Sizes do not fit, or a class is missing.</exception>
    public static KernelSvm Fit(ReadOnlySpan<double> gram, ReadOnlySpan<bool> positive, double c = 1, double tolerance = 1e-4)
    {
        int n = positive.Length;
        KernelMatrix.Check(gram, n);
        ClassifierChecks.Both(positive);
        if (!(c > 0))
        {
            throw new UserErrorException($"the support vector machine's C is {c}, but must be above 0");
        }

        double[] k = gram.ToArray();
        bool[] y = positive.ToArray();
        int[] all = [.. Enumerable.Range(0, n)];
        (double[] coefficients, double bias) = Solve(k, n, all, y, c, tolerance);

        // Decision values of samples held out, so that the sigmoid does not see training values.
        double[] decision = new double[n];
        for (int fold = 0; fold < Folds; fold++)
        {
            int[] kept = [.. all.Where(i => i % Folds != fold)];
            bool both = kept.Any(i => y[i]) && kept.Any(i => !y[i]);
            (double[] part, double b) = both ? Solve(k, n, kept, y, c, tolerance) : (coefficients, bias);
            for (int i = fold; i < n; i += Folds)
            {
                decision[i] = b + DotProducts.Dot(part, k.AsSpan(i * n, n));
            }
        }

        (double slope, double offset) = Platt(decision, y);
        return new KernelSvm(coefficients, bias, slope, offset);
    }

    /// <summary>The decision function: positive for the positive class.</summary>
    /// <returns>[m]</returns>
    public double[] Decide(ReadOnlySpan<double> cross, int count)
    {
        double[] c = [.. Coefficients], result = new double[count];
        ClassifierChecks.Cross(cross, count, c.Length);
        for (int i = 0; i < count; i++)
        {
            result[i] = Bias + DotProducts.Dot(cross.Slice(i * c.Length, c.Length), c);
        }

        return result;
    }

    /// <inheritdoc/>
    public double[] Predict(ReadOnlySpan<double> cross, int count) => [.. Decide(cross, count).Select(d => 1 / (1 + Math.Exp((slope * d) + offset)))];

    private static (double[] Coefficients, double Bias) Solve(double[] k, int n, int[] on, bool[] positive, double c, double tolerance)
    {
        int m = on.Length;
        double[] alpha = new double[m], gradient = new double[m];
        Array.Fill(gradient, -1);
        double Y(int i) => positive[on[i]] ? 1 : -1;
        double K(int i, int j) => k[(on[i] * n) + on[j]];
        double high = 0, low = 0;
        for (long step = 0; step < Math.Max(100000L, 1000L * m); step++)
        {
            int i = -1, j = -1;
            high = double.NegativeInfinity;
            low = double.PositiveInfinity;
            for (int t = 0; t < m; t++)
            {
                double v = -Y(t) * gradient[t];
                if ((Y(t) > 0 ? alpha[t] < c : alpha[t] > 0) && v >= high)
                {
                    (high, i) = (v, t);
                }
            }

            double best = double.PositiveInfinity;
            for (int t = 0; t < m && i >= 0; t++)
            {
                if (!(Y(t) > 0 ? alpha[t] > 0 : alpha[t] < c))
                {
                    continue;
                }

                double v = -Y(t) * gradient[t], b = high - v;
                low = Math.Min(low, v);
                if (b > 0)
                {
                    double a = Math.Max(1e-12, K(i, i) + K(t, t) - (2 * K(i, t)));
                    if (-b * b / a <= best)
                    {
                        (best, j) = (-b * b / a, t);
                    }
                }
            }

            if (i < 0 || j < 0 || high - low < tolerance)
            {
                break;
            }

            double curvature = Math.Max(1e-12, K(i, i) + K(j, j) - (2 * K(i, j))), yi = Y(i), yj = Y(j), oldI = alpha[i], oldJ = alpha[j];
            double delta = ((-yi * gradient[i]) + (yj * gradient[j])) / curvature, sum = (yi * oldI) + (yj * oldJ);
            alpha[i] = Math.Clamp(oldI + (yi * delta), 0, c);
            alpha[j] = Math.Clamp(yj * (sum - (yi * alpha[i])), 0, c);
            alpha[i] = Math.Clamp(yi * (sum - (yj * alpha[j])), 0, c);
            double di = alpha[i] - oldI, dj = alpha[j] - oldJ;
            for (int t = 0; t < m; t++)
            {
                gradient[t] += Y(t) * ((yi * K(t, i) * di) + (yj * K(t, j) * dj));
            }
        }

        double[] coefficients = new double[n];
        for (int t = 0; t < m; t++)
        {
            coefficients[on[t]] = alpha[t] * Y(t);
        }

        return (coefficients, (high + low) / 2);
    }

    /// <summary>Newton's method on the two parameters, with the targets that guard against certainty.</summary>
    private static (double Slope, double Offset) Platt(double[] decision, bool[] positive)
    {
        int n = decision.Length, plus = positive.Count(p => p), minus = n - plus;
        double hi = (plus + 1.0) / (plus + 2.0), lo = 1.0 / (minus + 2.0), a = 0, b = Math.Log((minus + 1.0) / (plus + 1.0));
        double Loss(double s, double o)
        {
            double sum = 0;
            for (int i = 0; i < n; i++)
            {
                double t = positive[i] ? hi : lo, f = (decision[i] * s) + o;
                sum += f >= 0 ? (t * f) + Math.Log(1 + Math.Exp(-f)) : ((t - 1) * f) + Math.Log(1 + Math.Exp(f));
            }

            return sum;
        }

        double loss = Loss(a, b);
        for (int round = 0; round < 100; round++)
        {
            double h11 = 1e-12, h22 = 1e-12, h21 = 0, g1 = 0, g2 = 0;
            for (int i = 0; i < n; i++)
            {
                double f = (decision[i] * a) + b, p = 1 / (1 + Math.Exp(f)), d = (positive[i] ? hi : lo) - p, w = p * (1 - p);
                h11 += decision[i] * decision[i] * w;
                h22 += w;
                h21 += decision[i] * w;
                g1 += decision[i] * d;
                g2 += d;
            }

            if (Math.Abs(g1) < 1e-7 && Math.Abs(g2) < 1e-7)
            {
                break;
            }

            double det = (h11 * h22) - (h21 * h21), da = -((h22 * g1) - (h21 * g2)) / det, db = -((h11 * g2) - (h21 * g1)) / det, step = 1;
            while (step > 1e-10)
            {
                double trial = Loss(a + (step * da), b + (step * db));
                if (trial < loss + (1e-4 * step * ((g1 * da) + (g2 * db))))
                {
                    (a, b, loss) = (a + (step * da), b + (step * db), trial);
                    break;
                }

                step /= 2;
            }

            if (step <= 1e-10)
            {
                break;
            }
        }

        return (a, b);
    }
}
