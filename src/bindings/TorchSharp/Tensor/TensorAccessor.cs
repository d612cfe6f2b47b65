using System.Collections;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor in row-major order, read and written in place, whatever the tensor's strides.</summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly unsafe T* data;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal unsafe TensorAccessor(torch.Tensor tensor)
    {
        this.tensor = tensor;
        void* p;
        Check(qd_torch_data(tensor.Handle, &p));
        data = (T*)p;
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        Count = tensor.numel();
    }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>False: elements may be written.</summary>
    public bool IsReadOnly => false;

    /// <summary>One element: by its indices, or by its position in row-major order when one index is given.</summary>
    public unsafe T this[params long[] indices]
    {
        get => *At(indices);
        set => *At(indices) = value;
    }

    /// <summary>The elements in row-major order.</summary>
    public T[] ToArray()
    {
        T[] array = new T[Count];
        CopyTo(array);
        return array;
    }

    /// <summary>The elements in an array of the tensor's rank.</summary>
    public Array ToNDArray()
    {
        if (shape.Length == 0)
        {
            return ToArray();
        }

        Array array = Array.CreateInstance(typeof(T), shape);
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(Bytes(array)).Clear();
        ToArray().AsSpan().CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(Bytes(array)));
        return array;
    }

    /// <summary>Copies elements out, from position <paramref name="tensorIndex"/> on.</summary>
    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies elements out, from position <paramref name="tensorIndex"/> on.</summary>
    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        long n = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (contiguous)
        {
            new ReadOnlySpan<T>(data + tensorIndex, checked((int)n)).CopyTo(array[arrayIndex..]);
        }
        else
        {
            for (long i = 0; i < n; i++)
            {
                array[(int)(arrayIndex + i)] = data[Offset(tensorIndex + i)];
            }
        }

        GC.KeepAlive(tensor);
    }

    /// <summary>Copies elements in, from position <paramref name="tensorIndex"/> on.</summary>
    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies elements in, from position <paramref name="tensorIndex"/> on.</summary>
    public unsafe void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        long n = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        for (long i = 0; i < n; i++)
        {
            data[contiguous ? tensorIndex + i : Offset(tensorIndex + i)] = array[(int)(arrayIndex + i)];
        }

        GC.KeepAlive(tensor);
    }

    /// <summary>Does nothing: the tensor keeps its memory.</summary>
    public void Dispose()
    {
    }

    /// <summary>The elements in row-major order.</summary>
    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Span<byte> Bytes(Array array)
        => System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array), checked((int)(array.LongLength * System.Runtime.CompilerServices.Unsafe.SizeOf<T>())));

    private unsafe T* At(long[] indices)
    {
        GC.KeepAlive(tensor.Handle);
        if (indices.Length == 1)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(indices[0]);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(indices[0], Count);
            return data + (contiguous ? indices[0] : Offset(indices[0]));
        }

        if (indices.Length != shape.Length)
        {
            throw new ArgumentException($"{indices.Length} indices for {shape.Length} dimensions");
        }

        long offset = 0;
        for (int d = 0; d < shape.Length; d++)
        {
            if (indices[d] < 0 || indices[d] >= shape[d])
            {
                throw new IndexOutOfRangeException($"index {indices[d]} is outside dimension {d} of size {shape[d]}");
            }

            offset += indices[d] * strides[d];
        }

        return data + offset;
    }

    private long Offset(long position)
    {
        long offset = 0;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            offset += position % shape[d] * strides[d];
            position /= shape[d];
        }

        return offset;
    }
}
