using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using QDistill.Msgs.SensorMsgs;

namespace QDistill.Features.Tests;

public partial class JpegTests
{
    [LibraryImport("libturbojpeg-that-is-not-there.so.0")]
    private static partial nint tjInitDecompress();

    private static (FeatureExtractor Extractor, Func<FeatureVector?> Last, List<string> Warnings) Camera()
    {
        FeatureVector? x = null;
        var warnings = new List<string>();
        var extractor = new FeatureExtractor(
            RobotConfig.Parse("name: c\nsources: {image: {topic: /camera/compressed, type: sensor_msgs/msg/CompressedImage}}"), v => x = v) { OnWarning = warnings.Add };
        return (extractor, () => x, warnings);
    }

    private static CompressedImage Compressed(byte[] bytes, string format = "jpeg")
    {
        var m = new CompressedImage { Format = format };
        m.Data.Resize(bytes.Length);
        bytes.CopyTo(m.Data.Span);
        return m;
    }

    private static byte[] Pipe(string program, string arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        Task read = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        read.Wait();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }

    private static byte[] Pgm(Image image) => [.. System.Text.Encoding.ASCII.GetBytes($"P5 {image.Width} {image.Height} 255\n"), .. image.Data.Span];

    private static float[] Vision(FeatureVector x) => [.. x.Values];

    [Theory]
    [InlineData(640, 480, "-quality 95")]
    [InlineData(640, 480, "-quality 90 -progressive")]
    [InlineData(1000, 562, "-quality 95")]
    [InlineData(200, 150, "-quality 95 -arithmetic")]
    [InlineData(90, 60, "-quality 95")]
    public void A_JPEG_gives_the_features_of_the_picture_that_it_was_made_from(int width, int height, string options)
    {
        Image raw = new Scene().View(Rig.Start, 3, width: width, height: height);
        (FeatureExtractor extractor, Func<FeatureVector?> last, _) = Camera();
        extractor.OnMessage(0, Compressed(Pipe("cjpeg", options, Pgm(raw)), "mono8; jpeg compressed mono8"), Rig.Start);
        FeatureVector? direct = null;
        new FeatureExtractor(RobotConfig.Parse("name: c\nsources: {image: {topic: /image}}"), v => direct = v).OnMessage(0, raw, Rig.Start);
        Assert.Equal(direct!.Value("vision.brightness"), last()!.Value("vision.brightness"), 0.002);
        Assert.Equal(direct!.Value("vision.contrast"), last()!.Value("vision.contrast"), 0.003);
        Assert.Equal(direct!.Value("vision.edge_density"), last()!.Value("vision.edge_density"), 0.01);
    }

    [Fact]
    public void A_colour_JPEG_is_read_as_its_luminance()
    {
        byte[] ppm = [.. "P6 320 240 255\n"u8, .. Enumerable.Range(0, 320 * 240).SelectMany(_ => new byte[] { 200, 100, 50 })];
        foreach (string options in new[] { "-quality 95", "-quality 95 -rgb", "-quality 95 -sample 1x1" })
        {
            (FeatureExtractor extractor, Func<FeatureVector?> last, _) = Camera();
            extractor.OnMessage(0, Compressed(Pipe("cjpeg", options, ppm), "bgr8; jpeg compressed bgr8"), Rig.Start);
            Assert.Equal(124.2 / 255, last()!.Value("vision.brightness"), 0.006);
        }
    }

    [Fact]
    public void Time_to_contact_is_read_from_compressed_pictures_too()
    {
        var scene = new Scene();
        (FeatureExtractor extractor, Func<FeatureVector?> last, _) = Camera();
        for (int k = 0; k < 40; k++)
        {
            long t = Rig.Start + (k * 50_000_000L);
            CompressedImage m = Compressed(Pipe("cjpeg", "-quality 80", Pgm(scene.View(t, 5 * Math.Exp(-0.5 * k * 0.05), width: 320, height: 240))));
            m.Header.Stamp.SetNanoseconds(t);
            extractor.OnMessage(0, m, t);
        }

        Assert.Equal(0.5, last()!.Value("vision.looming"), 0.03);
        Assert.Equal(2, last()!.Value("vision.time_to_contact"), 0.15);
    }

    [Fact]
    public void What_is_no_whole_JPEG_is_refused_and_said_once()
    {
        byte[] jpeg = Pipe("cjpeg", "-quality 90", Pgm(new Scene().View(Rig.Start, 3)));
        (FeatureExtractor extractor, Func<FeatureVector?> last, List<string> warnings) = Camera();
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. new byte[100]];
        byte[] huge = [.. jpeg];
        int frame = huge.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 });
        huge.AsSpan(frame + 5, 4).Fill(0xFF); // claims 65535 × 65535 pixels
        foreach (byte[] bytes in new byte[][] { [], [0xFF, 0xD8], jpeg[..(jpeg.Length / 2)], huge, png, png, [.. "RIFF"u8, .. new byte[60]] })
        {
            extractor.OnMessage(0, Compressed(bytes, "webp"), Rig.Start);
            Assert.Equal(0, last()!.ValidCount);
            extractor.Reset();
            extractor.OnMessage(0, Compressed(jpeg), Rig.Start);
            Assert.True(last()!.Has("vision.brightness"), $"a good picture after {bytes.Length} bytes: {string.Join(" / ", warnings)}");
            extractor.Reset();
        }

        Assert.Equal(3, warnings.Count);
        Assert.Contains(warnings, w => w.Contains("not a whole JPEG"));
        Assert.Contains(warnings, w => w.Contains("png") && w.Contains("format to jpeg"));
        Assert.Contains(warnings, w => w.Contains("'webp'"));
    }

    [Fact]
    public void Any_byte_of_a_JPEG_may_be_wrong_without_harm()
    {
        byte[] jpeg = Pipe("cjpeg", "-quality 60", Pgm(new Scene().View(Rig.Start, 3, width: 96, height: 64)));
        (FeatureExtractor extractor, Func<FeatureVector?> last, _) = Camera();
        var random = new Numerics.Philox(5);
        for (int k = 0; k < 2000; k++)
        {
            byte[] broken = [.. jpeg];
            for (int i = 0; i < 1 + (k % 3); i++)
            {
                broken[random.NextInt(broken.Length)] = (byte)random.NextInt(256);
            }

            extractor.OnMessage(0, Compressed(broken), Rig.Start + (k * 1_000_000L));
            Assert.All(last()!.Values, v => Assert.True(float.IsFinite(v)));
        }
    }

    [Fact]
    public void Stray_bytes_as_webcams_send_them_do_no_harm()
    {
        byte[] jpeg = Pipe("cjpeg", "-quality 90", Pgm(new Scene().View(Rig.Start, 3)));
        (FeatureExtractor extractor, Func<FeatureVector?> last, List<string> warnings) = Camera();
        extractor.OnMessage(0, Compressed([.. jpeg[..^2], 0x11, 0x22, 0x33, 0xFF, 0xD9]), Rig.Start);
        Assert.True(last()!.Has("vision.brightness"));
        Assert.Empty(warnings);
    }

    [Fact]
    public void Without_the_library_the_features_are_invalid_and_it_is_said_once()
    {
        (FeatureExtractor extractor, Func<FeatureVector?> last, List<string> warnings) = Camera();
        extractor.Images!.Jpeg.Open = () =>
        {
            tjInitDecompress();
            throw new InvalidOperationException("the loader found a library that does not exist");
        };
        for (int k = 0; k < 3; k++)
        {
            extractor.OnMessage(0, Compressed([0xFF, 0xD8, 0xFF]), Rig.Start + (k * Rig.Second));
            Assert.Equal(0, last()!.ValidCount);
        }

        Assert.Contains("libturbojpeg0", Assert.Single(warnings));
        Assert.Equal(3, extractor.Status(0).Rejected);
    }

    [Fact]
    public void Compressed_images_cost_no_memory_once_the_first_have_been_seen()
    {
        CompressedImage m = Compressed(Pipe("cjpeg", "-quality 90", Pgm(new Scene().View(Rig.Start, 3, width: 640, height: 480))));
        (FeatureExtractor extractor, _, _) = Camera();
        long before = 0;
        for (int k = 0; k < 40; k++)
        {
            if (k == 10)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            long t = Rig.Start + (k * 30_000_000L);
            m.Header.Stamp.SetNanoseconds(t);
            extractor.OnMessage(0, m, t);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [DataFact("datasets/jetbot_free_blocked/dataset_blue.zip")]
    public void Every_picture_of_a_real_robots_camera_is_read_and_its_quarter_turns_look_alike()
    {
        // Name → features. Turning a picture by a right angle changes neither its mean, nor (but for JPEG's losses) contrast, edges and sharpness.
        var seen = new Dictionary<string, List<float[]>>();
        (FeatureExtractor extractor, Func<FeatureVector?> last, List<string> warnings) = Camera();
        using ZipArchive zip = ZipFile.OpenRead(SharedData.PathOf("datasets/jetbot_free_blocked/dataset_blue.zip"));
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.Name.EndsWith(".jpg", StringComparison.Ordinal)))
        {
            using Stream stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            extractor.Reset();
            extractor.OnMessage(0, Compressed(bytes.ToArray()), Rig.Start);
            Assert.True(last()!.Has("vision.sharpness"), entry.FullName);
            string group = entry.FullName[..(entry.FullName.IndexOf(')') + 1)];
            (seen.TryGetValue(group, out List<float[]>? list) ? list : seen[group] = []).Add(Vision(last()!));
        }

        Assert.Empty(warnings);
        Assert.True(seen.Count > 50);
        if (Environment.GetEnvironmentVariable("QDISTILL_TABLE") is { } path)
        {
            File.WriteAllLines(path, seen.SelectMany(g => g.Value.Select(v => $"{g.Key};{string.Join(';', v)}")));
        }

        foreach ((string group, List<float[]> views) in seen)
        {
            Assert.All(views, v => Assert.True(Math.Abs(v[0] - views[0][0]) < 0.01, $"{group}: brightness {v[0]} and {views[0][0]}"));
            Assert.All(views, v => Assert.True(Math.Abs(v[1] - views[0][1]) < 0.02, $"{group}: contrast {v[1]} and {views[0][1]}"));
        }
    }
}
