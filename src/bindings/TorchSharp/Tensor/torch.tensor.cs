using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) => From<float>([scalar], [], null, device, requires_grad, null);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(rawArray, [rawArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(rawArray, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(Items(rawArray), dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(IList<float> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(Items(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

    /// <summary>A matrix, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<float> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(Items(rawArray), [rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of rank 3, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<float> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(Items(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <summary>A matrix; the data are copied.</summary>
    public static Tensor tensor(float[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(Flat<float>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

    /// <summary>A tensor over the given shape; the data are copied.</summary>
    public static Tensor tensor(Memory<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<float>(rawArray.Span, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => From<double>([scalar], [], dtype, device, requires_grad, null);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<double>(rawArray, [rawArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<double>(rawArray, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(IList<double> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<double>(Items(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

    /// <summary>A matrix, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<double> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<double>(Items(rawArray), [rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of rank 3, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<double> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<double>(Items(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <summary>A matrix; the data are copied.</summary>
    public static Tensor tensor(double[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<double>(Flat<double>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

    /// <summary>A tensor over the given shape; the data are copied.</summary>
    public static Tensor tensor(Memory<double> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<double>(rawArray.Span, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => From<long>([scalar], [], dtype, device, requires_grad, null);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(dataArray, [dataArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(dataArray, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(Items(rawArray), dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(IList<long> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(Items(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

    /// <summary>A matrix, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<long> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(Items(rawArray), [rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of rank 3, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<long> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(Items(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <summary>A matrix; the data are copied.</summary>
    public static Tensor tensor(long[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(Flat<long>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

    /// <summary>A tensor over the given shape; the data are copied.</summary>
    public static Tensor tensor(Memory<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<long>(rawArray.Span, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) => From<int>([scalar], [], null, device, requires_grad, null);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(int[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(rawArray, [rawArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(int[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(rawArray, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(Items(rawArray), dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(IList<int> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(Items(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

    /// <summary>A matrix, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<int> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(Items(rawArray), [rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of rank 3, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<int> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(Items(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <summary>A matrix; the data are copied.</summary>
    public static Tensor tensor(int[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(Flat<int>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

    /// <summary>A tensor over the given shape; the data are copied.</summary>
    public static Tensor tensor(Memory<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<int>(rawArray.Span, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => From<bool>([scalar], [], dtype, device, requires_grad, null);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<bool>(rawArray, [rawArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<bool>(rawArray, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<bool> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<bool>(Items(rawArray), dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(IList<bool> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<bool>(Items(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

    /// <summary>A matrix, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<bool> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<bool>(Items(rawArray), [rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of rank 3, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<bool> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<bool>(Items(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <summary>A matrix; the data are copied.</summary>
    public static Tensor tensor(bool[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<bool>(Flat<bool>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) => From<byte>([scalar], [], null, device, requires_grad, null);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(rawArray, [rawArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(rawArray, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(Items(rawArray), dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(IList<byte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(Items(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

    /// <summary>A matrix, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<byte> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(Items(rawArray), [rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of rank 3, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<byte> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(Items(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <summary>A matrix; the data are copied.</summary>
    public static Tensor tensor(byte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(Flat<byte>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

    /// <summary>A tensor over the given shape; the data are copied.</summary>
    public static Tensor tensor(Memory<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<byte>(rawArray.Span, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor without dimensions.</summary>
    public static Tensor tensor(System.Numerics.Complex scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => From<System.Numerics.Complex>([scalar], [], dtype, device, requires_grad, null);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(System.Numerics.Complex[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(rawArray, [rawArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(System.Numerics.Complex[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(rawArray, dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<System.Numerics.Complex> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(Items(rawArray), dimensions.ToArray(), dtype, device, requires_grad, names);

    /// <summary>A vector; the data are copied.</summary>
    public static Tensor tensor(IList<System.Numerics.Complex> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(Items(rawArray), [rawArray.Count], dtype, device, requires_grad, names);

    /// <summary>A matrix, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<System.Numerics.Complex> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(Items(rawArray), [rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of rank 3, row by row; the data are copied.</summary>
    public static Tensor tensor(IList<System.Numerics.Complex> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(Items(rawArray), [dim0, dim1, dim2], dtype, device, requires_grad, names);

    /// <summary>A matrix; the data are copied.</summary>
    public static Tensor tensor(System.Numerics.Complex[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(Flat<System.Numerics.Complex>(rawArray), [rawArray.GetLongLength(0), rawArray.GetLongLength(1)], dtype, device, requires_grad, names);

    /// <summary>A tensor over the given shape; the data are copied.</summary>
    public static Tensor tensor(Memory<System.Numerics.Complex> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => From<System.Numerics.Complex>(rawArray.Span, dimensions.ToArray(), dtype, device, requires_grad, names);

    private static ReadOnlySpan<T> Items<T>(IList<T> list) => list switch
    {
        T[] array => array,
        List<T> l => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(l),
        _ => list.ToArray(),
    };

    private static ReadOnlySpan<T> Flat<T>(T[,] array)
        where T : unmanaged
        => System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(
            ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array)), array.Length);

    private static unsafe Tensor From<T>(ReadOnlySpan<T> data, long[] shape, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names)
        where T : unmanaged
    {
        long count = 1;
        foreach (long s in shape)
        {
            count *= s;
        }

        if (count != data.Length)
        {
            throw new ArgumentException($"{data.Length} numbers do not fill the shape [{string.Join(", ", shape)}]");
        }

        ScalarType stored = TypeOf<T>();
        bool convert = (dtype is { } wanted && wanted != stored) || (device is { } d && d.type != DeviceType.CPU);
        nint handle;
        fixed (T* p = data)
        fixed (long* s = shape)
        {
            NativeMethods.Check(NativeMethods.qd_torch_from_data(p, s, shape.Length, (int)stored, 0, &handle));
        }

        Tensor result = new(handle);
        if (convert)
        {
            Tensor converted = Aten.ToDevice.Call(result, device ?? CPU, dtype ?? stored);
            result.Dispose();
            result = converted;
        }

        return Finish(result, requiresGrad, names);
    }
}
