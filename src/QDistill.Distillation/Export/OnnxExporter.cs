using Google.Protobuf;
using QDistill.Configuration;
using QDistill.Distillation.Export.OnnxModel;
using QDistill.Inference;

namespace QDistill.Distillation.Export;

/// <summary>
/// Writes a student as one ONNX file that holds everything: normalisation, network, calibration, and the contract. Operator set 17, IR version 8:
/// old enough for every ONNX Runtime that runs on a robot today. The same student gives the same bytes.
/// </summary>
public static class OnnxExporter
{
    /// <summary>The standard operator set used.</summary>
    public const int Opset = 17;

    /// <summary>The version of the file format used.</summary>
    public const int IrVersion = 8;

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="student">What the model computes.</param>
    /// <param name="contract">What it promises; its calibration, when given, must be the student's.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">Student and contract contradict each other, or a layer has no ONNX form.</exception>
    public static void Export(StudentGraph student, ModelContract contract, string path)
    {
        byte[] model = Serialize(student, contract);
        AtomicOutput.Write(path, stream => stream.Write(model));
    }

    /// <summary>The file's bytes.</summary>
    /// <inheritdoc cref="Export"/>
    public static byte[] Serialize(StudentGraph student, ModelContract contract)
    {
        int d = contract.FeatureNames.Count, outputs = 1 + contract.Constraints.Count;
        Check(student, contract, d, outputs);
        var graph = new GraphBuilder("student");
        bool temporal = student.Window > 1;
        graph.Input(RiskModel.InputName, $"{(temporal ? "the last windows, oldest first, each with " : string.Empty)}feature values in schema order; NaN: missing", temporal ? [student.Window, d] : [d]);
        string x = Normalise(graph, student, d);
        x = temporal ? graph.Node("Transpose", [x], GraphBuilder.Ints("perm", 0, 2, 1)) : x;
        Int8Ranges? int8 = student.Int8Calibration is { } rows ? Int8Ranges.Measure(student, rows, d) : null;
        string z = new LayerWriter(graph, int8).Write("network", student.Network, x);
        WriteOutputs(graph, student, z, outputs);
        WriteEnergy(graph, z);
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "QDistill",
            ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version?.ToString(3) ?? "0",
            DocString = "Collision risk and constraint violations from fused features; see metadata_props for the contract.",
            Graph = graph.Graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = Opset });
        foreach ((string key, string value) in ContractMetadata.Write(contract))
        {
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return model.ToByteArray();
    }

    private static void Check(StudentGraph student, ModelContract contract, int d, int outputs)
    {
        if (student.Mean.Count != d || student.Scale.Count != d)
        {
            throw new UserErrorException($"the student normalises {student.Mean.Count} features, its contract names {d}");
        }

        if (student.Temperatures.Count != outputs || student.Biases.Count != outputs)
        {
            throw new UserErrorException($"the student has {student.Temperatures.Count} outputs, its contract {outputs} (collision and {outputs - 1} constraints)");
        }

        if (student.Mean.Concat(student.Biases).Any(v => !float.IsFinite(v)) || student.Scale.Concat(student.Temperatures).Any(v => !float.IsFinite(v) || v <= 0))
        {
            throw new UserErrorException("the student's normalisation and calibration must be finite, scales and temperatures positive");
        }

        if (contract.Calibration is { } c && (!c.Temperatures.Select(t => (float)t).SequenceEqual(student.Temperatures) || !c.Biases.Select(b => (float)b).SequenceEqual(student.Biases)))
        {
            throw new UserErrorException("the student's calibration is not the one its contract states");
        }
    }

    // A missing feature becomes its mean: after normalisation, 0.
    private static string Normalise(GraphBuilder graph, StudentGraph student, int d)
    {
        string centred = graph.Node("Sub", [RiskModel.InputName, graph.Constant("feature_mean", student.Mean.ToArray(), d)]);
        string scaled = graph.Node("Div", [centred, graph.Constant("feature_scale", student.Scale.ToArray(), d)]);
        string missing = graph.Node("IsNaN", [scaled]);
        return graph.Node("Where", [missing, graph.Constant("zero", [0f]), scaled]);
    }

    // Entropy from logits, -p log p - (1 - p) log(1 - p) = p softplus(-z) + (1 - p) softplus(z), stays exact where p is close to 0 or 1.
    private static void WriteOutputs(GraphBuilder graph, StudentGraph student, string z, int outputs)
    {
        string cooled = graph.Node("Div", [z, graph.Constant("temperature", student.Temperatures.ToArray(), outputs)]);
        string logits = graph.Node("Add", [cooled, graph.Constant("calibration_bias", student.Biases.ToArray(), outputs)]);
        string first = graph.Constant("first", [0L]), second = graph.Constant("second", [1L]), end = graph.Constant("end", [(long)outputs]);
        string z0 = graph.Node("Squeeze", [graph.Node("Slice", [logits, first, second, second]), second]);
        string p0 = graph.NodeNamed("Sigmoid", [z0], RiskModel.CollisionName);
        graph.Output(RiskModel.CollisionName, "probability of a collision within the horizon");
        if (outputs > 1)
        {
            string rest = graph.Node("Slice", [logits, second, end, second]);
            graph.NodeNamed("Sigmoid", [rest], RiskModel.ViolationName);
            graph.Output(RiskModel.ViolationName, "probability that each constraint is violated within its horizon", outputs - 1);
        }

        string collide = graph.Node("Mul", [p0, graph.Node("Softplus", [graph.Node("Neg", [z0])])]);
        string stay = graph.Node("Mul", [graph.Node("Sub", [graph.Constant("one", [1f]), p0]), graph.Node("Softplus", [z0])]);
        graph.NodeNamed("Add", [collide, stay], RiskModel.UncertaintyName);
        graph.Output(RiskModel.UncertaintyName, "entropy of the collision prediction in nats");
    }

    // -sum_j (|z_j| / 2 + softplus(-|z_j|)): the energy without a power that could overflow.
    private static void WriteEnergy(GraphBuilder graph, string z)
    {
        string size = graph.Node("Abs", [z]);
        string half = graph.Node("Mul", [size, graph.Constant("half", [0.5f])]);
        string each = graph.Node("Add", [half, graph.Node("Softplus", [graph.Node("Neg", [size])])]);
        string sum = graph.Node("ReduceSum", [each, graph.Constant("outputs", [1L])], GraphBuilder.Int("keepdims", 0));
        graph.NodeNamed("Neg", [sum], RiskModel.EnergyName);
        graph.Output(RiskModel.EnergyName, "energy score of the logits before calibration");
    }
}
