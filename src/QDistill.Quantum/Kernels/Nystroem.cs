using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using QDistill.Configuration;
using QDistill.Numerics;

namespace QDistill.Quantum;

/// <summary>
/// Nyström's approximation K ≈ K_nm K_mm⁺ K_mn over m landmarks (Williams and Seeger, NIPS 2000): features Φ with K ≈ ΦΦᵀ, for nm instead of n² kernel circuits.
/// </summary>
public sealed class Nystroem
{
    private readonly IQuantumKernel kernel;
    private readonly double[] landmarks;
    private readonly double[] root;   // K_mm^(−1/2), [m, m]

    /// <summary>Picks landmarks from the samples at random.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="inputs">[n, d]</param>
    /// <param name="count">n</param>
    /// <param name="landmarkCount">m ≤ n</param>
    /// <param name="seed">The seed of the choice.</param>
    public Nystroem(IQuantumKernel kernel, ReadOnlySpan<double> inputs, int count, int landmarkCount, ulong seed)
    {
        if (landmarkCount < 1 || landmarkCount > count)
        {
            throw new UserErrorException($"{landmarkCount} landmarks cannot be picked from {count} samples");
        }

        this.kernel = kernel;
        int d = kernel.InputCount;
        int[] order = [.. Enumerable.Range(0, count)];
        var random = new Philox(seed, 0x4E);
        random.Shuffle<int>(order);
        Landmarks = [.. order.Take(landmarkCount).Order()];
        landmarks = new double[landmarkCount * d];
        for (int i = 0; i < landmarkCount; i++)
        {
            inputs.Slice(Landmarks[i] * d, d).CopyTo(landmarks.AsSpan(i * d));
        }

        Evd<double> evd = KernelMatrix.ToMatrix(kernel.Gram(landmarks, landmarkCount), landmarkCount).Evd(Symmetricity.Symmetric);
        Matrix<double> v = evd.EigenVectors, scaled = v.Clone();
        double largest = evd.EigenValues.Max(e => e.Real);
        for (int j = 0; j < landmarkCount; j++)
        {
            double e = evd.EigenValues[j].Real;
            scaled.SetColumn(j, e > 1e-12 * largest ? v.Column(j) / Math.Sqrt(e) : v.Column(j) * 0);
        }

        root = scaled.TransposeAndMultiply(v).ToRowMajorArray();
    }

    /// <summary>The indices of the landmarks.</summary>
    public IReadOnlyList<int> Landmarks { get; }

    /// <summary>Features of samples.</summary>
    /// <returns>[n, m]</returns>
    public double[] Features(ReadOnlySpan<double> inputs, int count)
    {
        int m = Landmarks.Count;
        double[] cross = kernel.Cross(inputs, count, landmarks, m), features = new double[count * m];
        DotProducts.Multiply(cross, count, root, m, m, symmetric: false, features, new ParallelOptions());   // the root is symmetric
        return features;
    }

    /// <summary>The mean error of the approximation's diagonal, 1 − |φ(x)|²: an upper bound of the relative trace error, at no further circuit.</summary>
    public double TraceError(ReadOnlySpan<double> inputs, int count)
    {
        int m = Landmarks.Count;
        double[] f = Features(inputs, count);
        double error = 0;
        for (int i = 0; i < count; i++)
        {
            error += (1 - DotProducts.Dot(f.AsSpan(i * m, m), f.AsSpan(i * m, m))) / count;
        }

        return error;
    }
}
