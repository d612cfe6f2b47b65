using System.Numerics;
using QDistill.Quantum.Simulation;
using QDistill.Quantum.Simulation.Compiled;

namespace QDistill.Quantum.Noise;

/// <summary>Operations on plain complex vectors, for density matrices and trajectories.</summary>
internal static class ComplexKernels
{
    /// <summary>Applies an operation, or its complex conjugate, on qubits counted from bit <paramref name="shift"/>.</summary>
    public static void Apply(Complex[] v, Operation op, double angle, int shift = 0, bool conjugate = false)
    {
        int x = op.XMask << shift, z = op.ZMask << shift, controls = op.Controls << shift, a = 1 << (op.Qubit0 + shift), b = 1 << (op.Qubit1 + shift);
        switch (op.Kind)
        {
            case OperationKind.Rotation:
                // Conjugation flips the angle, and the sign of every Y.
                bool oddY = (BitOperations.PopCount((uint)(op.XMask & op.ZMask)) & 1) != 0;
                Rotate(v, x, z, controls, conjugate && !oddY ? -angle : angle);
                break;
            case OperationKind.Phase:
                Complex phase = Complex.Exp(new Complex(0, conjugate ? -angle : angle));
                for (int p = 0; p < v.Length; p++)
                {
                    if ((p & controls) == controls)
                    {
                        v[p] *= phase;
                    }
                }

                break;
            case OperationKind.ControlledNot:
                for (int p = 0; p < v.Length; p++)
                {
                    if ((p & a) != 0 && (p & b) == 0)
                    {
                        (v[p], v[p | b]) = (v[p | b], v[p]);
                    }
                }

                break;
            case OperationKind.Swap:
                for (int p = 0; p < v.Length; p++)
                {
                    if ((p & a) != 0 && (p & b) == 0)
                    {
                        (v[p], v[p ^ a ^ b]) = (v[p ^ a ^ b], v[p]);
                    }
                }

                break;
            case OperationKind.Matrix1:
                Matrix1(v, a, op.Matrix.AsSpan(), conjugate);
                break;
            case OperationKind.Matrix2:
                Matrix2(v, a, b, op.Matrix.AsSpan(), conjugate);
                break;
        }
    }

    /// <summary>A 2×2 matrix on the qubit of one bit.</summary>
    public static void Matrix1(Complex[] v, int bit, ReadOnlySpan<Complex> m, bool conjugate)
    {
        Complex m0 = m[0], m1 = m[1], m2 = m[2], m3 = m[3];
        if (conjugate)
        {
            (m0, m1, m2, m3) = (Complex.Conjugate(m0), Complex.Conjugate(m1), Complex.Conjugate(m2), Complex.Conjugate(m3));
        }

        for (int p = 0; p < v.Length; p++)
        {
            if ((p & bit) == 0)
            {
                Complex a = v[p], b = v[p | bit];
                v[p] = (m0 * a) + (m1 * b);
                v[p | bit] = (m2 * a) + (m3 * b);
            }
        }
    }

    /// <summary>A channel's superoperator on the bits of a qubit's row and column.</summary>
    public static void Superoperator(Complex[] v, int rowBit, int columnBit, ReadOnlySpan<Complex> s)
    {
        for (int p = 0; p < v.Length; p++)
        {
            if ((p & (rowBit | columnBit)) != 0)
            {
                continue;
            }

            Complex a = v[p], b = v[p | columnBit], c = v[p | rowBit], d = v[p | rowBit | columnBit];
            v[p] = (s[0] * a) + (s[1] * b) + (s[2] * c) + (s[3] * d);
            v[p | columnBit] = (s[4] * a) + (s[5] * b) + (s[6] * c) + (s[7] * d);
            v[p | rowBit] = (s[8] * a) + (s[9] * b) + (s[10] * c) + (s[11] * d);
            v[p | rowBit | columnBit] = (s[12] * a) + (s[13] * b) + (s[14] * c) + (s[15] * d);
        }
    }

    private static void Matrix2(Complex[] v, int low, int high, ReadOnlySpan<Complex> m, bool conjugate)
    {
        Span<Complex> old = stackalloc Complex[4];
        Span<int> at = stackalloc int[4];
        for (int p = 0; p < v.Length; p++)
        {
            if ((p & (low | high)) != 0)
            {
                continue;
            }

            (at[0], at[1], at[2], at[3]) = (p, p | low, p | high, p | low | high);
            for (int i = 0; i < 4; i++)
            {
                old[i] = v[at[i]];
            }

            for (int i = 0; i < 4; i++)
            {
                Complex sum = 0;
                for (int j = 0; j < 4; j++)
                {
                    sum += (conjugate ? Complex.Conjugate(m[(4 * i) + j]) : m[(4 * i) + j]) * old[j];
                }

                v[at[i]] = sum;
            }
        }
    }

    private static void Rotate(Complex[] v, int x, int z, int controls, double angle)
    {
        (double sin, double cos) = Math.SinCos(angle / 2);
        if (x == 0)
        {
            Complex even = new(cos, -sin), odd = new(cos, sin);
            for (int p = 0; p < v.Length; p++)
            {
                if ((p & controls) == controls)
                {
                    v[p] *= Plan.Odd(p & z) ? odd : even;
                }
            }

            return;
        }

        // P|q⟩ = f_q |q ^ x⟩ with f_q = i^k (−1)^(z·q).
        int pivot = 1 << BitOperations.Log2((uint)x), k = BitOperations.PopCount((uint)(x & z)) & 3;
        Complex unit = k switch { 0 => new(0, -sin), 1 => new(sin, 0), 2 => new(0, sin), _ => new(-sin, 0) };
        for (int p = 0; p < v.Length; p++)
        {
            if ((p & pivot) == 0 && (p & controls) == controls)
            {
                int q = p ^ x;
                Complex a = v[p], b = v[q];
                v[p] = (cos * a) + ((Plan.Odd(q & z) ? -unit : unit) * b);
                v[q] = (cos * b) + ((Plan.Odd(p & z) ? -unit : unit) * a);
            }
        }
    }
}
