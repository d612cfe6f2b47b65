using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QDistill.Ros;

/// <summary>
/// Reads plain CDR (XCDR1), little or big endian, from a payload that begins with its 4-byte encapsulation header. Alignment counts from the byte after
/// that header. Every length is held against the bytes that remain before anything is allocated.
/// </summary>
public ref partial struct CdrReader
{
    /// <summary>The encapsulation header's length.</summary>
    public const int HeaderSize = 4;

    private readonly ReadOnlySpan<byte> body;
    private readonly bool swap;
    private int position;

    /// <summary>Begins to read a payload.</summary>
    /// <exception cref="CdrException">The header is missing or names another encoding than plain CDR.</exception>
    public CdrReader(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeaderSize)
        {
            throw new CdrException($"the payload has {payload.Length} bytes, fewer than its 4-byte encapsulation header", 0);
        }

        if (payload[0] != 0 || payload[1] > 1)
        {
            throw new CdrException($"the encapsulation header {payload[0]:x2} {payload[1]:x2} is not plain CDR (00 00 or 00 01)", 0);
        }

        swap = (payload[1] == 1) != BitConverter.IsLittleEndian;
        body = payload[HeaderSize..];
        position = 0;
    }

    /// <summary>The bytes consumed, encapsulation header included.</summary>
    public readonly int Position => position + HeaderSize;

    /// <summary>The bytes left.</summary>
    public readonly int Remaining => body.Length - position;

    /// <summary>Whether the payload's byte order differs from this machine's.</summary>
    public readonly bool IsSwapped => swap;

    /// <summary>Reads one octet; any value but 0 is true.</summary>
    public bool ReadBool() => ReadByte() != 0;

    /// <summary>Reads one octet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if (position >= body.Length)
        {
            ThrowTruncated(1);
        }

        return body[position++];
    }

    /// <summary>Reads a signed octet.</summary>
    public sbyte ReadSByte() => (sbyte)ReadByte();

    /// <summary>Reads an aligned 16-bit integer.</summary>
    public short ReadInt16() => swap ? BinaryPrimitives.ReverseEndianness(Raw<short>()) : Raw<short>();

    /// <summary>Reads an aligned unsigned 16-bit integer.</summary>
    public ushort ReadUInt16() => swap ? BinaryPrimitives.ReverseEndianness(Raw<ushort>()) : Raw<ushort>();

    /// <summary>Reads an aligned 32-bit integer.</summary>
    public int ReadInt32() => swap ? BinaryPrimitives.ReverseEndianness(Raw<int>()) : Raw<int>();

    /// <summary>Reads an aligned unsigned 32-bit integer.</summary>
    public uint ReadUInt32() => swap ? BinaryPrimitives.ReverseEndianness(Raw<uint>()) : Raw<uint>();

    /// <summary>Reads an aligned 64-bit integer.</summary>
    public long ReadInt64() => swap ? BinaryPrimitives.ReverseEndianness(Raw<long>()) : Raw<long>();

    /// <summary>Reads an aligned unsigned 64-bit integer.</summary>
    public ulong ReadUInt64() => swap ? BinaryPrimitives.ReverseEndianness(Raw<ulong>()) : Raw<ulong>();

    /// <summary>Reads an aligned 32-bit float; its bits are kept, NaN payloads included.</summary>
    public float ReadSingle() => swap ? BitConverter.Int32BitsToSingle(BinaryPrimitives.ReverseEndianness(Raw<int>())) : Raw<float>();

    /// <summary>Reads an aligned 64-bit float; its bits are kept, NaN payloads included.</summary>
    public double ReadDouble() => swap ? BitConverter.Int64BitsToDouble(BinaryPrimitives.ReverseEndianness(Raw<long>())) : Raw<double>();

    /// <summary>
    /// Passes over the one octet that stands for a structure without fields. It may be absent at the very end of a payload, where some writers drop it.
    /// </summary>
    public void ReadEmptyStructure()
    {
        if (position < body.Length)
        {
            position++;
        }
    }

    /// <summary>
    /// Whether the payload ends (but for up to 3 bytes of padding) where an aligned primitive of <paramref name="size"/> bytes is due: so it does when the writer's
    /// version of the type lacks the field.
    /// </summary>
    public readonly bool EndsBefore(int size) => body.Length - position <= 3 && body.Length < Aligned(size) + size;

    /// <summary>Checks that <paramref name="count"/> elements of at least <paramref name="minimumSize"/> bytes can follow.</summary>
    internal readonly void Require(int count, int minimumSize)
    {
        if ((long)count * minimumSize > body.Length - position)
        {
            ThrowTooLong((uint)count, minimumSize);
        }
    }

    /// <summary>Passes over <paramref name="count"/> elements of <paramref name="size"/> bytes, after alignment when there are any.</summary>
    internal void Skip(int count, int size)
    {
        if (count > 0)
        {
            int at = Aligned(size);
            if (at > body.Length || (long)count * size > body.Length - at)
            {
                ThrowTooLong((uint)count, size);
            }

            position = at + (count * size);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int Aligned(int size) => (position + size - 1) & -size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Raw<T>()
        where T : unmanaged
    {
        int at = Aligned(Unsafe.SizeOf<T>());
        if (at > body.Length - Unsafe.SizeOf<T>())
        {
            ThrowTruncated(Unsafe.SizeOf<T>());
        }

        position = at + Unsafe.SizeOf<T>();
        return Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref MemoryMarshal.GetReference(body), at));
    }

    [DoesNotReturn]
    private readonly void ThrowTruncated(int size) =>
        throw new CdrException($"the payload ends where {size} more byte{(size == 1 ? " is" : "s are")} needed", Position);

    [DoesNotReturn]
    private readonly void ThrowTooLong(uint count, int size) =>
        throw new CdrException($"{count} elements of at least {size} byte{(size == 1 ? string.Empty : "s")} are announced, but only {Remaining} bytes remain", Position);
}
