using System.Buffers.Binary;
using System.Text;

namespace QDistill.Bags.Mcap;

/// <summary>A growing buffer of records, written field by field.</summary>
internal sealed class McapRecordBuffer(int capacity = 4096)
{
    private byte[] bytes = GC.AllocateUninitializedArray<byte>(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Starts a record; <see cref="End"/> with the returned mark fills in its length.</summary>
    public int Begin(McapOpcode opcode)
    {
        U8((byte)opcode);
        int mark = Length;
        U64(0);
        return mark;
    }

    /// <summary>Like <see cref="Begin(McapOpcode)"/>, for a record whose CRC covers its own length.</summary>
    public void Begin(McapOpcode opcode, int contentLength)
    {
        U8((byte)opcode);
        U64((ulong)contentLength);
    }

    public void End(int mark) => Patch64(mark, (ulong)(Length - mark - 8));

    /// <summary>Overwrites a u64 written before.</summary>
    public void Patch64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);

    public void U8(byte value) => Take(1)[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void Raw(ReadOnlySpan<byte> data) => data.CopyTo(Take(data.Length));

    public void Bytes32(ReadOnlySpan<byte> data)
    {
        U32((uint)data.Length);
        Raw(data);
    }

    public void String(string text)
    {
        int count = Encoding.UTF8.GetByteCount(text);
        U32((uint)count);
        Encoding.UTF8.GetBytes(text, Take(count));
    }

    public void StringMap(IReadOnlyDictionary<string, string> map)
    {
        int mark = Length;
        U32(0);
        foreach ((string key, string value) in map)
        {
            String(key);
            String(value);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(mark), (uint)(Length - mark - 4));
    }

    public void ChannelMap(ReadOnlySpan<(ushort Key, ulong Value)> map)
    {
        U32((uint)(10 * map.Length));
        foreach ((ushort key, ulong value) in map)
        {
            U16(key);
            U64(value);
        }
    }

    /// <summary>Room for at least so many more bytes, to be filled and then taken with <see cref="Advance"/>.</summary>
    public Span<byte> Free(int atLeast)
    {
        Grow(atLeast);
        return bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    private Span<byte> Take(int count)
    {
        Grow(count);
        Span<byte> taken = bytes.AsSpan(Length, count);
        Length += count;
        return taken;
    }

    private void Grow(int count)
    {
        if (bytes.Length - Length < count)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>(checked((int)Math.Min(Math.Max(2L * bytes.Length, (long)Length + count), Compression.FrameDecoder.MaxSize)));
            Written.CopyTo(larger);
            bytes = larger;
        }
    }
}
