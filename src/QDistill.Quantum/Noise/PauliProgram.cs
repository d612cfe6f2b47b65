using System.Numerics;
using System.Runtime.Intrinsics;
using QDistill.Quantum.Simulation;
using QDistill.Quantum.Simulation.Compiled;

namespace QDistill.Quantum.Noise;

/// <summary>
/// A noisy circuit in the Pauli basis: the state is the 4^n real expectations r_P = tr(ρP), index (x &lt;&lt; n) | z for P = i^|x∧z| X^x Z^z. A rotation about a Pauli string turns pairs of them, CNOT and SWAP
/// exchange them, a one-qubit channel is a real 4×4 matrix on (I, Z, X, Y) of its qubit, and a Pauli channel only shrinks them (Nielsen and Chuang, §8.3.4; Greenbaum, arXiv:1509.02921). Shrinking is put off
/// until a gate comes that does not commute with it. <see cref="Lanes"/> samples go side by side, one in each lane of a vector.
/// </summary>
internal sealed class PauliProgram
{
    /// <summary>Samples of one pass.</summary>
    public const int Lanes = 4;

    private readonly int qubits;
    private readonly List<Step> steps = [];
    private readonly (double Z, double X, double Y)[] pending;
    private readonly Dictionary<string, double[]> shrinks = [];

    /// <summary>Works a circuit's steps out.</summary>
    public PauliProgram(Circuit circuit, NoiseModel noise)
    {
        qubits = circuit.Qubits;
        pending = [.. Enumerable.Repeat((1.0, 1.0, 1.0), qubits)];
        foreach (Gate gate in circuit.Gates)
        {
            foreach (Operation op in Operation.Lower(gate))
            {
                Add(op);
            }

            foreach (int q in gate.Qubits)
            {
                Add(noise.After(gate), q);
            }
        }

        for (int q = 0; q < qubits; q++)
        {
            Add(noise.Measurement, q);
        }

        Shrink(-1, keepIsotropic: false);
    }

    /// <summary>4^n.</summary>
    public int Length => 1 << (2 * qubits);

    /// <summary>Runs the circuit from the states in <paramref name="r"/> [4^n].</summary>
    /// <param name="r">Expectations of every Pauli string, a sample in each lane.</param>
    /// <param name="weights">[p]</param>
    /// <param name="inputs">[count, d]</param>
    /// <param name="count">Samples, at most <see cref="Lanes"/>; further lanes repeat the last one.</param>
    public void Run(Span<Vector256<double>> r, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int count)
    {
        int d = inputs.Length / count;
        Span<double> sin = stackalloc double[Lanes], cos = stackalloc double[Lanes];
        foreach (Step step in steps)
        {
            if (step.Kind == StepKind.Rotate)
            {
                for (int lane = 0; lane < Lanes; lane++)
                {
                    double angle = step.Factor * (step.Angle?.Evaluate(weights, inputs.Slice(Math.Min(lane, count - 1) * d, d)) ?? 0);
                    (sin[lane], cos[lane]) = Math.SinCos(angle);
                }

                Vector256<double> c = Vector256.Create<double>(cos), s = Vector256.Create<double>(sin);
                Rotate(r, step.Plus, step.Flip, c, s);
                Rotate(r, step.Minus, step.Flip, c, -s);
            }
            else if (step.Kind == StepKind.Exchange)
            {
                Exchange(r, step.Plus, step.Targets, 1);
                Exchange(r, step.Minus, step.OtherTargets, -1);
            }
            else if (step.Kind == StepKind.Shrink)
            {
                for (int i = 0; i < r.Length; i++)
                {
                    r[i] *= step.Matrix[i];
                }
            }
            else
            {
                Mix(r, step.Bits, step.Matrix);
            }
        }
    }

    /// <summary>The probabilities of all outcomes of the samples after a run: p_k = 2^−n Σ_z (−1)^(k·z) r_(0,z).</summary>
    /// <param name="r">The expectations; the first 2^n of them are used up.</param>
    /// <param name="count">Samples.</param>
    /// <param name="p">Receives [count, 2^n].</param>
    public void Outcomes(Span<Vector256<double>> r, int count, Span<double> p)
    {
        int dimension = 1 << qubits;
        Walsh(r, qubits);
        for (int lane = 0; lane < count; lane++)
        {
            for (int k = 0; k < dimension; k++)
            {
                p[(lane * dimension) + k] = Math.Max(0, r[k].GetElement(lane) / dimension);
            }
        }
    }

    /// <summary>r[p] ← Σ_k r[k] (−1)^(k·p) over the first 2^n.</summary>
    public static unsafe void Walsh(Span<Vector256<double>> r, int n)
    {
        fixed (Vector256<double>* first = r)
        {
            VectorMath<Vector256<double>, Lanes256Double>.WalshAcross((byte*)first, n);
        }
    }

    private static void Rotate(Span<Vector256<double>> r, int[] first, int flip, Vector256<double> c, Vector256<double> s)
    {
        foreach (int i in first)
        {
            Vector256<double> a = r[i], b = r[i ^ flip];
            r[i] = (c * a) + (s * b);
            r[i ^ flip] = (c * b) - (s * a);
        }
    }

    private static void Exchange(Span<Vector256<double>> r, int[] first, int[] second, double sign)
    {
        for (int k = 0; k < first.Length; k++)
        {
            (r[first[k]], r[second[k]]) = (r[second[k]] * sign, r[first[k]] * sign);
        }
    }

    private static void Mix(Span<Vector256<double>> r, int[] bits, double[] matrix)
    {
        int size = 1 << bits.Length, mask = bits.Sum();
        Span<int> at = stackalloc int[size];
        Span<Vector256<double>> old = stackalloc Vector256<double>[size];
        for (int p = 0; p < r.Length; p++)
        {
            if ((p & mask) != 0)
            {
                continue;
            }

            for (int i = 0; i < size; i++)
            {
                at[i] = p;
                for (int b = 0; b < bits.Length; b++)
                {
                    at[i] |= (i >> b & 1) != 0 ? bits[b] : 0;
                }

                old[i] = r[at[i]];
            }

            for (int i = 0; i < size; i++)
            {
                Vector256<double> sum = Vector256<double>.Zero;
                for (int j = 0; j < size; j++)
                {
                    sum += old[j] * matrix[(i * size) + j];
                }

                r[at[i]] = sum;
            }
        }
    }

    private void Add(Operation op)
    {
        switch (op.Kind)
        {
            case OperationKind.Rotation:
                AddRotations(op.XMask, op.ZMask, op.Controls, op.Angle, 1);
                break;
            case OperationKind.Phase:
                // e^{iθ Πn} with n = (1 − Z)/2 is, but for a global phase, a rotation about every product of the Z.
                AddRotations(0, 0, op.Controls, op.Angle, -2);
                break;
            case OperationKind.ControlledNot:
            case OperationKind.Swap:
                AddExchange(op);
                break;
            case OperationKind.Matrix1:
                Shrink(1 << op.Qubit0, keepIsotropic: true);
                steps.Add(new Step(StepKind.Mix) { Bits = Bits(op.Qubit0), Matrix = Transfer([.. op.Matrix], 1) });
                break;
            case OperationKind.Matrix2:
                Shrink((1 << op.Qubit0) | (1 << op.Qubit1), keepIsotropic: true);
                steps.Add(new Step(StepKind.Mix) { Bits = [.. Bits(op.Qubit0), .. Bits(op.Qubit1)], Matrix = Transfer([.. op.Matrix], 2) });
                break;
        }
    }

    // exp(−iθ/2 Πn ⊗ P) is a product of commuting rotations about Z_S P by ±θ/2^k, over all subsets S of the k controls.
    private void AddRotations(int x, int z, int controls, Angle? angle, double factor)
    {
        Shrink(x | z | controls, keepIsotropic: true);
        double share = factor / (1 << BitOperations.PopCount((uint)controls));
        for (int subset = controls; ; subset = (subset - 1) & controls)
        {
            if ((x | z | subset) != 0)
            {
                AddRotation(x, z ^ subset, angle, (BitOperations.PopCount((uint)subset) & 1) != 0 ? -share : share);
            }

            if (subset == 0)
            {
                return;
            }
        }
    }

    // Q that commute with P stay; the others turn in the plane of Q and R, where QP = ±iR.
    private void AddRotation(int x, int z, Angle? angle, double factor)
    {
        int flip = (x << qubits) | z, pivot = 1 << BitOperations.Log2((uint)flip), mask = (1 << qubits) - 1;
        List<int> plus = [], minus = [];
        for (int q = 0; q < Length; q++)
        {
            int qx = q >> qubits, qz = q & mask;
            if ((q & pivot) == 0 && Plan.Odd((qx & z) ^ (qz & x)))
            {
                int rx = qx ^ x, rz = qz ^ z;
                int power = Weight(qx & qz) + Weight(x & z) - Weight(rx & rz) + (2 * Weight(qz & x));
                ((power & 3) == 1 ? plus : minus).Add(q);
            }
        }

        steps.Add(new Step(StepKind.Rotate) { Flip = flip, Plus = [.. plus], Minus = [.. minus], Angle = angle, Factor = factor });
    }

    private void AddExchange(Operation op)
    {
        int a = 1 << op.Qubit0, b = 1 << op.Qubit1, mask = (1 << qubits) - 1;
        Shrink(a | b, keepIsotropic: false);
        List<int> plus = [], minus = [], targets = [], others = [];
        for (int q = 0; q < Length; q++)
        {
            int x = q >> qubits, z = q & mask;
            bool xa = (x & a) != 0, xb = (x & b) != 0, za = (z & a) != 0, zb = (z & b) != 0, swap = op.Kind == OperationKind.Swap;
            if (swap)
            {
                (x, z) = (Exchanged(x, xa, xb), Exchanged(z, za, zb));
            }
            else
            {
                (x, z) = (xa ? x ^ b : x, zb ? z ^ a : z);
            }

            int to = (x << qubits) | z;
            if (to > q)
            {
                // Aaronson and Gottesman, quant-ph/0406196: the sign of a CNOT's image.
                bool negative = !swap && xa && zb && xb == za;
                (negative ? minus : plus).Add(q);
                (negative ? others : targets).Add(to);
            }
        }

        steps.Add(new Step(StepKind.Exchange) { Plus = [.. plus], Minus = [.. minus], Targets = [.. targets], OtherTargets = [.. others] });

        int Exchanged(int v, bool va, bool vb) => va == vb ? v : v ^ a ^ b;
    }

    private void Add(Channel channel, int qubit)
    {
        if (channel.IsIdentity)
        {
            return;
        }

        double[] transfer = new double[16];
        foreach (Complex[] k in channel.Kraus)
        {
            double[] one = Transfer(k, 1);
            for (int i = 0; i < transfer.Length; i++)
            {
                transfer[i] += one[i];
            }
        }

        if (channel.IsPauli)
        {
            (double z, double x, double y) = pending[qubit];
            pending[qubit] = (z * transfer[5], x * transfer[10], y * transfer[15]);
            return;
        }

        Shrink(1 << qubit, keepIsotropic: false);
        steps.Add(new Step(StepKind.Mix) { Bits = Bits(qubit), Matrix = transfer });
    }

    /// <summary>Applies what was put off on some qubits.</summary>
    /// <param name="touched">The qubits, as bits.</param>
    /// <param name="keepIsotropic">Whether shrinking alike in all directions may wait longer, as it may for a gate on one qubit, which only turns.</param>
    private void Shrink(int touched, bool keepIsotropic)
    {
        bool one = BitOperations.PopCount((uint)touched) == 1;
        int[] due =
        [
            .. Enumerable.Range(0, qubits).Where(q => (touched >> q & 1) != 0 && pending[q] != (1.0, 1.0, 1.0) && !(keepIsotropic && one && pending[q].Z == pending[q].X && pending[q].X == pending[q].Y)),
        ];
        if (due.Length == 0)
        {
            return;
        }

        string key = string.Join(';', due.Select(q => FormattableString.Invariant($"{q} {pending[q]}")));
        if (!shrinks.TryGetValue(key, out double[]? factors))
        {
            factors = new double[Length];
            for (int i = 0; i < factors.Length; i++)
            {
                factors[i] = 1;
                foreach (int q in due)
                {
                    (double z, double x, double y) = pending[q];
                    factors[i] *= ((i >> (qubits + q) & 1), (i >> q & 1)) switch { (0, 0) => 1, (0, _) => z, (_, 0) => x, _ => y };
                }
            }

            shrinks[key] = factors;
        }

        steps.Add(new Step(StepKind.Shrink) { Matrix = factors });
        foreach (int q in due)
        {
            pending[q] = (1, 1, 1);
        }
    }

    // The bits of I, Z, X, Y of a qubit: z, then x.
    private int[] Bits(int qubit) => [1 << qubit, 1 << (qubits + qubit)];

    /// <summary>R_ij = tr(P_i K P_j K†)/2^k of a matrix on k qubits, P in the order I, Z, X, Y, the first qubit's running fastest.</summary>
    private static double[] Transfer(Complex[] matrix, int k)
    {
        int d = 1 << k, size = 1 << (2 * k);
        double[] transfer = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                Complex sum = 0;
                for (int a = 0; a < d; a++)
                {
                    for (int b = 0; b < d; b++)
                    {
                        // (P_i)_(c,a) is there for one c alone, and (P_j)_(b,e) for one e: tr = Σ (P_i)_(c,a) K_(a,b) (P_j)_(b,e) K*_(c,e).
                        (int c, Complex left) = Column(i, a, k);
                        (int e, Complex right) = Column(j, b, k);
                        sum += left * matrix[(a * d) + b] * Complex.Conjugate(right) * Complex.Conjugate(matrix[(c * d) + e]);
                    }
                }

                transfer[(i * size) + j] = sum.Real / d;
            }
        }

        return transfer;
    }

    // The row and the value of the only entry in a column of a Pauli string.
    private static (int Row, Complex Value) Column(int code, int column, int k)
    {
        int row = column;
        Complex value = 1;
        for (int q = 0; q < k; q++)
        {
            bool z = (code >> (2 * q) & 1) != 0, x = (code >> ((2 * q) + 1) & 1) != 0, one = (column >> q & 1) != 0;
            value *= (z && one ? -1 : 1) * (x && z ? Complex.ImaginaryOne : 1);
            row ^= x ? 1 << q : 0;
        }

        return (row, value);
    }

    private static int Weight(int bits) => BitOperations.PopCount((uint)bits);

    private enum StepKind
    {
        Rotate,
        Exchange,
        Shrink,
        Mix,
    }

    private sealed record Step(StepKind Kind)
    {
        public int Flip { get; init; }

        public int[] Plus { get; init; } = [];

        public int[] Minus { get; init; } = [];

        public int[] Targets { get; init; } = [];

        public int[] OtherTargets { get; init; } = [];

        public int[] Bits { get; init; } = [];

        public double[] Matrix { get; init; } = [];

        public Angle? Angle { get; init; }

        public double Factor { get; init; }
    }
}
