namespace QDistill.Features;

/// <summary>Why an image cannot be used.</summary>
internal enum ImageProblem
{
    None,
    UnknownEncoding,
    WrongSize,
    DamagedJpeg,
    Png,
    UnknownCompression,
    NoJpegLibrary,
}

/// <summary>The sentences for them.</summary>
internal static class ImageProblems
{
    public static string Describe(this ImageProblem problem, string encoding, bool depth) => problem switch
    {
        ImageProblem.UnknownEncoding => $"encoding '{encoding}' is not understood; it may be {(depth ? "16UC1 (mm) or 32FC1 (m)" : PixelFormat.Understood)}",
        ImageProblem.WrongSize => "an image's size, step and data do not fit together",
        ImageProblem.DamagedJpeg => "an image is not a whole JPEG",
        ImageProblem.Png => "images are compressed as png, which is not decoded; set the publisher's format to jpeg or use the raw topic",
        ImageProblem.UnknownCompression => $"images of format '{encoding}' are not decoded; set the publisher's format to jpeg or use the raw topic",
        ImageProblem.NoJpegLibrary => "libturbojpeg.so.0 is not installed, so that no JPEG can be decoded; install the package libturbojpeg0 or use the raw topic",
        _ => "unusable",
    };
}
