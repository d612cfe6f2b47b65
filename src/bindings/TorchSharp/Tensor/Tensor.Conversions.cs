namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>A tensor without dimensions.</summary>
        public static implicit operator Tensor(int value) => tensor(value);

        /// <summary>A tensor without dimensions.</summary>
        public static implicit operator Tensor(long value) => tensor(value);

        /// <summary>A tensor without dimensions.</summary>
        public static implicit operator Tensor(float value) => tensor(value);

        /// <summary>A tensor without dimensions.</summary>
        public static implicit operator Tensor(double value) => tensor(value);

        /// <summary>A tensor without dimensions.</summary>
        public static implicit operator Tensor(bool value) => tensor(value);

        /// <summary>A vector.</summary>
        public static implicit operator Tensor(int[] value) => tensor(value);

        /// <summary>A vector.</summary>
        public static implicit operator Tensor(long[] value) => tensor(value);

        /// <summary>A vector.</summary>
        public static implicit operator Tensor(float[] value) => tensor(value);

        /// <summary>A vector.</summary>
        public static implicit operator Tensor(double[] value) => tensor(value);

        /// <summary>A vector.</summary>
        public static implicit operator Tensor(bool[] value) => tensor(value);

        /// <summary>A tensor without dimensions.</summary>
        public static implicit operator Tensor(Scalar scalar) => scalar.Type switch
        {
            ScalarType.Bool => tensor(scalar.ToBoolean()),
            ScalarType.Int64 => tensor(scalar.ToInt64()),
            ScalarType.Float64 => tensor(scalar.ToDouble()),
            _ => tensor(scalar.ToComplexFloat64()),
        };
    }
}

/// <summary>Conversions of tensors.</summary>
public static partial class TensorExtensionMethods
{
    /// <summary>The tensor as a module's parameter; the tensor itself becomes invalid.</summary>
    public static Modules.Parameter AsParameter(this torch.Tensor tensor) => new(tensor);

    /// <summary>The value of a one-element tensor as a single-precision number.</summary>
    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();

    /// <summary>The value of a one-element tensor as a double-precision number.</summary>
    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();

    /// <summary>The value of a one-element tensor as a 32-bit whole number.</summary>
    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();

    /// <summary>The value of a one-element tensor as a 64-bit whole number.</summary>
    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();

    /// <summary>Whether the value of a one-element tensor is not zero.</summary>
    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();

    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(this torch.ScalarType type) => torch.SizeOf(type);
}
