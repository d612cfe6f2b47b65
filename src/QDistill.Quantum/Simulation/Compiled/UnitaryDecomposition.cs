using System.Numerics;

namespace QDistill.Quantum.Simulation.Compiled;

/// <summary>Constant unitaries as rotations: Euler angles for one qubit, Cartan's (KAK) decomposition for two.</summary>
internal static class UnitaryDecomposition
{
    /// <summary>e^{iφ} RZ(β) RY(γ) RZ(δ).</summary>
    public readonly record struct Euler(double Phase, double Beta, double Gamma, double Delta);

    /// <summary>
    /// e^{iφ} (LastHigh ⊗ LastLow) exp(−i(XX·X⊗X + YY·Y⊗Y + ZZ·Z⊗Z)/2) (FirstHigh ⊗ FirstLow).
    /// </summary>
    public readonly record struct TwoQubitAngles(Euler FirstLow, Euler FirstHigh, double XX, double YY, double ZZ, Euler LastLow, Euler LastHigh, double Phase);

    /// <summary>The Euler angles of a row-major 2×2 unitary.</summary>
    public static Euler OneQubit(ReadOnlySpan<Complex> m)
    {
        Complex det = (m[0] * m[3]) - (m[1] * m[2]);
        double phase = det.Phase / 2;
        Complex e = Complex.Exp(new Complex(0, -phase));
        Complex a = m[0] * e, b = m[2] * e;   // cos(γ/2) e^{−i(β+δ)/2}, sin(γ/2) e^{i(β−δ)/2}
        double gamma = 2 * Math.Atan2(b.Magnitude, a.Magnitude);
        double sum = a.Magnitude > 1e-15 ? -2 * a.Phase : 0, difference = b.Magnitude > 1e-15 ? 2 * b.Phase : 0;
        return new Euler(phase, (sum + difference) / 2, gamma, (sum - difference) / 2);
    }

    /// <summary>Cartan's decomposition of a row-major 4×4 unitary (qubit "low" is bit 0 of its indices).</summary>
    public static TwoQubitAngles TwoQubit(ReadOnlySpan<Complex> u)
    {
        // In the magic basis local gates are real and the three interactions diagonal (Makhlin 2002; Kraus and Cirac 2001).
        Complex det = Determinant(u);
        double phase = det.Phase / 4;
        Complex[] special = [.. u.ToArray().Select(v => v * Complex.Exp(new Complex(0, -phase)))];
        Complex[] m = Multiply(Multiply(Adjoint(Magic), special), Magic);
        Complex[] square = Multiply(Transpose(m), m);
        double[] p = SimultaneousEigenvectors(square);
        Complex[] basis = [.. p.Select(v => new Complex(v, 0))];
        Complex[] diagonal = Multiply(Multiply(Transpose(basis), square), basis);
        double[] angles = new double[4];
        for (int i = 0; i < 4; i++)
        {
            angles[i] = diagonal[(5 * i)].Phase / 2;
        }

        // The square roots' signs are free but for the determinant of the left factor, which must be that of a rotation.
        Complex[] left = Left(m, basis, angles);
        if (Determinant(left).Real < 0)
        {
            angles[0] += Math.PI;
            left = Left(m, basis, angles);
        }

        Complex[] last = Multiply(Multiply(Magic, left), Adjoint(Magic)), first = Multiply(Multiply(Magic, Transpose(basis)), Adjoint(Magic));
        (Euler lastHigh, Euler lastLow, double lastPhase) = Factor(last);
        (Euler firstHigh, Euler firstLow, double firstPhase) = Factor(first);

        // Eigenvalues of X⊗X, Y⊗Y, Z⊗Z on the columns of Magic.
        double mean = (angles[0] + angles[1] + angles[2] + angles[3]) / 4, xx = 0, yy = 0, zz = 0;
        for (int i = 0; i < 4; i++)
        {
            xx += angles[i] * Signs[i, 0] / 4;
            yy += angles[i] * Signs[i, 1] / 4;
            zz += angles[i] * Signs[i, 2] / 4;
        }

        return new TwoQubitAngles(firstLow, firstHigh, -2 * xx, -2 * yy, -2 * zz, lastLow, lastHigh, phase + mean + lastPhase + firstPhase);
    }

    private static readonly double R = Math.Sqrt(0.5);

    /// <summary>Columns: (|00⟩+|11⟩)/√2, i(|00⟩−|11⟩)/√2, i(|01⟩+|10⟩)/√2, (|01⟩−|10⟩)/√2.</summary>
    private static readonly Complex[] Magic =
    [
        R, new(0, R), 0, 0,
        0, 0, new(0, R), R,
        0, 0, new(0, R), -R,
        R, new(0, -R), 0, 0,
    ];

    /// <summary>Eigenvalues of X⊗X, Y⊗Y, Z⊗Z on those columns.</summary>
    private static readonly double[,] Signs = { { 1, -1, 1 }, { -1, 1, 1 }, { 1, 1, -1 }, { -1, -1, -1 } };

    private static Complex[] Left(Complex[] m, Complex[] basis, double[] angles)
    {
        Complex[] left = Multiply(m, basis);
        for (int i = 0; i < 16; i++)
        {
            left[i] *= Complex.Exp(new Complex(0, -angles[i % 4]));
        }

        return left;
    }

    /// <summary>Splits A ⊗ B (A on the high bit) into its factors.</summary>
    private static (Euler High, Euler Low, double Phase) Factor(Complex[] m)
    {
        // The largest entry's block is proportional to B, and the entries at its place in the other blocks to A.
        int best = 0;
        for (int i = 1; i < 16; i++)
        {
            best = m[i].Magnitude > m[best].Magnitude + 1e-9 ? i : best;
        }

        int row = best / 4, column = best % 4;
        var a = new Complex[4];
        var b = new Complex[4];
        for (int i = 0; i < 2; i++)
        {
            for (int j = 0; j < 2; j++)
            {
                a[(2 * i) + j] = m[(4 * ((2 * i) + (row & 1))) + (2 * j) + (column & 1)];
                b[(2 * i) + j] = m[(4 * ((row & 2) + i)) + (column & 2) + j];
            }
        }

        Normalise(a);
        Normalise(b);
        Complex ratio = m[best] / (a[(row & 2) + (column >> 1)] * b[(2 * (row & 1)) + (column & 1)]);
        return (OneQubit(a), OneQubit(b), ratio.Phase);
    }

    private static void Normalise(Complex[] m)
    {
        double norm = Math.Sqrt(m.Sum(v => (v.Real * v.Real) + (v.Imaginary * v.Imaginary)) / 2);
        for (int i = 0; i < 4; i++)
        {
            m[i] /= norm;
        }
    }

    /// <summary>
    /// Real orthonormal eigenvectors, with determinant 1, of a symmetric unitary matrix: its real and imaginary parts commute, so a Jacobi iteration can diagonalise
    /// both at once (Cardoso and Souloumiac 1996, real case).
    /// </summary>
    private static double[] SimultaneousEigenvectors(Complex[] square)
    {
        double[][] parts = [[.. square.Select(v => v.Real)], [.. square.Select(v => v.Imaginary)]];
        double[] p = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
        for (int sweep = 0; sweep < 50; sweep++)
        {
            double moved = 0;
            for (int i = 0; i < 3; i++)
            {
                for (int j = i + 1; j < 4; j++)
                {
                    double on = 0, off = 0;
                    foreach (double[] a in parts)
                    {
                        double d = a[5 * i] - a[5 * j], o = a[(4 * i) + j] + a[(4 * j) + i];
                        on += (d * d) - (o * o);
                        off += 2 * d * o;
                    }

                    double theta = 0.25 * Math.Atan2(off, on);
                    if (Math.Abs(theta) < 1e-17)
                    {
                        continue;
                    }

                    moved = Math.Max(moved, Math.Abs(theta));
                    (double s, double c) = Math.SinCos(theta);
                    foreach (double[] a in parts)
                    {
                        Rotate(a, i, j, c, s, rows: true);
                        Rotate(a, i, j, c, s, rows: false);
                    }

                    Rotate(p, i, j, c, s, rows: false);
                }
            }

            if (moved < 1e-16)
            {
                break;
            }
        }

        if (Determinant([.. p.Select(v => new Complex(v, 0))]).Real < 0)
        {
            for (int k = 0; k < 4; k++)
            {
                p[4 * k] = -p[4 * k];
            }
        }

        return p;
    }

    private static void Rotate(double[] a, int i, int j, double c, double s, bool rows)
    {
        for (int k = 0; k < 4; k++)
        {
            ref double x = ref a[rows ? (4 * i) + k : (4 * k) + i];
            ref double y = ref a[rows ? (4 * j) + k : (4 * k) + j];
            (x, y) = ((c * x) + (s * y), (c * y) - (s * x));
        }
    }

    private static Complex[] Multiply(Complex[] a, Complex[] b)
    {
        var m = new Complex[16];
        for (int i = 0; i < 16; i++)
        {
            for (int k = 0; k < 4; k++)
            {
                m[i] += a[(i & ~3) + k] * b[(4 * k) + (i & 3)];
            }
        }

        return m;
    }

    private static Complex[] Transpose(Complex[] a) => [.. Enumerable.Range(0, 16).Select(i => a[(4 * (i & 3)) + (i >> 2)])];

    private static Complex[] Adjoint(Complex[] a) => [.. Transpose(a).Select(Complex.Conjugate)];

    private static Complex Determinant(ReadOnlySpan<Complex> u)
    {
        Complex[] m = u.ToArray();
        Complex det = 1;
        for (int k = 0; k < 4; k++)
        {
            int best = k;
            for (int i = k + 1; i < 4; i++)
            {
                best = m[(4 * i) + k].Magnitude > m[(4 * best) + k].Magnitude ? i : best;
            }

            if (best != k)
            {
                det = -det;
                for (int j = 0; j < 4; j++)
                {
                    (m[(4 * k) + j], m[(4 * best) + j]) = (m[(4 * best) + j], m[(4 * k) + j]);
                }
            }

            det *= m[5 * k];
            for (int i = k + 1; i < 4; i++)
            {
                Complex f = m[(4 * i) + k] / m[5 * k];
                for (int j = k; j < 4; j++)
                {
                    m[(4 * i) + j] -= f * m[(4 * k) + j];
                }
            }
        }

        return det;
    }
}
