using QDistill.Ros;

namespace QDistill.Features.Tests;

public class FeatureValueTests
{
    private const long Ms = 1_000_000;

    private static FeatureVector Run(RobotConfig robot, params (SourceRole Role, long AtMs, IMessage Message)[] messages)
    {
        FeatureVector? last = null;
        var extractor = new FeatureExtractor(robot, x => last = x);
        foreach ((SourceRole role, long at, IMessage message) in messages)
        {
            extractor.OnMessage(robot.Sources.ToList().FindIndex(s => s.Role == role), message, Rig.Start + (at * Ms));
        }

        return last!;
    }

    private static long T(long ms) => Rig.Start + (ms * Ms);

    [Fact]
    public void A_wall_ahead_that_comes_nearer_at_v_closes_at_v_and_is_reached_in_distance_over_v()
    {
        FeatureVector x = Run(
            Rig.Robot,
            (SourceRole.CmdVel, 0, Rig.Command(0.5, 0)), (SourceRole.Odom, 0, Rig.Odom(T(0), 0.5, 0)), (SourceRole.Scan, 0, Rig.Wall(T(0), 2.4)),
            (SourceRole.Odom, 100, Rig.Odom(T(100), 0.5, 0)), (SourceRole.Scan, 100, Rig.Wall(T(100), 2.35)),
            (SourceRole.Odom, 200, Rig.Odom(T(200), 0.5, 0)), (SourceRole.Scan, 200, Rig.Wall(T(200), 2.3)));

        Assert.Equal(2.0, x.Value("lidar.ahead"), 1e-4);
        Assert.Equal(2.0, x.Value("lidar.clearance"), 1e-4);
        Assert.Equal(0.5, x.Value("lidar.closing_ahead"), 1e-3);
        Assert.Equal(2.0, x.Value("lidar.path"), 1e-4);
        Assert.Equal(4.0, x.Value("lidar.ttc"), 1e-3);
        Assert.Equal(4.0, x.Value("lidar.motion_ttc"), 1e-3);
        Assert.Equal(0, x.Value("command.linear_error"), 1e-6);
        Assert.Equal(4.0, x.Value("lidar.sector_180"));
    }

    [Fact]
    public void Sectors_count_counter_clockwise_from_ahead_and_a_turned_lidar_is_turned_back()
    {
        // An object 1 m to the left of the robot; the lidar looks backwards, so it sees it on its right.
        RobotConfig robot = RobotConfig.Parse(Rig.Yaml.Replace("scan: {topic: /scan}", "scan: {topic: /scan, mount: {yaw: 3.14159265}}", StringComparison.Ordinal));
        FeatureVector x = Run(robot, (SourceRole.Scan, 0, Rig.Scan(T(0), a => Math.Abs(a + (Math.PI / 2)) < 0.05 ? 1 : double.PositiveInfinity)));

        Assert.Equal(0.8, x.Value("lidar.sector_90"), 1e-3);
        Assert.Equal(4.0, x.Value("lidar.sector_270"));
        Assert.Equal(0.8, x.Value("lidar.left"), 1e-3);
        Assert.Equal(4.0, x.Value("lidar.right"));
    }

    [Fact]
    public void Ranges_that_say_nothing_are_unknown_and_those_beyond_reach_are_free()
    {
        float[] odd = [float.NaN, 0f, 0.01f, -1f];
        FeatureVector blind = Run(Rig.Robot, (SourceRole.Scan, 0, Rig.Scan(T(0), a => odd[(int)((a + 4) * 100) % 4])));
        Assert.False(blind.Has("lidar.clearance"));
        Assert.False(blind.Has("lidar.known"));
        Assert.Equal(0, blind.Values[blind.Schema.IndexOf("lidar.clearance")]);

        FeatureVector half = Run(Rig.Robot, (SourceRole.Scan, 0, Rig.Scan(T(0), a => a > 0 ? double.PositiveInfinity : double.NaN)));
        Assert.Equal(0.5, half.Value("lidar.known"), 0.01);
        Assert.Equal(4.0, half.Value("lidar.sector_90"));
        Assert.False(half.Has("lidar.sector_270"));
        Assert.False(half.Has("lidar.sector_315"));
    }

    [Fact]
    public void Beam_counts_may_change_from_scan_to_scan()
    {
        FeatureVector x = Run(
            Rig.Robot,
            (SourceRole.Scan, 0, Rig.Scan(T(0), _ => 2, 258)), (SourceRole.Scan, 100, Rig.Scan(T(100), _ => 2, 263)), (SourceRole.Scan, 200, Rig.Scan(T(200), _ => 2, 90)));
        Assert.Equal(2 - Math.Sqrt((0.3 * 0.3) + (0.2 * 0.2)), x.Value("lidar.clearance"), 1e-3); // nearest the corner
        Assert.Equal(1, x.Value("lidar.known"));
    }

    [Fact]
    public void Steady_acceleration_is_measured_and_jerk_is_nil()
    {
        var messages = new List<(SourceRole, long, IMessage)>();
        for (int k = 0; k <= 100; k++)
        {
            messages.Add((SourceRole.Odom, 20 * k, Rig.Odom(T(20 * k), 0.01 * k, 0.02 * k)));
        }

        messages.Add((SourceRole.Scan, 2001, Rig.Wall(T(2000), 3)));
        FeatureVector x = Run(Rig.Robot, [.. messages]);
        Assert.Equal(1.0, x.Value("motion.speed"), 1e-6);
        Assert.Equal(2.0, x.Value("motion.yaw_rate"), 1e-6);
        Assert.Equal(0.5, x.Value("motion.acceleration"), 1e-3);
        Assert.Equal(1.0, x.Value("motion.yaw_acceleration"), 1e-3);
        Assert.Equal(0, x.Value("motion.jerk"), 1e-3);
    }

    [Fact]
    public void An_odometry_outlier_is_refused_and_marks_its_features_invalid_until_the_next_good_reading()
    {
        FeatureVector bad = Run(
            Rig.Robot, (SourceRole.Odom, 0, Rig.Odom(T(0), 0.5, 0)), (SourceRole.Odom, 20, Rig.Odom(T(20), 0.5, -143)), (SourceRole.Scan, 21, Rig.Wall(T(20), 3)));
        Assert.False(bad.Has("motion.speed"));
        Assert.False(bad.Has("motion.yaw_rate"));
        Assert.Equal(0, bad.Values[bad.Schema.IndexOf("motion.yaw_rate")]);

        FeatureVector good = Run(
            Rig.Robot, (SourceRole.Odom, 0, Rig.Odom(T(0), 0.5, 0)), (SourceRole.Odom, 20, Rig.Odom(T(20), 0.5, -143)),
            (SourceRole.Odom, 40, Rig.Odom(T(40), 0.5, 0)), (SourceRole.Scan, 41, Rig.Wall(T(40), 3)));
        Assert.Equal(0, good.Value("motion.yaw_rate"));
        Assert.Equal(0, good.Value("motion.yaw_acceleration"), 1e-6);
    }

    [Fact]
    public void A_rotated_inertial_unit_is_read_in_the_base_frame()
    {
        // Mounted upside down and turned by a quarter: x_base = R x_sensor with R = Rz(90°) Rx(180°).
        RobotConfig robot = RobotConfig.Parse(Rig.Yaml.Replace("imu: {topic: /imu}", "imu: {topic: /imu, mount: {roll: 3.14159265358979, yaw: 1.5707963267949}}", StringComparison.Ordinal));
        var messages = new List<(SourceRole, long, IMessage)>();
        for (int k = 0; k <= 500; k++)
        {
            messages.Add((SourceRole.Imu, 10 * k, Rig.Imu(T(10 * k), 0.3, 0.7, -9.8, wz: -0.4)));
        }

        messages.Add((SourceRole.Scan, 5001, Rig.Wall(T(5000), 3)));
        FeatureVector x = Run(robot, [.. messages]);
        Assert.Equal(0.7, x.Value("imu.acceleration_x"), 1e-4);
        Assert.Equal(0.3, x.Value("imu.acceleration_y"), 1e-4);
        Assert.Equal(0.4, x.Value("imu.yaw_rate"), 1e-4);
        Assert.Equal(Math.Atan2(Math.Sqrt(0.58), 9.8), x.Value("imu.tilt"), 1e-4);
        Assert.Equal(0, x.Value("imu.vibration"), 1e-4);
    }

    [Fact]
    public void Fast_shaking_is_in_the_high_band_and_slow_shaking_in_the_low_one()
    {
        (double Low, double High) Bands(double hertz)
        {
            var messages = new List<(SourceRole, long, IMessage)>();
            for (int k = 0; k <= 1000; k++)
            {
                messages.Add((SourceRole.Imu, 5 * k, Rig.Imu(T(5 * k), 0, 0, 9.8 + Math.Sin(2 * Math.PI * hertz * 0.005 * k))));
            }

            messages.Add((SourceRole.Scan, 5001, Rig.Wall(T(5000), 3)));
            FeatureVector x = Run(Rig.Robot, [.. messages]);
            return (x.Value("imu.vibration_low"), x.Value("imu.vibration_high"));
        }

        (double slowLow, double slowHigh) = Bands(3);
        (double fastLow, double fastHigh) = Bands(40);
        Assert.True(slowLow > 1.5 * slowHigh, $"{slowLow} {slowHigh}");
        Assert.True(fastHigh > 3 * fastLow, $"{fastLow} {fastHigh}");
        Assert.Equal(Math.Sqrt(0.5), fastHigh, 0.12);
    }

    [Fact]
    public void A_source_that_has_gone_silent_is_marked_invalid_and_never_guessed()
    {
        FeatureVector x = Run(
            Rig.Robot, (SourceRole.Odom, 0, Rig.Odom(T(0), 0.5, 0)), (SourceRole.CmdVel, 0, Rig.Command(0.5, 0)),
            (SourceRole.Scan, 500, Rig.Wall(T(500), 3)), (SourceRole.Scan, 501, Rig.Wall(T(501), 3)));
        Assert.False(x.Has("motion.speed"));   // 0.501 s old, time-out 0.5 s
        Assert.True(x.Has("command.linear"));  // 1 s
        Assert.False(x.Has("command.linear_error"));
        Assert.False(x.Has("imu.tilt"));       // never heard of
        Assert.Equal(T(0), x.OldestSourceNs);
    }

    [Fact]
    public void Not_finite_readings_are_refused()
    {
        FeatureVector x = Run(
            Rig.Robot, (SourceRole.Odom, 0, Rig.Odom(T(0), double.NaN, 0)), (SourceRole.CmdVel, 0, Rig.Command(double.PositiveInfinity, 0)),
            (SourceRole.Imu, 0, Rig.Imu(T(0), double.NaN, 0, 9.8)), (SourceRole.Scan, 1, Rig.Wall(T(0), 3)));
        Assert.False(x.Has("motion.speed"));
        Assert.False(x.Has("command.linear"));
        Assert.False(x.Has("imu.acceleration_x"));
        Assert.All(x.Values, v => Assert.True(float.IsFinite(v)));
    }
}
