using System.Runtime.InteropServices;
using QDistill.Configuration;

namespace QDistill.Quantum.Simulation;

/// <summary>Zeroed native memory aligned to 64 bytes (a cache line, and the widest vector), freed exactly once.</summary>
internal sealed unsafe class AlignedBuffer : SafeHandle
{
    /// <summary>Allocates; the error of a full machine says how much was asked for.</summary>
    public AlignedBuffer(long bytes)
        : base(0, ownsHandle: true)
    {
        Bytes = bytes;
        try
        {
            SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 64), 64));
        }
        catch (OutOfMemoryException e)
        {
            throw new UserErrorException($"a state of {bytes / 1048576.0:F0} MiB does not fit in memory", null, "use fewer qubits or smaller batches", e);
        }

        Clear();
    }

    public long Bytes { get; }

    public byte* Pointer => (byte*)handle;

    public override bool IsInvalid => handle == 0;

    public Span<T> Span<T>()
        where T : unmanaged => new((void*)handle, checked((int)(Bytes / sizeof(T))));

    public void Clear() => NativeMemory.Clear((void*)handle, (nuint)Bytes);

    public void CopyTo(AlignedBuffer other) => Buffer.MemoryCopy(Pointer, other.Pointer, other.Bytes, Bytes);

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
