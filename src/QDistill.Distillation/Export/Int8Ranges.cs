using QDistill.Configuration;
using TorchSharp;
using TorchSharp.Modules;

namespace QDistill.Distillation.Export;

/// <summary>The least and the greatest value that enter and leave every layer on a calibration set: what 8-bit integers are spread over.</summary>
internal sealed class Int8Ranges
{
    private readonly Dictionary<string, ((float Low, float High) Input, (float Low, float High) Output)> ranges = [];

    /// <summary>Runs the network layer by layer over the calibration set.</summary>
    /// <param name="student">The student.</param>
    /// <param name="rows">Normalised network inputs [c, d · w], each feature's w values together.</param>
    /// <param name="features">d.</param>
    /// <exception cref="UserErrorException">The calibration set is empty.</exception>
    public static Int8Ranges Measure(StudentGraph student, float[] rows, int features)
    {
        int width = features * student.Window, count = rows.Length / width;
        if (count == 0)
        {
            throw new UserErrorException("the calibration set of an int8 model is empty", null, "give it some windows");
        }

        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable guard = torch.no_grad();
        torch.Tensor x = torch.tensor(rows, [count, width]);
        var measured = new Int8Ranges();
        measured.Walk("network", student.Network, student.Window > 1 ? x.reshape(count, features, student.Window) : x);
        return measured;
    }

    /// <summary>What enters a layer.</summary>
    public (float Low, float High) Input(string path) => ranges[path].Input;

    /// <summary>What leaves it.</summary>
    public (float Low, float High) Output(string path) => ranges[path].Output;

    private torch.Tensor Walk(string path, torch.nn.Module module, torch.Tensor x)
    {
        if (module is Sequential s)
        {
            foreach ((string name, torch.nn.Module child) in s.named_children())
            {
                x = Walk($"{path}.{name}", child, x);
            }

            return x;
        }

        torch.Tensor y = ((torch.nn.Module<torch.Tensor, torch.Tensor>)module).call(x);
        ranges[path] = (Range(x), Range(y));
        return y;
    }

    // 0 must have an exact code: padding and relu put it everywhere.
    private static (float Low, float High) Range(torch.Tensor t) => (Math.Min(0, t.min().item<float>()), Math.Max(0, t.max().item<float>()));
}

/// <summary>
/// Static 8-bit quantisation in ONNX's QDQ form (Jacob et al., arXiv:1712.05877): activations in unsigned bytes with one scale and zero point a tensor, weights in signed bytes with one scale for each
/// output channel, biases in 32-bit integers of the product of both scales. ONNX Runtime fuses the pairs into integer kernels; any other engine computes the same in floats.
/// </summary>
internal static class QuantisedLayer
{
    /// <summary>
    /// Weights take 7 bits of the 8: on x86 without VNNI the integer kernels add two products of an unsigned and a signed byte in 16 bits, and 2 · 255 · 64 is what fits there without saturating.
    /// </summary>
    private const float MostCode = 64;

    /// <summary>Rounds a tensor to bytes and back.</summary>
    public static string Round(GraphBuilder graph, string name, string x, (float Low, float High) range)
    {
        (float scale, byte zero) = Spread(range);
        string s = graph.Constant(name + ".scale", [scale]), z = graph.Scalar(name + ".zero", zero);
        return graph.Node("DequantizeLinear", [graph.Node("QuantizeLinear", [x, s, z]), s, z]);
    }

    /// <summary>The inputs of a Gemm or Conv: x rounded, weights and bias from integers.</summary>
    public static List<string> Inputs(GraphBuilder graph, string path, string x, (float Low, float High) range, float[] weight, long[] shape, float[]? bias)
    {
        List<string> inputs = [Round(graph, path + ".input", x, range)];
        int channels = (int)shape[0], each = weight.Length / channels;
        float[] scales = new float[channels];
        sbyte[] codes = new sbyte[weight.Length];
        for (int c = 0; c < channels; c++)
        {
            float most = 0;
            foreach (float w in weight.AsSpan(c * each, each))
            {
                most = Math.Max(most, Math.Abs(w));
            }

            scales[c] = most > 0 ? most / MostCode : 1;
            for (int i = c * each; i < (c + 1) * each; i++)
            {
                codes[i] = (sbyte)Math.Clamp(MathF.Round(weight[i] / scales[c]), -MostCode, MostCode);
            }
        }

        string scale = graph.Constant(path + ".weight.scale", scales, channels), zeros = graph.Constant(path + ".weight.zero", new sbyte[channels], channels);
        inputs.Add(graph.Node("DequantizeLinear", [graph.Constant(path + ".weight", codes, shape), scale, zeros], GraphBuilder.Int("axis", 0)));
        if (bias is not null)
        {
            float activation = Spread(range).Scale;
            float[] biasScales = [.. scales.Select(s => s * activation)];
            int[] biasCodes = [.. bias.Select((b, c) => (int)Math.Clamp(Math.Round((double)b / biasScales[c]), -int.MaxValue, int.MaxValue))];
            inputs.Add(graph.Node(
                "DequantizeLinear", [graph.Constant(path + ".bias", biasCodes, channels), graph.Constant(path + ".bias.scale", biasScales, channels), graph.Constant(path + ".bias.zero", new int[channels], channels)], GraphBuilder.Int("axis", 0)));
        }

        return inputs;
    }

    /// <summary>Scale and zero point of 256 codes over a range that holds 0.</summary>
    internal static (float Scale, byte Zero) Spread((float Low, float High) range)
    {
        float scale = Math.Max(range.High - range.Low, 1e-8f) / 255;
        return (scale, (byte)Math.Clamp(MathF.Round(-range.Low / scale), 0, 255));
    }
}
