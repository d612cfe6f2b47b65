using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QDistill.Ros;

/// <summary>The 16 bytes that identify a participant or an endpoint on the network: the RTPS GUID, 12 bytes of participant and 4 of entity.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Gid : IEquatable<Gid>, IComparable<Gid>
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 16;

    private readonly ulong high;
    private readonly ulong low;

    /// <summary>A gid from its bytes.</summary>
    /// <exception cref="ArgumentException">There are not 16.</exception>
    public Gid(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"a gid has {Size} bytes, not {bytes.Length}");
        }

        high = MemoryMarshal.Read<ulong>(bytes);
        low = MemoryMarshal.Read<ulong>(bytes[8..]);
    }

    /// <summary>Whether every byte is zero: not known.</summary>
    public bool IsEmpty => (high | low) == 0;

    /// <summary>Equality of all bytes.</summary>
    public static bool operator ==(Gid a, Gid b) => a.Equals(b);

    /// <summary>Inequality of any byte.</summary>
    public static bool operator !=(Gid a, Gid b) => !a.Equals(b);

    /// <summary>Copies the bytes.</summary>
    public void CopyTo(Span<byte> target) => Bytes(in this).CopyTo(target);

    /// <summary>The bytes in a new array.</summary>
    public byte[] ToArray() => Bytes(in this).ToArray();

    /// <inheritdoc/>
    public bool Equals(Gid other) => high == other.high && low == other.low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Gid other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(high, low);

    /// <summary>Orders by bytes.</summary>
    public int CompareTo(Gid other) => Bytes(in this).SequenceCompareTo(Bytes(in other));

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes(in this));

    private static ReadOnlySpan<byte> Bytes(in Gid gid) => MemoryMarshal.AsBytes(new ReadOnlySpan<Gid>(in gid));
}
