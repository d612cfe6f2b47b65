using MathNet.Numerics.LinearAlgebra;
using QDistill.Metrics;

namespace QDistill.Distillation.Teachers;

/// <summary>L2-penalised logistic regression with a free bias: minimises Σ w_i ln(1 + e^{−y f}) + |θ|²/(2C) by Newton's method with step halving (the objective of scikit-learn's LogisticRegression).</summary>
/// <param name="Weight">θ [d].</param>
/// <param name="Bias">The bias.</param>
internal sealed record LogisticModel(double[] Weight, double Bias)
{
    /// <summary>Fits to samples [n, d].</summary>
    public static LogisticModel Fit(double[] x, bool[] y, double[] sampleWeight, double c)
    {
        int n = y.Length, d = x.Length / Math.Max(1, n);
        if (y.All(v => v == y[0]))
        {
            return Constant(y, d);
        }

        Matrix<double> a = Matrix<double>.Build.Dense(n, d + 1, (i, j) => j < d ? x[(i * d) + j] : 1);
        Vector<double> theta = Vector<double>.Build.Dense(d + 1);
        double loss = Loss(theta);
        for (int round = 0; round < 100; round++)
        {
            Vector<double> f = a * theta, gradient = Vector<double>.Build.Dense(d + 1);
            Matrix<double> scaled = a.Clone();
            Vector<double> residual = Vector<double>.Build.Dense(n);
            for (int i = 0; i < n; i++)
            {
                double p = Logit.Sigmoid(f[i]);
                residual[i] = sampleWeight[i] * (p - (y[i] ? 1 : 0));
                scaled.SetRow(i, a.Row(i) * (sampleWeight[i] * Math.Max(p * (1 - p), 1e-12)));
            }

            gradient = a.TransposeThisAndMultiply(residual);
            Matrix<double> hessian = a.TransposeThisAndMultiply(scaled);
            for (int j = 0; j < d; j++)
            {
                gradient[j] += theta[j] / c;
                hessian[j, j] += 1 / c;
            }

            hessian[d, d] += 1e-12;
            Vector<double> direction = hessian.Cholesky().Solve(gradient);
            double step = 1, trial = Loss(theta - direction);
            while (trial > loss && step > 1e-10)
            {
                step /= 2;
                trial = Loss(theta - (step * direction));
            }

            theta -= step * direction;
            double gain = loss - trial;
            loss = trial;
            if (gain <= 1e-13 * (1 + Math.Abs(loss)))
            {
                break;
            }
        }

        return new LogisticModel([.. theta.SubVector(0, d)], theta[d]);

        double Loss(Vector<double> t)
        {
            Vector<double> f = a * t;
            double sum = 0;
            for (int j = 0; j < d; j++)
            {
                sum += t[j] * t[j] / (2 * c);
            }

            for (int i = 0; i < n; i++)
            {
                sum += sampleWeight[i] * Logit.Softplus(y[i] ? -f[i] : f[i]);
            }

            return sum;
        }
    }

    /// <summary>The model of an output that its labelled windows show one class of: the logit of (positives + ½)/(n + 1).</summary>
    public static LogisticModel Constant(bool[] y, int d)
    {
        double positives = y.Count(v => v), p = (positives + 0.5) / (y.Length + 1);
        return new LogisticModel(new double[d], Math.Log(p / (1 - p)));
    }

    /// <summary>The logit of one sample.</summary>
    public double Logit1(ReadOnlySpan<double> x)
    {
        double sum = Bias;
        for (int j = 0; j < Weight.Length; j++)
        {
            sum += Weight[j] * x[j];
        }

        return sum;
    }
}
