using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>The type and shape of a tensor value.</summary>
public struct OrtTensorTypeAndShapeInfo
{
    internal OrtTensorTypeAndShapeInfo(nint info)
    {
        ElementDataType = (TensorElementType)OrtApi.GetInt(OrtFunction.GetTensorElementType, info);
        Shape = new long[OrtApi.Count(OrtFunction.GetDimensionsCount, info)];
        OrtApi.Dimensions(info, Shape);
        ElementCount = (long)OrtApi.Count(OrtFunction.GetTensorShapeElementCount, info);
    }

    /// <summary>The element type.</summary>
    public TensorElementType ElementDataType { get; }

    /// <summary>The number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>The sizes.</summary>
    public long[] Shape { get; }

    /// <summary>The number of dimensions.</summary>
    public int DimensionsCount => Shape.Length;
}

/// <summary>A tensor that a session reads or writes: over memory of the caller, or of the library.</summary>
public class OrtValue : IDisposable
{
    private readonly ValueHandle native;
    private MemoryHandle? pinned;

    internal OrtValue(nint native) => this.native = new ValueHandle(native);

    /// <summary>What it holds.</summary>
    public OnnxValueType OnnxType => (OnnxValueType)OrtApi.GetInt(OrtFunction.GetValueType, Handle);

    /// <summary>Whether it holds a tensor.</summary>
    public bool IsTensor => OnnxType == OnnxValueType.ONNX_TYPE_TENSOR;

    internal nint Handle => native.IsClosed ? throw new ObjectDisposedException(nameof(OrtValue)) : native.DangerousGetHandle();

    /// <summary>A tensor over an array, which stays pinned until the value is disposed.</summary>
    public static OrtValue CreateTensorValueFromMemory<T>(T[] data, long[] shape)
        where T : unmanaged
        => CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, new Memory<T>(data), shape);

    /// <summary>A tensor over memory, which stays pinned until the value is disposed.</summary>
    public static unsafe OrtValue CreateTensorValueFromMemory<T>(OrtMemoryInfo memoryInfo, Memory<T> memory, long[] shape)
        where T : unmanaged
    {
        long elements = shape.Aggregate(1L, (p, s) => checked(p * s));
        if (elements > memory.Length)
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"a shape of {elements} elements does not fit in memory for {memory.Length}");
        }

        MemoryHandle pin = memory.Pin();
        try
        {
            nint value = OrtApi.CreateTensorWithData(memoryInfo.Pointer, pin.Pointer, (nuint)(elements * sizeof(T)), shape, (int)ElementTypes.Of<T>());
            return new OrtValue(value) { pinned = pin };
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>A tensor over memory that the caller keeps alive and in place.</summary>
    public static unsafe OrtValue CreateTensorValueWithData(OrtMemoryInfo memInfo, TensorElementType elementType, long[] shape, IntPtr dataBufferPtr, long bufferLengthInBytes)
        => new(OrtApi.CreateTensorWithData(memInfo.Pointer, (void*)dataBufferPtr, (nuint)bufferLengthInBytes, shape, (int)elementType));

    /// <summary>The type and shape of the tensor.</summary>
    public OrtTensorTypeAndShapeInfo GetTensorTypeAndShape()
    {
        nint info = OrtApi.Get(OrtFunction.GetTensorTypeAndShape, Handle);
        try
        {
            return new OrtTensorTypeAndShapeInfo(info);
        }
        finally
        {
            OrtApi.Release(OrtFunction.ReleaseTensorTypeAndShapeInfo, info);
            GC.KeepAlive(this);
        }
    }

    /// <summary>The tensor's elements, valid until the value is disposed.</summary>
    /// <exception cref="OnnxRuntimeException">T is not the element type.</exception>
    public ReadOnlySpan<T> GetTensorDataAsSpan<T>()
        where T : unmanaged
        => GetTensorMutableDataAsSpan<T>();

    /// <summary>The tensor's elements, valid until the value is disposed.</summary>
    /// <exception cref="OnnxRuntimeException">T is not the element type.</exception>
    public unsafe Span<T> GetTensorMutableDataAsSpan<T>()
        where T : unmanaged
    {
        OrtTensorTypeAndShapeInfo info = GetTensorTypeAndShape();
        if (info.ElementDataType != ElementTypes.Of<T>())
        {
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"the elements are {info.ElementDataType}, not {typeof(T).Name}");
        }

        return new Span<T>(OrtApi.TensorData(Handle), checked((int)info.ElementCount));
    }

    /// <summary>Frees the value and unpins the memory.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the value and unpins the memory.</summary>
    protected virtual void Dispose(bool disposing)
    {
        native.Dispose();
        pinned?.Dispose();
        pinned = null;
    }

    private sealed class ValueHandle : SafeHandle
    {
        public ValueHandle(nint native)
            : base(0, true) => SetHandle(native);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            OrtApi.Release(OrtFunction.ReleaseValue, handle);
            return true;
        }
    }
}
