using Microsoft.Win32.SafeHandles;

namespace QDistill.Bags.Mcap;

/// <summary>Positioned reading of one file: a window for walking over records, and whole ranges. A file that shrinks meanwhile reads as cut off.</summary>
internal sealed class McapFile : IDisposable
{
    private const int WindowSize = 64 << 10;
    private const int JumpSize = 4 << 10;
    private readonly SafeFileHandle handle;
    private readonly byte[] window = GC.AllocateUninitializedArray<byte>(WindowSize);
    private long windowAt;
    private int windowLength;

    public McapFile(string path, string shownPath, bool deleteAfterOpening = false)
    {
        Path = shownPath;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Length = RandomAccess.GetLength(handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            throw BagErrors.Unreadable(shownPath, e);
        }
        finally
        {
            if (deleteAfterOpening)
            {
                File.Delete(path);
            }
        }
    }

    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'M', (byte)'C', (byte)'A', (byte)'P', (byte)'0', (byte)'\r', (byte)'\n'];

    /// <summary>The path shown in messages.</summary>
    public string Path { get; }

    public long Length { get; }

    /// <summary>Up to <paramref name="count"/> bytes (≤ 4 KiB) at an offset, fewer at the file's end. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Peek(long offset, int count)
    {
        if (offset < windowAt || offset + count > windowAt + windowLength)
        {
            // Small records in a row deserve a large window, jumps from chunk to chunk a small one.
            bool onward = offset >= windowAt && offset <= windowAt + windowLength;
            windowLength = 0;
            windowAt = offset;
            windowLength = ReadUpTo(offset, onward ? window : window.AsSpan(0, JumpSize));
        }

        int start = (int)(offset - windowAt);
        return window.AsSpan(start, Math.Min(count, windowLength - start));
    }

    /// <summary>Fills the whole span from an offset.</summary>
    /// <exception cref="McapFormatException">The file ends before.</exception>
    public void Read(long offset, Span<byte> target)
    {
        int got = ReadUpTo(offset, target);
        if (got < target.Length)
        {
            throw new McapFormatException($"the file ends at byte {offset + got}, within data that goes on to byte {offset + target.Length}");
        }
    }

    /// <summary>A copy of a range.</summary>
    /// <exception cref="McapFormatException">The range is not inside the file or above 2 GiB.</exception>
    public byte[] Read(long offset, long length)
    {
        if (offset < 0 || offset > Length || length < 0 || length > Length - offset || length > Compression.FrameDecoder.MaxSize)
        {
            throw new McapFormatException($"bytes {offset} to {offset + length} are not inside the file of {Length} bytes");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        Read(offset, bytes);
        return bytes;
    }

    /// <summary>The opcode and content length of the record at an offset; false when not even these 9 bytes are there.</summary>
    public bool TryReadRecordHead(long offset, out McapOpcode opcode, out ulong length)
    {
        ReadOnlySpan<byte> head = Peek(offset, 9);
        if (head.Length < 9)
        {
            (opcode, length) = (McapOpcode.Invalid, 0);
            return false;
        }

        opcode = (McapOpcode)head[0];
        length = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(head[1..]);
        return true;
    }

    public void Dispose() => handle.Dispose();

    private int ReadUpTo(long offset, Span<byte> target)
    {
        int got = 0;
        try
        {
            while (got < target.Length)
            {
                int n = RandomAccess.Read(handle, target[got..], offset + got);
                if (n == 0)
                {
                    break;
                }

                got += n;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BagErrors.Unreadable(Path, e);
        }

        return got;
    }
}
