using System.Numerics;
using TorchSharp.Native;

namespace TorchSharp;

/// <summary>A number of any element type, as operators take it.</summary>
public sealed class Scalar : IDisposable
{
    private readonly long integer;
    private readonly Complex number;

    private Scalar(torch.ScalarType type, long integer)
    {
        Type = type;
        this.integer = integer;
        number = integer;
    }

    private Scalar(torch.ScalarType type, Complex number)
    {
        Type = type;
        this.number = number;
        integer = torch.is_complex(type) ? 0 : (long)number.Real;
    }

    /// <summary>The element type: Bool, Int64 (every whole number), Float64 (every real number) or ComplexFloat64.</summary>
    public torch.ScalarType Type { get; }

    internal double Real => number.Real;

    internal long Integer => integer;

    internal Complex Number => number;

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(byte value) => new(torch.ScalarType.Int64, value);

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(sbyte value) => new(torch.ScalarType.Int64, value);

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(short value) => new(torch.ScalarType.Int64, value);

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(int value) => new(torch.ScalarType.Int64, value);

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(long value) => new(torch.ScalarType.Int64, value);

    /// <summary>A real number.</summary>
    public static implicit operator Scalar(Half value) => new(torch.ScalarType.Float64, new Complex((double)value, 0));

    /// <summary>A real number.</summary>
    public static implicit operator Scalar(float value) => new(torch.ScalarType.Float64, new Complex(value, 0));

    /// <summary>A real number.</summary>
    public static implicit operator Scalar(double value) => new(torch.ScalarType.Float64, new Complex(value, 0));

    /// <summary>A truth value.</summary>
    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, value ? 1 : 0);

    /// <summary>A complex number.</summary>
    public static implicit operator Scalar((float, float) value) => new(torch.ScalarType.ComplexFloat64, new Complex(value.Item1, value.Item2));

    /// <summary>A complex number.</summary>
    public static implicit operator Scalar(Complex value) => new(torch.ScalarType.ComplexFloat64, value);

    /// <summary>Does nothing: there is no native part. Here because the official class is disposable.</summary>
    public void Dispose()
    {
    }

    internal static Scalar Of(Tag tag, double real, double imaginary, long whole) => tag switch
    {
        Tag.Bool => whole != 0,
        Tag.Int => whole,
        Tag.Double => real,
        _ => new Complex(real, imaginary),
    };

    internal Argument ToArgument() => Type switch
    {
        torch.ScalarType.Bool => integer != 0,
        torch.ScalarType.Int64 => integer,
        torch.ScalarType.Float64 => number.Real,
        _ => number,
    };
}

/// <summary>Conversions between <see cref="Scalar"/> and .NET's numbers.</summary>
public static class ScalarExtensionMethods
{
    /// <summary>The value as a scalar.</summary>
    public static Scalar ToScalar(this int value) => value;

    /// <summary>The value as a scalar.</summary>
    public static Scalar ToScalar(this long value) => value;

    /// <summary>The value as a scalar.</summary>
    public static Scalar ToScalar(this float value) => value;

    /// <summary>The value as a scalar.</summary>
    public static Scalar ToScalar(this double value) => value;

    /// <summary>The value as a scalar.</summary>
    public static Scalar ToScalar(this bool value) => value;

    /// <summary>The scalar as a single-precision number.</summary>
    public static float ToSingle(this Scalar value) => (float)value.Real;

    /// <summary>The scalar as a double-precision number.</summary>
    public static double ToDouble(this Scalar value) => value.Real;

    /// <summary>The scalar as a 32-bit whole number.</summary>
    public static int ToInt32(this Scalar value) => checked((int)value.Integer);

    /// <summary>The scalar as a 64-bit whole number.</summary>
    public static long ToInt64(this Scalar value) => value.Integer;

    /// <summary>Whether the scalar is not zero.</summary>
    public static bool ToBoolean(this Scalar value) => value.Number != Complex.Zero;

    /// <summary>The scalar as a complex number.</summary>
    public static Complex ToComplexFloat64(this Scalar value) => value.Number;
}
