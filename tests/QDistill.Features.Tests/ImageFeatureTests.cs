using System.Buffers.Binary;
using QDistill.Msgs.SensorMsgs;

namespace QDistill.Features.Tests;

public class ImageFeatureTests
{
    private static FeatureVector Look(Image image, string vision = "")
    {
        FeatureVector? x = null;
        new FeatureExtractor(RobotConfig.Parse($"name: c\nsources: {{image: {{topic: /image}}}}\nfeatures: {{vision: {{{vision}}}}}"), v => x = v).OnMessage(0, image, Rig.Start);
        return x!;
    }

    private static Image Grey(int width, int height, Func<int, int, double> value, int padding = 0)
    {
        var image = new Image { Width = (uint)width, Height = (uint)height, Step = (uint)(width + padding), Encoding = "mono8" };
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width + padding; x++)
            {
                image.Data.Add(x < width ? (byte)Math.Clamp(Math.Round(value(x, y)), 0, 255) : (byte)(17 * x));
            }
        }

        return image;
    }

    /// <summary>The colour (200, 100, 50) in an encoding.</summary>
    private static Image Coloured(string encoding, bool bigEndian, int width = 322, int height = 246)
    {
        string name = encoding.StartsWith("bayer_", StringComparison.Ordinal) ? encoding[6..10] : string.Empty;
        int bytes = encoding.EndsWith("16", StringComparison.Ordinal) ? 2 : 1, channels = name.Length > 0 ? 1 : encoding.StartsWith("mono", StringComparison.Ordinal) ? 1 : encoding.Length - 1;
        var image = new Image { Width = (uint)width, Height = (uint)height, Step = (uint)(width * bytes * channels), Encoding = encoding, IsBigendian = (byte)(bigEndian ? 1 : 0) };
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    char colour = name.Length > 0 ? name[(2 * (y % 2)) + (x % 2)] : channels > 1 ? encoding[c] : 'y';
                    double value = colour switch { 'r' => 200, 'g' => 100, 'b' => 50, 'a' => 255, _ => 124.2 };
                    if (bytes == 1)
                    {
                        image.Data.Add((byte)Math.Round(value));
                        continue;
                    }

                    ushort word = (ushort)Math.Round(value * 257);
                    image.Data.Add((byte)(bigEndian ? word >> 8 : word));
                    image.Data.Add((byte)(bigEndian ? word : word >> 8));
                }
            }
        }

        return image;
    }

    public static TheoryData<string, bool> Encodings
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string e in new[] { "mono8", "rgb8", "bgr8", "rgba8", "bgra8", "bayer_rggb8", "bayer_bggr8", "bayer_gbrg8", "bayer_grbg8" })
            {
                data.Add(e, false);
            }

            foreach (string e in new[] { "mono16", "bayer_rggb16", "bayer_bggr16", "bayer_gbrg16", "bayer_grbg16" })
            {
                data.Add(e, false);
                data.Add(e, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_encoding_gives_the_luminance_of_BT601(string encoding, bool bigEndian)
    {
        FeatureVector x = Look(Coloured(encoding, bigEndian));
        Assert.Equal(((0.299 * 200) + (0.587 * 100) + (0.114 * 50)) / 255, x.Value("vision.brightness"), 0.001);
        Assert.Equal(0, x.Value("vision.contrast"), 1e-5);
        Assert.Equal(0, x.Value("vision.edge_density"));
    }

    [Theory]
    [InlineData(640, 480, 0)]
    [InlineData(1280, 720, 32)]
    [InlineData(643, 487, 5)]
    [InlineData(100, 75, 1)]
    public void Half_black_and_half_white_has_half_the_brightness_and_the_greatest_contrast(int width, int height, int padding)
    {
        FeatureVector x = Look(Grey(width, height, (c, _) => c < width / 2 ? 0 : 255, padding));
        Assert.Equal(0.5, x.Value("vision.brightness"), 0.002);
        Assert.Equal(0.5, x.Value("vision.contrast"), 0.003);
    }

    [Theory]
    [InlineData(40, 0.2)]
    [InlineData(80, 0.1)]
    [InlineData(160, 0.05)]
    public void Stripes_have_two_edge_pixels_at_every_step(int stripe, double density)
    {
        // Stripes of this many pixels at four pixels per cell; the outermost cells are not looked at, and no step lies there.
        FeatureVector x = Look(Grey(640, 480, (c, _) => ((c + (stripe / 2)) / stripe % 2) * 100));
        Assert.Equal(density * 160 / 158, x.Value("vision.edge_density"), 1e-5);
        Assert.Equal(0, Look(Grey(640, 480, (c, _) => ((c + (stripe / 2)) / stripe % 2) * 20)).Value("vision.edge_density"));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    public void A_ramp_is_an_edge_when_it_is_steep_enough_in_any_direction(int alongX, int alongY)
    {
        Image ramp = Grey(100, 100, (x, y) => (alongX * x) + (alongY * y));
        double slope = Math.Sqrt((alongX * alongX) + (alongY * alongY));
        Assert.Equal(1, Look(ramp, $"columns: 100, rows: 100, edge_step: {0.99 * slope:F4}").Value("vision.edge_density"));
        Assert.Equal(0, Look(ramp, $"columns: 100, rows: 100, edge_step: {1.01 * slope:F4}").Value("vision.edge_density"));
    }

    [Theory]
    [InlineData(8, 50)]
    [InlineData(16, 100)]
    [InlineData(12, 100)]
    public void The_sharpness_of_a_wave_is_the_variance_of_its_Laplacian(int period, double amplitude)
    {
        // The Laplacian of A sin(kx) on a unit grid is −2A (1 − cos k) sin(kx); the inner 158 columns hold no whole number of periods, hence the tolerance.
        double k = 2 * Math.PI / period, laplacian = 2 * amplitude * (1 - Math.Cos(k));
        FeatureVector x = Look(Grey(160, 120, (c, _) => 128 + (amplitude * Math.Sin(k * c))));
        Assert.Equal(laplacian * laplacian / 2 / (255 * 255), x.Value("vision.sharpness"), 0.02 * laplacian * laplacian / 2 / (255 * 255));
        Assert.Equal(amplitude / Math.Sqrt(2) / 255, x.Value("vision.contrast"), 0.001);
    }

    [Fact]
    public void The_more_a_picture_is_blurred_the_less_sharp_it_is()
    {
        double last = double.PositiveInfinity;
        foreach (int radius in new[] { 0, 4, 8, 16, 32 })
        {
            // A box blur of a chequered floor of 24-pixel squares, along x.
            float sharpness = Look(Grey(640, 480, (x, y) =>
            {
                double sum = 0;
                for (int d = -radius; d <= radius; d++)
                {
                    sum += (((x + d + 960) / 24) + (y / 24)) % 2 * 200;
                }

                return 20 + (sum / ((2 * radius) + 1));
            })).Value("vision.sharpness");
            Assert.True(sharpness < 0.85 * last, $"radius {radius}: {sharpness} after {last}");
            last = sharpness;
        }
    }

    [Theory]
    [InlineData("mono8", 0u, 240u, 320u)]
    [InlineData("mono8", 320u, 0u, 320u)]
    [InlineData("mono8", 320u, 240u, 319u)]
    [InlineData("mono8", 320u, 241u, 320u)]
    [InlineData("bgra8", 1u << 30, 240u, 0u)]
    [InlineData("rgb8", uint.MaxValue, uint.MaxValue, uint.MaxValue)]
    [InlineData("mono16", 320u, 240u, 320u)]
    [InlineData("bayer_rggb8", 1u, 240u, 320u)]
    [InlineData("jpeg", 320u, 240u, 320u)]
    public void Sizes_that_do_not_fit_the_data_are_refused_with_one_warning(string encoding, uint width, uint height, uint step)
    {
        FeatureVector? x = null;
        var warnings = new List<string>();
        var extractor = new FeatureExtractor(RobotConfig.Parse("name: c\nsources: {image: {topic: /camera}}"), v => x = v) { OnWarning = warnings.Add };
        var image = new Image { Width = width, Height = height, Step = step, Encoding = encoding };
        image.Data.Resize(320 * 240);
        extractor.OnMessage(0, image, Rig.Start);
        extractor.OnMessage(0, image, Rig.Start + Rig.Second);
        Assert.Equal(0, x!.ValidCount);
        Assert.Contains("/camera", Assert.Single(warnings));
    }

    [Fact]
    public void Images_cost_no_memory_once_the_first_have_been_seen()
    {
        var extractor = new FeatureExtractor(RobotConfig.Parse("name: c\nsources: {image: {topic: /image}, depth: {topic: /depth}}"), _ => { });
        Image a = Grey(640, 480, (x, y) => 128 + (60 * Math.Sin(x * 0.05)) + (60 * Math.Cos(y * 0.07))), b = Coloured("bayer_rggb16", true), c = Coloured("rgb8", false);
        var depth = new Image { Width = 160, Height = 120, Step = 640, Encoding = "32FC1" };
        depth.Data.Resize(640 * 120);
        long t = Rig.Start, before = 0;
        for (int k = 0; k < 60; k++)
        {
            if (k == 20)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            t += 10_000_000;
            Image image = k % 3 == 0 ? a : k % 3 == 1 ? b : c;
            image.Header.Stamp.SetNanoseconds(t);
            depth.Header.Stamp.SetNanoseconds(t);
            extractor.OnMessage(1, depth, t);
            extractor.OnMessage(0, image, t);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("16UC1", false)]
    [InlineData("16UC1", true)]
    [InlineData("32FC1", false)]
    [InlineData("32FC1", true)]
    public void Depth_is_read_in_either_byte_order_and_past_what_is_no_distance(string encoding, bool bigEndian)
    {
        // Sectors from left to right: 1.5 m with a few specks at 0.3 m; nothing known; free; 2 m among unknown pixels and readings too near to be true; 4 m.
        double[] unknown = [0, double.NaN, -1, 0.01];
        int bytes = encoding == "16UC1" ? 2 : 4;
        var image = new Image { Width = 500, Height = 100, Step = (uint)(500 * bytes), Encoding = encoding, IsBigendian = (byte)(bigEndian ? 1 : 0) };
        image.Data.Resize(500 * 100 * bytes);
        for (int i = 0; i < 50_000; i++)
        {
            double m = (i % 500 / 100) switch
            {
                0 => i % 211 == 0 ? 0.3 : 1.5,
                1 => unknown[i % (bytes == 2 ? 1 : 4)],
                2 => bytes == 2 ? 65.535 : double.PositiveInfinity,
                3 => i % 3 == 0 ? 2 : unknown[i % 3 * (bytes == 2 ? 0 : 1)] + (i % 3 == 1 && bytes == 2 ? 0.01 : 0),
                _ => 4,
            };
            Span<byte> at = image.Data.Span.Slice(i * bytes, bytes);
            switch (bytes, bigEndian)
            {
                case (2, false): BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)Math.Round(m * 1000)); break;
                case (2, true): BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)Math.Round(m * 1000)); break;
                case (4, false): BinaryPrimitives.WriteSingleLittleEndian(at, (float)m); break;
                default: BinaryPrimitives.WriteSingleBigEndian(at, (float)m); break;
            }
        }

        FeatureVector? x = null;
        new FeatureExtractor(RobotConfig.Parse("name: c\nsources: {depth: {topic: /depth}}"), v => x = v).OnMessage(0, image, Rig.Start);
        Assert.Equal(1.5, x!.Value("depth.strip_0"), 0.01);
        Assert.False(x!.Has("depth.strip_1"));
        Assert.Equal(5, x!.Value("depth.strip_2"));
        Assert.Equal(2, x!.Value("depth.strip_3"), 0.01);
        Assert.Equal(4, x!.Value("depth.strip_4"), 0.01);
        Assert.Equal(1.5, x!.Value("depth.clearance"), 0.01);
        Assert.Equal(3.33 / 5, x!.Value("depth.known"), 0.01);
    }

    [Fact]
    public void What_is_too_near_to_measure_is_as_near_as_can_be()
    {
        var image = new Image { Width = 50, Height = 10, Step = 200, Encoding = "32FC1" };
        image.Data.Resize(2000);
        for (int i = 0; i < 500; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(image.Data.Span[(4 * i)..], float.NegativeInfinity);
        }

        FeatureVector? x = null;
        new FeatureExtractor(RobotConfig.Parse("name: c\nsources: {depth: {topic: /depth}}"), v => x = v).OnMessage(0, image, Rig.Start);
        Assert.Equal(0.05, x!.Value("depth.clearance"), 0.01);
    }

    [Fact]
    public void Depth_rows_that_are_none_are_refused() =>
        Assert.Contains("top", Assert.Throws<Configuration.UserErrorException>(() => RobotConfig.Parse("name: c\nsources: {depth: {topic: /depth}}\nfeatures: {depth: {top: 0.7}}")).Message);
}
