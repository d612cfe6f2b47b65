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
        var image = new Image { Width = 640, Height = 480, Step = 640, Encoding = "mono8" };
        for (int i = 0; i < 640 * 480; i++)
        {
            image.Data.Add((byte)(128 + (60 * Math.Sin(i % 640 * 0.05)) + (60 * Math.Cos(i / 640 * 0.07))));
        }

        long t = 1_000_000_000;
        report.Time("image (640x480 mono8) to features", "us", () =>
        {
            t += 33_000_000;
            image.Header.Stamp.SetNanoseconds(t);
            vision.OnMessage(0, image, t);
        });

        report.Time("simulated time, per second of it", "ms", () => new Simulator(new SimulationConfig()).Run(5, 10, (_, _, _, _, _) => { }), perCall: 10, rounds: 5);
    }
}
