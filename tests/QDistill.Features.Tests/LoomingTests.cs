using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;

namespace QDistill.Features.Tests;

public class LoomingTests
{
    private const double Step = 0.05;

    private static FeatureVector Watch(Func<int, Image> frame, int frames = 6, string vision = "smoothing: 0")
    {
        RobotConfig robot = RobotConfig.Parse($"name: c\nsources: {{image: {{topic: /image}}}}\nfeatures: {{vision: {{{vision}}}}}");
        FeatureVector? x = null;
        var extractor = new FeatureExtractor(robot, v => x = v);
        for (int k = 0; k < frames; k++)
        {
            Image image = frame(k);
            extractor.OnMessage(0, image, image.Header.Stamp.ToNanoseconds());
        }

        return x!;
    }

    private static long Time(int k) => Rig.Start + (long)(k * Step * 1e9);

    [Theory]
    [InlineData(4, 1)]
    [InlineData(2, 0.5)]
    [InlineData(6, 3)]
    [InlineData(1.5, 1)]
    [InlineData(5, 0.2)]
    public void The_time_to_contact_with_a_wall_is_its_distance_over_the_speed(double distance, double speed)
    {
        var scene = new Scene();
        FeatureVector x = Watch(k => scene.View(Time(k), distance - (speed * k * Step)));
        double truth = (distance - (speed * 5 * Step)) / speed;
        Assert.Equal(1 / truth, x.Value("vision.looming"), (0.04 / truth) + 0.003);
        Assert.Equal(Math.Min(truth, 10), x.Value("vision.time_to_contact"), 0.1 * Math.Min(truth, 10));
    }

    [Fact]
    public void An_approach_off_the_optical_axis_looms_as_one_along_it()
    {
        var scene = new Scene();
        FeatureVector x = Watch(k => scene.View(Time(k), 3 - (k * Step), x: 0.4 * k * Step, y: -0.3 * k * Step));
        Assert.Equal(1 / 2.75, x.Value("vision.looming"), 0.025);
    }

    [Fact]
    public void Going_back_looms_negatively_and_has_no_time_to_contact()
    {
        var scene = new Scene();
        FeatureVector x = Watch(k => scene.View(Time(k), 3 + (k * Step)));
        Assert.Equal(-1 / 3.25, x.Value("vision.looming"), 0.02);
        Assert.Equal(10, x.Value("vision.time_to_contact"));
    }

    [Theory]
    [InlineData(1, 0, 0, 0, 0)]
    [InlineData(0.5, -0.8, 0, 0, 0)]
    [InlineData(0, 0, 0.5, 0, 0)]
    [InlineData(0, 0, 0, 0.4, 0)]
    [InlineData(0, 0, 0, 0, 1)]
    [InlineData(0, 0, 0.3, -0.3, 0.5)]
    public void Moving_sideways_or_turning_does_not_loom(double right, double down, double pan, double tilt, double roll)
    {
        var scene = new Scene();
        FeatureVector x = Watch(k =>
        {
            double t = (k - 4.5) * Step; // square to the wall between the last two pictures
            return scene.View(Time(k), 3, right * t, down * t, pan * t, tilt * t, roll * t);
        });
        Assert.Equal(0, x.Value("vision.looming"), 0.025);
    }

    [Theory]
    [InlineData(640, 480)]
    [InlineData(848, 480)]
    [InlineData(200, 170)]
    public void Looming_does_not_depend_on_the_cameras_resolution(int width, int height)
    {
        var scene = new Scene();
        FeatureVector x = Watch(k => scene.View(Time(k), 3 - (k * Step), width: width, height: height), 4);
        Assert.Equal(1 / 2.85, x.Value("vision.looming"), 0.025);
    }

    [Fact]
    public void Automatic_exposure_is_not_taken_for_motion()
    {
        var scene = new Scene();
        FeatureVector x = Watch(k => scene.View(Time(k), 3, gain: 1 - (0.06 * k)));
        Assert.Equal(0, x.Value("vision.looming"), 0.02);
        FeatureVector y = Watch(k => scene.View(Time(k), 3 - (k * Step), gain: 1 - (0.06 * k)));
        Assert.Equal(1 / 2.75, y.Value("vision.looming"), 0.03);
    }

    [Fact]
    public void Smoothing_lags_but_keeps_the_size()
    {
        var scene = new Scene();
        FeatureVector x = Watch(k => scene.View(Time(k), 8 * Math.Exp(-0.4 * k * Step)), 24, string.Empty);
        Assert.Equal(0.4, x.Value("vision.looming"), 0.02);
    }

    [Fact]
    public void There_is_no_looming_between_pictures_that_do_not_match_or_show_nothing()
    {
        Assert.False(Watch(k => new Scene((ulong)k + 1).View(Time(k), 3), 2).Has("vision.looming"));
        Assert.False(Watch(k => new Scene().View(Time(k), 3), 1).Has("vision.looming"));
        Assert.False(Watch(Flat, 4).Has("vision.looming"));
        Assert.True(Watch(Flat, 4).Has("vision.brightness"));
        var noise = new Philox(3);
        Assert.False(Watch(Noise, 4).Has("vision.looming"));

        Image Flat(int k)
        {
            Image image = new Scene().View(Time(k), 3);
            image.Data.Span.Fill(90);
            return image;
        }

        Image Noise(int k)
        {
            Image image = Flat(k);
            foreach (ref byte b in image.Data.Span)
            {
                b = (byte)(90 + noise.NextInt(60));
            }

            return image;
        }
    }

    [Fact]
    public void A_pause_longer_than_the_time_out_begins_afresh()
    {
        var scene = new Scene();
        Assert.False(Watch(k => scene.View(Time(k == 0 ? 0 : 40 + k), 3 - (k * Step)), 2).Has("vision.looming"));
        Assert.True(Watch(k => scene.View(Time(k == 0 ? 0 : 40 + k), 3 - (k * Step)), 3).Has("vision.looming"));
    }
}
