using QDistill.Configuration;
using QDistill.Evaluation.Conditions;
using QDistill.Features;
using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;
using Path = System.IO.Path;

namespace QDistill.Evaluation.Tests.Conditions;

public class ConditionTests
{
    private const string Rig = """
        name: rig
        sources:
          scan: {topic: /scan}
          odom: {topic: /odom}
          imu: {topic: /accel, type: test_msgs/msg/Accel, fields: [x, y, z], scale: 9.80665}
          cmd_vel: {topic: /cmd_vel}
          contact: {topic: /bump}
        message_definitions:
          test_msgs/msg/Accel: "float32 x\nfloat32 y\nfloat32 z\n"
        footprint: {length: 0.6, width: 0.4}
        limits: {speed: 2, yaw_rate: 4}
        horizon: 2
        features: {motion: {}, command: {}, lidar: {sectors: 8}}
        """;

    [Fact]
    public void Noise_bias_and_scale_have_the_moments_asked_for()
    {
        float[] r = [.. Run("scan: {noise: 0.05, bias: 0.2, scale: 0.1}", 400, Scan).SelectMany(m => Decode<LaserScan>(m.Data).Ranges.ToArray())];
        double mean = r.Average(), deviation = Math.Sqrt(r.Average(v => (v - mean) * (v - mean)));
        int n = r.Length;
        Assert.Equal(400 * 36, n);
        Assert.InRange(mean, 2.4 - (5 * 0.05 / Math.Sqrt(n)), 2.4 + (5 * 0.05 / Math.Sqrt(n))); // 2 m, 10 % longer, and 0.2 m
        Assert.InRange(deviation, 0.05 * (1 - (5 / Math.Sqrt(2 * n))), 0.05 * (1 + (5 / Math.Sqrt(2 * n))));
    }

    [Fact]
    public void Lost_beams_are_no_measurement_and_never_free_space()
    {
        float[][] scans = [.. Run("scan: {beam_loss: 0.3}", 300, Scan).Select(m => Decode<LaserScan>(m.Data).Ranges.ToArray())];
        int lost = scans.Sum(s => s.Count(float.IsNaN));
        double p = lost / (300.0 * 36);
        Assert.InRange(p, 0.3 - (5 * Math.Sqrt(0.21 / (300 * 36))), 0.3 + (5 * Math.Sqrt(0.21 / (300 * 36))));
        Assert.DoesNotContain(scans, s => s.Any(float.IsPositiveInfinity));
        Assert.True(scans.Select(s => string.Join(' ', s)).Distinct().Count() > 290); // others in every scan

        string[] dead = [.. Run("scan: {dead_beams: 0.3}", 50, Scan).Select(m => string.Join(' ', Decode<LaserScan>(m.Data).Ranges.ToArray())).Distinct()];
        Assert.Single(dead); // the same all along
        Assert.Contains("NaN", dead[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_sector_is_lost_by_its_angles()
    {
        float[] r = Decode<LaserScan>(Run("scan: {sector_from: -30, sector_width: 60}", 1, Scan)[0].Data).Ranges.ToArray();
        for (int i = 0; i < 36; i++)
        {
            double degrees = -180 + (i * 10);
            Assert.Equal(degrees is >= -30 and < 30, float.IsNaN(r[i]));
        }
    }

    [Theory]
    [InlineData(12)]
    [InlineData(9)]
    [InlineData(72)]
    public void Another_lidar_sees_the_same_world_with_its_own_beams_and_reach(int beams)
    {
        var scan = new LaserScan { AngleMin = -MathF.PI, AngleIncrement = 2 * MathF.PI / 36, RangeMin = 0.1f, RangeMax = 12 };
        for (int i = 0; i < 36; i++)
        {
            scan.Ranges.Add(1 + (0.1f * i));
        }

        LaserScan m = Decode<LaserScan>(Run($"scan: {{beams: {beams}, range_max: 3}}", 1, _ => scan)[0].Data);
        Assert.Equal((beams, 3f), (m.Ranges.Count, m.RangeMax));
        Assert.Equal(2 * Math.PI / beams, m.AngleIncrement, 5);
        for (int i = 0; i < beams; i++)
        {
            double angle = m.AngleMin + (i * (double)m.AngleIncrement);
            int nearest = (int)Math.Round((angle + Math.PI) / (2 * Math.PI / 36)) % 36;
            float far = m.Ranges[i];
            int other = (int)Math.Round(far * 10) - 10;
            Assert.True(far == float.PositiveInfinity ? nearest >= 19 : Math.Abs(other - nearest) <= (beams > 36 ? 1 : 0), $"beam {i} sees {far}, its nearest was {nearest}");
        }
    }

    [Theory]
    [InlineData("dropout: 0.2", 1.25)] // independent losses: runs of geometric length 1 / (1 − p)
    [InlineData("dropout: 0.2, dropout_length: 5", 5)]
    public void Messages_are_lost_at_the_share_and_in_the_bursts_asked_for(string keys, double length)
    {
        const int Count = 20_000;
        long[] left = [.. Run($"odom: {{{keys}}}", Count, Odom).Select(m => m.Receipt)];
        double share = 1 - ((double)left.Length / Count);
        Assert.InRange(share, 0.2 - 0.03, 0.2 + 0.03);
        int bursts = 0;
        for (int i = 1; i < left.Length; i++)
        {
            bursts += left[i] - left[i - 1] > 10_000_000 ? 1 : 0;
        }

        Assert.InRange((Count - left.Length) / (double)bursts, length * 0.9, length * 1.1);
    }

    [Fact]
    public void Late_messages_come_in_order_of_their_receipt_with_their_own_stamps()
    {
        // Scans 0.25 s late, odometry on time: what the extractor gets is sorted by receipt.
        var sent = new List<(int, byte[], long)>();
        for (int k = 0; k < 50; k++)
        {
            sent.Add((k % 2, k % 2 == 0 ? Cdr.Serialize(Scan(k)) : Cdr.Serialize(Odom(k)), k * 100_000_000L));
        }

        List<(int Source, byte[] Data, long Receipt)> got = Through("scan: {latency: 0.25}", sent);
        Assert.Equal(50, got.Count);
        Assert.Equal(got.Select(g => g.Receipt).Order(), got.Select(g => g.Receipt));
        Assert.All(got.Where(g => g.Source == 0), g => Assert.Equal(g.Receipt - 250_000_000, Decode<LaserScan>(g.Data).Header.Stamp.ToNanoseconds()));
        Assert.All(got.Where(g => g.Source == 1), g => Assert.Equal(g.Receipt, Decode<Odometry>(g.Data).Header.Stamp.ToNanoseconds()));
    }

    [Fact]
    public void Custom_types_are_disturbed_in_their_own_unit()
    {
        Condition c = Parse("imu: {acceleration_bias: 9.80665}");
        RobotConfig robot = RobotConfig.Parse(Rig);
        byte[] cdr = new byte[16];
        cdr[1] = 1;
        byte[]? got = null;
        IMessageStream stream = c.Begin("r", robot, (_, data, _) => got = data.ToArray());
        stream.Take(2, cdr, 0);
        Assert.Equal([1f, 1f, 1f], Enumerable.Range(0, 3).Select(i => BitConverter.ToSingle(got!, 4 + (4 * i)))); // one g, as the driver counts
    }

    [Fact]
    public void The_same_seed_disturbs_alike_and_a_stronger_condition_is_the_same_one_stronger()
    {
        byte[][] once = [.. Run("scan: {noise: 0.02, dropout: 0.1}", 200, Scan).Select(m => m.Data)], again = [.. Run("scan: {noise: 0.02, dropout: 0.1}", 200, Scan).Select(m => m.Data)];
        Assert.Equal(once.Select(Convert.ToHexString), again.Select(Convert.ToHexString));
        Assert.NotEqual(once.Select(Convert.ToHexString), Run("seed: 2\nscan: {noise: 0.02, dropout: 0.1}", 200, Scan).Select(m => Convert.ToHexString(m.Data)));

        HashSet<long> weak = [.. Run("scan: {dropout: 0.1}", 500, Scan).Select(m => m.Receipt)], strong = [.. Run("scan: {dropout: 0.4}", 500, Scan).Select(m => m.Receipt)];
        Assert.True(strong.IsSubsetOf(weak));
        float[] one = Decode<LaserScan>(Run("scan: {noise: 0.01}", 1, Scan)[0].Data).Ranges.ToArray(), three = Decode<LaserScan>(Run("strength: 3\nscan: {noise: 0.01}", 1, Scan)[0].Data).Ranges.ToArray();
        Assert.All(one.Zip(three), r => Assert.Equal(3 * (r.First - 2), r.Second - 2, 5));
    }

    [Theory]
    [InlineData("scan: {nose: 0.1}", "unknown key 'scan.nose'", "noise")]
    [InlineData("scan: {dropout: 1.5}", "1.5 is outside [0, 1]", "")]
    [InlineData("seed: 3", "disturbs nothing", "scan: {noise: 0.03}")]
    [InlineData("strength: [1, 2]\nscan: {beams: 90}", "multiplies nothing", "")]
    [InlineData("strength: [1, 10]\nscan: {beam_loss: 0.2}", "more than 1", "")]
    [InlineData("range: {noise: 1}", "which the robot 'rig' does not have", "scan")]
    [InlineData("battery: {latency: 1}", "which the robot 'rig' does not have", "scan")]
    [InlineData("scan: {dropout: 0.9, dropout_length: 2}", "needs bursts longer", "")]
    public void What_a_condition_cannot_mean_is_refused_in_a_sentence(string yaml, string what, string hint)
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => Parse(yaml).Begin("r", RobotConfig.Parse(Rig), (_, _, _) => { }));
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
        Assert.Contains(hint, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_condition_reads_back_from_its_own_text()
    {
        Condition c = Parse("strength: 2\nscan: {noise: 0.01, beams: 90}\nodom: {latency: 0.1}");
        Assert.Equal("seed: 1\nodom: {latency: 0.2}\nscan: {beams: 90, noise: 0.02}\n", c.ToYaml());
        Assert.Equal(c.ToYaml(), Parse(c.ToYaml()).ToYaml());
    }

    [DataFact("bags/gazebo_agv/gazebo_agv_1")]
    public void A_real_bag_loses_windows_but_keeps_its_truth()
    {
        string bag = SharedData.PathOf("bags/gazebo_agv/gazebo_agv_1");
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "gazebo_agv.yaml"));
        FeatureWindows clean = FeatureWindows.FromBag(bag, robot), hurt = FeatureWindows.FromBag(bag, robot, null, default, Parse("scan: {dropout: 0.3, noise: 0.5}"));
        Assert.Equal((clean.Count, clean.Count), (clean.UndisturbedCount, hurt.UndisturbedCount));
        Assert.InRange(hurt.Count, (int)(0.6 * clean.Count), (int)(0.8 * clean.Count));
        Assert.Equal(clean.Events, hurt.Events);
        var truth = new Dictionary<long, Truth>();
        for (int i = 0; i < clean.Count; i++)
        {
            truth[clean.Stamps[i]] = clean.Collision[i];
        }

        int alike = 0;
        for (int i = 0; i < hurt.Count; i++)
        {
            Assert.Equal(truth[hurt.Stamps[i]], hurt.Collision[i]);
            alike += hurt.Row(i).SequenceEqual(clean.Row(i)) ? 1 : 0;
        }

        Assert.True(alike < hurt.Count / 100);
    }

    private static LaserScan Scan(int k)
    {
        var scan = new LaserScan { AngleMin = -MathF.PI, AngleIncrement = 2 * MathF.PI / 36, RangeMin = 0.1f, RangeMax = 12 };
        scan.Header.Stamp.SetNanoseconds(k * 100_000_000L);
        for (int i = 0; i < 36; i++)
        {
            scan.Ranges.Add(2);
        }

        return scan;
    }

    private static Odometry Odom(int k)
    {
        var odometry = new Odometry();
        odometry.Header.Stamp.SetNanoseconds(k * 100_000_000L);
        odometry.Pose.Pose.Orientation.W = 1;
        return odometry;
    }

    private static Condition Parse(string yaml)
    {
        ConfigSection section = ConfigFile.Parse(yaml, "condition.yaml");
        IReadOnlyList<Condition> all = Condition.Read(section, "c");
        section.RejectUnknownKeys();
        return all[0];
    }

    /// <summary>Messages of one source (scan or odometry), 10 ms apart.</summary>
    private static List<(int Source, byte[] Data, long Receipt)> Run(string yaml, int count, Func<int, IMessage> make) =>
        Through(yaml, Enumerable.Range(0, count).Select(k => make(k)).Select((m, k) => (m is LaserScan ? 0 : 1, Cdr.Serialize(m), k * 10_000_000L)));

    private static List<(int Source, byte[] Data, long Receipt)> Through(string yaml, IEnumerable<(int Source, byte[] Data, long Receipt)> messages)
    {
        var got = new List<(int, byte[], long)>();
        IMessageStream stream = Parse(yaml).Begin("run", RobotConfig.Parse(Rig), (source, data, receipt) => got.Add((source, data.ToArray(), receipt)));
        foreach ((int source, byte[] data, long receipt) in messages)
        {
            stream.Take(source, data, receipt);
        }

        stream.Complete();
        return got;
    }

    private static T Decode<T>(byte[] cdr)
        where T : class, IMessage<T>, new() => Cdr.Deserialize<T>(cdr);
}
