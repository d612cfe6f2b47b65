namespace QDistill.Quantum;

/// <summary>
/// The fidelity kernel K(x, y) = |⟨ψ(x)|ψ(y)⟩|² of a circuit's states (Havlíček et al. 2019; Schuld and Killoran 2019), exactly, by complex matrix product of states, and differentiable with respect to
/// samples and weights.
/// </summary>
public sealed class FidelityKernel : IQuantumKernel, IDisposable
{
    private readonly StateVector engine;
    private readonly double[] weights;

    /// <summary>Creates the kernel.</summary>
    /// <param name="circuit">The feature map; a teacher's circuit with 0 layers, or a trained one.</param>
    /// <param name="weights">Its weights; empty when it has none.</param>
    /// <param name="options">How the simulator runs.</param>
    public FidelityKernel(Circuit circuit, ReadOnlySpan<double> weights = default, StateVectorOptions? options = null)
    {
        engine = new StateVector(circuit, [], options);
        circuit.Check(weights, [], 0);
        this.weights = weights.ToArray();
    }

    /// <inheritdoc/>
    public int InputCount => engine.Circuit.InputCount;

    /// <summary>The feature map.</summary>
    public Circuit Circuit => engine.Circuit;

    /// <inheritdoc/>
    public double[] Gram(ReadOnlySpan<double> inputs, int count)
    {
        (double[] re, double[] im) = Overlaps(inputs, count, inputs, count, symmetric: true);
        double[] k = new double[count * count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int at = (i * count) + j;
                k[at] = k[(j * count) + i] = (re[at] * re[at]) + (im[at] * im[at]);
            }

            k[(i * count) + i] = 1;
        }

        return k;
    }

    /// <inheritdoc/>
    public double[] Cross(ReadOnlySpan<double> left, int leftCount, ReadOnlySpan<double> right, int rightCount)
    {
        (double[] re, double[] im) = Overlaps(left, leftCount, right, rightCount, symmetric: false);
        for (int i = 0; i < re.Length; i++)
        {
            re[i] = (re[i] * re[i]) + (im[i] * im[i]);
        }

        return re;
    }

    /// <summary>The Gram matrix, and the gradients of a loss whose derivative by the matrix is a function of it.</summary>
    /// <param name="inputs">[n, d]</param>
    /// <param name="count">n</param>
    /// <param name="gramGradient">dL/dK [n, n], given the Gram matrix; need not be symmetric.</param>
    /// <param name="weightGradient">Receives dL/dw [p].</param>
    /// <param name="inputGradient">Receives dL/dx [n, d]; may be empty.</param>
    /// <returns>The Gram matrix [n, n].</returns>
    public double[] GramAndVjp(ReadOnlySpan<double> inputs, int count, Func<double[], double[]> gramGradient, Span<double> weightGradient, Span<double> inputGradient = default)
    {
        int dimension = Circuit.Dimension;
        (double[] real, double[] imaginary) = engine.States(weights, inputs, count);
        (double[] re, double[] im) = Overlaps(real, imaginary, count, real, imaginary, count, symmetric: false);
        double[] k = new double[count * count];
        for (int i = 0; i < k.Length; i++)
        {
            k[i] = i % (count + 1) == 0 ? 1 : (re[i] * re[i]) + (im[i] * im[i]);
        }

        double[] g = gramGradient(k);

        // K_ij = |⟨ψ_i|ψ_j⟩|², so λ_i = Σ_j (G_ij + G_ji) ⟨ψ_j|ψ_i⟩ ψ_j.
        double[] lr = new double[real.Length], li = new double[real.Length];
        Parallel.For(0, count, engine.Options.Parallel, i =>
        {
            for (int j = 0; j < count; j++)
            {
                double c = i == j ? 0 : g[(i * count) + j] + g[(j * count) + i];
                double cr = c * re[(j * count) + i], ci = c * im[(j * count) + i];
                if (c == 0)
                {
                    continue;
                }

                for (int p = 0; p < dimension; p++)
                {
                    double a = real[(j * dimension) + p], b = imaginary[(j * dimension) + p];
                    lr[(i * dimension) + p] += (cr * a) - (ci * b);
                    li[(i * dimension) + p] += (cr * b) + (ci * a);
                }
            }
        });
        engine.BackwardStates(weights, inputs, count, lr, li, weightGradient, inputGradient);
        return k;
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    private (double[] Re, double[] Im) Overlaps(ReadOnlySpan<double> left, int n, ReadOnlySpan<double> right, int m, bool symmetric)
    {
        (double[] lr, double[] li) = engine.States(weights, left, n);
        (double[] rr, double[] ri) = symmetric ? (lr, li) : engine.States(weights, right, m);
        return Overlaps(lr, li, n, rr, ri, m, symmetric);
    }

    /// <summary>⟨a_i|b_j⟩ as two real products of rows [re, im] with [re, im] and with [im, −re].</summary>
    private (double[] Re, double[] Im) Overlaps(double[] lr, double[] li, int n, double[] rr, double[] ri, int m, bool symmetric)
    {
        int d = Circuit.Dimension;
        double[] a = new double[2 * n * d], b = new double[2 * m * d], c = new double[2 * m * d], re = new double[n * m], im = new double[n * m];
        for (int i = 0; i < n; i++)
        {
            lr.AsSpan(i * d, d).CopyTo(a.AsSpan(2 * i * d));
            li.AsSpan(i * d, d).CopyTo(a.AsSpan((2 * i * d) + d));
        }

        for (int j = 0; j < m; j++)
        {
            rr.AsSpan(j * d, d).CopyTo(b.AsSpan(2 * j * d));
            ri.AsSpan(j * d, d).CopyTo(b.AsSpan((2 * j * d) + d));
            ri.AsSpan(j * d, d).CopyTo(c.AsSpan(2 * j * d));
            for (int p = 0; p < d; p++)
            {
                c[(2 * j * d) + d + p] = -rr[(j * d) + p];
            }
        }

        DotProducts.Multiply(a, n, b, m, 2 * d, symmetric, re, engine.Options.Parallel);
        DotProducts.Multiply(a, n, c, m, 2 * d, symmetric, im, engine.Options.Parallel);
        return (re, im);
    }
}
