namespace QDistill.Features;

/// <summary>How the pixels of a <c>sensor_msgs/Image</c> lie in memory.</summary>
/// <param name="Channels">Samples per pixel; 0 when the encoding is not understood.</param>
/// <param name="SampleBytes">Bytes per sample, 1 or 2.</param>
/// <param name="R">The red sample's position within a pixel; for a single channel all three are 0.</param>
/// <param name="G">The green sample's position.</param>
/// <param name="B">The blue sample's position.</param>
/// <param name="Bayer">Whether it is a mosaic of 2×2 cells, each with one red, two green and one blue sample.</param>
/// <param name="RedX">The column of red within a cell.</param>
/// <param name="RedY">The row of red within a cell.</param>
internal readonly record struct PixelFormat(int Channels, int SampleBytes, int R = 0, int G = 0, int B = 0, bool Bayer = false, int RedX = 0, int RedY = 0)
{
    public const string Understood = "mono8, mono16, rgb8, bgr8, rgba8, bgra8 and the bayer_ patterns of 8 and 16 bits";

    /// <summary>By the names of sensor_msgs/image_encodings.hpp; <c>default</c> for any other.</summary>
    public static PixelFormat Of(string encoding) => encoding switch
    {
        "mono8" or "8UC1" => new(1, 1),
        "mono16" => new(1, 2),
        "rgb8" or "8UC3" => new(3, 1, 0, 1, 2),
        "bgr8" => new(3, 1, 2, 1, 0),
        "rgba8" => new(4, 1, 0, 1, 2),
        "bgra8" => new(4, 1, 2, 1, 0),
        "bayer_rggb8" => new(1, 1, Bayer: true),
        "bayer_bggr8" => new(1, 1, Bayer: true, RedX: 1, RedY: 1),
        "bayer_gbrg8" => new(1, 1, Bayer: true, RedY: 1),
        "bayer_grbg8" => new(1, 1, Bayer: true, RedX: 1),
        "bayer_rggb16" => new(1, 2, Bayer: true),
        "bayer_bggr16" => new(1, 2, Bayer: true, RedX: 1, RedY: 1),
        "bayer_gbrg16" => new(1, 2, Bayer: true, RedY: 1),
        "bayer_grbg16" => new(1, 2, Bayer: true, RedX: 1),
        _ => default,
    };
}
