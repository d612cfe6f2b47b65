using QDistill.Bags.Mcap;

namespace QDistill.Bags.Compression;

/// <summary>Decompresses zstd and LZ4 frames into a buffer that grows with what really comes out, so that a lying size cannot claim the memory.</summary>
internal sealed class FrameDecoder : IDisposable
{
    /// <summary>The largest array of .NET.</summary>
    public const int MaxSize = 0x7FFFFFC7;

    private const int FirstGuessRatio = 32;
    private Zstd.Decompressor? zstd;
    private Lz4.Decompressor? lz4;

    /// <summary>Decompresses what must yield exactly <paramref name="size"/> bytes; <paramref name="buffer"/> is replaced by a larger one when needed.</summary>
    /// <exception cref="McapFormatException">The data is damaged or of another size, or the compression is not known.</exception>
    public void Decode(string compression, ReadOnlySpan<byte> source, int size, ref byte[] buffer)
    {
        if (compression == "zstd" && Zstd.ContentSize(source) == (ulong)size)
        {
            zstd ??= Zstd.Decompressor.Create();
            Grow(ref buffer, size, 0);
            nuint code = zstd.Decompress(source, buffer.AsSpan(0, size));
            if (Zstd.IsError(code))
            {
                throw new McapFormatException($"the zstd data cannot be decompressed ({Zstd.ErrorName(code)})");
            }

            if ((int)code != size)
            {
                throw new McapFormatException($"the zstd data holds {code} bytes instead of {size}");
            }

            return;
        }

        int got = DecodePart(compression, source, size, ref buffer, out string? trouble);
        if (trouble is not null)
        {
            throw new McapFormatException(trouble);
        }

        if (got != size)
        {
            throw new McapFormatException($"the {compression} data holds {got} bytes instead of {size}");
        }
    }

    /// <summary>Decompresses as many bytes as can be had, at most <paramref name="size"/>, from data that may be cut off. Returns their number; <paramref name="trouble"/> says why it ended early.</summary>
    public int DecodePart(string compression, ReadOnlySpan<byte> source, int size, ref byte[] buffer, out string? trouble)
    {
        bool isZstd = compression == "zstd";
        if (isZstd)
        {
            zstd ??= Zstd.Decompressor.Create();
            zstd.Reset();
        }
        else if (compression == "lz4")
        {
            lz4 ??= Lz4.Decompressor.Create();
            lz4.Reset();
        }
        else
        {
            throw new McapFormatException($"compression '{compression}' is not known");
        }

        Grow(ref buffer, (int)Math.Min(size, Math.Max(64 << 10, (long)source.Length * FirstGuessRatio)), 0);
        int got = 0;
        while (true)
        {
            Span<byte> target = buffer.AsSpan(got, Math.Min(buffer.Length, size) - got);
            nuint code;
            int consumed, produced;
            code = isZstd
                ? zstd!.Continue(source, out consumed, target, out produced)
                : lz4!.Continue(source, out consumed, target, out produced);
            got += produced;
            source = source[consumed..];
            if (isZstd ? Zstd.IsError(code) : Lz4.IsError(code))
            {
                trouble = $"the {compression} data cannot be decompressed ({(isZstd ? Zstd.ErrorName(code) : Lz4.ErrorName(code))})";
                return got;
            }

            if (source.IsEmpty && (code == 0 || produced < target.Length))
            {
                trouble = code == 0 ? null : $"the {compression} data ends early";
                return got;
            }

            if (got == size && consumed == 0 && produced == 0)
            {
                trouble = $"the {compression} data holds more than {size} bytes";
                return got;
            }

            if (produced == target.Length && got < size)
            {
                Grow(ref buffer, (int)Math.Min(size, Math.Max(2L * buffer.Length, 64 << 10)), got);
            }
        }
    }

    /// <summary>Decompresses one zstd frame of unknown size (a message compressed by rosbag2); returns the size.</summary>
    public int DecodeMessage(ReadOnlySpan<byte> source, ref byte[] buffer)
    {
        ulong size = Zstd.ContentSize(source);
        if (size <= MaxSize)
        {
            Decode("zstd", source, (int)size, ref buffer);
            return (int)size;
        }

        int got = DecodePart("zstd", source, MaxSize, ref buffer, out string? trouble);
        return trouble is null ? got : throw new McapFormatException(trouble);
    }

    public void Dispose()
    {
        zstd?.Dispose();
        lz4?.Dispose();
    }

    /// <summary>A size with room for the next chunk, which is seldom of just the same size.</summary>
    public static int Roomy(int size) => (int)Math.Min((long)size + (size / 8), MaxSize);

    private static void Grow(ref byte[] buffer, int size, int keep)
    {
        if (buffer.Length < size)
        {
            byte[] larger = GC.AllocateUninitializedArray<byte>(Roomy(size));
            buffer.AsSpan(0, keep).CopyTo(larger);
            buffer = larger;
        }
    }
}
