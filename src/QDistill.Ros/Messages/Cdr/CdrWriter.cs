using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace QDistill.Ros;

/// <summary>
/// Writes plain little-endian CDR (XCDR1) with its encapsulation header into a <see cref="CdrBuffer"/>. Padding is zero, so equal messages give equal bytes.
/// Call <see cref="Complete"/> at the end.
/// </summary>
public ref struct CdrWriter
{
    private readonly CdrBuffer buffer;
    private Span<byte> body;
    private int position;

    /// <summary>Begins a payload at the start of the buffer; what the buffer held is lost.</summary>
    public CdrWriter(CdrBuffer buffer)
    {
        this.buffer = buffer;
        Span<byte> all = buffer.All;
        all[0] = 0;
        all[1] = BitConverter.IsLittleEndian ? (byte)1 : (byte)0;
        all[2] = 0;
        all[3] = 0;
        buffer.Length = CdrReader.HeaderSize;
        body = all[CdrReader.HeaderSize..];
        position = 0;
    }

    /// <summary>The bytes written, encapsulation header included.</summary>
    public readonly int Position => position + CdrReader.HeaderSize;

    /// <summary>Ends the payload: sets the buffer's length.</summary>
    public readonly ReadOnlySpan<byte> Complete()
    {
        buffer.Length = Position;
        return buffer.Span;
    }

    /// <summary>Writes one octet, 0 or 1.</summary>
    public void Write(bool value) => Raw(value ? (byte)1 : (byte)0);

    /// <summary>Writes one octet.</summary>
    public void Write(byte value) => Raw(value);

    /// <summary>Writes one octet.</summary>
    public void Write(sbyte value) => Raw(value);

    /// <summary>Writes an aligned 16-bit integer.</summary>
    public void Write(short value) => Raw(value);

    /// <summary>Writes an aligned 16-bit integer.</summary>
    public void Write(ushort value) => Raw(value);

    /// <summary>Writes an aligned 32-bit integer.</summary>
    public void Write(int value) => Raw(value);

    /// <summary>Writes an aligned 32-bit integer.</summary>
    public void Write(uint value) => Raw(value);

    /// <summary>Writes an aligned 64-bit integer.</summary>
    public void Write(long value) => Raw(value);

    /// <summary>Writes an aligned 64-bit integer.</summary>
    public void Write(ulong value) => Raw(value);

    /// <summary>Writes an aligned 32-bit float.</summary>
    public void Write(float value) => Raw(value);

    /// <summary>Writes an aligned 64-bit float.</summary>
    public void Write(double value) => Raw(value);

    /// <summary>Writes the one octet that stands for a structure without fields.</summary>
    public void WriteEmptyStructure() => Raw((byte)0);

    /// <summary>Writes a string as UTF-8; null counts as empty, unpaired surrogates become U+FFFD.</summary>
    /// <param name="value">The text.</param>
    /// <param name="bound">The most bytes allowed, or 0 for any number.</param>
    /// <param name="field">The field's name, for the error.</param>
    public void Write(string? value, int bound = 0, string? field = null)
    {
        value ??= string.Empty;
        // Three bytes per UTF-16 unit is the most that UTF-8 takes.
        Reserve(4 + 4L + (3L * value.Length) + 1);
        int at = (position + 3) & -4;
        Unsafe.WriteUnaligned(ref body[position], 0);
        int length = Encoding.UTF8.GetBytes(value, body[(at + 4)..]);
        if (bound > 0 && length > bound)
        {
            ThrowBound(length, bound, "bytes", field);
        }

        Unsafe.WriteUnaligned(ref body[at], length + 1);
        body[at + 4 + length] = 0;
        position = at + 4 + length + 1;
    }

    /// <summary>Writes a string as UTF-16 units with their count; null counts as empty.</summary>
    /// <param name="value">The text.</param>
    /// <param name="bound">The most UTF-16 units allowed, or 0 for any number.</param>
    /// <param name="field">The field's name, for the error.</param>
    public void WriteWString(string? value, int bound = 0, string? field = null)
    {
        value ??= string.Empty;
        if (bound > 0 && value.Length > bound)
        {
            ThrowBound(value.Length, bound, "units", field);
        }

        Raw(value.Length);
        Write<char>(value);
    }

    /// <summary>Writes a fixed array of primitives: the elements alone.</summary>
    public void Write<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (values.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        Reserve(8L + bytes.Length);
        int size = Unsafe.SizeOf<T>(), at = (position + size - 1) & -size;
        Unsafe.WriteUnaligned(ref body[position], 0L);
        bytes.CopyTo(body[at..]);
        position = at + bytes.Length;
    }

    /// <summary>Writes a fixed array of primitives: the elements alone.</summary>
    public void Write<T>(T[] values)
        where T : unmanaged => Write((ReadOnlySpan<T>)values);

    /// <summary>Writes a sequence of primitives: count and elements.</summary>
    public void Write<T>(Sequence<T> values)
        where T : unmanaged
    {
        Raw(values.Count);
        Write((ReadOnlySpan<T>)values.Span);
    }

    /// <summary>Writes a fixed array of messages.</summary>
    public void WriteMessages<T>(T[] values)
        where T : class, IMessage
    {
        foreach (T value in values)
        {
            value.Write(ref this);
        }
    }

    /// <summary>Writes a sequence of messages.</summary>
    public void WriteMessages<T>(Sequence<T> values)
        where T : class, IMessage
    {
        Raw(values.Count);
        foreach (T value in values.Span)
        {
            value.Write(ref this);
        }
    }

    /// <summary>Writes a fixed array of UTF-8 strings.</summary>
    public void WriteStrings(string[] values, int stringBound = 0, string? field = null)
    {
        foreach (string value in values)
        {
            Write(value, stringBound, field);
        }
    }

    /// <summary>Writes a sequence of UTF-8 strings.</summary>
    public void WriteStrings(Sequence<string> values, int stringBound = 0, string? field = null)
    {
        Raw(values.Count);
        foreach (string value in values.Span)
        {
            Write(value, stringBound, field);
        }
    }

    /// <summary>Writes a fixed array of UTF-16 strings.</summary>
    public void WriteWStrings(string[] values, int stringBound = 0, string? field = null)
    {
        foreach (string value in values)
        {
            WriteWString(value, stringBound, field);
        }
    }

    /// <summary>Writes a sequence of UTF-16 strings.</summary>
    public void WriteWStrings(Sequence<string> values, int stringBound = 0, string? field = null)
    {
        Raw(values.Count);
        foreach (string value in values.Span)
        {
            WriteWString(value, stringBound, field);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Raw<T>(T value)
        where T : unmanaged
    {
        if (position > body.Length - CdrBuffer.Slack)
        {
            Reserve(CdrBuffer.Slack);
        }

        ref byte start = ref MemoryMarshal.GetReference(body);
        int size = Unsafe.SizeOf<T>(), at = (position + size - 1) & -size;
        if (size > 1)
        {
            // The padding is at most size - 1 bytes; the slack makes room to clear it without a branch.
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, position), 0L);
        }

        Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, at), value);
        position = at + size;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(long bytes)
    {
        if (bytes > body.Length - position)
        {
            Grow(bytes);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(long bytes) => body = buffer.Grow(Position, Position + bytes)[CdrReader.HeaderSize..];

    [DoesNotReturn]
    private readonly void ThrowBound(int length, int bound, string unit, string? field) =>
        throw new CdrException($"a string of {length} {unit} exceeds the bound {bound} of the type", -1, null, field);
}
