using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// All trainable numbers of a variational quantum classifier in one vector: circuit weights, a scale and a shift for every input
/// (angle_f = s_f·z_f + t_f; trainable data re-uploading weights of Pérez-Salinas et al., Quantum 4, 226, eq. 5), and an affine head from the m
/// expectation values to the k logits.
/// </summary>
internal sealed class VqcParameters
{
    /// <summary>π/4 per standard deviation: three deviations stay within ±3π/4, so that no two values share an angle.</summary>
    private const double FirstInputScale = Math.PI / 4;

    public VqcParameters(int weights, int inputs, int observables, int outputs)
    {
        (Weights, Inputs, Observables, Outputs) = (weights, inputs, observables, outputs);
        Values = new double[weights + (2 * inputs) + (outputs * observables) + outputs];
    }

    public int Weights { get; }

    public int Inputs { get; }

    public int Observables { get; }

    public int Outputs { get; }

    public double[] Values { get; }

    public Span<double> Weight => Values.AsSpan(0, Weights);

    public Span<double> InputScale => Values.AsSpan(Weights, Inputs);

    public Span<double> InputShift => Values.AsSpan(Weights + Inputs, Inputs);

    /// <summary>[k, m].</summary>
    public Span<double> HeadWeight => Values.AsSpan(Weights + (2 * Inputs), Outputs * Observables);

    public Span<double> HeadBias => Values.AsSpan(Weights + (2 * Inputs) + (Outputs * Observables), Outputs);

    /// <summary>A random start: small circuit weights (near the identity gradients do not vanish; Grant et al., Quantum 3, 214), unit-variance head.</summary>
    public static VqcParameters Random(Circuit circuit, int observables, int outputs, ulong seed)
    {
        var p = new VqcParameters(circuit.WeightCount, circuit.InputCount, observables, outputs);
        var rng = new Philox(seed, 0x5651_43); // "VQC"
        foreach (ref double w in p.Weight)
        {
            w = 0.3 * rng.NextGaussian();
        }

        p.InputScale.Fill(FirstInputScale);
        foreach (ref double w in p.HeadWeight)
        {
            w = rng.NextGaussian();
        }

        return p;
    }

    /// <summary>Angles [n, f] of normalised inputs [n, f].</summary>
    public void Angles(ReadOnlySpan<double> z, Span<double> angles)
    {
        ReadOnlySpan<double> scale = InputScale, shift = InputShift;
        for (int i = 0; i < z.Length; i++)
        {
            int f = i % Inputs;
            angles[i] = (scale[f] * z[i]) + shift[f];
        }
    }

    /// <summary>Logits [n, k] of expectation values [n, m].</summary>
    public void Logits(ReadOnlySpan<double> expectations, Span<double> logits) => Logits(expectations, logits, Observables);

    /// <summary>Logits [n, k] of expectation values [n, <paramref name="stride"/>], of which the head reads the first m.</summary>
    public void Logits(ReadOnlySpan<double> expectations, Span<double> logits, int stride)
    {
        ReadOnlySpan<double> w = HeadWeight, b = HeadBias;
        for (int i = 0; i < logits.Length; i++)
        {
            int row = i / Outputs, j = i % Outputs;
            double sum = b[j];
            for (int o = 0; o < Observables; o++)
            {
                sum += w[(j * Observables) + o] * expectations[(row * stride) + o];
            }

            logits[i] = sum;
        }
    }

    public VqcParameters Copy()
    {
        var copy = new VqcParameters(Weights, Inputs, Observables, Outputs);
        Values.CopyTo(copy.Values, 0);
        return copy;
    }
}
