using QDistill.Configuration;
using TorchSharp;
using TorchSharp.Modules;

namespace QDistill.Distillation.Export;

/// <summary>
/// Writes the layers of a network as ONNX nodes, as they compute in use (not in training): dropout disappears, batch norm uses its running statistics. With ranges, linear and convolutional layers are
/// written for 8-bit integers.
/// </summary>
internal sealed class LayerWriter(GraphBuilder graph, Int8Ranges? int8 = null)
{
    /// <summary>Writes one module.</summary>
    /// <param name="path">The module's name in the network, for constants and messages.</param>
    /// <param name="module">The module.</param>
    /// <param name="x">Its input.</param>
    /// <returns>Its output.</returns>
    /// <exception cref="UserErrorException">The module has no ONNX form here.</exception>
    public string Write(string path, torch.nn.Module module, string x) => module switch
    {
        Sequential s => WriteSequence(path, s, x),
        Linear l => WriteLinear(path, l, x),
        ReLU => graph.Node("Relu", [x]),
        Tanh => graph.Node("Tanh", [x]),
        Sigmoid => graph.Node("Sigmoid", [x]),
        SiLU => graph.Node("Mul", [x, graph.Node("Sigmoid", [x])]),
        GELU => WriteGelu(path, x),
        LeakyReLU l => graph.Node("LeakyRelu", [x], GraphBuilder.Float("alpha", l.negative_slope)),
        ELU e => graph.Node("Elu", [x], GraphBuilder.Float("alpha", e.alpha)),
        Softplus { beta: 1 } => graph.Node("Softplus", [x]),
        Softmax s => graph.Node("Softmax", [x], GraphBuilder.Int("axis", s.dim)),
        Identity or Dropout => x,
        Flatten { start_dim: 1, end_dim: -1 } => graph.Node("Flatten", [x], GraphBuilder.Int("axis", 1)),
        Conv2d c => WriteConvolution(path, c, x),
        MaxPool2d p => graph.Node(
            "MaxPool",
            [x],
            GraphBuilder.Ints("kernel_shape", p.kernel_size),
            GraphBuilder.Ints("strides", p.stride),
            GraphBuilder.Ints("pads", [.. p.padding, .. p.padding]),
            GraphBuilder.Ints("dilations", p.dilation),
            GraphBuilder.Int("ceil_mode", p.ceil_mode ? 1 : 0)),
        Unflatten { dim: 1 } u => graph.Node("Reshape", [x, graph.Constant(path + ".shape", [0, .. u.unflattened_size])]),
        BatchNorm1d b => WriteBatchNorm(path, b, x),
        LayerNorm l => WriteLayerNorm(path, l, x),
        Conv1d c => WriteConvolution(path, c, x),
        MaxPool1d p => graph.Node(
            "MaxPool",
            [x],
            GraphBuilder.Ints("kernel_shape", p.kernel_size),
            GraphBuilder.Ints("strides", p.stride ?? p.kernel_size),
            GraphBuilder.Ints("pads", p.padding ?? 0, p.padding ?? 0),
            GraphBuilder.Ints("dilations", p.dilation ?? 1),
            GraphBuilder.Int("ceil_mode", p.ceil_mode ? 1 : 0)),
        AdaptiveAvgPool1d { output_size: 1 } => graph.Node("GlobalAveragePool", [x]),
        _ => throw new UserErrorException($"layer {path} ({module.GetName()}) cannot be exported to ONNX", null, "build the student from Linear, Conv1d, Conv2d, norms, pooling and the common activations"),
    };

    private string WriteSequence(string path, Sequential s, string x)
    {
        (string name, torch.nn.Module module)[] children = [.. s.named_children()];
        for (int i = 0; i < children.Length; i++)
        {
            string child = $"{path}.{children[i].name}";
            x = Write(child, children[i].module, x);

            // ONNX Runtime computes a convolution in integers only when its output is rounded as well. Before a relu codes from 0 on are enough; before anything else a wide range would cost precision.
            if (int8 is not null && children[i].module is Convolution && i + 1 < children.Length && children[i + 1].module is ReLU)
            {
                x = QuantisedLayer.Round(graph, child + ".output", x, (0, int8.Output(child).High));
            }
        }

        return x;
    }

    private static float[] Values(torch.Tensor t)
    {
        using torch.Tensor plain = t.detach().to_type(torch.ScalarType.Float32).contiguous();
        return plain.data<float>().ToArray();
    }

    private string Parameter(string name, torch.Tensor t) => graph.Constant(name, Values(t), t.shape);

    private string WriteLinear(string path, Linear l, string x)
    {
        List<string> inputs = Inputs(path, x, l.weight, l.bias);
        return graph.Node("Gemm", inputs, GraphBuilder.Int("transB", 1));
    }

    // Operator set 17 has no Gelu: x / 2 (1 + erf(x / sqrt 2)).
    private string WriteGelu(string path, string x)
    {
        string erf = graph.Node("Erf", [graph.Node("Mul", [x, graph.Constant(path + ".rsqrt2", [(float)(1 / Math.Sqrt(2))])])]);
        string phi = graph.Node("Add", [erf, graph.Constant(path + ".one", [1f])]);
        return graph.Node("Mul", [graph.Node("Mul", [x, phi]), graph.Constant(path + ".half", [0.5f])]);
    }

    private string WriteBatchNorm(string path, BatchNorm1d b, string x)
    {
        if (b.running_mean is null || b.running_var is null)
        {
            throw new UserErrorException($"layer {path} (BatchNorm1d) keeps no running statistics, so it has no meaning for one sample", null, "use track_running_stats, or another norm");
        }

        long n = b.running_mean.shape[0];
        float[] ones = new float[n];
        Array.Fill(ones, 1f);
        return graph.Node(
            "BatchNormalization",
            [
                x,
                b.weight is { } w ? Parameter(path + ".weight", w) : graph.Constant(path + ".weight", ones, n),
                b.bias is { } s ? Parameter(path + ".bias", s) : graph.Constant(path + ".bias", new float[n], n),
                Parameter(path + ".running_mean", b.running_mean),
                Parameter(path + ".running_var", b.running_var),
            ],
            GraphBuilder.Float("epsilon", b.eps));
    }

    private string WriteLayerNorm(string path, LayerNorm l, string x)
    {
        long[] shape = l.normalized_shape;
        float[] ones = new float[shape.Aggregate(1L, (p, s) => p * s)];
        Array.Fill(ones, 1f);
        List<string> inputs = [x, l.weight is { } w ? Parameter(path + ".weight", w) : graph.Constant(path + ".weight", ones, shape)];
        if (l.bias is not null)
        {
            inputs.Add(Parameter(path + ".bias", l.bias));
        }

        return graph.Node("LayerNormalization", inputs, GraphBuilder.Int("axis", -shape.Length), GraphBuilder.Float("epsilon", l.eps));
    }

    private string WriteConvolution(string path, Convolution c, string x)
    {
        List<string> inputs = Inputs(path, x, c.weight, c.bias);
        long[] before = new long[c.kernel_size.Length], after = new long[c.kernel_size.Length];
        for (int i = 0; i < before.Length; i++)
        {
            long total = c.padding_type == Padding.Same ? c.dilation[i] * (c.kernel_size[i] - 1) : 0;
            (before[i], after[i]) = c.padding is { } p ? (p[i], p[i]) : (total / 2, total - (total / 2));
        }

        return graph.Node(
            "Conv",
            inputs,
            GraphBuilder.Ints("kernel_shape", c.kernel_size),
            GraphBuilder.Ints("strides", c.stride),
            GraphBuilder.Ints("dilations", c.dilation),
            GraphBuilder.Ints("pads", [.. before, .. after]),
            GraphBuilder.Int("group", c.groups));
    }

    private List<string> Inputs(string path, string x, torch.Tensor weight, torch.Tensor? bias)
    {
        if (int8 is not null)
        {
            return QuantisedLayer.Inputs(graph, path, x, int8.Input(path), Values(weight), weight.shape, bias is null ? null : Values(bias));
        }

        List<string> inputs = [x, Parameter(path + ".weight", weight)];
        if (bias is not null)
        {
            inputs.Add(Parameter(path + ".bias", bias));
        }

        return inputs;
    }
}
