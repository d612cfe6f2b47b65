using System.Buffers.Binary;
using QDistill.Bags.Mcap;
using QDistill.Bags.Metadata;
using QDistill.Configuration;

namespace QDistill.Bags.Sources;

/// <summary>
/// An MCAP file in log-time order. Chunks are taken up in the order of their start times and merged; one is loaded only when the merge reaches its
/// start, so that memory holds the chunks that overlap in time, and of these at most <see cref="ResidentLimit"/> bytes.
/// </summary>
internal sealed class McapSource : BagSource
{
    private const int SpareBuffers = 2;
    private readonly McapFile file;
    private readonly McapChunkLoader loader;
    private readonly Selection selection;
    private readonly McapChunkEntry[] byStart;
    private readonly BagTopic?[] topicOf;
    private readonly bool[] wanted;
    private readonly PriorityQueue<Cursor, (long Time, long Offset)> waiting = new();
    private readonly List<byte[]> spare = [];
    private readonly List<List<(long Time, int Position)>> spareItems = [];
    private readonly HashSet<McapChunkEntry> leftOut = [];
    private Cursor? current;
    private Cursor? spent;
    private int nextChunk;
    private long from;
    private long resident;
    private long lastTaken = long.MinValue;
    private bool orderWarned;

    public McapSource(McapFile file, TopicTable topics, Selection selection, List<string> warnings)
        : base(file.Path)
    {
        this.file = file;
        this.selection = selection;
        Warnings = warnings;
        loader = new McapChunkLoader(file);
        try
        {
            Index = McapIndex.Build(file, loader, selection.SkipDamaged);
        }
        catch
        {
            loader.Dispose();
            file.Dispose();
            throw;
        }

        warnings.AddRange(Index.Warnings);
        EmbeddedMetadata = Index.EmbeddedMetadata;
        MessageCount = Index.MessageCount;
        StartTime = Index.StartTime;
        EndTime = Index.EndTime;
        int channels = Index.Channels.Count == 0 ? 0 : Index.Channels.Keys.Max() + 1;
        topicOf = new BagTopic?[channels];
        wanted = new bool[channels];
        byStart = [.. Index.Chunks.OrderBy(c => c.StartTime).ThenBy(c => c.Offset)];
        foreach (McapChannel channel in Index.Channels.Values)
        {
            AddTopic(channel, topics);
        }

        Seek(long.MinValue);
    }

    /// <summary>How many bytes of decompressed chunks are held at most (one chunk is always held, however large).</summary>
    public long ResidentLimit { get; set; } = 256 << 20;

    public McapIndex Index { get; } = null!;

    /// <summary>The most bytes of decompressed chunks held so far.</summary>
    public long ResidentPeak { get; private set; }

    public override void Seek(long time)
    {
        Release(ref spent);
        Release(ref current);
        while (waiting.TryDequeue(out Cursor? cursor, out _))
        {
            Cursor? c = cursor;
            Release(ref c);
        }

        from = Math.Max(selection.StartTime, time);
        nextChunk = 0;
        lastTaken = long.MinValue;
        Bound = long.MinValue;
        IsReady = false;
    }

    public override void Prepare()
    {
        Release(ref spent);
        while (true)
        {
            while (nextChunk < byStart.Length && !IsSelected(byStart[nextChunk]))
            {
                nextChunk++;
            }

            if (nextChunk < byStart.Length && (current is null || byStart[nextChunk].StartTime <= current.Time))
            {
                long start = byStart[nextChunk].StartTime;
                if (Bound < start && current is null)
                {
                    // Tell the bound first: another file may come before this chunk.
                    Bound = start;
                    return;
                }

                Open(byStart[nextChunk++]);
                continue;
            }

            break;
        }

        if (current is null)
        {
            (Bound, IsReady) = (long.MaxValue, false);
            return;
        }

        if (current.Buffer is null && !TryReload(current))
        {
            current = null;
            Next();
            Prepare();
            return;
        }

        (Bound, IsReady) = (current.Time, true);
    }

    public override void Take(out BagMessage message)
    {
        Release(ref spent);
        Cursor cursor = current!;
        ReadOnlySpan<byte> record = cursor.Buffer.AsSpan(cursor.Position);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(record[1..]);
        record = record.Slice(9, length);
        long time = cursor.Time;
        if (time < lastTaken && !orderWarned)
        {
            orderWarned = true;
            Warnings.Add($"{Path}: the chunk index is wrong: {cursor.Chunk.Describe()} has messages earlier than the index says, so the order is not that of log time");
        }

        lastTaken = Math.Max(lastTaken, time);
        message = new BagMessage(
            topicOf[BinaryPrimitives.ReadUInt16LittleEndian(record)]!,
            time,
            (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(record[14..]), long.MaxValue),
            record[McapMessageHeader.Length..]);

        if (!cursor.Advance())
        {
            spent = cursor;
            current = null;
            Next();
        }
        else if (waiting.Count > 0 && waiting.TryPeek(out _, out (long Time, long Offset) first) && first.CompareTo((cursor.Time, cursor.Chunk.Offset)) < 0)
        {
            current = waiting.EnqueueDequeue(cursor, (cursor.Time, cursor.Chunk.Offset));
        }

        Settle();
    }

    /// <summary>Checks the file byte by byte.</summary>
    public void Check(Action<BagCheckSeverity, string, string> find) => new Check.McapChecker(file, find).Run();

    public override void Dispose()
    {
        loader.Dispose();
        file.Dispose();
    }

    private void AddTopic(McapChannel channel, TopicTable topics)
    {
        McapSchema? schema = Index.Schemas.GetValueOrDefault(channel.SchemaId);
        BagTopic topic = topics.Get(channel.Topic, schema?.Name ?? string.Empty);
        topicOf[channel.Id] = topic;
        wanted[channel.Id] = selection.Wants(channel.Topic);
        topic.SerializationFormat = channel.MessageEncoding;
        topic.MessageCount += Index.MessageCounts.GetValueOrDefault(channel.Id);
        if (schema is { Encoding.Length: > 0 })
        {
            topic.DefinitionEncoding = schema.Encoding;
            topic.Definition = schema.Encoding == "ros2msg" ? System.Text.Encoding.UTF8.GetString(schema.Data) : null;
        }

        if (channel.Metadata.TryGetValue("topic_type_hash", out string? hash) && hash.Length > 0)
        {
            topic.TypeHash = hash;
        }

        if (topic.OfferedQoS.Count == 0 && channel.Metadata.TryGetValue("offered_qos_profiles", out string? qos))
        {
            try
            {
                topic.OfferedQoS = QoSYaml.Parse(qos, $"{Path}, topic {channel.Topic}, offered_qos_profiles");
            }
            catch (UserErrorException e)
            {
                Warnings.Add($"{e.Message} The topic's QoS is treated as not known.");
            }
        }
    }

    private bool IsSelected(McapChunkEntry chunk)
    {
        if (chunk.EndTime < from || chunk.StartTime > selection.EndTime || leftOut.Contains(chunk))
        {
            return false;
        }

        if (chunk.Channels is null)
        {
            return true;
        }

        foreach (ushort channel in chunk.Channels)
        {
            if (channel >= wanted.Length || wanted[channel])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes the earliest waiting cursor as the current one.</summary>
    private void Next() => current = waiting.Count > 0 ? waiting.Dequeue() : null;

    /// <summary>After a step: ready at once when nothing has to be loaded before the next message.</summary>
    private void Settle()
    {
        bool loadFirst = nextChunk < byStart.Length && (current is null || byStart[nextChunk].StartTime <= current.Time);
        if (current is null)
        {
            (Bound, IsReady) = (loadFirst ? byStart[nextChunk].StartTime : long.MaxValue, false);
        }
        else
        {
            (Bound, IsReady) = (loadFirst ? byStart[nextChunk].StartTime : current.Time, !loadFirst && current.Buffer is not null);
        }
    }

    private void Open(McapChunkEntry chunk)
    {
        byte[] buffer = Rent();
        var cursor = new Cursor(chunk, RentItems());
        try
        {
            int length = loader.Load(chunk, ref buffer);
            var sink = new Collector(this, cursor.Items);
            McapChunkLoader.Walk(buffer.AsSpan(0, length), chunk.IsCutOff, ref sink);
        }
        catch (McapFormatException e)
        {
            spare.Add(buffer);
            LeaveOut(chunk, e);
            return;
        }

        cursor.Buffer = buffer;
        Account(buffer.Length);
        if (!cursor.Start())
        {
            Cursor? empty = cursor;
            Release(ref empty);
        }
        else if (current is null)
        {
            current = cursor;
        }
        else
        {
            waiting.Enqueue(cursor, (cursor.Time, cursor.Chunk.Offset));
            current = waiting.EnqueueDequeue(current, (current.Time, current.Chunk.Offset));
        }
    }

    private void LeaveOut(McapChunkEntry chunk, McapFormatException e)
    {
        if (!selection.SkipDamaged && !chunk.IsCutOff)
        {
            throw BagErrors.Damaged(Path, $"{chunk.Describe()}: {e.Message}", e);
        }

        if (leftOut.Add(chunk))
        {
            Warnings.Add($"{Path}: {chunk.Describe()} is left out: {e.Message}");
        }
    }

    private bool TryReload(Cursor cursor)
    {
        byte[] buffer = Rent();
        try
        {
            loader.Load(cursor.Chunk, ref buffer);
        }
        catch (McapFormatException e)
        {
            LeaveOut(cursor.Chunk, e);
            return false;
        }

        cursor.Buffer = buffer;
        Account(buffer.Length);
        return true;
    }

    /// <summary>Counts what is held, and above the limit lets go of the chunks that are needed last; they are loaded again when their turn comes.</summary>
    private void Account(long bytes)
    {
        resident += bytes;
        if (resident > ResidentLimit)
        {
            foreach (Cursor cursor in waiting.UnorderedItems.Select(i => i.Element).Where(c => c.Buffer is not null).OrderByDescending(c => c.Time).ToArray())
            {
                if (resident <= ResidentLimit)
                {
                    break;
                }

                resident -= cursor.Buffer!.Length;
                cursor.Buffer = null;
            }
        }

        ResidentPeak = Math.Max(ResidentPeak, resident);
    }

    private byte[] Rent()
    {
        if (spare.Count == 0)
        {
            return [];
        }

        byte[] buffer = spare[^1];
        spare.RemoveAt(spare.Count - 1);
        return buffer;
    }

    private List<(long Time, int Position)> RentItems()
    {
        if (spareItems.Count == 0)
        {
            return [];
        }

        List<(long Time, int Position)> items = spareItems[^1];
        spareItems.RemoveAt(spareItems.Count - 1);
        items.Clear();
        return items;
    }

    private void Release(ref Cursor? cursor)
    {
        if (cursor is not null && spareItems.Count < SpareBuffers)
        {
            spareItems.Add(cursor.Items);
        }

        if (cursor?.Buffer is { } buffer)
        {
            resident -= buffer.Length;
            cursor.Buffer = null;
            if (spare.Count < SpareBuffers)
            {
                spare.Add(buffer);
            }
        }

        cursor = null;
    }

    /// <summary>The selected messages of one chunk in their order, and where reading stands.</summary>
    private sealed class Cursor(McapChunkEntry chunk, List<(long Time, int Position)> items)
    {
        private int at;

        public McapChunkEntry Chunk { get; } = chunk;

        public List<(long Time, int Position)> Items { get; } = items;

        public byte[]? Buffer { get; set; }

        public long Time { get; private set; }

        public int Position { get; private set; }

        public bool Start()
        {
            for (int i = 1; i < Items.Count; i++)
            {
                if (Items[i].Time < Items[i - 1].Time)
                {
                    // Positions differ, so the order of equal times is theirs.
                    Items.Sort();
                    break;
                }
            }

            at = -1;
            return Advance();
        }

        public bool Advance()
        {
            if (++at >= Items.Count)
            {
                return false;
            }

            (Time, Position) = Items[at];
            return true;
        }
    }

    private readonly struct Collector(McapSource source, List<(long Time, int Position)> items) : IMcapRecordSink
    {
        public void OnSchema(McapSchema schema)
        {
        }

        public void OnChannel(McapChannel channel)
        {
        }

        public void OnMessage(in McapMessageHeader header, int position, int dataLength)
        {
            long time = (long)header.LogTime;
            if (header.ChannelId < source.wanted.Length && source.wanted[header.ChannelId])
            {
                if (time >= source.from && time <= source.selection.EndTime)
                {
                    items.Add((time, position));
                }
            }
            else if (header.ChannelId >= source.topicOf.Length || source.topicOf[header.ChannelId] is null)
            {
                throw new McapFormatException($"a message at its byte {position} belongs to channel {header.ChannelId}, which is declared nowhere");
            }
        }
    }
}
