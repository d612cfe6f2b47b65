using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using QDistill.Bags.Compression;

namespace QDistill.Bags.Mcap;

/// <summary>
/// Writes one MCAP file front to back. A chunk reaches the file in one piece together with its message indexes, so that a file cut off anywhere
/// lacks at most its last chunk.
/// </summary>
internal sealed class McapWriter : IDisposable
{
    private const int FlushSize = 1 << 16;
    private readonly SafeFileHandle handle;
    private readonly McapWriterOptions options;
    private readonly McapRecordBuffer output = new(1 << 16);
    private readonly McapRecordBuffer chunk;
    private readonly List<McapChunkIndex> chunkIndexes = [];
    private readonly List<McapAttachmentIndex> attachmentIndexes = [];
    private readonly List<McapMetadataIndex> metadataIndexes = [];
    private readonly SortedDictionary<ushort, McapSchema> schemas = [];
    private readonly SortedDictionary<ushort, McapChannel> channels = [];
    private readonly ChannelIndex?[] indexOf = new ChannelIndex?[ushort.MaxValue + 1];
    private readonly List<ChannelIndex> inChunk = [];
    private Zstd.Compressor? zstd;
    private long written;
    private uint dataCrc;
    private ulong messageCount;
    private ulong startTime = ulong.MaxValue;
    private ulong endTime;
    private ulong chunkStart = ulong.MaxValue;
    private ulong chunkEnd;
    private bool finished;

    /// <summary>Starts at the file's beginning; call <see cref="WriteHeader"/> next.</summary>
    public McapWriter(SafeFileHandle handle, McapWriterOptions options)
    {
        this.handle = handle;
        this.options = options;
        chunk = new McapRecordBuffer(options.ChunkSize + (options.ChunkSize / 4));
        output.Raw(McapFile.Magic);
    }

    /// <summary>Where the next byte of the data section will stand, once all that is buffered outside the open chunk is written.</summary>
    public long Position => written + output.Length;

    public IReadOnlyDictionary<ushort, McapChannel> Channels => channels;

    public IReadOnlyDictionary<ushort, McapSchema> Schemas => schemas;

    public ulong MessageCount => messageCount;

    public ulong StartTime => messageCount == 0 ? 0 : startTime;

    public ulong EndTime => endTime;

    public ulong CountOf(ushort channel) => indexOf[channel]?.Count ?? 0;

    /// <summary>Takes over a file whose first <paramref name="length"/> bytes, of that CRC, are whole records that were written before.</summary>
    public void Continue(long length, uint crc)
    {
        output.Clear();
        (written, dataCrc) = (length, crc);
    }

    /// <summary>Takes over a whole chunk that stands in the file already: its channels and the count of its messages.</summary>
    public void Adopt(McapChunkIndex index) => chunkIndexes.Add(index);

    public void Adopt(McapSchema schema) => schemas[schema.Id] = schema;

    public void Adopt(McapChannel channel) => Register(channel);

    public void AdoptMessage(ushort channel, ulong logTime) => Note(indexOf[channel]!, logTime);

    public void WriteHeader(string profile, string library)
    {
        int mark = output.Begin(McapOpcode.Header);
        output.String(profile);
        output.String(library);
        output.End(mark);
    }

    public void WriteSchema(McapSchema schema)
    {
        schemas[schema.Id] = schema;
        Encode(options.Chunks ? chunk : output, schema);
        MaybeFlush();
    }

    public void WriteChannel(McapChannel channel)
    {
        Register(channel);
        Encode(options.Chunks ? chunk : output, channel);
        MaybeFlush();
    }

    public void WriteMessage(ushort channel, uint sequence, ulong logTime, ulong publishTime, ReadOnlySpan<byte> data)
    {
        ChannelIndex index = indexOf[channel] ?? throw new InvalidOperationException($"channel {channel} was not written before its message");
        if (options.Chunks && chunk.Length > 0 && (long)chunk.Length + data.Length > FrameDecoder.MaxSize / 2)
        {
            FlushChunk();
        }

        McapRecordBuffer target = options.Chunks ? chunk : output;
        if (options.Chunks)
        {
            if (index.Entries.Count == 0)
            {
                inChunk.Add(index);
            }

            index.Entries.Add((logTime, (ulong)chunk.Length));
            chunkStart = Math.Min(chunkStart, logTime);
            chunkEnd = Math.Max(chunkEnd, logTime);
        }

        target.U8((byte)McapOpcode.Message);
        target.U64((ulong)(McapMessageHeader.Length + data.Length));
        target.U16(channel);
        target.U32(sequence);
        target.U64(logTime);
        target.U64(publishTime);
        target.Raw(data);
        Note(index, logTime);
        if (options.Chunks && chunk.Length >= options.ChunkSize)
        {
            FlushChunk();
        }

        MaybeFlush();
    }

    public void WriteAttachment(McapAttachment attachment)
    {
        FlushChunk();
        ulong offset = (ulong)Position;
        int mark = output.Begin(McapOpcode.Attachment);
        int start = output.Length;
        output.U64(attachment.LogTime);
        output.U64(attachment.CreateTime);
        output.String(attachment.Name);
        output.String(attachment.MediaType);
        output.U64((ulong)attachment.Data.Length);
        output.Raw(attachment.Data);
        output.U32(Crc32.Compute(output.Written[start..]));
        output.End(mark);
        attachmentIndexes.Add(new McapAttachmentIndex(
            offset, (ulong)Position - offset, attachment.LogTime, attachment.CreateTime, (ulong)attachment.Data.Length, attachment.Name, attachment.MediaType));
        MaybeFlush();
    }

    public void WriteMetadata(McapMetadata metadata)
    {
        FlushChunk();
        ulong offset = (ulong)Position;
        int mark = output.Begin(McapOpcode.Metadata);
        output.String(metadata.Name);
        output.StringMap(metadata.Entries);
        output.End(mark);
        metadataIndexes.Add(new McapMetadataIndex(offset, (ulong)Position - offset, metadata.Name));
        MaybeFlush();
    }

    /// <summary>Writes out the open chunk with its message indexes.</summary>
    public void FlushChunk()
    {
        if (chunk.Length == 0)
        {
            return;
        }

        ulong offset = (ulong)Position;
        ulong start = chunkStart == ulong.MaxValue ? 0 : chunkStart;
        int mark = output.Begin(McapOpcode.Chunk);
        output.U64(start);
        output.U64(chunkEnd);
        output.U64((ulong)chunk.Length);
        output.U32(Crc32.Compute(chunk.Written));
        output.String(NameOf(options.Compression));
        int compressed = Compress();
        output.End(mark);
        ulong length = (ulong)Position - offset;
        var indexOffsets = new List<(ushort, ulong)>(inChunk.Count);
        ulong indexStart = (ulong)Position;
        inChunk.Sort((a, b) => a.Id.CompareTo(b.Id));
        foreach (ChannelIndex index in inChunk)
        {
            if (options.MessageIndex)
            {
                indexOffsets.Add((index.Id, (ulong)Position));
                EncodeMessageIndex(output, index.Id, CollectionsMarshal.AsSpan(index.Entries));
            }

            index.Entries.Clear();
        }

        chunkIndexes.Add(new McapChunkIndex(
            start, chunkEnd, offset, length, [.. indexOffsets], (ulong)Position - indexStart, NameOf(options.Compression), (ulong)compressed, (ulong)chunk.Length));
        inChunk.Clear();
        chunk.Clear();
        (chunkStart, chunkEnd) = (ulong.MaxValue, 0);
        Write();
    }

    /// <summary>Puts everything written so far onto the disk, not only into the system's cache.</summary>
    public void FlushToDisk()
    {
        FlushChunk();
        Write();
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Ends the data section and writes summary and footer.</summary>
    public void Finish()
    {
        if (finished)
        {
            return;
        }

        finished = true;
        FlushChunk();
        Write();
        int mark = output.Begin(McapOpcode.DataEnd);
        output.U32(dataCrc);
        output.End(mark);
        Write();
        new McapSummaryEncoder(output, Position, options).Encode(schemas.Values, channels.Values, Statistics(), metadataIndexes, attachmentIndexes, chunkIndexes);
        output.Raw(McapFile.Magic);
        Write();
    }

    /// <summary>Releases what compresses; the file stays with its owner.</summary>
    public void Dispose() => zstd?.Dispose();

    public static string NameOf(BagCompression compression) => compression switch
    {
        BagCompression.Zstd => "zstd",
        BagCompression.Lz4 => "lz4",
        _ => string.Empty,
    };

    internal static void Encode(McapRecordBuffer target, McapSchema schema)
    {
        int mark = target.Begin(McapOpcode.Schema);
        target.U16(schema.Id);
        target.String(schema.Name);
        target.String(schema.Encoding);
        target.Bytes32(schema.Data);
        target.End(mark);
    }

    internal static void Encode(McapRecordBuffer target, McapChannel channel)
    {
        int mark = target.Begin(McapOpcode.Channel);
        target.U16(channel.Id);
        target.U16(channel.SchemaId);
        target.String(channel.Topic);
        target.String(channel.MessageEncoding);
        target.StringMap(channel.Metadata);
        target.End(mark);
    }

    internal static void EncodeMessageIndex(McapRecordBuffer target, ushort channel, ReadOnlySpan<(ulong LogTime, ulong Offset)> entries)
    {
        int mark = target.Begin(McapOpcode.MessageIndex);
        target.U16(channel);
        target.U32((uint)(16 * entries.Length));
        foreach ((ulong time, ulong offset) in entries)
        {
            target.U64(time);
            target.U64(offset);
        }

        target.End(mark);
    }

    private void Register(McapChannel channel)
    {
        channels[channel.Id] = channel;
        indexOf[channel.Id] ??= new ChannelIndex(channel.Id);
    }

    private void Note(ChannelIndex index, ulong logTime)
    {
        index.Count++;
        messageCount++;
        startTime = Math.Min(startTime, logTime);
        endTime = Math.Max(endTime, logTime);
    }

    private McapStatistics Statistics() => new(
        messageCount,
        (ushort)schemas.Count,
        (uint)channels.Count,
        (uint)attachmentIndexes.Count,
        (uint)metadataIndexes.Count,
        (uint)chunkIndexes.Count,
        StartTime,
        endTime,
        [.. channels.Keys.Where(id => CountOf(id) > 0).Select(id => (id, CountOf(id)))]);

    private int Compress()
    {
        ReadOnlySpan<byte> records = chunk.Written;
        if (options.Compression == BagCompression.None)
        {
            output.U64((ulong)records.Length);
            output.Raw(records);
            return records.Length;
        }

        int mark = output.Length;
        output.U64(0);
        nuint bound = options.Compression == BagCompression.Zstd ? Zstd.CompressBound(records.Length) : Lz4.CompressBound(records.Length);
        Span<byte> target = output.Free(checked((int)bound));
        nuint size;
        if (options.Compression == BagCompression.Zstd)
        {
            zstd ??= Zstd.Compressor.Create(options.ZstdLevel);
            size = zstd.Compress(records, target);
        }
        else
        {
            size = Lz4.Compress(records, target);
        }

        if (options.Compression == BagCompression.Zstd ? Zstd.IsError(size) : Lz4.IsError(size))
        {
            throw new InvalidOperationException(options.Compression == BagCompression.Zstd ? Zstd.ErrorName(size) : Lz4.ErrorName(size));
        }

        output.Advance((int)size);
        output.Patch64(mark, size);
        return (int)size;
    }

    private void MaybeFlush()
    {
        if (output.Length >= FlushSize)
        {
            Write();
        }
    }

    private void Write()
    {
        if (output.Length > 0)
        {
            try
            {
                RandomAccess.Write(handle, output.Written, written);
            }
            catch (ArgumentOutOfRangeException e)
            {
                // What .NET makes of EFBIG: the file system's or the process's largest file is reached.
                throw new IOException("the file has reached the largest size that is allowed", e);
            }

            dataCrc = Crc32.Append(dataCrc, output.Written);
            written += output.Length;
            output.Clear();
        }
    }

    private sealed class ChannelIndex(ushort id)
    {
        public ushort Id { get; } = id;

        public ulong Count { get; set; }

        public List<(ulong LogTime, ulong Offset)> Entries { get; } = [];
    }
}
