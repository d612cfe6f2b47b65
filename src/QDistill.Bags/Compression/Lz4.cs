using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QDistill.Bags.Compression;

/// <summary>The part of liblz4 in use: the LZ4 frame format, by the stable part of lz4frame.h.</summary>
internal static unsafe partial class Lz4
{
    private const string Library = "liblz4.so.1";
    private const uint FrameVersion = 100;

    public static bool IsError(nuint code) => LZ4F_isError(code) != 0;

    public static string ErrorName(nuint code) => Marshal.PtrToStringUTF8(LZ4F_getErrorName(code)) ?? "unknown error";

    /// <summary>The largest size that <see cref="Compress"/> may need.</summary>
    public static nuint CompressBound(int size)
    {
        try
        {
            Preferences preferences = Preferred(size);
            return LZ4F_compressFrameBound((nuint)size, &preferences);
        }
        catch (DllNotFoundException e)
        {
            throw BagErrors.MissingLibrary(Library, "liblz4-1", e);
        }
    }

    /// <summary>Compresses into one frame that names its content size; returns the size or an error code.</summary>
    public static nuint Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        Preferences preferences = Preferred(source.Length);
        fixed (byte* s = source, t = target)
        {
            return LZ4F_compressFrame(t, (nuint)target.Length, s, (nuint)source.Length, &preferences);
        }
    }

    private static Preferences Preferred(int size) => new() { ContentSize = (ulong)size };

    [LibraryImport(Library)]
    private static partial uint LZ4F_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint LZ4F_getErrorName(nuint code);

    [LibraryImport(Library)]
    private static partial nuint LZ4F_compressFrameBound(nuint size, Preferences* preferences);

    [LibraryImport(Library)]
    private static partial nuint LZ4F_compressFrame(byte* target, nuint targetSize, byte* source, nuint sourceSize, Preferences* preferences);

    /// <summary>LZ4F_preferences_t with LZ4F_frameInfo_t inside; zero means the default everywhere.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Preferences
    {
        public int BlockSize;
        public int BlockMode;
        public int ContentChecksum;
        public int FrameType;
        public ulong ContentSize;
        public uint Dictionary;
        public int BlockChecksum;
        public int CompressionLevel;
        public uint AutoFlush;
        public uint FavorDecompressionSpeed;
        public uint Reserved0;
        public uint Reserved1;
        public uint Reserved2;
    }

    /// <summary>A decompression context (LZ4F_dctx), reused from frame to frame.</summary>
    internal sealed partial class Decompressor : SafeHandleZeroOrMinusOneIsInvalid
    {
        public Decompressor()
            : base(ownsHandle: true)
        {
        }

        public static Decompressor Create()
        {
            try
            {
                nuint code = LZ4F_createDecompressionContext(out Decompressor context, FrameVersion);
                return IsError(code) ? throw new OutOfMemoryException("LZ4F_createDecompressionContext") : context;
            }
            catch (DllNotFoundException e)
            {
                throw BagErrors.MissingLibrary(Library, "liblz4-1", e);
            }
        }

        /// <summary>Forgets a frame begun before.</summary>
        public void Reset() => LZ4F_resetDecompressionContext(this);

        /// <summary>Continues a frame: consumes input and makes output as far as both reach. 0 = frame complete; an error code stays one.</summary>
        public nuint Continue(ReadOnlySpan<byte> source, out int consumed, Span<byte> target, out int produced)
        {
            fixed (byte* s = source, t = target)
            {
                nuint targetSize = (nuint)target.Length, sourceSize = (nuint)source.Length;
                nuint code = LZ4F_decompress(this, t, &targetSize, s, &sourceSize, null);
                consumed = (int)sourceSize;
                produced = (int)targetSize;
                return code;
            }
        }

        protected override bool ReleaseHandle()
        {
            _ = LZ4F_freeDecompressionContext(handle);
            return true;
        }

        [LibraryImport(Library)]
        private static partial nuint LZ4F_createDecompressionContext(out Decompressor context, uint version);

        [LibraryImport(Library)]
        private static partial nuint LZ4F_freeDecompressionContext(nint context);

        [LibraryImport(Library)]
        private static partial void LZ4F_resetDecompressionContext(Decompressor context);

        [LibraryImport(Library)]
        private static partial nuint LZ4F_decompress(Decompressor context, byte* target, nuint* targetSize, byte* source, nuint* sourceSize, void* options);
    }
}
