using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A Fubini–Study metric tensor at some weights: real, symmetric, positive semidefinite, [p, p] row-major.</summary>
/// <param name="Weights">p.</param>
/// <param name="Matrix">Its elements.</param>
public sealed record MetricTensor(int Weights, double[] Matrix)
{
    /// <summary>One element.</summary>
    public double this[int i, int j] => Matrix[(i * Weights) + j];

    /// <summary>The natural gradient (F + λ)⁻¹ g, block by block.</summary>
    /// <param name="gradient">The gradient dL/dw [p].</param>
    /// <param name="regularisation">λ, above 0: directions that do not change the state have no metric. At λ = 1 and above steps tend to the plain gradient's direction.</param>
    /// <returns>[p]</returns>
    /// <exception cref="UserErrorException">A size does not fit, λ is not above 0, or F is too far from positive for λ (a metric by few shots).</exception>
    public double[] Solve(ReadOnlySpan<double> gradient, double regularisation)
    {
        if (gradient.Length != Weights)
        {
            throw new UserErrorException($"the metric is one of {Weights} weights, but the gradient has {gradient.Length}");
        }

        if (!(regularisation > 0) || !double.IsFinite(regularisation))
        {
            throw new UserErrorException($"the natural gradient needs a regularisation above 0, not {regularisation}");
        }

        double[] result = new double[Weights];
        foreach (int[] block in Blocks())
        {
            int n = block.Length;
            double[] l = new double[n * n], y = new double[n];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    double sum = this[block[i], block[j]] + (i == j ? regularisation : 0);
                    for (int k = 0; k < j; k++)
                    {
                        sum -= l[(i * n) + k] * l[(j * n) + k];
                    }

                    if (i == j && !(sum > 0))
                    {
                        throw new UserErrorException($"the metric is not positive at weight {block[i]}", null, $"take more shots, or a regularisation above {regularisation}");
                    }

                    l[(i * n) + j] = i == j ? Math.Sqrt(sum) : sum / l[(j * n) + j];
                }
            }

            for (int i = 0; i < n; i++)
            {
                y[i] = gradient[block[i]];
                for (int k = 0; k < i; k++)
                {
                    y[i] -= l[(i * n) + k] * y[k];
                }

                y[i] /= l[(i * n) + i];
            }

            for (int i = n - 1; i >= 0; i--)
            {
                for (int k = i + 1; k < n; k++)
                {
                    y[i] -= l[(k * n) + i] * y[k];
                }

                y[i] /= l[(i * n) + i];
                result[block[i]] = y[i];
            }
        }

        return result;
    }

    /// <summary>w ← w − η (F + λ)⁻¹ g (Stokes, Izaac, Killoran, Carleo, Quantum 4, 269 (2020)).</summary>
    /// <param name="weights">[p], changed in place.</param>
    /// <param name="gradient">dL/dw [p].</param>
    /// <param name="stepSize">η.</param>
    /// <param name="regularisation">λ.</param>
    public void Step(Span<double> weights, ReadOnlySpan<double> gradient, double stepSize, double regularisation)
    {
        double[] direction = Solve(gradient, regularisation);
        if (weights.Length != Weights)
        {
            throw new UserErrorException($"the metric is one of {Weights} weights, but {weights.Length} were given");
        }

        for (int i = 0; i < direction.Length; i++)
        {
            weights[i] -= stepSize * direction[i];
        }
    }

    /// <summary>Weights that elements join, as sorted groups.</summary>
    private List<int[]> Blocks()
    {
        int[] group = new int[Weights];
        Array.Fill(group, -1);
        var blocks = new List<int[]>();
        var open = new Stack<int>();
        for (int first = 0; first < Weights; first++)
        {
            if (group[first] >= 0)
            {
                continue;
            }

            var members = new List<int>();
            group[first] = blocks.Count;
            open.Push(first);
            while (open.TryPop(out int i))
            {
                members.Add(i);
                for (int j = 0; j < Weights; j++)
                {
                    if (group[j] < 0 && (this[i, j] != 0 || this[j, i] != 0))
                    {
                        group[j] = blocks.Count;
                        open.Push(j);
                    }
                }
            }

            members.Sort();
            blocks.Add([.. members]);
        }

        return blocks;
    }
}
