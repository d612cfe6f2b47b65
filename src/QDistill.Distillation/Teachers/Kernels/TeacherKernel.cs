using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>The kernel behind a kernel teacher: quantum (fidelity or projected, of an encoding's circuit) or Gaussian.</summary>
internal sealed class TeacherKernel : IDisposable
{
    private readonly IQuantumKernel? quantum;
    private readonly ProjectedKernel? bloch;
    private readonly double gamma;
    private readonly int width;

    private TeacherKernel(IQuantumKernel? quantum, ProjectedKernel? bloch, Circuit? circuit, double gamma, int width)
    {
        (this.quantum, this.bloch, this.gamma, this.width) = (quantum, bloch, gamma, width);
        (Depth, TwoQubitGates) = circuit is null ? (0, 0) : quantum is FidelityKernel ? (2 * circuit.Depth, 2 * circuit.TwoQubitGates) : (circuit.Depth, circuit.TwoQubitGates);
    }

    /// <summary>The depth of the circuit behind one kernel value.</summary>
    public int Depth { get; }

    /// <summary>Its two-qubit gates.</summary>
    public int TwoQubitGates { get; }

    /// <summary>Whether windows have Bloch vectors.</summary>
    public bool Projects => bloch is not null;

    /// <summary>Whether a kernel value is a frequency of outcomes.</summary>
    public bool IsFidelity => quantum is FidelityKernel;

    /// <summary>The kernel of a specification for samples of so many features. Layers of the ansatz have fixed random weights.</summary>
    public static TeacherKernel Create(TeacherSpec spec, int features)
    {
        double gamma = spec.Gamma > 0 ? spec.Gamma : 1.0 / features;
        if (!spec.IsQuantum)
        {
            return new TeacherKernel(null, null, null, gamma, features);
        }

        Circuit circuit = TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, features);
        double[] weights = circuit.RandomWeights(spec.Seed, Math.PI);
        var projected = new ProjectedKernel(circuit, spec.Gamma > 0 ? spec.Gamma : 1.0, weights);
        return new TeacherKernel(spec.Kernel == "projected" ? projected : new FidelityKernel(circuit, weights), projected, circuit, gamma, features);
    }

    /// <summary>[n, n] of samples [n, d].</summary>
    public double[] Gram(double[] x, int n) => quantum?.Gram(x, n) ?? Gaussian(x, n, x, n);

    /// <summary>[n, m] between samples.</summary>
    public double[] Cross(double[] left, int n, double[] right, int m) => quantum?.Cross(left, n, right, m) ?? Gaussian(left, n, right, m);

    /// <summary>Bloch vectors [n, 3 qubits].</summary>
    public double[] Project(double[] x, int n) => bloch!.Project(x, n);

    /// <inheritdoc/>
    public void Dispose()
    {
        (quantum as IDisposable)?.Dispose();
        bloch?.Dispose();
    }

    private double[] Gaussian(double[] left, int n, double[] right, int m)
    {
        double[] k = new double[n * m];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < m; j++)
            {
                double sum = 0;
                for (int f = 0; f < width; f++)
                {
                    double difference = left[(i * width) + f] - right[(j * width) + f];
                    sum += difference * difference;
                }

                k[(i * m) + j] = Math.Exp(-gamma * sum);
            }
        }

        return k;
    }
}
