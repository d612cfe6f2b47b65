using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Bags.Mcap;

/// <summary>
/// Where the chunks and messages of one file are, and what is known of its channels: taken from the summary when it is whole and complete,
/// else found by walking over the data section record by record. This is the one place that knows how damage is met on opening.
/// </summary>
internal sealed class McapIndex
{
    /// <summary>Messages outside chunks are read in stretches of about this many bytes.</summary>
    private const long PlainStretch = 1 << 20;

    private const int MaxMetadataRecord = 64 << 20;

    /// <summary>Below it (11 days) a log time is simulated time, not time since the epoch.</summary>
    private const long SimulatedTime = 1_000_000_000_000_000;
    private readonly McapFile file;
    private readonly bool skipDamaged;
    private McapSummary? summary;
    private long stretchStart = -1;
    private long stretchEnd;
    private long stretchFirst;
    private long stretchLast;

    private McapIndex(McapFile file, bool skipDamaged)
    {
        this.file = file;
        this.skipDamaged = skipDamaged;
    }

    public McapHeader Header { get; private set; } = new(string.Empty, string.Empty);

    /// <summary>In file order.</summary>
    public List<McapChunkEntry> Chunks { get; } = [];

    public Dictionary<ushort, McapChannel> Channels { get; } = [];

    public Dictionary<ushort, McapSchema> Schemas { get; } = [];

    public Dictionary<ushort, long> MessageCounts { get; } = [];

    public long MessageCount { get; private set; }

    public long StartTime { get; private set; } = long.MaxValue;

    public long EndTime { get; private set; } = long.MinValue;

    /// <summary>The YAML that rosbag2 embeds as a metadata record, the last one.</summary>
    public string? EmbeddedMetadata { get; private set; }

    public List<string> Warnings { get; } = [];

    /// <summary>Whether footer and summary were there and whole.</summary>
    public bool IsIntact => summary is not null;

    /// <summary>The end of the last whole record of the data section, before DataEnd.</summary>
    public long DataEnd { get; private set; }

    public McapSummary? Summary => summary;

    /// <summary>Reads the index of a file.</summary>
    /// <exception cref="UserErrorException">It is not MCAP, or it is damaged and <paramref name="skipDamaged"/> is off.</exception>
    public static McapIndex Build(McapFile file, McapChunkLoader loader, bool skipDamaged)
    {
        var index = new McapIndex(file, skipDamaged);
        if (!file.Peek(0, 8).SequenceEqual(McapFile.Magic))
        {
            throw BagErrors.Damaged(file.Path, "it does not start with the magic bytes of MCAP version 0");
        }

        index.summary = McapSummary.TryRead(file, out string? trouble);
        bool clean = index.WalkFile();
        bool complete = clean && index.TakeSummary();
        if (!complete)
        {
            index.Count(loader);
        }

        if (trouble is not null)
        {
            index.Warnings.Insert(0, $"{file.Path}: {trouble} (the file ends at byte {file.Length}); its records were read one by one, and {Messages(index.MessageCount)} found");
        }

        return index;
    }

    private static string Messages(long count) => string.Create(CultureInfo.InvariantCulture, $"{count} whole message{(count == 1 ? " was" : "s were")}");

    /// <summary>Walks over the data section; true when it ended where it should.</summary>
    private bool WalkFile()
    {
        var known = new Dictionary<long, McapChunkIndex>();
        foreach (McapChunkIndex chunk in summary?.Chunks ?? [])
        {
            known.TryAdd((long)Math.Min(chunk.ChunkStart, long.MaxValue), chunk);
        }

        long limit = summary?.Start ?? file.Length;
        long at = McapFile.Magic.Length;
        bool clean = true;
        while (!TryWalk(ref at, limit, known, out string? trouble))
        {
            clean = false;
            if (summary is null)
            {
                Warnings.Add($"{file.Path}: the file was cut off or is damaged at byte {at}: {trouble}; the {file.Length - at} bytes from there on are not read");
                return false;
            }

            // Only an index can tell where sound data starts again.
            long failed = at;
            long next = known.Keys.Where(k => k > failed).DefaultIfEmpty(-1).Min();
            string what = $"at byte {at}, {trouble}";
            if (!skipDamaged)
            {
                throw BagErrors.Damaged(file.Path, what);
            }

            Warnings.Add($"{file.Path}: damaged {what}; {(next < 0 ? limit - at : next - at)} bytes from there on are left out");
            if (next < 0)
            {
                return false;
            }

            at = next;
        }

        if (known.Keys.Except(Chunks.Where(c => !c.IsPlain).Select(c => c.Offset)).Order().FirstOrDefault(-1) is >= 0 and long missed)
        {
            string what = $"the chunk at byte {missed} is in the index, but a record before it reaches beyond its start";
            if (!skipDamaged)
            {
                throw BagErrors.Damaged(file.Path, what);
            }

            Warnings.Add($"{file.Path}: {what}; it is left out");
            return false;
        }

        return clean;
    }

    /// <summary>Walks from a record on. False at a record that cannot be; <paramref name="at"/> is then where that is.</summary>
    private bool TryWalk(ref long at, long limit, Dictionary<long, McapChunkIndex> known, out string? trouble)
    {
        trouble = null;
        while (true)
        {
            DataEnd = at;
            if (at == limit)
            {
                EndStretch();
                trouble = summary is null ? "the end of the data section is missing" : null;
                return summary is not null;
            }

            if (at > limit || !file.TryReadRecordHead(at, out McapOpcode opcode, out ulong length))
            {
                EndStretch();
                trouble = "a record's first 9 bytes are not all there";
                return false;
            }

            if (opcode == McapOpcode.Invalid || (opcode != McapOpcode.Chunk && known.ContainsKey(at)))
            {
                EndStretch();
                trouble = $"there is a record with opcode {(int)opcode}" + (opcode == McapOpcode.Invalid ? string.Empty : " where the index has a chunk");
                return false;
            }

            long content = at + 9;
            bool whole = length <= (ulong)(limit - content);
            long end = whole ? content + (long)length : limit;
            try
            {
                if (opcode == McapOpcode.Chunk)
                {
                    EndStretch();
                    known.TryGetValue(at, out McapChunkIndex? chunkIndex);
                    end = AddChunk(at, (long)Math.Min(length, long.MaxValue), limit, chunkIndex);
                    whole = end >= 0;
                    if (whole && chunkIndex is not null && (ulong)(end - at) == chunkIndex.ChunkLength && chunkIndex.MessageIndexLength <= (ulong)(limit - end)
                        && LooksLikeRecord(end + (long)chunkIndex.MessageIndexLength, limit))
                    {
                        end += (long)chunkIndex.MessageIndexLength;
                    }
                }
                else if (whole)
                {
                    Meet(opcode, at, content, (long)length);
                    if (opcode == McapOpcode.DataEnd)
                    {
                        EndStretch();
                        return true;
                    }
                }
            }
            catch (McapFormatException e)
            {
                EndStretch();
                trouble = $"the {opcode} record cannot be read ({e.Message})";
                return false;
            }

            if (!whole)
            {
                EndStretch();
                trouble = $"a record of kind {opcode} and {length} bytes is incomplete ({limit - content} bytes are there)";
                return false;
            }

            at = end;
        }
    }

    /// <summary>Whether a message index that claims to end here lands on a record (or the section's end).</summary>
    private bool LooksLikeRecord(long at, long limit) => at == limit
        || (file.TryReadRecordHead(at, out McapOpcode opcode, out ulong length) && opcode is > McapOpcode.Invalid and <= McapOpcode.DataEnd && length <= (ulong)(limit - at - 9));

    private void Meet(McapOpcode opcode, long at, long content, long length)
    {
        switch (opcode)
        {
            case McapOpcode.Header:
                Header = McapHeader.Parse(file.Read(content, length));
                break;
            case McapOpcode.Schema:
                Register(McapSchema.Parse(file.Read(content, length)));
                break;
            case McapOpcode.Channel:
                Register(McapChannel.Parse(file.Read(content, length)));
                break;
            case McapOpcode.Metadata when length <= MaxMetadataRecord:
                McapMetadata metadata = McapMetadata.Parse(file.Read(content, length));
                if (metadata.Name == "rosbag2" && metadata.Entries.TryGetValue("serialized_metadata", out string? text))
                {
                    EmbeddedMetadata = text;
                }

                break;
            case McapOpcode.Message:
                McapMessageHeader header = McapMessageHeader.Parse(file.Peek(content, (int)Math.Min(length, McapMessageHeader.Length)));
                if (header.LogTime > long.MaxValue)
                {
                    throw new McapFormatException($"its log time {header.LogTime} ns is outside the range of ROS time");
                }

                AddToStretch(at, content + length, (long)header.LogTime);
                break;
            case McapOpcode.Attachment:
                EndStretch();
                break;
        }
    }

    private void AddToStretch(long at, long end, long time)
    {
        if (stretchStart >= 0 && end - stretchStart > PlainStretch)
        {
            EndStretch();
        }

        if (stretchStart < 0)
        {
            (stretchStart, stretchFirst, stretchLast) = (at, time, time);
        }

        stretchEnd = end;
        stretchFirst = Math.Min(stretchFirst, time);
        stretchLast = Math.Max(stretchLast, time);
    }

    private void EndStretch()
    {
        if (stretchStart >= 0)
        {
            Chunks.Add(new McapChunkEntry
            {
                Offset = stretchStart,
                RecordsOffset = stretchStart,
                StoredSize = stretchEnd - stretchStart,
                Size = stretchEnd - stretchStart,
                StartTime = stretchFirst,
                EndTime = stretchLast,
                IsPlain = true,
            });
            stretchStart = -1;
        }
    }

    /// <summary>Adds the chunk whose record is at an offset; returns the record's end, or -1 when the file ends within it.</summary>
    private long AddChunk(long at, long length, long limit, McapChunkIndex? chunkIndex)
    {
        long content = at + 9;
        McapChunkHeader header = McapChunkHeader.Parse(file.Peek(content, (int)Math.Min(Math.Min(length, McapChunkHeader.MaxLength), limit - content)));
        long records = content + header.RecordsAt;
        bool whole = header.RecordsLength <= (ulong)(limit - records);
        if (whole && (ulong)length != (ulong)header.RecordsAt + header.RecordsLength)
        {
            // One of the two lengths is wrong. The inner one, checked by the records' own sizes and the CRC, is the one to try.
            if (!skipDamaged && summary is not null)
            {
                throw new McapFormatException($"its length {length} does not agree with its records' length {header.RecordsLength}");
            }

            Warnings.Add($"{file.Path}: the chunk at byte {at} has length {length}, which does not agree with its records' length {header.RecordsLength}; the latter was used");
        }

        long start = Time(header.StartTime), end = Time(header.EndTime);
        Chunks.Add(new McapChunkEntry
        {
            Offset = at,
            RecordsOffset = records,
            StoredSize = whole ? (long)header.RecordsLength : limit - records,
            Size = (long)Math.Min(header.UncompressedSize, long.MaxValue),
            StartTime = start,
            EndTime = end,
            Compression = header.Compression,
            Crc = header.UncompressedCrc,
            IsCutOff = !whole,
            Channels = chunkIndex is { MessageIndexOffsets.Length: > 0 } ? [.. chunkIndex.MessageIndexOffsets.Select(o => o.Channel)] : null,
        });
        return whole ? records + (long)header.RecordsLength : -1;
    }

    private static long Time(ulong time) => time <= long.MaxValue ? (long)time : throw new McapFormatException($"its time {time} ns is outside the range of ROS time");

    /// <summary>Takes counts and channels from the summary; false when it does not tell everything.</summary>
    private bool TakeSummary()
    {
        if (summary?.Statistics is not { } statistics)
        {
            return false;
        }

        foreach (McapSchema schema in summary.Schemas)
        {
            Register(schema);
        }

        foreach (McapChannel channel in summary.Channels)
        {
            Register(channel);
        }

        // The Go library leaves a message of time 0 out of start times, so that bags in simulated time need a look at every chunk.
        if (Header.Library.StartsWith("mcap go", StringComparison.Ordinal) && statistics.StartTime < SimulatedTime)
        {
            return false;
        }

        ulong sum = 0;
        bool known = true;
        foreach ((ushort channel, ulong count) in statistics.ChannelMessageCounts)
        {
            known &= count <= long.MaxValue && Channels.TryGetValue(channel, out McapChannel? c) && (c.SchemaId == 0 || Schemas.ContainsKey(c.SchemaId));
            sum += count;
        }

        if (!known || sum != statistics.MessageCount || statistics.ChunkCount != Chunks.Count(c => !c.IsPlain) || statistics.StartTime > long.MaxValue || statistics.EndTime > long.MaxValue)
        {
            return false;
        }

        foreach ((ushort channel, ulong count) in statistics.ChannelMessageCounts)
        {
            MessageCounts[channel] = (long)count;
        }

        MessageCount = (long)sum;
        if (sum > 0)
        {
            (StartTime, EndTime) = ((long)statistics.StartTime, (long)statistics.EndTime);
        }

        return true;
    }

    /// <summary>Goes through every chunk for its channels, counts and true times. Chunks that cannot be read leave the index.</summary>
    private void Count(McapChunkLoader loader)
    {
        byte[] buffer = [];
        var kept = new List<McapChunkEntry>(Chunks.Count);
        foreach (McapChunkEntry chunk in Chunks)
        {
            var counter = new Counter(this);
            try
            {
                int length = loader.Load(chunk, ref buffer);
                int whole = McapChunkLoader.Walk(buffer.AsSpan(0, length), chunk.IsCutOff, ref counter);
                if (chunk.IsCutOff)
                {
                    Warnings.Add($"{file.Path}: of the cut-off chunk at byte {chunk.Offset}, {whole} of {chunk.Size} bytes and {Messages(counter.Count)} recovered, without a CRC to check them");
                }
            }
            catch (McapFormatException e) when (chunk.IsCutOff)
            {
                Warnings.Add($"{file.Path}: nothing of the cut-off chunk at byte {chunk.Offset} can be recovered: {e.Message}");
                continue;
            }
            catch (McapFormatException e) when (skipDamaged)
            {
                Warnings.Add($"{file.Path}: {chunk.Describe()} is left out: {e.Message}");
                continue;
            }
            catch (McapFormatException e)
            {
                throw BagErrors.Damaged(file.Path, $"{chunk.Describe()}: {e.Message}", e);
            }

            if (counter.Count > 0)
            {
                (chunk.StartTime, chunk.EndTime) = (counter.First, counter.Last);
                StartTime = Math.Min(StartTime, counter.First);
                EndTime = Math.Max(EndTime, counter.Last);
                MessageCount += counter.Count;
                foreach ((ushort channel, long count) in counter.Counts)
                {
                    MessageCounts[channel] = MessageCounts.GetValueOrDefault(channel) + count;
                }

                kept.Add(chunk);
            }
        }

        Chunks.Clear();
        Chunks.AddRange(kept);
        if (summary?.Statistics is { } statistics && statistics.MessageCount != (ulong)MessageCount)
        {
            Warnings.Add($"{file.Path}: the statistics count {statistics.MessageCount} messages, but {Messages(MessageCount)} found");
        }
    }

    private void Register(McapSchema schema)
    {
        if (!Schemas.TryAdd(schema.Id, schema) && (Schemas[schema.Id].Name != schema.Name || !Schemas[schema.Id].Data.AsSpan().SequenceEqual(schema.Data)))
        {
            Warn($"{file.Path}: schema {schema.Id} is declared twice, as '{Schemas[schema.Id].Name}' and as '{schema.Name}'; the first is used");
        }
    }

    private void Register(McapChannel channel)
    {
        if (!Channels.TryAdd(channel.Id, channel) && (Channels[channel.Id].Topic != channel.Topic || Channels[channel.Id].SchemaId != channel.SchemaId))
        {
            Warn($"{file.Path}: channel {channel.Id} is declared twice, for topic '{Channels[channel.Id].Topic}' and for '{channel.Topic}'; the first is used");
        }
    }

    private void Warn(string warning)
    {
        if (!Warnings.Contains(warning))
        {
            Warnings.Add(warning);
        }
    }

    private struct Counter(McapIndex index) : IMcapRecordSink
    {
        public readonly Dictionary<ushort, long> Counts { get; } = [];

        public long Count { get; private set; }

        public long First { get; private set; } = long.MaxValue;

        public long Last { get; private set; } = long.MinValue;

        public readonly void OnSchema(McapSchema schema) => index.Register(schema);

        public readonly void OnChannel(McapChannel channel) => index.Register(channel);

        public void OnMessage(in McapMessageHeader header, int position, int dataLength)
        {
            Count++;
            First = Math.Min(First, (long)header.LogTime);
            Last = Math.Max(Last, (long)header.LogTime);
            if (!index.Channels.ContainsKey(header.ChannelId))
            {
                throw new McapFormatException($"a message belongs to channel {header.ChannelId}, which is declared nowhere before it");
            }

            Counts.TryGetValue(header.ChannelId, out long n);
            Counts[header.ChannelId] = n + 1;
        }
    }
}
