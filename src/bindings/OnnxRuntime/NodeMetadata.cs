using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>What an OrtValue or an input or output holds.</summary>
public enum OnnxValueType
{
    /// <summary>Unknown.</summary>
    ONNX_TYPE_UNKNOWN = 0,

    /// <summary>A tensor.</summary>
    ONNX_TYPE_TENSOR = 1,

    /// <summary>A sequence.</summary>
    ONNX_TYPE_SEQUENCE = 2,

    /// <summary>A map.</summary>
    ONNX_TYPE_MAP = 3,

    /// <summary>Something of the library's own.</summary>
    ONNX_TYPE_OPAQUE = 4,

    /// <summary>A sparse tensor.</summary>
    ONNX_TYPE_SPARSETENSOR = 5,

    /// <summary>Any of these, or nothing.</summary>
    ONNX_TYPE_OPTIONAL = 6,
}

/// <summary>The type and shape of a model's input or output.</summary>
public class NodeMetadata
{
    private readonly int[] dimensions = [];
    private readonly string[] symbols = [];
    private readonly TensorElementType type = TensorElementType.DataTypeMax;

    internal NodeMetadata(nint typeInfo)
    {
        OnnxValueType = (OnnxValueType)OrtApi.GetInt(OrtFunction.GetOnnxTypeFromTypeInfo, typeInfo);
        if (OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
        {
            return;
        }

        nint tensor = OrtApi.Get(OrtFunction.CastTypeInfoToTensorInfo, typeInfo); // owned by the type info
        type = (TensorElementType)OrtApi.GetInt(OrtFunction.GetTensorElementType, tensor);
        long[] sizes = new long[OrtApi.Count(OrtFunction.GetDimensionsCount, tensor)];
        OrtApi.Dimensions(tensor, sizes);
        symbols = OrtApi.SymbolicDimensions(tensor, sizes.Length);
        dimensions = [.. sizes.Select(s => checked((int)s))];
    }

    /// <summary>The kind of value.</summary>
    public OnnxValueType OnnxValueType { get; }

    /// <summary>Whether it is a tensor.</summary>
    public bool IsTensor => OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR;

    /// <summary>The sizes; -1 where the model leaves one open.</summary>
    public int[] Dimensions => dimensions;

    /// <summary>The names of open sizes; empty where there is none.</summary>
    public string[] SymbolicDimensions => symbols;

    /// <summary>The element type.</summary>
    public TensorElementType ElementDataType => type;

    /// <summary>The .NET type of the elements.</summary>
    public Type ElementType => ElementTypes.Managed(type) ?? throw new NotSupportedException($"{type} has no .NET type");
}

/// <summary>What a model says of itself.</summary>
public class ModelMetadata
{
    internal ModelMetadata(nint session)
    {
        nint metadata = OrtApi.Get(OrtFunction.SessionGetModelMetadata, session);
        try
        {
            ProducerName = OrtApi.Text(OrtFunction.ModelMetadataGetProducerName, metadata);
            GraphName = OrtApi.Text(OrtFunction.ModelMetadataGetGraphName, metadata);
            Domain = OrtApi.Text(OrtFunction.ModelMetadataGetDomain, metadata);
            Description = OrtApi.Text(OrtFunction.ModelMetadataGetDescription, metadata);
            Version = OrtApi.Get(OrtFunction.ModelMetadataGetVersion, metadata);
            foreach (string key in OrtApi.MetadataKeys(metadata))
            {
                CustomMetadataMap[key] = OrtApi.LookupMetadata(metadata, key) ?? string.Empty;
            }
        }
        finally
        {
            OrtApi.Release(OrtFunction.ReleaseModelMetadata, metadata);
        }
    }

    /// <summary>The program that wrote the model.</summary>
    public string ProducerName { get; }

    /// <summary>The graph's name.</summary>
    public string GraphName { get; }

    /// <summary>The model's domain.</summary>
    public string Domain { get; }

    /// <summary>The model's description.</summary>
    public string Description { get; }

    /// <summary>The model's version.</summary>
    public long Version { get; }

    /// <summary>The entries of metadata_props.</summary>
    public Dictionary<string, string> CustomMetadataMap { get; } = [];
}
