using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QDistill.Bags.Compression;

/// <summary>The part of libzstd (RFC 8878) in use, by its stable C API.</summary>
internal static unsafe partial class Zstd
{
    public const ulong ContentSizeUnknown = ulong.MaxValue;
    public const ulong ContentSizeError = ulong.MaxValue - 1;
    private const string Library = "libzstd.so.1";
    private const int CompressionLevel = 100; // ZSTD_c_compressionLevel

    public static bool IsError(nuint code) => ZSTD_isError(code) != 0;

    public static string ErrorName(nuint code) => Marshal.PtrToStringUTF8(ZSTD_getErrorName(code)) ?? "unknown error";

    public static nuint CompressBound(int size) => ZSTD_compressBound((nuint)size);

    /// <summary>The decompressed size of the first frame, <see cref="ContentSizeUnknown"/> or <see cref="ContentSizeError"/>.</summary>
    public static ulong ContentSize(ReadOnlySpan<byte> frame)
    {
        fixed (byte* p = frame)
        {
            return ZSTD_getFrameContentSize(p, (nuint)frame.Length);
        }
    }

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint code);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport(Library)]
    private static partial ulong ZSTD_getFrameContentSize(byte* source, nuint size);

    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }

    /// <summary>A decompression context (ZSTD_DCtx), reused from frame to frame.</summary>
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
                Decompressor context = ZSTD_createDCtx();
                return context.IsInvalid ? throw new OutOfMemoryException("ZSTD_createDCtx") : context;
            }
            catch (DllNotFoundException e)
            {
                throw BagErrors.MissingLibrary(Library, "libzstd1", e);
            }
        }

        /// <summary>Decompresses whole frames in one step; returns the size or an error code.</summary>
        public nuint Decompress(ReadOnlySpan<byte> source, Span<byte> target)
        {
            fixed (byte* s = source, t = target)
            {
                return ZSTD_decompressDCtx(this, t, (nuint)target.Length, s, (nuint)source.Length);
            }
        }

        /// <summary>Forgets a frame begun before.</summary>
        public void Reset() => _ = ZSTD_DCtx_reset(this, 1);

        /// <summary>Continues a frame: consumes input and makes output as far as both reach. 0 = frame complete; an error code stays one.</summary>
        public nuint Continue(ReadOnlySpan<byte> source, out int consumed, Span<byte> target, out int produced)
        {
            fixed (byte* s = source, t = target)
            {
                var input = new Buffer { Data = s, Size = (nuint)source.Length };
                var output = new Buffer { Data = t, Size = (nuint)target.Length };
                nuint code = ZSTD_decompressStream(this, &output, &input);
                consumed = (int)input.Position;
                produced = (int)output.Position;
                return code;
            }
        }

        protected override bool ReleaseHandle()
        {
            _ = ZSTD_freeDCtx(handle);
            return true;
        }

        [LibraryImport(Library)]
        private static partial Decompressor ZSTD_createDCtx();

        [LibraryImport(Library)]
        private static partial nuint ZSTD_freeDCtx(nint context);

        [LibraryImport(Library)]
        private static partial nuint ZSTD_DCtx_reset(Decompressor context, int directive);

        [LibraryImport(Library)]
        private static partial nuint ZSTD_decompressDCtx(Decompressor context, byte* target, nuint targetSize, byte* source, nuint sourceSize);

        [LibraryImport(Library)]
        private static partial nuint ZSTD_decompressStream(Decompressor context, Buffer* output, Buffer* input);
    }

    /// <summary>A compression context (ZSTD_CCtx), reused from frame to frame.</summary>
    internal sealed partial class Compressor : SafeHandleZeroOrMinusOneIsInvalid
    {
        public Compressor()
            : base(ownsHandle: true)
        {
        }

        public static Compressor Create(int level)
        {
            try
            {
                Compressor context = ZSTD_createCCtx();
                if (context.IsInvalid)
                {
                    throw new OutOfMemoryException("ZSTD_createCCtx");
                }

                _ = ZSTD_CCtx_setParameter(context, CompressionLevel, level);
                return context;
            }
            catch (DllNotFoundException e)
            {
                throw BagErrors.MissingLibrary(Library, "libzstd1", e);
            }
        }

        /// <summary>Compresses into one frame that names its content size; returns the size or an error code.</summary>
        public nuint Compress(ReadOnlySpan<byte> source, Span<byte> target)
        {
            fixed (byte* s = source, t = target)
            {
                return ZSTD_compress2(this, t, (nuint)target.Length, s, (nuint)source.Length);
            }
        }

        protected override bool ReleaseHandle()
        {
            _ = ZSTD_freeCCtx(handle);
            return true;
        }

        [LibraryImport(Library)]
        private static partial Compressor ZSTD_createCCtx();

        [LibraryImport(Library)]
        private static partial nuint ZSTD_freeCCtx(nint context);

        [LibraryImport(Library)]
        private static partial nuint ZSTD_CCtx_setParameter(Compressor context, int parameter, int value);

        [LibraryImport(Library)]
        private static partial nuint ZSTD_compress2(Compressor context, byte* target, nuint targetSize, byte* source, nuint sourceSize);
    }
}
