using QDistill.Bags.Compression;

namespace QDistill.Bags.Mcap;

/// <summary>The summary section of an intact file: what its footer points at. Null members were not there.</summary>
internal sealed class McapSummary
{
    /// <summary>Footer record with magic, at the very end of an intact file.</summary>
    public const int FooterLength = 9 + McapFooter.ContentLength + 8;

    public List<McapSchema> Schemas { get; } = [];

    public List<McapChannel> Channels { get; } = [];

    public List<McapChunkIndex> Chunks { get; } = [];

    public List<McapAttachmentIndex> Attachments { get; } = [];

    public List<McapMetadataIndex> Metadata { get; } = [];

    public List<McapSummaryOffset> Offsets { get; } = [];

    public McapStatistics? Statistics { get; private set; }

    public required McapFooter Footer { get; init; }

    /// <summary>Where the summary section starts, or the footer when there is none.</summary>
    public required long Start { get; init; }

    public long Length { get; private init; }

    /// <summary>Reads footer and summary; null (with the reason) when the file does not end as it should or the summary is damaged.</summary>
    public static McapSummary? TryRead(McapFile file, out string? trouble)
    {
        trouble = null;
        long footerAt = file.Length - FooterLength;
        ReadOnlySpan<byte> end = footerAt >= 8 ? file.Peek(footerAt, FooterLength) : default;
        if (!end.EndsWith(McapFile.Magic) || end.Length < FooterLength)
        {
            trouble = "its footer is missing";
            return null;
        }

        if (end[0] != (byte)McapOpcode.Footer || end[1] != McapFooter.ContentLength || end[2..9].IndexOfAnyExcept((byte)0) >= 0)
        {
            trouble = $"its footer at byte {footerAt} is damaged";
            return null;
        }

        McapFooter footer = McapFooter.Parse(end[9..(9 + McapFooter.ContentLength)]);
        uint crc = Crc32.Compute([]);
        byte[] section = [];
        long start = footer.SummaryStart == 0 ? footerAt : (long)Math.Min(footer.SummaryStart, long.MaxValue);
        if (start < 8 || start > footerAt)
        {
            trouble = $"its footer at byte {footerAt} says that the summary starts at byte {footer.SummaryStart}";
            return null;
        }

        try
        {
            byte[] tail = end[..(9 + 16)].ToArray();
            section = file.Read(start, footerAt - start);
            crc = Crc32.Append(Crc32.Append(crc, section), tail);
            if (footer.SummaryCrc != 0 && crc != footer.SummaryCrc)
            {
                trouble = $"its summary at byte {start} is damaged: CRC {crc:x8} instead of {footer.SummaryCrc:x8}";
                return null;
            }

            var summary = new McapSummary { Footer = footer, Start = start, Length = section.Length };
            summary.Parse(section);
            return summary;
        }
        catch (McapFormatException e)
        {
            trouble = $"its summary at byte {start} is damaged: {e.Message}";
            return null;
        }
    }

    private void Parse(ReadOnlySpan<byte> section)
    {
        var rest = new McapFields(section);
        while (!rest.AtEnd)
        {
            var opcode = (McapOpcode)rest.U8();
            ReadOnlySpan<byte> content = rest.Bytes64();
            switch (opcode)
            {
                case McapOpcode.Schema:
                    Schemas.Add(McapSchema.Parse(content));
                    break;
                case McapOpcode.Channel:
                    Channels.Add(McapChannel.Parse(content));
                    break;
                case McapOpcode.Statistics:
                    Statistics = McapStatistics.Parse(content);
                    break;
                case McapOpcode.ChunkIndex:
                    Chunks.Add(McapChunkIndex.Parse(content));
                    break;
                case McapOpcode.AttachmentIndex:
                    Attachments.Add(McapAttachmentIndex.Parse(content));
                    break;
                case McapOpcode.MetadataIndex:
                    Metadata.Add(McapMetadataIndex.Parse(content));
                    break;
                case McapOpcode.SummaryOffset:
                    Offsets.Add(McapSummaryOffset.Parse(content));
                    break;
                case McapOpcode.Invalid:
                    throw new McapFormatException("it has a record with opcode 0");
            }
        }
    }
}
