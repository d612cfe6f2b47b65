using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using QDistill.Configuration;
using QDistill.Numerics;
using QDistill.Quantum.Noise;
using QDistill.Quantum.Simulation;

namespace QDistill.Quantum;

/// <summary>
/// Simulates one circuit under a <see cref="NoiseModel"/>: exactly, by the density matrix (its probabilities in the Pauli basis), up to <see cref="MaxDensityQubits"/> qubits; or by trajectories, each of which draws its errors. Calls from several
/// threads at once are allowed.
/// </summary>
public sealed class NoisySimulator
{
    /// <summary>The most qubits of a density matrix: 4^8 complex numbers take 1 MiB.</summary>
    public const int MaxDensityQubits = 8;

    private readonly Circuit circuit;
    private readonly NoiseModel noise;
    private readonly (Gate Gate, Operation[] Operations)[] gates;
    private readonly Complex[] afterOne;
    private readonly Complex[] afterTwo;
    private readonly Lazy<PauliProgram> program;

    /// <summary>Prepares the simulation.</summary>
    public NoisySimulator(Circuit circuit, NoiseModel noise)
    {
        this.circuit = circuit;
        this.noise = noise;
        gates = [.. circuit.Gates.Select(g => (g, Operation.Lower(g).ToArray()))];
        afterOne = noise.OneQubit.Superoperator();
        afterTwo = noise.TwoQubit.Superoperator();
        program = new Lazy<PauliProgram>(() => new PauliProgram(circuit, noise));
    }

    /// <summary>Whether the density matrix can be used: few enough qubits, and no loss.</summary>
    public bool HasDensityMatrix => circuit.Qubits <= MaxDensityQubits && noise.Loss == 0;

    /// <summary>The density matrix after the last gate, row-major [2^n, 2^n].</summary>
    /// <exception cref="UserErrorException">There are too many qubits, or qubits are lost.</exception>
    public Complex[] DensityMatrix(ReadOnlySpan<double> weights, ReadOnlySpan<double> input)
    {
        RequireDensityMatrix();
        circuit.Check(weights, input, 1);
        int n = circuit.Qubits, dimension = circuit.Dimension;
        Complex[] start = Start(input);
        var rho = new Complex[dimension * dimension];
        for (int i = 0; i < rho.Length; i++)
        {
            rho[i] = start[i >> n] * start[i & (dimension - 1)];
        }

        foreach ((Gate gate, Operation[] operations) in gates)
        {
            foreach (Operation op in operations)
            {
                double angle = op.Angle?.Evaluate(weights, input) ?? 0;
                ComplexKernels.Apply(rho, op, angle, shift: n);
                ComplexKernels.Apply(rho, op, angle, shift: 0, conjugate: true);
            }

            if (!noise.After(gate).IsIdentity)
            {
                foreach (int q in gate.Qubits)
                {
                    ComplexKernels.Superoperator(rho, 1 << (q + n), 1 << q, gate.Qubits.Length > 1 ? afterTwo : afterOne);
                }
            }
        }

        return rho;
    }

    /// <summary>The exact probabilities of measured outcomes, errors before and of the measurement included [2^n].</summary>
    /// <exception cref="UserErrorException">As <see cref="DensityMatrix"/>.</exception>
    public double[] Probabilities(ReadOnlySpan<double> weights, ReadOnlySpan<double> input)
    {
        double[] p = new double[circuit.Dimension];
        Probabilities(weights, input, 1, p);
        return p;
    }

    /// <summary>The same of several samples, at most <see cref="PauliProgram.Lanes"/>.</summary>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[count, d]</param>
    /// <param name="count">The number of samples.</param>
    /// <param name="p">Receives [count, 2^n].</param>
    internal void Probabilities(ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int count, Span<double> p)
    {
        RequireDensityMatrix();
        circuit.Check(weights, inputs, count);
        PauliProgram running = program.Value;
        Vector256<double>[] r = ArrayPool<Vector256<double>>.Shared.Rent(running.Length);
        Start(inputs, count, r.AsSpan(0, running.Length));
        running.Run(r.AsSpan(0, running.Length), weights, inputs, count);
        running.Outcomes(r, count, p);
        ArrayPool<Vector256<double>>.Shared.Return(r);
        for (int i = 0; i < count; i++)
        {
            Confuse(p.Slice(i * circuit.Dimension, circuit.Dimension), circuit.Qubits, noise.ReadOneForZero, noise.ReadZeroForOne);
        }
    }

    /// <summary>
    /// Counts outcomes of shots, each a trajectory of its own with errors drawn from its own random stream.
    /// </summary>
    /// <param name="weights">[p]</param>
    /// <param name="input">[d]</param>
    /// <param name="shots">The number of shots.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="stream">The sample's own stream.</param>
    /// <param name="counts">Receives the outcomes [2^n] of shots in which no qubit was lost.</param>
    /// <returns>The number of shots that were dropped because a qubit was lost.</returns>
    public int Trajectories(ReadOnlySpan<double> weights, ReadOnlySpan<double> input, int shots, ulong seed, ulong stream, Span<int> counts)
    {
        circuit.Check(weights, input, 1);
        counts.Clear();
        var random = new Philox(seed, stream);
        Complex[] start = Start(input), v = new Complex[start.Length];
        double[] angles = [.. AllAngles(weights, input)];
        int lostShots = 0;
        for (int shot = 0; shot < shots; shot++)
        {
            start.CopyTo(v, 0);
            int lost = 0, next = 0;
            foreach ((Gate gate, Operation[] operations) in gates)
            {
                bool whole = true;
                foreach (int q in gate.Qubits)
                {
                    whole &= (lost >> q & 1) == 0;
                }

                foreach (Operation op in operations)
                {
                    double angle = angles[next++];
                    if (whole)
                    {
                        ComplexKernels.Apply(v, op, angle);
                    }
                }

                foreach (int q in gate.Qubits)
                {
                    if ((lost >> q & 1) != 0)
                    {
                        continue;
                    }

                    Strike(v, q, noise.After(gate), ref random);
                    if (noise.Loss > 0 && random.NextDouble() < noise.Loss)
                    {
                        Measure(v, q, ref random);
                        lost |= 1 << q;
                    }
                }
            }

            if (lost != 0)
            {
                lostShots++;
                continue;
            }

            for (int q = 0; q < circuit.Qubits; q++)
            {
                Strike(v, q, noise.Measurement, ref random);
            }

            counts[Read(Draw(v, ref random), ref random)]++;
        }

        return lostShots;
    }

    private void RequireDensityMatrix()
    {
        if (!HasDensityMatrix)
        {
            throw new UserErrorException(
                noise.Loss > 0 ? "a density matrix has no place for lost qubits" : $"a density matrix of {circuit.Qubits} qubits is too large: at most {MaxDensityQubits} are possible", null, "use trajectories (a number of shots)");
        }
    }

    /// <summary>Applies read-out confusion of every qubit to a distribution [2^n].</summary>
    internal static void Confuse(Span<double> p, int qubits, double oneForZero, double zeroForOne)
    {
        if (oneForZero == 0 && zeroForOne == 0)
        {
            return;
        }

        for (int q = 0; q < qubits; q++)
        {
            for (int i = 0; i < p.Length; i++)
            {
                if ((i >> q & 1) == 0)
                {
                    double a = p[i], b = p[i | (1 << q)];
                    p[i] = ((1 - oneForZero) * a) + (zeroForOne * b);
                    p[i | (1 << q)] = (oneForZero * a) + ((1 - zeroForOne) * b);
                }
            }
        }
    }

    /// <summary>The first state.</summary>
    private Complex[] Start(ReadOnlySpan<double> input)
    {
        var v = new Complex[circuit.Dimension];
        if (circuit.Preparation == StatePreparation.Zero)
        {
            v[0] = 1;
            return v;
        }

        double norm = FirstState.Norm(input);
        int parts = circuit.InputsPerAmplitude;
        for (int i = 0; i * parts < input.Length; i++)
        {
            v[i] = new Complex(input[i * parts], parts == 2 ? input[(2 * i) + 1] : 0) / norm;
        }

        return v;
    }

    // tr(|ψ⟩⟨ψ| P) = i^y Σ_k (−1)^(z·k) ψ*_(k^x) ψ_k with y letters Y: for every x a Walsh–Hadamard transform. The real part of that product is the same for k and k^x and so counts
    // where y is even, the imaginary part is the opposite and counts where y is odd, so that one transform of their sum gives both.
    private void Start(ReadOnlySpan<double> inputs, int count, Span<Vector256<double>> r)
    {
        int n = circuit.Qubits, dimension = circuit.Dimension, d = inputs.Length / count;
        r.Clear();
        if (circuit.Preparation == StatePreparation.Zero)
        {
            r[..dimension].Fill(Vector256<double>.One);
            return;
        }

        for (int lane = 0; lane < PauliProgram.Lanes; lane++)
        {
            Complex[] v = Start(inputs.Slice(Math.Min(lane, count - 1) * d, d));
            for (int i = 0; i < r.Length; i++)
            {
                int x = i >> n, k = i & (dimension - 1);
                Complex product = Complex.Conjugate(v[k ^ x]) * v[k];
                r[i] = r[i].WithElement(lane, product.Real + product.Imaginary);
            }
        }

        for (int x = 0; x < dimension; x++)
        {
            PauliProgram.Walsh(r.Slice(x << n, dimension), n);
        }

        for (int i = 0; i < r.Length; i++)
        {
            // i^y, and i^(y + 1) of the imaginary part.
            int y = BitOperations.PopCount((uint)((i >> n) & i & (dimension - 1)));
            r[i] *= ((y + 1) & 2) != 0 ? -1 : 1;
        }
    }

    private List<double> AllAngles(ReadOnlySpan<double> weights, ReadOnlySpan<double> input)
    {
        var angles = new List<double>();
        foreach ((_, Operation[] operations) in gates)
        {
            foreach (Operation op in operations)
            {
                angles.Add(op.Angle?.Evaluate(weights, input) ?? 0);
            }
        }

        return angles;
    }

    /// <summary>Draws one Kraus operator by its probability in the present state, applies it, and normalises.</summary>
    private static void Strike(Complex[] v, int qubit, Channel channel, ref Philox random)
    {
        if (channel.IsIdentity)
        {
            return;
        }

        int bit = 1 << qubit;
        double p0 = 0, p1 = 0;
        Complex cross = 0;
        if (!channel.IsPauli)
        {
            for (int i = 0; i < v.Length; i++)
            {
                if ((i & bit) == 0)
                {
                    Complex a = v[i], b = v[i | bit];
                    p0 += (a.Real * a.Real) + (a.Imaginary * a.Imaginary);
                    p1 += (b.Real * b.Real) + (b.Imaginary * b.Imaginary);
                    cross += Complex.Conjugate(a) * b;
                }
            }
        }

        double u = random.NextDouble();
        for (int k = 0; k < channel.Kraus.Count; k++)
        {
            Complex[] m = channel.Kraus[k];
            double probability = channel.IsPauli ? Square(m[0]) + Square(m[1]) : Probability(m, p0, p1, cross);
            u -= probability;
            if (u >= 0 && k + 1 < channel.Kraus.Count)
            {
                continue;
            }

            double scale = 1 / Math.Sqrt(probability);
            ComplexKernels.Matrix1(v, bit, [m[0] * scale, m[1] * scale, m[2] * scale, m[3] * scale], conjugate: false);
            return;
        }
    }

    /// <summary>|K ψ|² from the reduced density matrix of the qubit.</summary>
    private static double Probability(Complex[] m, double p0, double p1, Complex cross)
    {
        double diagonal = ((Square(m[0]) + Square(m[2])) * p0) + ((Square(m[1]) + Square(m[3])) * p1);
        Complex mixed = ((Complex.Conjugate(m[0]) * m[1]) + (Complex.Conjugate(m[2]) * m[3])) * cross;
        return Math.Max(1e-300, diagonal + (2 * mixed.Real));
    }

    private static double Square(Complex c) => (c.Real * c.Real) + (c.Imaginary * c.Imaginary);

    /// <summary>Measures a qubit that leaves the system.</summary>
    private static void Measure(Complex[] v, int qubit, ref Philox random)
    {
        double one = 0;
        for (int i = 0; i < v.Length; i++)
        {
            one += (i >> qubit & 1) != 0 ? Square(v[i]) : 0;
        }

        int seen = random.NextDouble() < one ? 1 : 0;
        double scale = 1 / Math.Sqrt(seen == 1 ? one : 1 - one);
        for (int i = 0; i < v.Length; i++)
        {
            v[i] = (i >> qubit & 1) == seen ? v[i] * scale : 0;
        }
    }

    private static int Draw(Complex[] v, ref Philox random)
    {
        double u = random.NextDouble();
        int last = 0;
        for (int i = 0; i < v.Length; i++)
        {
            double p = Square(v[i]);
            if (p > 0)
            {
                last = i;
                u -= p;
                if (u < 0)
                {
                    break;
                }
            }
        }

        return last;
    }

    private int Read(int outcome, ref Philox random)
    {
        if (noise.ReadOneForZero == 0 && noise.ReadZeroForOne == 0)
        {
            return outcome;
        }

        for (int q = 0; q < circuit.Qubits; q++)
        {
            double flip = (outcome >> q & 1) == 0 ? noise.ReadOneForZero : noise.ReadZeroForOne;
            outcome ^= random.NextDouble() < flip ? 1 << q : 0;
        }

        return outcome;
    }
}
