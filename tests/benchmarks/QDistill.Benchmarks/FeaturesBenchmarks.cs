using QDistill.Configuration;
using QDistill.Features;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;
using QDistill.Simulation;

namespace QDistill.Benchmarks;

/// <summary>From messages to features: one scan, one second of everything, one image, one simulated bag.</summary>
internal static class FeaturesBenchmarks
{
    public static void Run(BenchReport report)
    {
        RobotConfig robot = RobotConfig.Load(Installation.PathOf("robots/simulated_agv.yaml"));
        var messages = new List<(int Source, long Log, byte[] Data)>();
        var extractor = new FeatureExtractor(robot);
        new Simulator(new SimulationConfig()).Run(1, 20, (topic, _, log, _, data) => messages.Add((extractor.SourceOfTopic(topic), log, data.ToArray())));
        foreach ((int source, long log, byte[] data) in messages)
        {
            extractor.OnSerialized(source, data, log);
        }

        // The last scan again and again, a tenth of a second later each time, with its command and odometry fresh.
        (int Source, long Log, byte[] Data) Last(string topic) => messages.Last(m => m.Source == extractor.SourceOfTopic(topic));
        var scan = Cdr.Deserialize<LaserScan>(Last("/agv/scan").Data);
        var odom = Cdr.Deserialize<Msgs.NavMsgs.Odometry>(Last("/agv/odom").Data);
        var command = Cdr.Deserialize<Msgs.GeometryMsgs.Twist>(Last("/agv/cmd_vel").Data);
        odom.Twist.Twist.Linear.X = command.Linear.X = 0.5;
        odom.Twist.Twist.Angular.Z = command.Angular.Z = 0.3;
        long now = messages[^1].Log;
        int s = extractor.SourceOfTopic("/agv/scan"), o = extractor.SourceOfTopic("/agv/odom"), c = extractor.SourceOfTopic("/agv/cmd_vel");
        report.Time("scan (360 beams), odometry, command to features", "us", () =>
        {
            now += 100_000_000;
            odom.Header.Stamp.SetNanoseconds(now);
            scan.Header.Stamp.SetNanoseconds(now);
            extractor.OnMessage(c, command, now);
            extractor.OnMessage(o, odom, now);
            extractor.OnMessage(s, scan, now);
        });

        long shift = 0;
        report.Time("20 s of all topics, serialized, per message", "us", () =>
        {
            shift += 100_000_000_000;
            foreach ((int source, long log, byte[] data) in messages)
            {
                extractor.OnSerialized(source, data, log + shift);
            }
        }, perCall: messages.Count);

        RobotConfig camera = RobotConfig.Parse("name: camera\nsources:\n  image: {topic: /image}\n");
        var vision = new FeatureExtractor(camera);
        long t = 1_000_000_000;
        foreach (string encoding in (string[])["mono8", "rgb8", "bayer_rggb8", "mono16"])
        {
            // Two pictures in turn, one a little larger and shifted, so that the flow has its usual work.
            int bytes = encoding == "rgb8" ? 3 : encoding == "mono16" ? 2 : 1, turn = 0;
            Image[] images = [Picture(encoding, bytes, 1, 0), Picture(encoding, bytes, 1.01, 1.5)];
            report.Time($"image (640x480 {encoding}) to features", "us", () =>
            {
                Image image = images[turn ^= 1];
                t += 33_000_000;
                image.Header.Stamp.SetNanoseconds(t);
                vision.OnMessage(0, image, t);
            });
        }

        var depth = new FeatureExtractor(RobotConfig.Parse("name: camera\nsources:\n  depth: {topic: /depth}\n"));
        var metres = new Image { Width = 640, Height = 480, Step = 1280, Encoding = "16UC1" };
        for (int i = 0; i < 640 * 480; i++)
        {
            metres.Data.Add((byte)(i * 7));
            metres.Data.Add((byte)(4 + (i % 13)));
        }

        report.Time("depth image (640x480 16UC1) to features", "us", () =>
        {
            t += 33_000_000;
            metres.Header.Stamp.SetNanoseconds(t);
            depth.OnMessage(0, metres, t);
        });

        report.Time("simulated time, per second of it", "ms", () => new Simulator(new SimulationConfig()).Run(5, 10, (_, _, _, _, _) => { }), perCall: 10, rounds: 5);
    }

    internal static Image Picture(string encoding, int bytes, double zoom, double shift)
    {
        var image = new Image { Width = 640, Height = 480, Step = (uint)(640 * bytes), Encoding = encoding };
        for (int i = 0; i < 640 * 480; i++)
        {
            double x = (((i % 640) - 320) / zoom) + shift, y = ((i / 640) - 240) / zoom;
            byte grey = (byte)(128 + (60 * Math.Sin(x * 0.05)) + (60 * Math.Cos((y * 0.07) + (x * 0.01))));
            for (int b = 0; b < bytes; b++)
            {
                image.Data.Add(grey);
            }
        }

        return image;
    }
}
