using MathNet.Numerics.LinearAlgebra;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// Kernel logistic regression with a bias: minimises Σ log(1 + e^{−y f}) + λ/2 αᵀKα for f = Kα + b by Newton's method (Zhu and Hastie, J. Comput. Graph. Stat. 14, 185 (2005)).
/// </summary>
public sealed class KernelLogistic : IKernelClassifier
{
    private KernelLogistic(double[] coefficients, double bias) => (Coefficients, Bias) = (coefficients, bias);

    /// <summary>α of every training sample.</summary>
    public IReadOnlyList<double> Coefficients { get; }

    /// <summary>The bias b.</summary>
    public double Bias { get; }

    /// <summary>Trains.</summary>
    /// <param name="gram">[n, n], positive semidefinite.</param>
    /// <param name="positive">The classes [n]; both must occur.</param>
    /// <param name="lambda">The weight of the penalty, above 0.</param>
    public static KernelLogistic Fit(ReadOnlySpan<double> gram, ReadOnlySpan<bool> positive, double lambda = 1)
    {
        int n = positive.Length;
        KernelMatrix.Check(gram, n);
        ClassifierChecks.Both(positive);
        if (!(lambda > 0))
        {
            throw new UserErrorException($"the penalty's weight is {lambda}, but must be above 0");
        }

        Matrix<double> k = KernelMatrix.ToMatrix(gram, n);
        Vector<double> alpha = Vector<double>.Build.Dense(n);
        double bias = 0;
        bool[] y = positive.ToArray();
        double Loss(Vector<double> a, double b)
        {
            Vector<double> f = (k * a) + b;
            double sum = lambda / 2 * a.DotProduct(k * a);
            for (int i = 0; i < n; i++)
            {
                double margin = y[i] ? f[i] : -f[i];
                sum += margin > 0 ? Math.Log(1 + Math.Exp(-margin)) : Math.Log(1 + Math.Exp(margin)) - margin;
            }

            return sum;
        }

        double loss = Loss(alpha, bias);
        for (int round = 0; round < 100; round++)
        {
            // Stationary where λα = y − p and Σ(y − p) = 0: Newton on (α, b) through (K + λ/W) α + b = z, 1ᵀα = 0.
            Vector<double> f = (k * alpha) + bias;
            Matrix<double> system = Matrix<double>.Build.Dense(n + 1, n + 1);
            Vector<double> right = Vector<double>.Build.Dense(n + 1);
            for (int i = 0; i < n; i++)
            {
                double p = 1 / (1 + Math.Exp(-f[i])), w = Math.Max(1e-10, p * (1 - p));
                for (int j = 0; j < n; j++)
                {
                    system[i, j] = k[i, j];
                }

                system[i, i] += lambda / w;
                system[i, n] = system[n, i] = 1;
                right[i] = f[i] + (((y[i] ? 1 : 0) - p) / w);
            }

            Vector<double> next = system.Solve(right), direction = next.SubVector(0, n) - alpha;
            double slope = next[n] - bias, step = 1, trial = Loss(alpha + direction, bias + slope);
            while (trial > loss + 1e-12 && step > 1e-8)
            {
                step /= 2;
                trial = Loss(alpha + (step * direction), bias + (step * slope));
            }

            alpha += step * direction;
            bias += step * slope;
            double gain = loss - trial;
            loss = trial;
            if (gain < 1e-12 * (1 + Math.Abs(loss)))
            {
                break;
            }
        }

        return new KernelLogistic(alpha.ToArray(), bias);
    }

    /// <inheritdoc/>
    public double[] Predict(ReadOnlySpan<double> cross, int count)
    {
        double[] c = [.. Coefficients], result = new double[count];
        ClassifierChecks.Cross(cross, count, c.Length);
        for (int i = 0; i < count; i++)
        {
            result[i] = 1 / (1 + Math.Exp(-Bias - DotProducts.Dot(cross.Slice(i * c.Length, c.Length), c)));
        }

        return result;
    }
}
