namespace Microsoft.ML.OnnxRuntime.Tensors;

/// <summary>The element types of tensors, with ONNX's numbers.</summary>
public enum TensorElementType
{
    /// <summary>Single precision.</summary>
    Float = 1,

    /// <summary>8-bit unsigned.</summary>
    UInt8 = 2,

    /// <summary>8-bit signed.</summary>
    Int8 = 3,

    /// <summary>16-bit unsigned.</summary>
    UInt16 = 4,

    /// <summary>16-bit signed.</summary>
    Int16 = 5,

    /// <summary>32-bit signed.</summary>
    Int32 = 6,

    /// <summary>64-bit signed.</summary>
    Int64 = 7,

    /// <summary>Text.</summary>
    String = 8,

    /// <summary>Boolean.</summary>
    Bool = 9,

    /// <summary>Half precision.</summary>
    Float16 = 10,

    /// <summary>Double precision.</summary>
    Double = 11,

    /// <summary>32-bit unsigned.</summary>
    UInt32 = 12,

    /// <summary>64-bit unsigned.</summary>
    UInt64 = 13,

    /// <summary>Two single-precision parts.</summary>
    Complex64 = 14,

    /// <summary>Two double-precision parts.</summary>
    Complex128 = 15,

    /// <summary>Brain float.</summary>
    BFloat16 = 16,

    /// <summary>Unknown, or not a tensor.</summary>
    DataTypeMax = 22,
}

internal static class ElementTypes
{
    public static TensorElementType Of<T>()
        where T : unmanaged
        => default(T) switch
        {
            float => TensorElementType.Float,
            double => TensorElementType.Double,
            byte => TensorElementType.UInt8,
            sbyte => TensorElementType.Int8,
            ushort => TensorElementType.UInt16,
            short => TensorElementType.Int16,
            int => TensorElementType.Int32,
            long => TensorElementType.Int64,
            uint => TensorElementType.UInt32,
            ulong => TensorElementType.UInt64,
            bool => TensorElementType.Bool,
            Half => TensorElementType.Float16,
            _ => throw new NotSupportedException($"{typeof(T).Name} is not the element type of any tensor"),
        };

    public static Type? Managed(TensorElementType type) => type switch
    {
        TensorElementType.Float => typeof(float),
        TensorElementType.Double => typeof(double),
        TensorElementType.UInt8 => typeof(byte),
        TensorElementType.Int8 => typeof(sbyte),
        TensorElementType.UInt16 => typeof(ushort),
        TensorElementType.Int16 => typeof(short),
        TensorElementType.Int32 => typeof(int),
        TensorElementType.Int64 => typeof(long),
        TensorElementType.UInt32 => typeof(uint),
        TensorElementType.UInt64 => typeof(ulong),
        TensorElementType.Bool => typeof(bool),
        TensorElementType.Float16 => typeof(Half),
        TensorElementType.String => typeof(string),
        _ => null,
    };
}
