using System.Diagnostics;
using System.Text.Json;
using QDistill.Features;
using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using Path = System.IO.Path;
using Bool = QDistill.Msgs.StdMsgs.Bool;

namespace QDistill.Evaluation.Tests.Replay;

/// <summary>Drives towards a wall, made message by message, whose hazards are therefore known.</summary>
internal static class Drives
{
    public const double Horizon = 2;
    public const long Start = 1_700_000_000_000_000_000;

    private const string Yaml = """
        name: rig
        sources:
          scan: {topic: /scan}
          odom: {topic: /odom}
          cmd_vel: {topic: /cmd_vel}
          contact: {topic: /bump}
        footprint: {length: 0.6, width: 0.4}
        limits: {speed: 2, yaw_rate: 4}
        horizon: 2
        features:
          motion: {}
          command: {}
          lidar: {sectors: 8}
        """;

    public static RobotConfig Robot => RobotConfig.Parse(Yaml);

    public static RobotConfig OtherRobot => RobotConfig.Parse(Yaml.Replace("sectors: 8", "sectors: 6", StringComparison.Ordinal));

    /// <summary>A drive at 0.5 m/s at a wall; the bumper is pressed for 0.4 s at each of the times given [s], when the wall is reached.</summary>
    public static FeatureWindows Make(string name, double seconds, params double[] contacts)
    {
        RobotConfig robot = Robot;
        FeatureWindows table = FeatureWindows.Start(name, robot, out FeatureExtractor extractor);
        int scan = extractor.SourceOfTopic("/scan"), odom = extractor.SourceOfTopic("/odom"), command = extractor.SourceOfTopic("/cmd_vel"), bump = extractor.SourceOfTopic("/bump");
        for (int k = 0; k <= seconds * 20; k++)
        {
            double s = k * 0.05;
            long t = Start + (k * 50_000_000L);
            extractor.OnMessage(bump, new Bool { Data = contacts.Any(c => s >= c && s < c + 0.4) }, t);
            var twist = new Twist();
            twist.Linear.X = 0.5;
            extractor.OnMessage(command, twist, t);
            var odometry = new Odometry();
            odometry.Header.Stamp.SetNanoseconds(t);
            odometry.Pose.Pose.Orientation.W = 1;
            odometry.Twist.Twist.Linear.X = 0.5;
            extractor.OnMessage(odom, odometry, t);
            if (k % 2 == 0)
            {
                double next = contacts.Where(c => c >= s).DefaultIfEmpty(s + 8).Min();
                extractor.OnMessage(scan, Wall(t, 0.3 + (0.5 * Math.Min(8, next - s))), t);
            }
        }

        table.Complete();
        return table;
    }

    /// <summary>A student for a robot, written by python3-onnx.</summary>
    public static string Model(TempDirectory folder, RobotConfig robot)
    {
        string spec = folder["spec.json"], model = folder[Guid.NewGuid().ToString("N") + ".onnx"];
        File.WriteAllText(spec, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["schema_id"] = robot.Schema.Id,
            ["features"] = robot.Schema.Names,
            ["constraints"] = Array.Empty<object>(),
            ["seed"] = 4,
        }));
        string script = Path.Combine(SharedData.Repository, "tests", "QDistill.Onboard.Tests", "make_model.py");
        using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, spec, model]) { RedirectStandardError = true })!;
        string errors = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, errors);
        return model;
    }

    private static LaserScan Wall(long stamp, double distance)
    {
        var scan = new LaserScan { AngleMin = (float)-Math.PI, AngleIncrement = (float)(2 * Math.PI / 360), RangeMin = 0.05f, RangeMax = 12 };
        scan.Header.Stamp.SetNanoseconds(stamp);
        for (int i = 0; i < 360; i++)
        {
            double a = scan.AngleMin + (i * (double)scan.AngleIncrement);
            scan.Ranges.Add(Math.Cos(a) > 0.2 ? (float)(distance / Math.Cos(a)) : float.PositiveInfinity);
        }

        return scan;
    }
}
