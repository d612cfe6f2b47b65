namespace TorchSharp;

public static partial class torch
{
    /// <summary>A boolean.</summary>
    public static ScalarType @bool = ScalarType.Bool;

    /// <summary>An 8-bit unsigned whole number.</summary>
    public static ScalarType uint8 = ScalarType.Byte;

    /// <summary>An 8-bit whole number.</summary>
    public static ScalarType int8 = ScalarType.Int8;

    /// <summary>A 16-bit whole number.</summary>
    public static ScalarType int16 = ScalarType.Int16;

    /// <summary>A 32-bit whole number.</summary>
    public static ScalarType int32 = ScalarType.Int32;

    /// <summary>A 64-bit whole number.</summary>
    public static ScalarType int64 = ScalarType.Int64;

    /// <summary>A brain float.</summary>
    public static ScalarType bfloat16 = ScalarType.BFloat16;

    /// <summary>A half-precision number.</summary>
    public static ScalarType float16 = ScalarType.Float16;

    /// <summary>A single-precision number.</summary>
    public static ScalarType float32 = ScalarType.Float32;

    /// <summary>A double-precision number.</summary>
    public static ScalarType float64 = ScalarType.Float64;

    /// <summary>A complex number of two single-precision parts.</summary>
    public static ScalarType complex64 = ScalarType.ComplexFloat32;

    /// <summary>A complex number of two double-precision parts.</summary>
    public static ScalarType complex128 = ScalarType.ComplexFloat64;

    /// <summary>The element types, with libtorch's numbers.</summary>
    public enum ScalarType : sbyte
    {
        /// <summary>8-bit unsigned.</summary>
        Byte = 0,

        /// <summary>8-bit signed.</summary>
        Int8 = 1,

        /// <summary>16-bit signed.</summary>
        Int16 = 2,

        /// <summary>32-bit signed.</summary>
        Int32 = 3,

        /// <summary>64-bit signed.</summary>
        Int64 = 4,

        /// <summary>Half precision.</summary>
        Float16 = 5,

        /// <summary>Single precision.</summary>
        Float32 = 6,

        /// <summary>Double precision.</summary>
        Float64 = 7,

        /// <summary>Two single-precision parts.</summary>
        ComplexFloat32 = 9,

        /// <summary>Two double-precision parts.</summary>
        ComplexFloat64 = 10,

        /// <summary>Boolean.</summary>
        Bool = 11,

        /// <summary>Brain float.</summary>
        BFloat16 = 15,
    }

    /// <summary>Whether the type holds whole numbers or booleans.</summary>
    public static bool is_integral(ScalarType type) => type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool;

    /// <summary>Whether the type holds real numbers.</summary>
    public static bool is_floating_point(ScalarType type) => type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

    /// <summary>Whether the type holds complex numbers.</summary>
    public static bool is_complex(ScalarType type) => type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    internal static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.ComplexFloat64 => 16,
        _ => 8,
    };

    /// <summary>The element type that a .NET type is stored as.</summary>
    internal static ScalarType TypeOf<T>()
        where T : unmanaged
        => default(T) switch
        {
            byte => ScalarType.Byte,
            sbyte => ScalarType.Int8,
            short => ScalarType.Int16,
            int => ScalarType.Int32,
            long => ScalarType.Int64,
            Half => ScalarType.Float16,
            float => ScalarType.Float32,
            double => ScalarType.Float64,
            bool => ScalarType.Bool,
            System.Numerics.Complex => ScalarType.ComplexFloat64,
            ValueTuple<float, float> => ScalarType.ComplexFloat32,
            _ => throw new NotSupportedException($"{typeof(T).Name} is not the element type of any tensor"),
        };
}
