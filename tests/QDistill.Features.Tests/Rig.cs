using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;
using Bool = QDistill.Msgs.StdMsgs.Bool;

namespace QDistill.Features.Tests;

/// <summary>A robot with every ground sensor, and messages for it.</summary>
internal static class Rig
{
    public const long Second = 1_000_000_000;
    public const long Start = 1_700_000_000 * Second;

    public const string Yaml = """
        name: rig
        sources:
          scan: {topic: /scan}
          odom: {topic: /odom}
          imu: {topic: /imu}
          cmd_vel: {topic: /cmd_vel}
          contact: {topic: /bump}
        footprint: {length: 0.6, width: 0.4}
        limits: {speed: 2, yaw_rate: 4}
        horizon: 2
        constraints:
          - {name: keep_clear, signal: clearance, op: ">=", limit: 0.5, hold: 0.2}
        features:
          motion: {}
          imu: {}
          command: {}
          lidar: {sectors: 8}
          contact: {}
        """;

    public static RobotConfig Robot => RobotConfig.Parse(Yaml);

    public static LaserScan Scan(long stamp, Func<double, double> range, int beams = 360)
    {
        var scan = new LaserScan { AngleMin = (float)-Math.PI, AngleIncrement = (float)(2 * Math.PI / beams), RangeMin = 0.05f, RangeMax = 12 };
        scan.Header.Stamp.SetNanoseconds(stamp);
        for (int i = 0; i < beams; i++)
        {
            scan.Ranges.Add((float)range(scan.AngleMin + (i * (double)scan.AngleIncrement)));
        }

        return scan;
    }

    /// <summary>A wall across the x axis, as far as it is seen.</summary>
    public static LaserScan Wall(long stamp, double distance) => Scan(stamp, a => Math.Cos(a) > 0.2 ? distance / Math.Cos(a) : double.PositiveInfinity);

    public static Odometry Odom(long stamp, double v, double w)
    {
        var m = new Odometry();
        m.Header.Stamp.SetNanoseconds(stamp);
        m.Pose.Pose.Orientation.W = 1;
        m.Twist.Twist.Linear.X = v;
        m.Twist.Twist.Angular.Z = w;
        return m;
    }

    public static Imu Imu(long stamp, double x, double y, double z, double wz = 0)
    {
        var m = new Imu();
        m.Header.Stamp.SetNanoseconds(stamp);
        (m.LinearAcceleration.X, m.LinearAcceleration.Y, m.LinearAcceleration.Z, m.AngularVelocity.Z) = (x, y, z, wz);
        return m;
    }

    public static Twist Command(double v, double w)
    {
        var m = new Twist();
        (m.Linear.X, m.Angular.Z) = (v, w);
        return m;
    }

    public static Bool Bump(bool pressed) => new() { Data = pressed };

    /// <summary>A drive of <paramref name="seconds"/> with all sensors, seeded, including a contact; in order of receipt.</summary>
    public static List<(int Source, long Receipt, byte[] Data)> Drive(RobotConfig robot, double seconds, ulong seed)
    {
        var random = new Numerics.Philox(seed);
        var messages = new List<(int, long, byte[])>();
        int Of(SourceRole role) => robot.Sources.ToList().FindIndex(s => s.Role == role);
        void Add(SourceRole role, long receipt, IMessage m) => messages.Add((Of(role), receipt, Cdr.Serialize(m)));
        for (long k = 0; k < seconds * 100; k++)
        {
            long t = Start + (k * 10_000_000);
            double s = k * 0.01, speed = 0.5 + (0.3 * Math.Sin(s));
            Add(SourceRole.Imu, t + 1_000_000, Imu(t, random.NextGaussian(), random.NextGaussian(), 9.8 + random.NextGaussian(), 0.1 * Math.Sin(s)));
            if (k % 2 == 0)
            {
                Add(SourceRole.Odom, t + 2_000_000, Odom(t, speed, 0.3 * Math.Sin(2 * s)));
            }

            if (k % 5 == 0)
            {
                Add(SourceRole.CmdVel, t + 500_000, Command(speed, 0.2));
                Add(SourceRole.Contact, t + 600_000, Bump(s is > 6 and < 6.4));
            }

            if (k % 10 == 0)
            {
                double noise = random.NextDouble(0, 0.02);
                Add(SourceRole.Scan, t + random.NextInt(20_000_000), Scan(t, a => 2 + Math.Sin((3 * a) + s) + noise));
            }
        }

        return [.. messages.OrderBy(m => m.Item2)];
    }

    /// <summary>Pushes messages and returns every vector as (stamp, values, mask).</summary>
    public static List<(long Stamp, float[] Values, byte[] Mask)> Extract(RobotConfig robot, IEnumerable<(int Source, long Receipt, byte[] Data)> messages)
    {
        var vectors = new List<(long, float[], byte[])>();
        var extractor = new FeatureExtractor(robot, x => vectors.Add((x.StampNs, [.. x.Values], [.. x.Validity])));
        foreach ((int source, long receipt, byte[] data) in messages)
        {
            extractor.OnSerialized(source, data, receipt);
        }

        return vectors;
    }

    public static float Value(this FeatureVector x, string name)
    {
        int i = x.Schema.IndexOf(name);
        Assert.True(i >= 0, $"no feature {name}");
        Assert.True(x.IsValid(i), $"{name} is not valid");
        return x.Values[i];
    }

    public static bool Has(this FeatureVector x, string name) => x.IsValid(x.Schema.IndexOf(name));
}
