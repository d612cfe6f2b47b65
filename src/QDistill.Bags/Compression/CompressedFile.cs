using QDistill.Configuration;

namespace QDistill.Bags.Compression;

/// <summary>A whole file compressed with zstd (rosbag2's compression mode FILE), decompressed into a private temporary file.</summary>
internal static class CompressedFile
{
    private const int InputSize = 1 << 20;
    private const int OutputSize = 4 << 20;

    /// <summary>Whether these first bytes start a zstd frame.</summary>
    public static bool IsZstd(ReadOnlySpan<byte> first) => first.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]);

    /// <summary>Decompresses into a new temporary file, which the caller removes; <paramref name="warning"/> tells of a cut-off end.</summary>
    public static string Decompress(string path, out string? warning)
    {
        warning = null;
        string temporary = Path.GetTempFileName();
        try
        {
            using FileStream source = File.OpenRead(path);
            using var target = new FileStream(temporary, FileMode.Truncate, FileAccess.Write);
            using Zstd.Decompressor zstd = Zstd.Decompressor.Create();
            byte[] input = new byte[InputSize], output = new byte[OutputSize];
            int have = 0, at = 0;
            long position = 0;
            bool frameDone = true;
            while (true)
            {
                if (at == have)
                {
                    position += have;
                    have = source.Read(input);
                    at = 0;
                    if (have == 0)
                    {
                        break;
                    }
                }

                nuint code = zstd.Continue(input.AsSpan(at, have - at), out int consumed, output, out int produced);
                Write(target, output.AsSpan(0, produced), path);
                at += consumed;
                if (Zstd.IsError(code))
                {
                    // zstd marks a corrupt block only when it meets it, so what came before is whole.
                    warning = $"the zstd data is damaged near byte {position + at} ({Zstd.ErrorName(code)}); what lies before was read";
                    return temporary;
                }

                frameDone = code == 0;
            }

            if (!frameDone)
            {
                warning = $"the zstd data was cut off at byte {position}; what lies before was read";
            }

            return temporary;
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw BagErrors.Unreadable(path, e);
            }

            throw;
        }
    }

    private static void Write(FileStream target, ReadOnlySpan<byte> data, string path)
    {
        try
        {
            target.Write(data);
        }
        catch (IOException e)
        {
            throw new UserErrorException(
                $"cannot be decompressed into {Path.GetTempPath()} ({BagErrors.Plain(e)})", path, "free space there, set TMPDIR to another folder, or decompress it with 'zstd -d'", e);
        }
    }
}
