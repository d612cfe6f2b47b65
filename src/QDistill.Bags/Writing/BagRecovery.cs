using Microsoft.Win32.SafeHandles;
using QDistill.Bags.Compression;
using QDistill.Bags.Mcap;
using QDistill.Configuration;

namespace QDistill.Bags;

/// <summary>What can be kept of an unfinished MCAP file of ours: its whole chunks stay where they are, whole messages of a cut-off chunk are written anew.</summary>
internal sealed class BagRecovery
{
    private readonly List<McapChunkIndex> chunks = [];
    private readonly List<McapSchema> schemas = [];
    private readonly List<McapChannel> channels = [];
    private readonly List<(ushort Channel, ulong LogTime)> messages = [];
    private readonly McapRecordBuffer missingIndexes = new(256);
    private byte[] tail = [];
    private int tailLength;
    private long keep;
    private uint crc;

    /// <summary>The latest log time of each channel.</summary>
    public Dictionary<ushort, long> LastTimes { get; } = [];

    public List<string> Warnings { get; } = [];

    /// <summary>Looks through a file; null when not even its header is whole, so that nothing is lost by starting anew.</summary>
    public static BagRecovery? Scan(string path)
    {
        using var file = new McapFile(path, path);
        if (file.Length < McapFile.Magic.Length)
        {
            return null;
        }

        if (!file.Peek(0, 8).SequenceEqual(McapFile.Magic))
        {
            throw BagErrors.Damaged(path, "it does not start with the magic bytes of MCAP version 0");
        }

        using var loader = new McapChunkLoader(file);
        var recovery = new BagRecovery();
        if (!recovery.ScanHeader(file))
        {
            return null;
        }

        recovery.ScanChunks(file, loader);
        recovery.Checksum(file);
        return recovery;
    }

    /// <summary>Cuts the file behind its last whole chunk and brings a writer into the state it had then, with the tail's messages written again.</summary>
    public void Apply(McapWriter writer, SafeFileHandle handle)
    {
        RandomAccess.SetLength(handle, keep);
        if (missingIndexes.Length > 0)
        {
            RandomAccess.Write(handle, missingIndexes.Written, keep);
            crc = Crc32.Append(crc, missingIndexes.Written);
            keep += missingIndexes.Length;
        }

        writer.Continue(keep, crc);
        schemas.ForEach(writer.Adopt);
        channels.ForEach(writer.Adopt);
        chunks.ForEach(writer.Adopt);
        foreach ((ushort channel, ulong time) in messages)
        {
            writer.AdoptMessage(channel, time);
            Note(channel, time);
        }

        var again = new Rewriter(writer, tail, this);
        McapChunkLoader.Walk(tail.AsSpan(0, tailLength), cutOff: true, ref again);
    }

    private void Note(ushort channel, ulong time) => LastTimes[channel] = Math.Max(LastTimes.GetValueOrDefault(channel, long.MinValue), (long)time);

    private bool ScanHeader(McapFile file)
    {
        long at = McapFile.Magic.Length;
        if (!file.TryReadRecordHead(at, out McapOpcode opcode, out ulong length) || opcode != McapOpcode.Header || length > (ulong)(file.Length - at - 9))
        {
            return false;
        }

        McapHeader header = McapHeader.Parse(file.Read(at + 9, (long)length));
        if (header.Profile != BagWriter.Profile || !header.Library.StartsWith("qdistill ", StringComparison.Ordinal))
        {
            throw new UserErrorException($"was written by '{header.Library}', and only bags begun by QDistill can be resumed", file.Path);
        }

        keep = at + 9 + (long)length;
        return true;
    }

    private void ScanChunks(McapFile file, McapChunkLoader loader)
    {
        byte[] buffer = [];
        while (file.TryReadRecordHead(keep, out McapOpcode opcode, out ulong length))
        {
            // What follows the last chunk (metadata, summary) was being written by Close and is made anew.
            if (opcode != McapOpcode.Chunk)
            {
                return;
            }

            long content = keep + 9;
            bool whole = length <= (ulong)(file.Length - content);
            try
            {
                McapChunkHeader header = McapChunkHeader.Parse(file.Peek(content, (int)Math.Min(McapChunkHeader.MaxLength, file.Length - content)));
                var entry = new McapChunkEntry
                {
                    Offset = keep,
                    RecordsOffset = content + header.RecordsAt,
                    StoredSize = whole ? (long)Math.Min(header.RecordsLength, long.MaxValue) : file.Length - content - header.RecordsAt,
                    Size = (long)Math.Min(header.UncompressedSize, long.MaxValue),
                    StartTime = 0,
                    EndTime = 0,
                    Compression = header.Compression,
                    Crc = header.UncompressedCrc,
                    IsCutOff = !whole,
                };
                if (!whole)
                {
                    tailLength = loader.Load(entry, ref tail);
                    return;
                }

                int size = loader.Load(entry, ref buffer);
                if (!TryKeep(file, entry, header, (long)length, buffer.AsSpan(0, size)))
                {
                    return;
                }
            }
            catch (McapFormatException) when (!whole)
            {
                // Cut off before its first message.
                return;
            }
            catch (McapFormatException e)
            {
                Warnings.Add($"{file.Path}: the chunk at byte {keep} cannot be kept ({e.Message}); {file.Length - keep} bytes from there on were removed");
                return;
            }
        }
    }

    /// <summary>Keeps a whole chunk; false when its message indexes are not whole, so that it is the last.</summary>
    private bool TryKeep(McapFile file, McapChunkEntry entry, McapChunkHeader header, long length, ReadOnlySpan<byte> records)
    {
        var sink = new Collector();
        McapChunkLoader.Walk(records, cutOff: false, ref sink);
        schemas.AddRange(sink.Schemas);
        channels.AddRange(sink.Channels);
        messages.AddRange(sink.Messages);

        // Our message indexes follow from the chunk alone, so that those of the last chunk, if incomplete, can be made anew.
        long end = entry.Offset + 9 + length;
        var indexes = new McapRecordBuffer(256);
        var offsets = new List<(ushort, ulong)>();
        foreach ((ushort channel, List<(ulong, ulong)> entries) in sink.Indexes)
        {
            offsets.Add((channel, (ulong)(end + indexes.Length)));
            McapWriter.EncodeMessageIndex(indexes, channel, [.. entries]);
        }

        bool indexed = file.Length >= end + indexes.Length && file.Read(end, indexes.Length).AsSpan().SequenceEqual(indexes.Written);
        keep = indexed ? end + indexes.Length : end;
        if (!indexed)
        {
            missingIndexes.Raw(indexes.Written);
            if (file.Length > end + indexes.Length)
            {
                Warnings.Add($"{file.Path}: the message index at byte {end} is damaged; {file.Length - end} bytes from there on were removed");
            }
        }

        chunks.Add(new McapChunkIndex(
            header.StartTime, header.EndTime, (ulong)entry.Offset, (ulong)length + 9, [.. offsets], (ulong)indexes.Length, header.Compression, header.RecordsLength, header.UncompressedSize));
        return indexed;
    }

    private void Checksum(McapFile file)
    {
        byte[] buffer = new byte[1 << 20];
        for (long at = 0; at < keep; at += buffer.Length)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, keep - at));
            file.Read(at, part);
            crc = Crc32.Append(crc, part);
        }
    }

    private readonly struct Collector() : IMcapRecordSink
    {
        public List<McapSchema> Schemas { get; } = [];

        public List<McapChannel> Channels { get; } = [];

        public List<(ushort Channel, ulong LogTime)> Messages { get; } = [];

        public SortedDictionary<ushort, List<(ulong, ulong)>> Indexes { get; } = [];

        public void OnSchema(McapSchema schema) => Schemas.Add(schema);

        public void OnChannel(McapChannel channel) => Channels.Add(channel);

        public void OnMessage(in McapMessageHeader header, int position, int dataLength)
        {
            Messages.Add((header.ChannelId, header.LogTime));
            if (!Indexes.TryGetValue(header.ChannelId, out List<(ulong, ulong)>? entries))
            {
                Indexes[header.ChannelId] = entries = [];
            }

            entries.Add((header.LogTime, (ulong)position));
        }
    }

    private readonly struct Rewriter(McapWriter writer, byte[] records, BagRecovery recovery) : IMcapRecordSink
    {
        public void OnSchema(McapSchema schema) => writer.WriteSchema(schema);

        public void OnChannel(McapChannel channel) => writer.WriteChannel(channel);

        public void OnMessage(in McapMessageHeader header, int position, int dataLength)
        {
            if (!writer.Channels.ContainsKey(header.ChannelId))
            {
                throw new McapFormatException($"a message belongs to channel {header.ChannelId}, which is declared nowhere before it");
            }

            writer.WriteMessage(
                header.ChannelId, header.Sequence, header.LogTime, header.PublishTime, records.AsSpan(position + 9 + McapMessageHeader.Length, dataLength));
            recovery.Note(header.ChannelId, header.LogTime);
        }
    }
}
