using MathNet.Numerics;
using QDistill.Distillation.Students;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// A perceptron's forward pass in plain doubles, sample by sample: a teacher's answer to a window must not depend on the windows it was asked with, nor on threads, and a matrix product's rounding may.
/// </summary>
internal sealed class PlainMlp(MlpStudent network)
{
    private readonly (float[] Weight, float[] Bias)[] layers = [.. network.Layers.Select(l => (FittedNetwork.Numbers(l.weight), FittedNetwork.Numbers(l.bias!)))];

    /// <summary>Logits [n, k] of normalised features [n, d].</summary>
    public float[] Logits(float[] z)
    {
        int d = layers[0].Weight.Length / layers[0].Bias.Length, k = layers[^1].Bias.Length, n = z.Length / d, widest = Math.Max(d, layers.Max(l => l.Bias.Length));
        float[] logits = new float[n * k];
        double[] x = new double[widest], y = new double[widest];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < d; j++)
            {
                x[j] = z[(i * d) + j];
            }

            int width = d;
            for (int layer = 0; layer < layers.Length; layer++)
            {
                (float[] weight, float[] bias) = layers[layer];
                for (int o = 0; o < bias.Length; o++)
                {
                    double sum = bias[o];
                    for (int j = 0; j < width; j++)
                    {
                        sum += weight[(o * width) + j] * x[j];
                    }

                    y[o] = layer + 1 < layers.Length ? Activate(sum) : sum;
                }

                width = bias.Length;
                (x, y) = (y, x);
            }

            for (int j = 0; j < k; j++)
            {
                logits[(i * k) + j] = (float)x[j];
            }
        }

        return logits;
    }

    private double Activate(double v) => network.Activation switch
    {
        "tanh" => Math.Tanh(v),
        "gelu" => v / 2 * (1 + SpecialFunctions.Erf(v / Math.Sqrt(2))),
        _ => Math.Max(0, v),
    };
}
