using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// A Gaussian process classifier with logistic likelihood by Laplace's approximation (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithms 3.1 and 3.2). Its probabilities average over the
/// uncertainty of the latent function, so they go towards one half far from the training samples.
/// </summary>
public sealed class GaussianProcessClassifier : IKernelClassifier
{
    private readonly Vector<double> slope;   // ∇ log p(y|f) at the mode
    private readonly Vector<double> rootW;
    private readonly Cholesky<double> factor;   // of 1 + W^½ K W^½
    private readonly double amplitude;

    private GaussianProcessClassifier(Vector<double> latent, Vector<double> slope, Vector<double> rootW, Cholesky<double> factor, double amplitude, double evidence)
    {
        (this.slope, this.rootW, this.factor, this.amplitude) = (slope, rootW, factor, amplitude);
        Latent = latent.ToArray();
        LogEvidence = evidence;
    }

    /// <summary>The mode of the latent function at the training samples.</summary>
    public IReadOnlyList<double> Latent { get; }

    /// <summary>The approximate log marginal likelihood: compares kernels and amplitudes.</summary>
    public double LogEvidence { get; }

    /// <summary>Trains.</summary>
    /// <param name="gram">[n, n], positive semidefinite.</param>
    /// <param name="positive">The classes [n]; both must occur.</param>
    /// <param name="amplitude">The prior variance of the latent function: what the kernel is multiplied by.</param>
    public static GaussianProcessClassifier Fit(ReadOnlySpan<double> gram, ReadOnlySpan<bool> positive, double amplitude = 1)
    {
        int n = positive.Length;
        KernelMatrix.Check(gram, n);
        ClassifierChecks.Both(positive);
        if (!(amplitude > 0))
        {
            throw new UserErrorException($"the prior variance is {amplitude}, but must be above 0");
        }

        bool[] y = positive.ToArray();
        Matrix<double> k = KernelMatrix.ToMatrix(gram, n) * amplitude;
        Vector<double> f = Vector<double>.Build.Dense(n), a = f.Clone(), rootW = f.Clone(), slope = f.Clone();
        Cholesky<double>? factor = null;
        double objective = double.NegativeInfinity;
        for (int round = 0; round < 100; round++)
        {
            Vector<double> w = Vector<double>.Build.Dense(n);
            for (int i = 0; i < n; i++)
            {
                double p = 1 / (1 + Math.Exp(-f[i]));
                w[i] = p * (1 - p);
                rootW[i] = Math.Sqrt(w[i]);
                slope[i] = (y[i] ? 1 : 0) - p;
            }

            Matrix<double> b = Matrix<double>.Build.Dense(n, n, (i, j) => (i == j ? 1 : 0) + (rootW[i] * k[i, j] * rootW[j]));
            factor = b.Cholesky();
            Vector<double> right = w.PointwiseMultiply(f) + slope;
            a = right - rootW.PointwiseMultiply(factor.Solve(rootW.PointwiseMultiply(k * right)));
            f = k * a;
            double now = (-0.5 * a.DotProduct(f)) + LogLikelihood(f, y);
            if (now - objective < 1e-10)
            {
                objective = now;
                break;
            }

            objective = now;
        }

        return AtMode(k, f, y, amplitude, objective);
    }

    /// <summary>A classifier that was trained before, from the mode of its latent function.</summary>
    /// <param name="gram">The Gram matrix that it was trained on [n, n].</param>
    /// <param name="positive">The classes [n].</param>
    /// <param name="latent">The mode [n].</param>
    /// <param name="amplitude">The prior variance.</param>
    /// <exception cref="UserErrorException">Sizes do not fit.</exception>
    public static GaussianProcessClassifier FromLatent(ReadOnlySpan<double> gram, ReadOnlySpan<bool> positive, ReadOnlySpan<double> latent, double amplitude = 1)
    {
        int n = positive.Length;
        KernelMatrix.Check(gram, n);
        if (latent.Length != n || !(amplitude > 0))
        {
            throw new UserErrorException($"a Gaussian process of {n} samples needs {n} latent values and a prior variance above 0, not {latent.Length} and {amplitude}");
        }

        return AtMode(KernelMatrix.ToMatrix(gram, n) * amplitude, Vector<double>.Build.DenseOfArray(latent.ToArray()), positive.ToArray(), amplitude, double.NaN);
    }

    private static GaussianProcessClassifier AtMode(Matrix<double> k, Vector<double> f, bool[] y, double amplitude, double objective)
    {
        int n = y.Length;
        Vector<double> rootW = Vector<double>.Build.Dense(n), slope = Vector<double>.Build.Dense(n);
        for (int i = 0; i < n; i++)
        {
            double p = 1 / (1 + Math.Exp(-f[i]));
            rootW[i] = Math.Sqrt(p * (1 - p));
            slope[i] = (y[i] ? 1 : 0) - p;
        }

        Cholesky<double> factor = Matrix<double>.Build.Dense(n, n, (i, j) => (i == j ? 1 : 0) + (rootW[i] * k[i, j] * rootW[j])).Cholesky();
        return new GaussianProcessClassifier(f, slope, rootW, factor, amplitude, objective - factor.Factor.Diagonal().Sum(Math.Log));
    }

    /// <summary>Mean and variance of the latent function at new samples, where the kernel of a sample with itself is 1.</summary>
    /// <param name="cross">[m, n]</param>
    /// <param name="count">m</param>
    public (double[] Mean, double[] Variance) PredictLatent(ReadOnlySpan<double> cross, int count)
    {
        int n = slope.Count;
        ClassifierChecks.Cross(cross, count, n);
        double[] mean = new double[count], variance = new double[count];
        for (int i = 0; i < count; i++)
        {
            Vector<double> k = Vector<double>.Build.Dense(cross.Slice(i * n, n).ToArray()) * amplitude;
            mean[i] = k.DotProduct(slope);
            Vector<double> wk = rootW.PointwiseMultiply(k);
            variance[i] = Math.Max(0, amplitude - wk.DotProduct(factor.Solve(wk)));
        }

        return (mean, variance);
    }

    /// <inheritdoc/>
    public double[] Predict(ReadOnlySpan<double> cross, int count)
    {
        (double[] mean, double[] variance) = PredictLatent(cross, count);
        double[] p = new double[count];
        for (int i = 0; i < count; i++)
        {
            p[i] = AverageSigmoid(mean[i], variance[i]);
        }

        return p;
    }

    /// <summary>∫ σ(f) N(f; mean, variance) df by Simpson's rule over eight standard deviations either way.</summary>
    internal static double AverageSigmoid(double mean, double variance)
    {
        const int Steps = 200;
        double s = Math.Sqrt(variance), sum = 0, total = 0;
        for (int k = 0; k <= Steps; k++)
        {
            double z = -8 + (16.0 * k / Steps), weight = (k is 0 or Steps ? 1 : k % 2 == 1 ? 4 : 2) * Math.Exp(-z * z / 2);
            sum += weight / (1 + Math.Exp(-mean - (s * z)));
            total += weight;
        }

        return sum / total;
    }

    private static double LogLikelihood(Vector<double> f, bool[] y)
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double margin = y[i] ? f[i] : -f[i];
            sum -= margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : Math.Log(1 + Math.Exp(margin)) - margin;
        }

        return sum;
    }
}
