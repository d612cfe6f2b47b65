using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using QDistill.Configuration;
using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>How a symmetric matrix with negative eigenvalues, as shot noise makes, becomes positive semidefinite.</summary>
public enum PsdRepair
{
    /// <summary>Negative eigenvalues become 0.</summary>
    Clip,

    /// <summary>The least eigenvalue, where negative, is taken off the diagonal; all other entries stay.</summary>
    Shift,

    /// <summary>The nearest matrix with ones on its diagonal (Higham, IMA J. Numer. Anal. 22, 329 (2002)).</summary>
    Nearest,
}

/// <summary>What is done to Gram matrices: shot noise, repair, alignment.</summary>
public static class KernelMatrix
{
    /// <summary>
    /// The Gram matrix that a fidelity measured with a number of shots would give: each entry above the diagonal a binomial frequency from a random stream of its own, mirrored; ones on the diagonal.
    /// </summary>
    /// <param name="gram">The exact matrix [n, n].</param>
    /// <param name="count">n</param>
    /// <param name="shots">Shots for each entry.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="ledger">Counts n(n − 1)/2 circuits and their shots, when given.</param>
    public static double[] WithShotNoise(ReadOnlySpan<double> gram, int count, int shots, ulong seed, Ledger? ledger = null)
    {
        Check(gram, count);
        if (shots < 1)
        {
            throw new UserErrorException($"{shots} shots give no estimate");
        }

        double[] noisy = new double[count * count];
        for (int i = 0; i < count; i++)
        {
            noisy[(i * count) + i] = 1;
            for (int j = i + 1; j < count; j++)
            {
                var random = new Philox(seed, ((ulong)i << 32) | (uint)j);
                noisy[(i * count) + j] = noisy[(j * count) + i] = (double)Binomial.Draw(shots, Math.Clamp(gram[(i * count) + j], 0, 1), ref random) / shots;
            }
        }

        long pairs = (long)count * (count - 1) / 2;
        ledger?.Record(pairs, pairs * shots, 0, 0, 0);
        return noisy;
    }

    /// <summary>The rectangular matrix between new and training samples that fidelities measured with a number of shots would give. Entry (i, j) has a random stream of its own, by the sample's running number.</summary>
    /// <param name="cross">The exact matrix [m, n].</param>
    /// <param name="count">m</param>
    /// <param name="shots">Shots for each entry.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="firstSample">The running number of the first row, so that answers do not depend on how a run is cut.</param>
    public static double[] CrossWithShotNoise(ReadOnlySpan<double> cross, int count, int shots, ulong seed, long firstSample)
    {
        if (shots < 1)
        {
            throw new UserErrorException($"{shots} shots give no estimate");
        }

        int n = count == 0 ? 0 : cross.Length / count;
        double[] noisy = new double[cross.Length];
        for (int k = 0; k < noisy.Length; k++)
        {
            var random = new Philox(seed, (1UL << 63) | ((ulong)(firstSample + (k / n)) << 20) | (uint)(k % n));
            noisy[k] = (double)Binomial.Draw(shots, Math.Clamp(cross[k], 0, 1), ref random) / shots;
        }

        return noisy;
    }

    /// <summary>A positive semidefinite matrix in place of a symmetric one.</summary>
    /// <param name="gram">[n, n]</param>
    /// <param name="count">n</param>
    /// <param name="repair">How.</param>
    public static double[] Repair(ReadOnlySpan<double> gram, int count, PsdRepair repair)
    {
        Check(gram, count);
        Matrix<double> k = ToMatrix(gram, count);
        Evd<double> evd = k.Evd(Symmetricity.Symmetric);
        double least = evd.EigenValues.Select(v => v.Real).Min();
        if (least >= 0)
        {
            return gram.ToArray();
        }

        if (repair == PsdRepair.Shift)
        {
            double[] shifted = gram.ToArray();
            for (int i = 0; i < count; i++)
            {
                shifted[i * (count + 1)] -= least;
            }

            return shifted;
        }

        if (repair == PsdRepair.Clip)
        {
            return ToArray(Clip(evd));
        }

        // Alternating projections with Dykstra's correction.
        Matrix<double> y = k, correction = Matrix<double>.Build.Dense(count, count);
        for (int round = 0; round < 200; round++)
        {
            Matrix<double> r = y - correction, x = Clip(r.Evd(Symmetricity.Symmetric));
            correction = x - r;
            Matrix<double> next = x.Clone();
            for (int i = 0; i < count; i++)
            {
                next[i, i] = 1;
            }

            double moved = (next - y).FrobeniusNorm() / next.FrobeniusNorm();
            y = next;
            if (moved < 1e-10)
            {
                break;
            }
        }

        // The last step set the diagonal; a final clip and rescaling keep both properties to rounding.
        y = Clip(y.Evd(Symmetricity.Symmetric));
        for (int i = 0; i < count; i++)
        {
            double s = Math.Sqrt(y[i, i]);
            y.SetRow(i, y.Row(i) / s);
            y.SetColumn(i, y.Column(i) / s);
        }

        return ToArray(y);
    }

    /// <summary>The least eigenvalue of a symmetric matrix.</summary>
    public static double LeastEigenvalue(ReadOnlySpan<double> gram, int count)
    {
        Check(gram, count);
        return ToMatrix(gram, count).Evd(Symmetricity.Symmetric).EigenValues.Select(v => v.Real).Min();
    }

    /// <summary>
    /// The centred kernel–target alignment ⟨HKH, yyᵀ⟩/(‖HKH‖ ‖HyyᵀH‖) (Cortes, Mohri, Rostamizadeh, JMLR 13, 795 (2012)), and its gradient by the matrix.
    /// </summary>
    /// <param name="gram">[n, n]</param>
    /// <param name="labels">−1 or +1 [n].</param>
    /// <param name="gradient">Receives dA/dK [n, n]; may be empty.</param>
    public static double Alignment(ReadOnlySpan<double> gram, ReadOnlySpan<double> labels, Span<double> gradient = default)
    {
        int n = labels.Length;
        Check(gram, n);
        double mean = 0;
        foreach (double y in labels)
        {
            mean += y / n;
        }

        double[] t = new double[n], rows = new double[n], columns = new double[n];
        double yy = 0, total = 0;
        for (int i = 0; i < n; i++)
        {
            t[i] = labels[i] - mean;
            yy += t[i] * t[i];
            for (int j = 0; j < n; j++)
            {
                rows[i] += gram[(i * n) + j] / n;
                columns[j] += gram[(i * n) + j] / n;
            }

            total += rows[i] / n;
        }

        double[] centred = new double[n * n];
        double dot = 0, square = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double c = centred[(i * n) + j] = gram[(i * n) + j] - rows[i] - columns[j] + total;
                dot += c * t[i] * t[j];
                square += c * c;
            }
        }

        if (square < 1e-300 || yy < 1e-300)
        {
            throw new UserErrorException("the kernel–target alignment is undefined: all labels or all kernel values are the same");
        }

        double norm = Math.Sqrt(square), alignment = dot / (norm * yy);
        for (int i = 0; i < n && !gradient.IsEmpty; i++)
        {
            for (int j = 0; j < n; j++)
            {
                gradient[(i * n) + j] = ((t[i] * t[j] / yy) - (alignment * centred[(i * n) + j] / norm)) / norm;
            }
        }

        return alignment;
    }

    internal static Matrix<double> ToMatrix(ReadOnlySpan<double> gram, int count)
    {
        // Symmetric, so row-major and column-major are the same.
        return Matrix<double>.Build.Dense(count, count, gram.ToArray());
    }

    internal static void Check(ReadOnlySpan<double> gram, int count)
    {
        if (count < 1 || gram.Length != (long)count * count)
        {
            throw new UserErrorException($"a Gram matrix of {count} samples has {(long)count * count} entries, but {gram.Length} were given");
        }

        foreach (double v in gram)
        {
            if (!double.IsFinite(v))
            {
                throw new UserErrorException("a Gram matrix holds an entry that is not a finite number");
            }
        }
    }

    private static Matrix<double> Clip(Evd<double> evd)
    {
        Matrix<double> v = evd.EigenVectors.Clone();
        for (int j = 0; j < v.ColumnCount; j++)
        {
            v.SetColumn(j, v.Column(j) * Math.Sqrt(Math.Max(0, evd.EigenValues[j].Real)));
        }

        return v.TransposeAndMultiply(v);
    }

    private static double[] ToArray(Matrix<double> m) => m.ToColumnMajorArray();
}
