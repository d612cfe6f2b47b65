using System.Buffers.Binary;
using System.Text;

namespace QDistill.Bags.Mcap;

/// <summary>Reads the little-endian fields of one record in their order; every step is checked against the record's end.</summary>
internal ref struct McapFields(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> rest = data;

    public readonly bool AtEnd => rest.IsEmpty;

    public readonly int Left => rest.Length;

    public byte U8() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A u64 that must fit a long: an offset, a length or a count.</summary>
    public long Size()
    {
        ulong value = U64();
        return value <= long.MaxValue ? value.ToLong() : throw new McapFormatException($"a length or offset of {value} is impossible");
    }

    /// <summary>A time in ns. ROS times are signed, so the upper half of u64 has no meaning here.</summary>
    public long Time()
    {
        ulong value = U64();
        return value <= long.MaxValue ? value.ToLong() : throw new McapFormatException($"a time of {value} ns is outside the range of ROS time");
    }

    public string String() => Encoding.UTF8.GetString(Bytes32());

    public ReadOnlySpan<byte> Bytes32() => Take(U32());

    public ReadOnlySpan<byte> Bytes64() => Take(U64());

    public ReadOnlySpan<byte> Rest() => Take((ulong)rest.Length);

    public Dictionary<string, string> StringMap()
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var inner = new McapFields(Bytes32());
        while (!inner.AtEnd)
        {
            string key = inner.String();
            map[key] = inner.String();
        }

        return map;
    }

    public (ushort Key, ulong Value)[] ChannelMap()
    {
        ReadOnlySpan<byte> bytes = Bytes32();
        if (bytes.Length % 10 != 0)
        {
            throw new McapFormatException($"a map of channel numbers has {bytes.Length} bytes, not a multiple of 10");
        }

        var map = new (ushort, ulong)[bytes.Length / 10];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = (BinaryPrimitives.ReadUInt16LittleEndian(bytes[(10 * i)..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[((10 * i) + 2)..]));
        }

        return map;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
        {
            throw new McapFormatException($"a field of {count} bytes goes past the record's end ({rest.Length} bytes are left)");
        }

        ReadOnlySpan<byte> taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }
}

internal static class UnsignedToSigned
{
    /// <summary>The same number; the caller has seen that it fits.</summary>
    public static long ToLong(this ulong value) => (long)value;
}
