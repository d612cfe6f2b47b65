using QDistill.Bags.Compression;
using QDistill.Bags.Mcap;

namespace QDistill.Bags.Check;

/// <summary>Goes through one MCAP file in its physical order and compares everything that is said twice: CRCs, indexes, statistics, offsets.</summary>
internal sealed class McapChecker(McapFile file, Action<BagCheckSeverity, string, string> find)
{
    private readonly List<(long Offset, McapChunkHeader Header, long Length, Contents Contents)> chunks = [];
    private readonly Dictionary<long, McapOpcode> recordAt = [];
    private readonly Dictionary<ushort, ulong> counts = [];
    private readonly HashSet<ushort> channels = [];
    private readonly Dictionary<ushort, McapMessageIndex> indexes = [];
    private long attachments;
    private long metadata;
    private long messages;
    private long outOfOrder;
    private ulong start = ulong.MaxValue;
    private ulong end;
    private ulong previous;

    public void Run()
    {
        long at = 0;
        try
        {
            using var loader = new McapChunkLoader(file);
            foreach ((McapOpcode opcode, long offset, byte[] content) in McapRecordStream.Read(file))
            {
                at = offset;
                recordAt[offset] = opcode;
                if (opcode != McapOpcode.MessageIndex)
                {
                    CompareIndexes();
                }

                Meet(opcode, offset, content, loader);
            }
        }
        catch (McapFormatException e)
        {
            find(BagCheckSeverity.Error, "structure", $"the record at byte {at} or what follows it cannot be read: {e.Message}");
            return;
        }

        McapSummary? summary = McapSummary.TryRead(file, out string? trouble);
        if (summary is null)
        {
            find(BagCheckSeverity.Error, "structure", trouble ?? "its summary cannot be read");
            return;
        }

        CompareSummary(summary);
        if (outOfOrder > 0)
        {
            find(BagCheckSeverity.Info, "order", $"{outOfOrder} of {messages} messages stand after a later one in the file; they are read in log-time order all the same");
        }
    }

    private void Meet(McapOpcode opcode, long offset, byte[] content, McapChunkLoader loader)
    {
        switch (opcode)
        {
            case McapOpcode.Chunk:
                MeetChunk(offset, content, loader);
                break;
            case McapOpcode.MessageIndex:
                McapMessageIndex index = McapMessageIndex.Parse(content);
                indexes[index.ChannelId] = index;
                break;
            case McapOpcode.Channel when recordAt.Count > 0:
                channels.Add(McapChannel.Parse(content).Id);
                break;
            case McapOpcode.Message:
                McapMessageHeader header = McapMessageHeader.Parse(content);
                Count(header.ChannelId, header.LogTime);
                break;
            case McapOpcode.Attachment:
                attachments++;
                uint crc = McapAttachment.Parse(content).Crc;
                if (crc != 0 && crc != Crc32.Compute(content.AsSpan(0, content.Length - 4)))
                {
                    find(BagCheckSeverity.Error, "crc", $"the attachment at byte {offset} is damaged: its CRC does not match");
                }

                break;
            case McapOpcode.Metadata:
                McapMetadata.Parse(content);
                metadata++;
                break;
            case McapOpcode.DataEnd:
                CheckData(offset, McapDataEnd.Parse(content).DataSectionCrc);
                break;
        }
    }

    private void MeetChunk(long offset, byte[] content, McapChunkLoader loader)
    {
        McapChunkHeader header = McapChunkHeader.Parse(content);
        var contents = new Contents();
        chunks.Add((offset, header, content.Length + 9, contents));
        try
        {
            if (header.RecordsLength != (ulong)(content.Length - header.RecordsAt))
            {
                throw new McapFormatException($"its records have {header.RecordsLength} bytes, but {content.Length - header.RecordsAt} are there");
            }

            byte[] buffer = [];
            int length = loader.Load(
                new McapChunkEntry
                {
                    Offset = offset,
                    RecordsOffset = offset + 9 + header.RecordsAt,
                    StoredSize = (long)header.RecordsLength,
                    Size = (long)Math.Min(header.UncompressedSize, long.MaxValue),
                    StartTime = 0,
                    EndTime = 0,
                    Compression = header.Compression,
                    Crc = header.UncompressedCrc,
                },
                ref buffer);
            McapChunkLoader.Walk(buffer.AsSpan(0, length), cutOff: false, ref contents);
        }
        catch (McapFormatException e)
        {
            find(BagCheckSeverity.Error, e.Message.Contains("CRC", StringComparison.Ordinal) ? "crc" : "structure", $"the chunk at byte {offset} is damaged: {e.Message}");
            contents.Damaged.Add(true);
            return;
        }

        channels.UnionWith(contents.Channels);
        foreach ((ushort channel, ulong time, _) in contents.Messages)
        {
            Count(channel, time);
        }

        if (contents.Messages.Count > 0)
        {
            (ulong first, ulong last) = (contents.Messages.Min(m => m.Time), contents.Messages.Max(m => m.Time));
            if (first != header.StartTime || last != header.EndTime)
            {
                find(BagCheckSeverity.Warning, "index", $"the chunk at byte {offset} says that its messages lie in [{header.StartTime}, {header.EndTime}] ns, but they lie in [{first}, {last}]");
            }
        }
    }

    private void Count(ushort channel, ulong time)
    {
        counts[channel] = counts.GetValueOrDefault(channel) + 1;
        messages++;
        outOfOrder += time < previous ? 1 : 0;
        previous = time;
        start = Math.Min(start, time);
        end = Math.Max(end, time);
        if (!channels.Contains(channel))
        {
            throw new McapFormatException($"a message belongs to channel {channel}, which is declared nowhere before it");
        }
    }

    /// <summary>Compares the message indexes that followed a chunk with the messages in it.</summary>
    private void CompareIndexes()
    {
        if (indexes.Count > 0 && chunks.Count > 0 && chunks[^1].Contents.Damaged.Count == 0)
        {
            foreach (IGrouping<ushort, (ushort Channel, ulong Time, int Position)> group in chunks[^1].Contents.Messages.GroupBy(m => m.Channel))
            {
                IEnumerable<(ulong, ulong)> there = group.Select(m => (m.Time, (ulong)m.Position)).Order();
                if (!indexes.TryGetValue(group.Key, out McapMessageIndex? index) || !there.SequenceEqual(index.Entries.Select(e => (e.LogTime, e.Offset)).Order()))
                {
                    find(BagCheckSeverity.Warning, "index", $"the message index of channel {group.Key} does not agree with the chunk at byte {chunks[^1].Offset}");
                }
            }
        }

        indexes.Clear();
    }

    private void CheckData(long dataEnd, uint expected)
    {
        if (expected == 0)
        {
            return;
        }

        uint crc = 0;
        byte[] buffer = new byte[1 << 20];
        for (long at = 0; at < dataEnd; at += buffer.Length)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, dataEnd - at));
            file.Read(at, part);
            crc = Crc32.Append(crc, part);
        }

        if (crc != expected)
        {
            find(BagCheckSeverity.Error, "crc", $"the data section is damaged: its CRC is {crc:x8} instead of {expected:x8}");
        }
    }

    private void CompareSummary(McapSummary summary)
    {
        if (summary.Statistics is { } s)
        {
            bool same = s.MessageCount == (ulong)messages && s.ChunkCount == chunks.Count && s.AttachmentCount == attachments && s.MetadataCount == metadata
                && s.ChannelMessageCounts.Where(c => c.Count > 0).OrderBy(c => c.Channel).SequenceEqual(counts.OrderBy(c => c.Key).Select(c => (c.Key, c.Value)));
            if (!same)
            {
                find(BagCheckSeverity.Warning, "statistics", $"the statistics count {s.MessageCount} messages in {s.ChunkCount} chunks, {s.AttachmentCount} attachments and {s.MetadataCount} metadata records, but there are {messages} in {chunks.Count}, {attachments} and {metadata} (or the counts by channel differ)");
            }

            if (messages > 0 && (s.StartTime != start || s.EndTime != end))
            {
                find(BagCheckSeverity.Warning, "statistics", $"the statistics give [{s.StartTime}, {s.EndTime}] ns, but the messages lie in [{start}, {end}]");
            }
        }

        foreach (McapChunkIndex index in summary.Chunks)
        {
            (long offset, McapChunkHeader? header, long length, _) = chunks.Find(c => (ulong)c.Offset == index.ChunkStart);
            if (header is null || (ulong)length != index.ChunkLength || header.StartTime != index.StartTime || header.EndTime != index.EndTime
                || header.RecordsLength != index.CompressedSize || header.UncompressedSize != index.UncompressedSize || header.Compression != index.Compression)
            {
                find(BagCheckSeverity.Error, "index", $"the chunk index for byte {index.ChunkStart} does not agree with the chunk that is there");
            }
        }

        if (summary.Chunks.Count > 0 && summary.Chunks.Count != chunks.Count)
        {
            find(BagCheckSeverity.Error, "index", $"{summary.Chunks.Count} chunks are indexed, but there are {chunks.Count}");
        }

        Expect(summary.Attachments.Select(a => (a.Offset, a.Name)), McapOpcode.Attachment);
        Expect(summary.Metadata.Select(m => (m.Offset, m.Name)), McapOpcode.Metadata);
        foreach (McapSummaryOffset offset in summary.Offsets)
        {
            if (recordAt.GetValueOrDefault((long)Math.Min(offset.GroupStart, long.MaxValue)) != (McapOpcode)offset.GroupOpcode)
            {
                find(BagCheckSeverity.Error, "index", $"the summary offset to byte {offset.GroupStart} does not lead to a record of kind {(McapOpcode)offset.GroupOpcode}");
            }
        }
    }

    private void Expect(IEnumerable<(ulong Offset, string Name)> entries, McapOpcode opcode)
    {
        foreach ((ulong offset, string name) in entries)
        {
            if (recordAt.GetValueOrDefault((long)Math.Min(offset, long.MaxValue)) != opcode)
            {
                find(BagCheckSeverity.Error, "index", $"the index entry of '{name}' for byte {offset} does not lead to a record of kind {opcode}");
            }
        }
    }

    private readonly struct Contents() : IMcapRecordSink
    {
        public List<(ushort Channel, ulong Time, int Position)> Messages { get; } = [];

        public List<ushort> Channels { get; } = [];

        /// <summary>Not empty once the chunk was found damaged.</summary>
        public List<bool> Damaged { get; } = [];

        public void OnSchema(McapSchema schema)
        {
        }

        public void OnChannel(McapChannel channel) => Channels.Add(channel.Id);

        public void OnMessage(in McapMessageHeader header, int position, int dataLength) => Messages.Add((header.ChannelId, header.LogTime, position));
    }
}
