using System.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>
/// The textbook: every gate as a full 2^n × 2^n matrix made of Kronecker products and projectors, written from the gates' definitions alone and
/// sharing no code with the simulator. Qubit 0 is the least significant bit, so it is the rightmost Kronecker factor.
/// </summary>
internal static class DenseReference
{
    private static readonly Complex I = Complex.ImaginaryOne;

    public static readonly Complex[,] Id = { { 1, 0 }, { 0, 1 } };
    public static readonly Complex[,] PX = { { 0, 1 }, { 1, 0 } };
    public static readonly Complex[,] PY = { { 0, -I }, { I, 0 } };
    public static readonly Complex[,] PZ = { { 1, 0 }, { 0, -1 } };
    private static readonly Complex[,] P0 = { { 1, 0 }, { 0, 0 } };
    private static readonly Complex[,] P1 = { { 0, 0 }, { 0, 1 } };

    public static Complex[] Run(Circuit circuit, double[] weights, double[] inputs)
    {
        var state = new Complex[1 << circuit.Qubits];
        if (circuit.Preparation == StatePreparation.Amplitude)
        {
            double norm = Math.Sqrt(inputs.Sum(v => v * v));
            for (int i = 0; i < inputs.Length; i++)
            {
                state[i] = inputs[i] / norm;
            }
        }
        else if (circuit.Preparation == StatePreparation.State)
        {
            for (int i = 0; i < state.Length; i++)
            {
                state[i] = new Complex(inputs[2 * i], inputs[(2 * i) + 1]);
            }
        }
        else
        {
            state[0] = 1;
        }

        foreach (Gate gate in circuit.Gates)
        {
            state = Apply(Matrix(gate, circuit.Qubits, weights, inputs), state);
        }

        return state;
    }

    public static double Expectation(Observable observable, Complex[] state)
    {
        int n = BitOperations.Log2((uint)state.Length);
        Complex sum = 0;
        foreach ((double c, PauliString p) in observable.Terms)
        {
            Complex[] image = Apply(Pauli(p, n), state);
            sum += c * state.Select((v, i) => Complex.Conjugate(v) * image[i]).Aggregate(Complex.Zero, (a, b) => a + b);
        }

        Assert.True(Math.Abs(sum.Imaginary) < 1e-12);
        return sum.Real;
    }

    public static Complex[,] Pauli(PauliString p, int n) => Product(n, q => p[q] switch { 'X' => PX, 'Y' => PY, 'Z' => PZ, _ => Id });

    public static Complex[,] Matrix(Gate g, int n, double[] weights, double[] inputs)
    {
        double[] a = [.. g.Angles.Select(x => x.Evaluate(weights, inputs))];
        int q = g.Qubits[0], r = g.Qubits.Length > 1 ? g.Qubits[1] : -1;
        double h = 1 / Math.Sqrt(2);
        Complex[,] One(Complex[,] m) => Product(n, k => k == q ? m : Id);
        Complex[,] Controlled(Complex[,] m) => Sum(Product(n, k => k == q ? P0 : Id), Product(n, k => k == q ? P1 : k == r ? m : Id));
        Complex[,] Two(Complex[,] p) => Exponential(Product(n, k => k == q || k == r ? p : Id), a[0]);
        Complex[,] Diagonal(Complex z) => new Complex[,] { { 1, 0 }, { 0, z } };
        return g.Kind switch
        {
            GateKind.X => One(PX),
            GateKind.Y => One(PY),
            GateKind.Z => One(PZ),
            GateKind.H => One(new Complex[,] { { h, h }, { h, -h } }),
            GateKind.S => One(Diagonal(I)),
            GateKind.SDagger => One(Diagonal(-I)),
            GateKind.T => One(Diagonal(new Complex(h, h))),
            GateKind.TDagger => One(Diagonal(new Complex(h, -h))),
            GateKind.RX => One(Exponential(PX, a[0])),
            GateKind.RY => One(Exponential(PY, a[0])),
            GateKind.RZ => One(Exponential(PZ, a[0])),
            GateKind.Phase => One(Diagonal(Complex.Exp(I * a[0]))),
            GateKind.U3 => One(new Complex[,]
            {
                { Math.Cos(a[0] / 2), -Complex.Exp(I * a[2]) * Math.Sin(a[0] / 2) },
                { Complex.Exp(I * a[1]) * Math.Sin(a[0] / 2), Complex.Exp(I * (a[1] + a[2])) * Math.Cos(a[0] / 2) },
            }),
            GateKind.CNOT => Controlled(PX),
            GateKind.CZ => Controlled(PZ),
            GateKind.SWAP => Embed(new Complex[,] { { 1, 0, 0, 0 }, { 0, 0, 1, 0 }, { 0, 1, 0, 0 }, { 0, 0, 0, 1 } }, q, r, n),
            GateKind.CRX => Controlled(Exponential(PX, a[0])),
            GateKind.CRY => Controlled(Exponential(PY, a[0])),
            GateKind.CRZ => Controlled(Exponential(PZ, a[0])),
            GateKind.CPhase => Controlled(Diagonal(Complex.Exp(I * a[0]))),
            GateKind.RXX => Two(PX),
            GateKind.RYY => Two(PY),
            GateKind.RZZ => Two(PZ),
            GateKind.PauliRotation => Exponential(Pauli(g.Pauli, n), a[0]),
            GateKind.Unitary1 => One(Square(g.Matrix.AsSpan(), 2)),
            GateKind.Unitary2 => Embed(Square(g.Matrix.AsSpan(), 4), q, r, n),
            _ => throw new NotSupportedException(g.Kind.ToString()),
        };
    }

    /// <summary>exp(−iθP/2) = cos(θ/2) − i sin(θ/2) P for P² = 1.</summary>
    public static Complex[,] Exponential(Complex[,] p, double theta)
    {
        int n = p.GetLength(0);
        var m = new Complex[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                m[i, j] = (i == j ? Math.Cos(theta / 2) : 0) - (I * Math.Sin(theta / 2) * p[i, j]);
            }
        }

        return m;
    }

    public static Complex[] Apply(Complex[,] m, Complex[] v)
    {
        var result = new Complex[v.Length];
        for (int i = 0; i < v.Length; i++)
        {
            for (int j = 0; j < v.Length; j++)
            {
                result[i] += m[i, j] * v[j];
            }
        }

        return result;
    }

    /// <summary>factor(n−1) ⊗ … ⊗ factor(0).</summary>
    public static Complex[,] Product(int n, Func<int, Complex[,]> factor)
    {
        Complex[,] m = { { 1 } };
        for (int q = n - 1; q >= 0; q--)
        {
            m = Kronecker(m, factor(q));
        }

        return m;
    }

    private static Complex[,] Kronecker(Complex[,] a, Complex[,] b)
    {
        int ra = a.GetLength(0), rb = b.GetLength(0);
        var m = new Complex[ra * rb, ra * rb];
        for (int i = 0; i < ra * rb; i++)
        {
            for (int j = 0; j < ra * rb; j++)
            {
                m[i, j] = a[i / rb, j / rb] * b[i % rb, j % rb];
            }
        }

        return m;
    }

    private static Complex[,] Sum(Complex[,] a, Complex[,] b)
    {
        var m = (Complex[,])a.Clone();
        for (int i = 0; i < m.GetLength(0); i++)
        {
            for (int j = 0; j < m.GetLength(1); j++)
            {
                m[i, j] += b[i, j];
            }
        }

        return m;
    }

    private static Complex[,] Embed(Complex[,] two, int low, int high, int n)
    {
        int size = 1 << n;
        var m = new Complex[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                if ((i & ~((1 << low) | (1 << high))) == (j & ~((1 << low) | (1 << high))))
                {
                    m[i, j] = two[((i >> low) & 1) + (2 * ((i >> high) & 1)), ((j >> low) & 1) + (2 * ((j >> high) & 1))];
                }
            }
        }

        return m;
    }

    private static Complex[,] Square(ReadOnlySpan<Complex> values, int size)
    {
        var m = new Complex[size, size];
        for (int i = 0; i < size * size; i++)
        {
            m[i / size, i % size] = values[i];
        }

        return m;
    }
}
