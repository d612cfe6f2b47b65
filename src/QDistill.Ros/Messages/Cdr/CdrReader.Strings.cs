using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace QDistill.Ros;

/// <content>Strings: an old instance is kept when the bytes say the same, so that a steady stream of messages allocates nothing.</content>
public ref partial struct CdrReader
{
    /// <summary>Reads a UTF-8 string. Bytes that are not UTF-8 become U+FFFD, as in rclpy.</summary>
    /// <param name="old">Returned when it equals the string read.</param>
    /// <param name="bound">The most bytes allowed, or 0 for any number.</param>
    public string ReadString(string? old, int bound = 0)
    {
        ReadOnlySpan<byte> bytes = ReadStringBytes(bound);
        if (bytes.IsEmpty)
        {
            return string.Empty;
        }

        return old is not null && SameText(bytes, old) ? old : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads a string as its bytes, without the terminating NUL; the span is part of the payload.</summary>
    public ReadOnlySpan<byte> ReadStringBytes(int bound = 0)
    {
        uint length = ReadUInt32();
        if (length == 0)
        {
            // Not valid CDR (the NUL counts), but written by some middleware for an empty string.
            return default;
        }

        if (length > (uint)(body.Length - position))
        {
            ThrowString(length);
        }

        ReadOnlySpan<byte> bytes = body.Slice(position, (int)length - 1);
        if (body[position + (int)length - 1] != 0)
        {
            ThrowUnterminated();
        }

        if (bound > 0 && bytes.Length > bound)
        {
            ThrowBound(bytes.Length, bound);
        }

        position += (int)length;
        return bytes;
    }

    /// <summary>Reads a UTF-16 string (as rmw_cyclonedds writes it: a count of units, no terminator).</summary>
    /// <param name="old">Returned when it equals the string read.</param>
    /// <param name="bound">The most UTF-16 units allowed, or 0 for any number.</param>
    public string ReadWString(string? old, int bound = 0)
    {
        ReadOnlySpan<byte> bytes = ReadWStringBytes(bound);
        if (bytes.IsEmpty)
        {
            return string.Empty;
        }

        if (!swap && old is not null && MemoryMarshal.AsBytes(old.AsSpan()).SequenceEqual(bytes))
        {
            return old;
        }

        string text = new('\0', bytes.Length / 2);
        Span<char> units = MemoryMarshal.AsMemory(text.AsMemory()).Span;
        bytes.CopyTo(MemoryMarshal.AsBytes(units));
        if (swap)
        {
            Span<ushort> raw = MemoryMarshal.Cast<char, ushort>(units);
            BinaryPrimitives.ReverseEndianness(raw, raw);
        }

        return text;
    }

    internal void SkipWString(int bound) => ReadWStringBytes(bound);

    private ReadOnlySpan<byte> ReadWStringBytes(int bound)
    {
        uint length = ReadUInt32();
        if (length > (uint)(body.Length - position) / 2)
        {
            ThrowTooLong(length, 2);
        }

        if (bound > 0 && length > bound)
        {
            ThrowBound((int)length, bound);
        }

        ReadOnlySpan<byte> bytes = body.Slice(position, (int)length * 2);
        position += bytes.Length;
        return bytes;
    }

    private static bool SameText(ReadOnlySpan<byte> bytes, string text)
    {
        if (text.Length > bytes.Length)
        {
            return false;
        }

        if (Ascii.Equals(bytes, text))
        {
            return true;
        }

        if (Ascii.IsValid(bytes))
        {
            return false;
        }

        char[]? rented = bytes.Length > 256 ? ArrayPool<char>.Shared.Rent(bytes.Length) : null;
        Span<char> chars = rented ?? stackalloc char[256];
        int count = Encoding.UTF8.GetChars(bytes, chars);
        bool same = chars[..count].SequenceEqual(text);
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return same;
    }

    [DoesNotReturn]
    private readonly void ThrowString(uint length) =>
        throw new CdrException($"a string of {length} bytes is announced, but only {Remaining} bytes remain", Position);

    [DoesNotReturn]
    private readonly void ThrowUnterminated() => throw new CdrException("the string does not end with a NUL octet", Position);

    [DoesNotReturn]
    private readonly void ThrowBound(int length, int bound) =>
        throw new CdrException($"the length {length} exceeds the bound {bound} of the type", Position);
}
