using QDistill.Ros;

namespace QDistill.Features.Tests;

public class DroneBagTests
{
    private const string Bag = "bags/x500/rosbag2_2021_10_26-08_44_37";

    private static RobotConfig Robot(string name) => RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", name + ".yaml"));

    private static float[] Column(FeatureWindows w, string name)
    {
        int j = w.Schema.IndexOf(name);
        Assert.True(j >= 0, name);
        var values = new List<float>();
        for (int i = 0; i < w.Count; i++)
        {
            if (w.IsValid(i, j))
            {
                values.Add(w.Row(i)[j]);
            }
        }

        return [.. values];
    }

    [DataFact(Bag)]
    public void The_X500_flies_upright_where_its_range_finder_and_its_set_points_say()
    {
        FeatureWindows w = FeatureWindows.FromBag(SharedData.PathOf(Bag), Robot("x500"));
        Assert.InRange(w.Count, 400, 1000);
        Assert.All(w.Sources.Take(3), s => Assert.True(s.Received > 300 && s.Rejected == 0));
        float[] altitude = Column(w, "drone.altitude"), height = Column(w, "range.distance"), error = Column(w, "drone.setpoint_error_vertical");
        Assert.True(altitude.Length > 0.98 * w.Count && height.Length > 0.95 * w.Count && error.Length > 0.3 * w.Count);

        // The downward range finder is an instrument of its own: the estimator's altitude must agree with it.
        Assert.Equal(height.Average(), altitude.Average(), 0.35);
        Assert.All(altitude, a => Assert.InRange(a, -1, 5)); // it lands, a little below where it believes that it started
        int z = w.Schema.IndexOf("drone.altitude"), r = w.Schema.IndexOf("range.distance");
        double[] difference = [.. Enumerable.Range(0, w.Count).Where(i => w.IsValid(i, z) && w.IsValid(i, r)).Select(i => (double)Math.Abs(w.Row(i)[z] - w.Row(i)[r])).Order()];
        Assert.InRange(difference[difference.Length / 2], 0, 0.35);
        Assert.InRange(Column(w, "drone.tilt").Max(), 0.005f, 0.6f);
        Assert.InRange(Column(w, "imu.tilt").Average(), 0, 0.15);
        Assert.All(Column(w, "drone.vertical_speed").Skip(10), v => Assert.InRange(v, -1.4, 1.1)); // the autopilot says −1.11 to 0.47 m/s; by receipt times it would be −3
        Assert.All(Column(w, "drone.speed"), v => Assert.InRange(v, 0, 5));
        Assert.All(Column(w, "drone.home_distance"), d => Assert.InRange(d, 0, 15));
        Assert.All(Column(w, "drone.setpoint_error"), d => Assert.InRange(d, 0, 4));
        Assert.All(Column(w, "imu.vibration"), v => Assert.InRange(v, 0.05, 20));

        // Propellers shake faster than the airframe sways.
        Assert.True(Column(w, "imu.vibration_high").Average() > Column(w, "imu.vibration_low").Average());
        Assert.Empty(Column(w, "battery.charge"));
        Assert.Contains(w.Warnings, m => m.Contains("battery_state"));
    }

    [DataFact(Bag)]
    public void The_gyro_and_the_attitude_of_the_X500_turn_the_same_way()
    {
        FeatureWindows w = FeatureWindows.FromBag(SharedData.PathOf(Bag), Robot("x500"));
        int gyro = w.Schema.IndexOf("imu.yaw_rate"), pose = w.Schema.IndexOf("drone.yaw_rate");
        double gg = 0, pp = 0, gp = 0;
        for (int i = 20; i < w.Count; i++)
        {
            double a = w.Row(i)[gyro], b = w.Row(i)[pose];
            (gg, pp, gp) = (gg + (a * a), pp + (b * b), gp + (a * b));
        }

        Assert.True(gp / Math.Sqrt(gg * pp) > 0.5, $"correlation {gp / Math.Sqrt(gg * pp)}");
    }

    [DataFact(Bag)]
    public void Its_other_estimate_can_stand_in_for_the_autopilots()
    {
        RobotConfig robot = RobotConfig.Parse(
            "name: ukf\nsources: {odom: {topic: /X500_2/UkfPositioning/Odometry, timeout: 0.5}}\nlimits: {speed: 10, yaw_rate: 6}\nfusion: {trigger: odom}\nfeatures: {drone: {home: {}}}");
        FeatureWindows w = FeatureWindows.FromBag(SharedData.PathOf(Bag), robot);
        Assert.Equal(324, w.Count);
        Assert.All(Column(w, "drone.altitude"), a => Assert.InRange(a, -0.5, 5));
        Assert.InRange(Column(w, "drone.tilt").Max(), 0, 0.6f);
        Assert.All(Column(w, "drone.home_distance"), a => Assert.InRange(a, 0, 15));
    }

    [DataTheory("bags/crazyflie")]
    [InlineData("flybag", 0.0, 2.0, 0.2)]
    [InlineData("pitch0bag", 0.0, 0.3, 1.5)]
    [InlineData("rollbag", 0.0, 0.3, 0.05)]
    [InlineData("yx4bag", 0.0, 0.3, 0.0)]
    public void The_Crazyflie_stays_in_its_room(string bag, double lowest, double highest, double leastTilt)
    {
        // pitch0bag turns the craft over on its stand, flybag takes off and drifts away, in the others it barely moves.
        FeatureWindows w = FeatureWindows.FromBag(SharedData.PathOf("bags/crazyflie/" + bag), Robot("crazyflie"));
        Assert.All(Column(w, "drone.altitude"), a => Assert.InRange(a, lowest - 0.05, highest));
        Assert.All(Column(w, "drone.home_distance"), a => Assert.InRange(a, 0, 4));
        Assert.All(Column(w, "drone.speed"), v => Assert.InRange(v, 0, 5));
        Assert.All(Column(w, "drone.vertical_speed"), v => Assert.InRange(v, -4, 4));
        Assert.InRange(Column(w, "drone.tilt").Max(), leastTilt, Math.PI);
        int upright = w.Robot.Constraints.ToList().FindIndex(c => c.Name == "upright"), all = w.Robot.Constraints.Count;
        bool tips = Enumerable.Range(0, w.Count).Any(i => w.Violations[(i * all) + upright] == Truth.Hazard);
        Assert.Equal(Column(w, "drone.tilt").Max() > 0.5f, tips);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.3, 0, 0)]
    [InlineData(0, 0.2, 0)]
    [InlineData(0, 0, 1.2)]
    [InlineData(-0.2, 0.25, -2)]
    public void A_pose_of_PX4_becomes_one_of_ROS(double roll, double pitch, double heading)
    {
        // PX4: heading clockwise from north, pitch nose up, roll right side down. ROS: yaw anticlockwise from east, pitch nose down, roll right side down.
        RobotConfig robot = Robot("x500");
        FeatureVector? x = null;
        var extractor = new FeatureExtractor(robot, v => x = v);
        (double sr, double cr) = Math.SinCos(roll / 2);
        (double sp, double cp) = Math.SinCos(pitch / 2);
        (double sy, double cy) = Math.SinCos(heading / 2);
        var cdr = new byte[264];
        cdr[1] = 1;
        void Put(int offset, double value) => BitConverter.TryWriteBytes(cdr.AsSpan(4 + offset), (float)value);
        Put(20, 3);
        Put(24, 4);
        Put(28, -2);
        Put(32, (cr * cp * cy) + (sr * sp * sy));
        Put(36, (sr * cp * cy) - (cr * sp * sy));
        Put(40, (cr * sp * cy) + (sr * cp * sy));
        Put(44, (cr * cp * sy) - (sr * sp * cy));
        Assert.True(extractor.OnSerialized(0, cdr, Rig.Start));
        Assert.Equal(roll, x!.Value("drone.roll"), 1e-5);
        Assert.Equal(-pitch, x!.Value("drone.pitch"), 1e-5);
        Assert.Equal(2, x!.Value("drone.altitude"), 1e-5);
        Assert.Equal(5, x!.Value("drone.home_distance"), 1e-5);
        Assert.Equal(Math.Acos(Math.Cos(roll) * Math.Cos(pitch)), x!.Value("drone.tilt"), 1e-4);
    }

    [Fact]
    public void A_senders_clock_is_read_through_bursts_drift_and_reboots()
    {
        var clock = default(SenderClock);
        long worst = 0;
        for (int k = 0; k < 5000; k++)
        {
            // 100 Hz, delivered in bursts of ten with 2 ms of delay for the last; the sender's clock runs slow by 50 ppm.
            long made = k * 10_000_000L, received = Rig.Start + ((k / 10 * 10) + 9) * 10_000_000L + 2_000_000;
            long stamp = clock.ToReceiptTime(made - (made / 20_000), received);
            Assert.True(stamp <= received);
            worst = k < 10 ? 0 : Math.Max(worst, Math.Abs(stamp - (Rig.Start + made + 2_000_000)));
        }

        Assert.InRange(worst, 0, 100_000);
        Assert.Equal(Rig.Start + (100 * Rig.Second), clock.ToReceiptTime(5, Rig.Start + (100 * Rig.Second)));
    }

    [Fact]
    public void A_heading_that_turns_right_is_a_negative_yaw_rate()
    {
        var north = new PoseRecord { Qw = 1 };
        double yaw(PoseRecord p) => Math.Atan2(2 * ((p.Qw * p.Qz) + (p.Qx * p.Qy)), 1 - (2 * ((p.Qy * p.Qy) + (p.Qz * p.Qz))));
        var right = new PoseRecord { Qw = Math.Cos(0.2), Qz = Math.Sin(0.2) };
        Assert.Equal(Math.PI / 2, yaw(north.FromNorthEastDown()), 1e-12);
        Assert.Equal((Math.PI / 2) - 0.4, yaw(right.FromNorthEastDown()), 1e-12);
    }
}
