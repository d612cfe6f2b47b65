using System.Buffers.Binary;

namespace QDistill.Bags.Mcap;

internal sealed record McapHeader(string Profile, string Library)
{
    public static McapHeader Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapHeader(f.String(), f.String());
    }
}

internal sealed record McapFooter(ulong SummaryStart, ulong SummaryOffsetStart, uint SummaryCrc)
{
    public const int ContentLength = 20;

    public static McapFooter Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapFooter(f.U64(), f.U64(), f.U32());
    }
}

internal sealed record McapSchema(ushort Id, string Name, string Encoding, byte[] Data)
{
    public static McapSchema Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapSchema(f.U16(), f.String(), f.String(), f.Bytes32().ToArray());
    }
}

internal sealed record McapChannel(ushort Id, ushort SchemaId, string Topic, string MessageEncoding, IReadOnlyDictionary<string, string> Metadata)
{
    public static McapChannel Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapChannel(f.U16(), f.U16(), f.String(), f.String(), f.StringMap());
    }
}

/// <summary>The fixed fields of a message; its data is the rest of the record.</summary>
internal readonly record struct McapMessageHeader(ushort ChannelId, uint Sequence, ulong LogTime, ulong PublishTime)
{
    public const int Length = 22;

    public static McapMessageHeader Parse(ReadOnlySpan<byte> content) => content.Length < Length
        ? throw new McapFormatException($"a message record of {content.Length} bytes is too short")
        : new McapMessageHeader(
            BinaryPrimitives.ReadUInt16LittleEndian(content),
            BinaryPrimitives.ReadUInt32LittleEndian(content[2..]),
            BinaryPrimitives.ReadUInt64LittleEndian(content[6..]),
            BinaryPrimitives.ReadUInt64LittleEndian(content[14..]));
}

/// <summary>A chunk's fields before its records. <paramref name="RecordsAt"/> is where the records begin, counted from the start of the record's content.</summary>
internal sealed record McapChunkHeader(ulong StartTime, ulong EndTime, ulong UncompressedSize, uint UncompressedCrc, string Compression, ulong RecordsLength, int RecordsAt)
{
    /// <summary>The longest compression name that is looked for; the specification has none above 4.</summary>
    public const int MaxCompressionName = 64;

    public const int MaxLength = 40 + MaxCompressionName;

    public static McapChunkHeader Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        ulong start = f.U64(), end = f.U64(), size = f.U64();
        uint crc = f.U32();
        string compression = f.String();
        ulong length = f.U64();
        return new McapChunkHeader(start, end, size, crc, compression, length, content.Length - f.Left);
    }
}

internal sealed record McapMessageIndex(ushort ChannelId, (ulong LogTime, ulong Offset)[] Entries)
{
    public static McapMessageIndex Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        ushort channel = f.U16();
        var inner = new McapFields(f.Bytes32());
        var entries = new (ulong, ulong)[inner.Left / 16];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = (inner.U64(), inner.U64());
        }

        return inner.AtEnd ? new McapMessageIndex(channel, entries) : throw new McapFormatException("a message index does not end with a whole entry");
    }
}

internal sealed record McapChunkIndex(
    ulong StartTime,
    ulong EndTime,
    ulong ChunkStart,
    ulong ChunkLength,
    (ushort Channel, ulong Offset)[] MessageIndexOffsets,
    ulong MessageIndexLength,
    string Compression,
    ulong CompressedSize,
    ulong UncompressedSize)
{
    public static McapChunkIndex Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapChunkIndex(f.U64(), f.U64(), f.U64(), f.U64(), f.ChannelMap(), f.U64(), f.String(), f.U64(), f.U64());
    }
}

internal sealed record McapAttachment(ulong LogTime, ulong CreateTime, string Name, string MediaType, byte[] Data, uint Crc)
{
    public static McapAttachment Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapAttachment(f.U64(), f.U64(), f.String(), f.String(), f.Bytes64().ToArray(), f.U32());
    }
}

internal sealed record McapAttachmentIndex(ulong Offset, ulong Length, ulong LogTime, ulong CreateTime, ulong DataSize, string Name, string MediaType)
{
    public static McapAttachmentIndex Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapAttachmentIndex(f.U64(), f.U64(), f.U64(), f.U64(), f.U64(), f.String(), f.String());
    }
}

internal sealed record McapStatistics(
    ulong MessageCount,
    ushort SchemaCount,
    uint ChannelCount,
    uint AttachmentCount,
    uint MetadataCount,
    uint ChunkCount,
    ulong StartTime,
    ulong EndTime,
    (ushort Channel, ulong Count)[] ChannelMessageCounts)
{
    public static McapStatistics Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapStatistics(f.U64(), f.U16(), f.U32(), f.U32(), f.U32(), f.U32(), f.U64(), f.U64(), f.ChannelMap());
    }
}

internal sealed record McapMetadata(string Name, IReadOnlyDictionary<string, string> Entries)
{
    public static McapMetadata Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapMetadata(f.String(), f.StringMap());
    }
}

internal sealed record McapMetadataIndex(ulong Offset, ulong Length, string Name)
{
    public static McapMetadataIndex Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapMetadataIndex(f.U64(), f.U64(), f.String());
    }
}

internal sealed record McapSummaryOffset(byte GroupOpcode, ulong GroupStart, ulong GroupLength)
{
    public static McapSummaryOffset Parse(ReadOnlySpan<byte> content)
    {
        var f = new McapFields(content);
        return new McapSummaryOffset(f.U8(), f.U64(), f.U64());
    }
}

internal sealed record McapDataEnd(uint DataSectionCrc)
{
    public static McapDataEnd Parse(ReadOnlySpan<byte> content) => new(new McapFields(content).U32());
}
