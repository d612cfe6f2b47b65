namespace QDistill.Quantum;

/// <summary>Adam (Kingma, Ba, arXiv:1412.6980, algorithm 1) over a plain array: for teachers whose gradients come from circuits, not from autograd.</summary>
public sealed class AdamState(int size, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
{
    private readonly double[] m = new double[size];
    private readonly double[] v = new double[size];
    private int t;

    /// <summary>One step: moves <paramref name="parameters"/> against <paramref name="gradient"/>.</summary>
    public void Step(Span<double> parameters, ReadOnlySpan<double> gradient)
    {
        t++;
        double c1 = 1 - Math.Pow(beta1, t), c2 = 1 - Math.Pow(beta2, t);
        for (int i = 0; i < m.Length; i++)
        {
            double g = gradient[i];
            m[i] = (beta1 * m[i]) + ((1 - beta1) * g);
            v[i] = (beta2 * v[i]) + ((1 - beta2) * g * g);
            parameters[i] -= learningRate * (m[i] / c1) / (Math.Sqrt(v[i] / c2) + epsilon);
        }
    }
}
