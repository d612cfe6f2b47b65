using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.QuantumLayers;

/// <summary>Numbers between tensors of 32 or 64 bits and the simulator's doubles.</summary>
internal static class TensorNumbers
{
    public static double[] Read(Tensor t)
    {
        if (t.dtype == ScalarType.Float64)
        {
            return t.data<double>().ToArray();
        }

        float[] single = t.data<float>().ToArray();
        double[] numbers = new double[single.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = single[i];
        }

        return numbers;
    }

    public static Tensor Make(double[] values, long[] shape, ScalarType dtype)
    {
        if (dtype == ScalarType.Float64)
        {
            return tensor(values, shape);
        }

        float[] single = new float[values.Length];
        for (int i = 0; i < single.Length; i++)
        {
            single[i] = (float)values[i];
        }

        return tensor(single, shape);
    }
}
