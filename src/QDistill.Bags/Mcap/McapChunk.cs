using System.Buffers.Binary;
using QDistill.Bags.Compression;

namespace QDistill.Bags.Mcap;

/// <summary>What is met while going through a chunk's records.</summary>
internal interface IMcapRecordSink
{
    void OnSchema(McapSchema schema);

    void OnChannel(McapChannel channel);

    /// <summary>A message; <paramref name="position"/> is that of its record in the chunk, <paramref name="dataLength"/> without the fixed fields.</summary>
    void OnMessage(in McapMessageHeader header, int position, int dataLength);
}

/// <summary>Loads chunks: reads, decompresses, checks the CRC, and goes through the records.</summary>
internal sealed class McapChunkLoader(McapFile file) : IDisposable
{
    private readonly FrameDecoder decoder = new();
    private byte[] stored = [];

    /// <summary>The records of a chunk into <paramref name="buffer"/> (replaced by a larger one when needed); returns how many bytes they are.</summary>
    /// <exception cref="McapFormatException">It is damaged. What a cut-off chunk lacks is no error.</exception>
    public int Load(McapChunkEntry chunk, ref byte[] buffer)
    {
        if (chunk.Size > FrameDecoder.MaxSize || chunk.StoredSize > FrameDecoder.MaxSize)
        {
            throw new McapFormatException($"it claims to hold {Math.Max(chunk.Size, chunk.StoredSize)} bytes, more than the 2 GiB that a chunk may have here");
        }

        int size = (int)chunk.Size, storedSize = (int)chunk.StoredSize;
        if (chunk.Compression.Length == 0)
        {
            if (size != storedSize && !chunk.IsCutOff)
            {
                throw new McapFormatException($"it is not compressed, yet holds {storedSize} bytes instead of {size}");
            }

            Grow(ref buffer, storedSize);
            file.Read(chunk.RecordsOffset, buffer.AsSpan(0, storedSize));
            size = storedSize;
        }
        else
        {
            Grow(ref stored, storedSize);
            Span<byte> source = stored.AsSpan(0, storedSize);
            file.Read(chunk.RecordsOffset, source);
            if (chunk.IsCutOff)
            {
                size = decoder.DecodePart(chunk.Compression, source, size, ref buffer, out _);
            }
            else
            {
                decoder.Decode(chunk.Compression, source, size, ref buffer);
            }
        }

        if (chunk is { Crc: not 0, IsCutOff: false })
        {
            uint crc = Crc32.Compute(buffer.AsSpan(0, size));
            if (crc != chunk.Crc)
            {
                throw new McapFormatException($"its CRC is {crc:x8} instead of {chunk.Crc:x8}");
            }
        }

        return size;
    }

    /// <summary>Goes through the records and returns the length of the part made of whole records.</summary>
    /// <param name="records">The chunk's records.</param>
    /// <param name="cutOff">Whether to end quietly at the first record that is incomplete or cannot be.</param>
    /// <param name="sink">What is told of them.</param>
    /// <exception cref="McapFormatException">A record does not fit, or may not stand in a chunk.</exception>
    public static int Walk<TSink>(ReadOnlySpan<byte> records, bool cutOff, ref TSink sink)
        where TSink : IMcapRecordSink, allows ref struct
    {
        int at = 0;
        try
        {
            while (at < records.Length)
            {
                at += Step(records, at, ref sink);
            }
        }
        catch (McapFormatException) when (cutOff)
        {
            // Whatever the last bytes of a cut-off file are, what stands before them is whole.
        }

        return at;
    }

    public void Dispose() => decoder.Dispose();

    private static int Step<TSink>(ReadOnlySpan<byte> records, int at, ref TSink sink)
        where TSink : IMcapRecordSink, allows ref struct
    {
        ReadOnlySpan<byte> rest = records[at..];
        ulong length = rest.Length >= 9 ? BinaryPrimitives.ReadUInt64LittleEndian(rest[1..]) : ulong.MaxValue;
        if (rest.Length < 9 || length > (ulong)(rest.Length - 9))
        {
            throw new McapFormatException($"a record at its byte {at} goes past its end");
        }

        ReadOnlySpan<byte> content = rest.Slice(9, (int)length);
        switch ((McapOpcode)rest[0])
        {
            case McapOpcode.Message:
                McapMessageHeader header = McapMessageHeader.Parse(content);
                if (header.LogTime > long.MaxValue)
                {
                    throw new McapFormatException($"a message at its byte {at} has log time {header.LogTime} ns, outside the range of ROS time");
                }

                sink.OnMessage(header, at, content.Length - McapMessageHeader.Length);
                break;
            case McapOpcode.Schema:
                sink.OnSchema(McapSchema.Parse(content));
                break;
            case McapOpcode.Channel:
                sink.OnChannel(McapChannel.Parse(content));
                break;
            case McapOpcode.Invalid:
                throw new McapFormatException($"a record at its byte {at} has opcode 0");
        }

        return 9 + (int)length;
    }

    private static void Grow(ref byte[] buffer, int size)
    {
        if (buffer.Length < size)
        {
            buffer = GC.AllocateUninitializedArray<byte>(FrameDecoder.Roomy(size));
        }
    }
}
