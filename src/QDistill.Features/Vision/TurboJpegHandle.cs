using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QDistill.Features;

/// <summary>A decompressor of libjpeg-turbo (the TurboJPEG API of version 2, turbojpeg.h), and the part of that API in use.</summary>
internal sealed unsafe partial class TurboJpegHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private const string Library = "libturbojpeg.so.0";
    private const int Gray = 6; // TJPF_GRAY
    private const int AccurateDct = 4096, LimitScans = 32768; // the same bits on every machine; no endless progressive image
    private const int Fatal = 1; // TJERR_FATAL

    /// <summary>Makes an invalid handle, for the marshaller.</summary>
    public TurboJpegHandle()
        : base(true)
    {
    }

    /// <summary>Makes a decompressor.</summary>
    /// <exception cref="DllNotFoundException">libjpeg-turbo is not installed.</exception>
    public static TurboJpegHandle Create() => tjInitDecompress();

    /// <summary>Reads size; false when the bytes are not a JPEG.</summary>
    public bool TryReadHeader(ReadOnlySpan<byte> jpeg, out int width, out int height)
    {
        fixed (byte* p = jpeg)
        {
            return tjDecompressHeader3(this, p, new CULong((uint)jpeg.Length), out width, out height, out _, out _) == 0 && width > 0 && height > 0;
        }
    }

    /// <summary>Decodes the luminance at a reduced size; false when the image is damaged.</summary>
    /// <param name="jpeg">The bytes.</param>
    /// <param name="width">The reduced width, one that the decoder can scale to.</param>
    /// <param name="height">The reduced height.</param>
    /// <param name="grey">Receives the pixels [height, width].</param>
    public bool TryDecode(ReadOnlySpan<byte> jpeg, int width, int height, Span<byte> grey)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)grey.Length, (long)width * height, nameof(grey));
        fixed (byte* p = jpeg, q = grey)
        {
            if (tjDecompress2(this, p, new CULong((uint)jpeg.Length), q, width, width, height, Gray, AccurateDct | LimitScans) == 0)
            {
                return true;
            }
        }

        // Webcams' MJPEG often carries stray bytes between markers; the picture is whole nevertheless. A picture that ends early is not.
        return tjGetErrorCode(this) != Fatal
            && MemoryMarshal.CreateReadOnlySpanFromNullTerminated(tjGetErrorStr2(this)).IndexOf("extraneous bytes"u8) >= 0;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => tjDestroy(handle) == 0;

    [LibraryImport(Library)]
    private static partial TurboJpegHandle tjInitDecompress();

    [LibraryImport(Library)]
    private static partial int tjDestroy(nint handle);

    [LibraryImport(Library)]
    private static partial int tjDecompressHeader3(TurboJpegHandle handle, byte* jpeg, CULong size, out int width, out int height, out int subsampling, out int colourSpace);

    [LibraryImport(Library)]
    private static partial int tjDecompress2(TurboJpegHandle handle, byte* jpeg, CULong size, byte* into, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library)]
    private static partial int tjGetErrorCode(TurboJpegHandle handle);

    [LibraryImport(Library)]
    private static partial byte* tjGetErrorStr2(TurboJpegHandle handle);
}
