using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using QDistill.Distillation.Export.OnnxModel;

namespace QDistill.Distillation.Export;

/// <summary>Collects the nodes and constants of an ONNX graph; names are given in order.</summary>
internal sealed class GraphBuilder(string name)
{
    private readonly GraphProto graph = new() { Name = name };
    private int count;

    public GraphProto Graph => graph;

    public string Node(string op, IReadOnlyList<string> inputs, params AttributeProto[] attributes)
        => NodeNamed(op, inputs, string.Create(CultureInfo.InvariantCulture, $"{op.ToLowerInvariant()}_{++count}"), attributes);

    public string NodeNamed(string op, IReadOnlyList<string> inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = output };
        node.Input.Add(inputs);
        node.Output.Add(output);
        node.Attribute.Add(attributes);
        graph.Node.Add(node);
        return output;
    }

    public string Constant(string name, ReadOnlySpan<float> values, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        tensor.Dims.Add(shape);
        graph.Initializer.Add(tensor);
        return name;
    }

    public string Constant(string name, ReadOnlySpan<long> values) => Raw(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values), values.Length);

    /// <summary>A constant of signed bytes.</summary>
    public string Constant(string name, ReadOnlySpan<sbyte> values, params long[] shape) => Raw(name, TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A constant of 32-bit integers.</summary>
    public string Constant(string name, ReadOnlySpan<int> values, params long[] shape) => Raw(name, TensorProto.Types.DataType.Int32, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A single unsigned byte.</summary>
    public string Scalar(string name, byte value) => Raw(name, TensorProto.Types.DataType.Uint8, [value]);

    private string Raw(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.Add(shape);
        graph.Initializer.Add(tensor);
        return name;
    }

    public void Input(string name, string doc, params long[] rest) => graph.Input.Add(Value(name, doc, rest));

    public void Output(string name, string doc, params long[] rest) => graph.Output.Add(Value(name, doc, rest));

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Float(string name, double value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Ints(string name, params long[] values)
    {
        var a = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        a.Ints.Add(values);
        return a;
    }

    // The first dimension is always the batch.
    private static ValueInfoProto Value(string name, string doc, long[] rest)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        shape.Dim.Add(rest.Select(r => new TensorShapeProto.Types.Dimension { DimValue = r }));
        return new ValueInfoProto
        {
            Name = name,
            DocString = doc,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }
}
