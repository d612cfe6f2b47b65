using System.Numerics;
using System.Text;

namespace TorchSharp.Native;

/// <summary>
/// One argument of an operator on its way to libtorch. It holds the managed owner of what it refers to, and <see cref="Operator"/> reads the
/// owners again after the call: a tensor whose last use is the call itself therefore cannot be finalized while libtorch reads it.
/// </summary>
internal readonly struct Argument
{
    private readonly object? owner;
    private readonly long bits;
    private readonly Tag tag;

    private Argument(Tag tag, long bits, object? owner = null)
    {
        this.tag = tag;
        this.bits = bits;
        this.owner = owner;
    }

    public object? Owner => owner;

    public static implicit operator Argument(torch.Tensor? t) => t is null ? default : new(Tag.Tensor, t.Handle, t);

    public static implicit operator Argument(long v) => new(Tag.Int, v);

    public static implicit operator Argument(int v) => new(Tag.Int, v);

    public static implicit operator Argument(double v) => new(Tag.Double, BitConverter.DoubleToInt64Bits(v));

    public static implicit operator Argument(bool v) => new(Tag.Bool, v ? 1 : 0);

    public static implicit operator Argument(long? v) => v is { } some ? some : default(Argument);

    public static implicit operator Argument(double? v) => v is { } some ? some : default(Argument);

    public static implicit operator Argument(torch.ScalarType v) => new(Tag.Int, (long)v);

    public static implicit operator Argument(torch.ScalarType? v) => v is { } some ? some : default(Argument);

    public static implicit operator Argument(long[]? v) => v is null ? default : new(Tag.IntList, 0, v);

    public static implicit operator Argument(ReadOnlySpan<long> v) => v.ToArray();

    public static implicit operator Argument(double[]? v) => v is null ? default : new(Tag.DoubleList, 0, v);

    public static implicit operator Argument(bool[]? v) => v is null ? default : new(Tag.BoolList, 0, v);

    public static implicit operator Argument(torch.Tensor[] v) => new(Tag.TensorList, 0, v);

    public static implicit operator Argument(string? v) => v is null ? default : new(Tag.String, 0, Encoding.UTF8.GetBytes(v));

    public static implicit operator Argument(Complex v) => new(Tag.Complex, 0, new[] { v.Real, v.Imaginary });

    public static implicit operator Argument(torch.Device? v) => v is null ? default : new(Tag.Device, 0, Encoding.UTF8.GetBytes(v.ToString()));

    public static implicit operator Argument(torch.Generator? v) => v is null ? default : new(Tag.Generator, v.Handle, v);

    public static implicit operator Argument(Scalar? v) => v is null ? default : v.ToArgument();

    public static Argument Tensors(IList<torch.Tensor> v) => v as torch.Tensor[] ?? [.. v];

    /// <summary>A list in which absent tensors stay absent (indexing).</summary>
    public static Argument OptionalTensors(torch.Tensor?[] v) => new(Tag.OptionalTensorList, 0, v);

    /// <summary>The 8-byte cells that <see cref="Write"/> will need beside the value itself.</summary>
    public int CellsNeeded() => owner switch
    {
        null => 0,
        long[] v => v.Length,
        double[] v => v.Length,
        bool[] v => (v.Length + 7) / 8,
        torch.Tensor?[] v => v.Length,
        byte[] v => (v.Length + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the native form; lists are copied into <paramref name="cells"/>, which is moved on.</summary>
    public unsafe void Write(NativeValue* to, ref long* cells)
    {
        *to = new NativeValue { Tag = tag, Integer = bits };
        switch (tag)
        {
            case Tag.IntList:
                long[] longs = (long[])owner!;
                longs.CopyTo(new Span<long>(cells, longs.Length));
                Place(to, ref cells, longs.Length, longs.Length);
                break;
            case Tag.DoubleList or Tag.Complex:
                double[] doubles = (double[])owner!;
                doubles.CopyTo(new Span<double>(cells, doubles.Length));
                Place(to, ref cells, doubles.Length, doubles.Length);
                break;
            case Tag.BoolList:
                bool[] bools = (bool[])owner!;
                bools.CopyTo(new Span<bool>(cells, bools.Length));
                Place(to, ref cells, bools.Length, (bools.Length + 7) / 8);
                break;
            case Tag.String or Tag.Device:
                byte[] bytes = (byte[])owner!;
                bytes.CopyTo(new Span<byte>(cells, bytes.Length));
                Place(to, ref cells, bytes.Length, (bytes.Length + 7) / 8);
                break;
            case Tag.TensorList or Tag.OptionalTensorList:
                torch.Tensor?[] tensors = (torch.Tensor?[])owner!;
                for (int i = 0; i < tensors.Length; i++)
                {
                    cells[i] = tensors[i] is { } t ? t.Handle : 0;
                }

                Place(to, ref cells, tensors.Length, tensors.Length);
                break;
        }
    }

    private static unsafe void Place(NativeValue* to, ref long* cells, int count, int used)
    {
        to->Count = count;
        to->Pointer = (nint)cells;
        cells += used;
    }
}
