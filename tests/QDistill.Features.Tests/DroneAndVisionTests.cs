using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.SensorMsgs;

namespace QDistill.Features.Tests;

public class DroneAndVisionTests
{
    [Fact]
    public void A_tilted_climbing_body_shows_its_tilt_climb_and_set_point_error()
    {
        RobotConfig robot = RobotConfig.Parse("name: d\nsources: {pose: {topic: /pose}, setpoint: {topic: /goal}}\nlimits: {speed: 10}\nfusion: {trigger: pose}");
        FeatureVector? x = null;
        var extractor = new FeatureExtractor(robot, v => x = v);
        for (int k = 0; k <= 200; k++)
        {
            long t = Rig.Start + (k * 10_000_000L);
            var goal = new PoseStamped();
            goal.Header.Stamp.SetNanoseconds(t);
            (goal.Pose.Position.Z, goal.Pose.Orientation.W) = (5, 1);
            extractor.OnMessage(1, goal, t);
            var pose = new PoseStamped();
            pose.Header.Stamp.SetNanoseconds(t);
            (pose.Pose.Position.X, pose.Pose.Position.Z) = (3, 0.5 * k * 0.01);
            (pose.Pose.Orientation.X, pose.Pose.Orientation.W) = (Math.Sin(0.1), Math.Cos(0.1)); // roll 0.2 rad
            extractor.OnMessage(0, pose, t);
        }

        Assert.Equal(0.2, x!.Value("drone.roll"), 1e-5);
        Assert.Equal(0.2, x!.Value("drone.tilt"), 1e-5);
        Assert.Equal(1.0, x!.Value("drone.altitude"), 1e-5);
        Assert.Equal(0.5, x!.Value("drone.vertical_speed"), 1e-4);
        Assert.Equal(0, x!.Value("drone.turn_rate"), 1e-4);
        Assert.Equal(5, x!.Value("drone.setpoint_error"), 1e-4);
    }

    [Theory]
    [InlineData("mono8", 0.25)]
    [InlineData("rgb8", 0.6)]
    [InlineData("bgr8", -0.4)]
    public void Looming_is_the_rate_at_which_a_texture_grows(string encoding, double rate)
    {
        RobotConfig robot = RobotConfig.Parse("name: c\nsources: {image: {topic: /image}}");
        FeatureVector? x = null;
        var extractor = new FeatureExtractor(robot, v => x = v);
        int channels = encoding == "mono8" ? 1 : 3;
        for (int k = 0; k <= 12; k++)
        {
            // A smooth texture about the image's centre, magnified by exp(rate t).
            long t = Rig.Start + (k * 50_000_000L);
            double zoom = Math.Exp(rate * k * 0.05);
            var image = new Image { Width = 320, Height = 240, Step = (uint)(320 * channels), Encoding = encoding };
            image.Header.Stamp.SetNanoseconds(t);
            for (int row = 0; row < 240; row++)
            {
                for (int column = 0; column < 320; column++)
                {
                    double u = (column - 159.5) / zoom, v = (row - 119.5) / zoom;
                    byte grey = (byte)Math.Clamp(128 + (50 * Math.Sin(u * 0.06)) + (50 * Math.Cos((v * 0.07) + (0.03 * u))), 0, 255);
                    for (int c = 0; c < channels; c++)
                    {
                        image.Data.Add(grey);
                    }
                }
            }

            extractor.OnMessage(0, image, t);
        }

        Assert.Equal(rate, x!.Value("vision.looming"), 0.08 * Math.Abs(rate));
        Assert.Equal(0.5, x!.Value("vision.brightness"), 0.1);
    }

    [Fact]
    public void An_encoding_that_is_not_understood_is_refused()
    {
        RobotConfig robot = RobotConfig.Parse("name: c\nsources: {image: {topic: /image}}");
        FeatureVector? x = null;
        var extractor = new FeatureExtractor(robot, v => x = v);
        extractor.OnMessage(0, new Image { Width = 320, Height = 240, Step = 320, Encoding = "yuv422" }, Rig.Start);
        Assert.Equal(0, x!.ValidCount);
        Assert.Equal(1, extractor.Status(0).Rejected);
    }

    [Fact]
    public void Depth_strips_give_the_near_distance_from_left_to_right()
    {
        RobotConfig robot = RobotConfig.Parse("name: c\nsources: {depth: {topic: /depth}}");
        FeatureVector? x = null;
        var extractor = new FeatureExtractor(robot, v => x = v);
        var image = new Image { Width = 100, Height = 50, Step = 200, Encoding = "16UC1" };
        for (int i = 0; i < 5000; i++)
        {
            int mm = i % 100 < 20 ? 1500 : i % 100 >= 80 ? 0 : 3000;
            image.Data.Add((byte)mm);
            image.Data.Add((byte)(mm >> 8));
        }

        extractor.OnMessage(0, image, Rig.Start);
        Assert.Equal(1.5, x!.Value("depth.strip_0"), 0.01);
        Assert.Equal(3.0, x!.Value("depth.strip_2"), 0.01);
        Assert.False(x!.Has("depth.strip_4"));
        Assert.Equal(1.5, x!.Value("depth.clearance"), 0.01);
        Assert.Equal(0.8, x!.Value("depth.known"), 0.001);
    }
}
