namespace QDistill.Features;

/// <summary>Decodes JPEG images to luminance, already about as small as they are needed. Not thread-safe; nothing is allocated once its buffer has grown.</summary>
/// <param name="columns">The least width wanted.</param>
/// <param name="rows">The least height wanted.</param>
internal sealed class JpegDecoder(int columns, int rows)
{
    private const int LargestSide = 1 << 15;
    private const int LargestArea = 1 << 24; // decoded pixels: a header that claims more is not worth its memory
    private byte[] buffer = [];
    private TurboJpegHandle? handle;

    /// <summary>How the native decompressor is made.</summary>
    public Func<TurboJpegHandle> Open { get; set; } = TurboJpegHandle.Create;

    /// <summary>Whether the native library has been found missing.</summary>
    public bool Missing { get; private set; }

    /// <summary>Decodes an image.</summary>
    /// <returns>What is wrong with it; <see cref="ImageProblem.None"/> when it was decoded.</returns>
    public ImageProblem Decode(ReadOnlySpan<byte> jpeg, out ReadOnlySpan<byte> grey, out int width, out int height)
    {
        grey = default;
        width = height = 0;
        if (Missing)
        {
            return ImageProblem.NoJpegLibrary;
        }

        try
        {
            handle ??= Open();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            Missing = true;
            return ImageProblem.NoJpegLibrary;
        }

        if (handle.IsInvalid || !handle.TryReadHeader(jpeg, out int fullWidth, out int fullHeight) || fullWidth > LargestSide || fullHeight > LargestSide)
        {
            return Damaged();
        }

        int shrink = 8;
        while (shrink > 1 && (Scaled(fullWidth, shrink) < columns || Scaled(fullHeight, shrink) < rows))
        {
            shrink /= 2;
        }

        (width, height) = (Scaled(fullWidth, shrink), Scaled(fullHeight, shrink));
        if (width * height > LargestArea)
        {
            return ImageProblem.DamagedJpeg;
        }

        if (buffer.Length < width * height)
        {
            buffer = GC.AllocateUninitializedArray<byte>(width * height);
        }

        if (!handle.TryDecode(jpeg, width, height, buffer))
        {
            return Damaged();
        }

        grey = buffer.AsSpan(0, width * height);
        return ImageProblem.None;
    }

    /// <summary>A decompressor that has failed may refuse the next image too (seen in libjpeg-turbo 2.1.5 after a header with impossible sizes), so the next gets a new one.</summary>
    private ImageProblem Damaged()
    {
        handle?.Dispose();
        handle = null;
        return ImageProblem.DamagedJpeg;
    }

    private static int Scaled(int size, int shrink) => (size + shrink - 1) / shrink;
}
