using QDistill.Bags.Compression;

namespace QDistill.Bags.Mcap;

/// <summary>Writes the summary section, its offsets and the footer into a buffer whose first byte stands at <paramref name="at"/> in the file.</summary>
internal sealed class McapSummaryEncoder(McapRecordBuffer output, long at, McapWriterOptions options)
{
    private readonly List<McapSummaryOffset> groups = [];

    public void Encode(
        IEnumerable<McapSchema> schemas,
        IEnumerable<McapChannel> channels,
        McapStatistics statistics,
        IReadOnlyList<McapMetadataIndex> metadata,
        IReadOnlyList<McapAttachmentIndex> attachments,
        IReadOnlyList<McapChunkIndex> chunks)
    {
        int start = output.Length;
        Group(McapOpcode.Schema, options.RepeatSchemas ? schemas : [], schema => McapWriter.Encode(output, schema));
        Group(McapOpcode.Channel, options.RepeatChannels ? channels : [], channel => McapWriter.Encode(output, channel));
        Group<McapStatistics>(McapOpcode.Statistics, options.Statistics ? [statistics] : [], Encode);
        Group<McapMetadataIndex>(McapOpcode.MetadataIndex, options.MetadataIndex ? metadata : [], Encode);
        Group<McapAttachmentIndex>(McapOpcode.AttachmentIndex, options.AttachmentIndex ? attachments : [], Encode);
        Group<McapChunkIndex>(McapOpcode.ChunkIndex, options.ChunkIndex ? chunks : [], Encode);
        ulong summaryStart = output.Length > start ? (ulong)(at + start) : 0;
        ulong offsetStart = 0;
        if (options.SummaryOffsets && groups.Count > 0)
        {
            offsetStart = (ulong)(at + output.Length);
            foreach (McapSummaryOffset group in groups)
            {
                int mark = output.Begin(McapOpcode.SummaryOffset);
                output.U8(group.GroupOpcode);
                output.U64(group.GroupStart);
                output.U64(group.GroupLength);
                output.End(mark);
            }
        }

        output.Begin(McapOpcode.Footer, McapFooter.ContentLength);
        output.U64(summaryStart);
        output.U64(offsetStart);
        output.U32(Crc32.Compute(output.Written[start..]));
    }

    private void Group<T>(McapOpcode opcode, IEnumerable<T> records, Action<T> encode)
    {
        int start = output.Length;
        foreach (T record in records)
        {
            encode(record);
        }

        if (output.Length > start)
        {
            groups.Add(new McapSummaryOffset((byte)opcode, (ulong)(at + start), (ulong)(output.Length - start)));
        }
    }

    private void Encode(McapStatistics s)
    {
        int mark = output.Begin(McapOpcode.Statistics);
        output.U64(s.MessageCount);
        output.U16(s.SchemaCount);
        output.U32(s.ChannelCount);
        output.U32(s.AttachmentCount);
        output.U32(s.MetadataCount);
        output.U32(s.ChunkCount);
        output.U64(s.StartTime);
        output.U64(s.EndTime);
        output.ChannelMap(s.ChannelMessageCounts);
        output.End(mark);
    }

    private void Encode(McapMetadataIndex m)
    {
        int mark = output.Begin(McapOpcode.MetadataIndex);
        output.U64(m.Offset);
        output.U64(m.Length);
        output.String(m.Name);
        output.End(mark);
    }

    private void Encode(McapAttachmentIndex a)
    {
        int mark = output.Begin(McapOpcode.AttachmentIndex);
        output.U64(a.Offset);
        output.U64(a.Length);
        output.U64(a.LogTime);
        output.U64(a.CreateTime);
        output.U64(a.DataSize);
        output.String(a.Name);
        output.String(a.MediaType);
        output.End(mark);
    }

    private void Encode(McapChunkIndex c)
    {
        int mark = output.Begin(McapOpcode.ChunkIndex);
        output.U64(c.StartTime);
        output.U64(c.EndTime);
        output.U64(c.ChunkStart);
        output.U64(c.ChunkLength);
        output.ChannelMap(c.MessageIndexOffsets);
        output.U64(c.MessageIndexLength);
        output.String(c.Compression);
        output.U64(c.CompressedSize);
        output.U64(c.UncompressedSize);
        output.End(mark);
    }
}
