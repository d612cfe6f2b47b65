using QDistill.Configuration;
using QDistill.Distillation.QuantumLayers;
using QDistill.Numerics;
using QDistill.Quantum;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// A kernel between windows, differentiable in their features: rows [b, w] of any width are projected to q features by a fixed orthonormal matrix, brought to unit variance over the batch, scaled by
/// the bandwidth, and compared. Nothing is trained in it, so that a gradient can only change the student.
/// </summary>
internal sealed class RelationalKernel : IDisposable
{
    private const ulong Stream = 0x4B45_524E; // "KERN"
    private const int BandwidthRows = 256;
    private readonly KernelSpec spec;
    private readonly ulong seed;
    private readonly FidelityKernel fidelity;
    private readonly QuantumLayer? bloch;
    private readonly Dictionary<long, Tensor> projections = [];
    private readonly double gamma;

    /// <summary>Creates the kernel.</summary>
    /// <param name="spec">Which.</param>
    /// <param name="reference">Rows of the teacher's representation: an <c>rbf</c> kernel's γ gives them the mean kernel value that the fidelity kernel gives them.</param>
    /// <param name="width">Their width.</param>
    /// <param name="seed">The seed of the projections.</param>
    public RelationalKernel(KernelSpec spec, float[] reference, int width, ulong seed)
    {
        (this.spec, this.seed) = (spec, seed);
        if (spec.Encoding is "amplitude" or "basis")
        {
            throw new UserErrorException($"the encoding '{spec.Encoding}' gives no kernel that features could be trained through", null, "choose zz, iqp, angle, phase or reuploading for kernel_encoding");
        }

        Circuit circuit = TeacherCircuit.Build(spec.Encoding, "no-entanglement", spec.Qubits, 0, spec.Qubits);
        fidelity = new FidelityKernel(circuit, new double[circuit.WeightCount], new StateVectorOptions { Threads = 1 });
        if (spec.Kind == "projected")
        {
            bloch = new QuantumLayer(circuit, [.. Enumerable.Range(0, spec.Qubits).SelectMany(q => (Observable[])[Observable.Of(PauliString.X(q)), Observable.Of(PauliString.Y(q)), Observable.Z(q)])], options: new StateVectorOptions { Threads = 1 });
        }

        if (spec.Kind == "rbf")
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGrad = no_grad();
            int rows = Math.Min(reference.Length / width, BandwidthRows), stride = reference.Length / width / Math.Max(1, rows);
            float[] some = new float[rows * width];
            for (int i = 0; i < rows; i++)
            {
                reference.AsSpan(i * stride * width, width).CopyTo(some.AsSpan(i * width));
            }

            Tensor x = Features(tensor(some, [rows, width]));
            gamma = EqualBandwidth(OffDiagonal(FidelityGram.apply(x, fidelity)), OffDiagonal(PairwiseDistance.Squared(x)));
        }
    }

    /// <summary>γ of the <c>rbf</c> kernel; 0 for others.</summary>
    public double Gamma => gamma;

    /// <summary>The Gram matrix [b, b] of rows [b, w].</summary>
    public Tensor Gram(Tensor rows)
    {
        Tensor x = Features(rows);
        return spec.Kind switch
        {
            "fidelity" => FidelityGram.apply(x, fidelity),
            "projected" => (PairwiseDistance.Squared(bloch!.forward(x)) * -0.5).exp(),
            _ => (PairwiseDistance.Squared(x) * -gamma).exp(),
        };
    }

    /// <summary>The projected and scaled features [b, q] that enter the kernel.</summary>
    public Tensor Features(Tensor rows)
    {
        Tensor p = rows.matmul(Projection(rows.shape[1])), centred = p - p.mean([0], keepdim: true);
        return centred / (centred.square().mean() + 1e-12).sqrt() * spec.Bandwidth;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        fidelity.Dispose();
        bloch?.Dispose();
        foreach (Tensor t in projections.Values)
        {
            t.Dispose();
        }
    }

    /// <summary>The γ whose mean of exp(−γ d²) is the mean of the given kernel values.</summary>
    internal static double EqualBandwidth(double[] kernel, double[] squares)
    {
        double target = Math.Clamp(kernel.Average(), 1e-6, 1 - 1e-9), low = 0, high = 1;
        while (squares.Average(s => Math.Exp(-high * s)) > target && high < 1e9)
        {
            high *= 2;
        }

        for (int round = 0; round < 200; round++)
        {
            double middle = (low + high) / 2;
            (low, high) = squares.Average(s => Math.Exp(-middle * s)) > target ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    private static double[] OffDiagonal(Tensor matrix)
    {
        int n = (int)matrix.shape[0];
        double[] all = TensorNumbers.Read(matrix);
        return [.. Enumerable.Range(0, n * n).Where(i => i / n != i % n).Select(i => all[i])];
    }

    /// <summary>Gaussian columns made orthonormal by Gram–Schmidt: distances survive where w ≤ q, and on average, scaled, where w > q (Johnson–Lindenstrauss).</summary>
    private Tensor Projection(long width)
    {
        if (projections.TryGetValue(width, out Tensor? known))
        {
            return known;
        }

        int w = (int)width, q = spec.Qubits, longer = Math.Max(w, q), count = Math.Min(w, q);
        var rng = new Philox(seed, Stream + (ulong)width);
        double[][] vectors = new double[count][];
        for (int a = 0; a < count; a++)
        {
            double[] v = new double[longer];
            for (int i = 0; i < longer; i++)
            {
                v[i] = rng.NextGaussian();
            }

            for (int b = 0; b < a; b++)
            {
                double dot = v.Zip(vectors[b], (x, y) => x * y).Sum();
                for (int i = 0; i < longer; i++)
                {
                    v[i] -= dot * vectors[b][i];
                }
            }

            double norm = Math.Sqrt(v.Sum(x => x * x));
            vectors[a] = [.. v.Select(x => x / norm)];
        }

        float[] matrix = new float[w * q];
        for (int i = 0; i < w; i++)
        {
            for (int j = 0; j < q; j++)
            {
                matrix[(i * q) + j] = (float)(w <= q ? vectors[i][j] : vectors[j][i]);
            }
        }

        return projections[width] = tensor(matrix, [w, q]).DetachFromDisposeScope();
    }
}
