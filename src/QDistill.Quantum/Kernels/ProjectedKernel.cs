using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// The projected kernel exp(−γ Σ_q ‖ρ_q(x) − ρ_q(y)‖²) of the qubits' reduced density matrices (Huang et al., Nat. Commun. 12, 2631 (2021)): with Bloch vectors r, ‖ρ − ρ'‖² = |r − r'|²/2.
/// </summary>
public sealed class ProjectedKernel : IQuantumKernel, IDisposable
{
    private readonly StateVector engine;
    private readonly double[] weights;

    /// <summary>Creates the kernel.</summary>
    /// <param name="circuit">The feature map.</param>
    /// <param name="gamma">The inverse squared length scale, above 0.</param>
    /// <param name="weights">The circuit's weights; empty when it has none.</param>
    /// <param name="options">How the simulator runs.</param>
    public ProjectedKernel(Circuit circuit, double gamma, ReadOnlySpan<double> weights = default, StateVectorOptions? options = null)
    {
        if (!(gamma > 0) || !double.IsFinite(gamma))
        {
            throw new UserErrorException($"the projected kernel's gamma is {gamma}, but must be a number above 0");
        }

        var bloch = new List<Observable>();
        for (int q = 0; q < circuit.Qubits; q++)
        {
            bloch.AddRange([Observable.Of(PauliString.X(q)), Observable.Of(PauliString.Y(q)), Observable.Z(q)]);
        }

        engine = new StateVector(circuit, bloch, options);
        circuit.Check(weights, [], 0);
        Gamma = gamma;
        this.weights = weights.ToArray();
    }

    /// <inheritdoc/>
    public int InputCount => engine.Circuit.InputCount;

    /// <summary>The inverse squared length scale.</summary>
    public double Gamma { get; }

    /// <inheritdoc/>
    public double[] Gram(ReadOnlySpan<double> inputs, int count)
    {
        double[] r = Project(inputs, count);
        return Gaussian(r, count, r, count);
    }

    /// <inheritdoc/>
    public double[] Cross(ReadOnlySpan<double> left, int leftCount, ReadOnlySpan<double> right, int rightCount) =>
        Gaussian(Project(left, leftCount), leftCount, Project(right, rightCount), rightCount);

    /// <summary>The Bloch vectors of every qubit: the classical features the kernel works on.</summary>
    /// <returns>[n, 3 · qubits]</returns>
    public double[] Project(ReadOnlySpan<double> inputs, int count) => engine.Expectations(weights, inputs, count);

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    private double[] Gaussian(double[] a, int n, double[] b, int m)
    {
        int d = engine.Observables.Count;
        double[] k = new double[n * m];
        Parallel.For(0, n, engine.Options.Parallel, i =>
        {
            for (int j = 0; j < m; j++)
            {
                double square = 0;
                for (int p = 0; p < d; p++)
                {
                    double difference = a[(i * d) + p] - b[(j * d) + p];
                    square += difference * difference;
                }

                k[(i * m) + j] = Math.Exp(-Gamma * square / 2);
            }
        });
        return k;
    }
}
