using QDistill.Features;
using QDistill.Msgs.GeometryMsgs;
using QDistill.Ros;

namespace QDistill.Simulation.Tests;

public class DroneSimulatorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        Assert.Equal(Digest(3), Digest(3));
        Assert.NotEqual(Digest(3), Digest(4));

        static string Digest(ulong seed)
        {
            using var sha = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
            new DroneSimulator(new DroneConfig()).Run(seed, 5, (topic, _, log, _, data) =>
            {
                sha.AppendData(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{topic} {log}")));
                sha.AppendData(data);
            });
            return Convert.ToHexString(sha.GetHashAndReset());
        }
    }

    [Fact]
    public void Messages_come_at_their_rates_and_in_the_order_of_their_receipt()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        long last = 0;
        new DroneSimulator(new DroneConfig()).Run(1, 10, (topic, _, log, publish, _) =>
        {
            counts[topic] = counts.GetValueOrDefault(topic) + 1;
            Assert.True(log > last && publish <= log);
            last = log;
        });

        Assert.Equal(
            [("/drone/battery", 20), ("/drone/impact", 200), ("/drone/imu", 1000), ("/drone/pose", 500), ("/drone/range", 200), ("/drone/setpoint", 100)],
            counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, c.Value)));
    }

    [Fact]
    public void A_whole_drone_in_calm_air_with_an_unhurried_pilot_holds_its_set_points_and_never_comes_down_hard()
    {
        var calm = new DroneConfig { Gusts = (0, 0), DowndraughtInterval = 1e9, FaultShare = 0, HastyShare = 0, OverdueShare = 0 };
        double worst = 0;
        Point? set = null;
        double settled = 0;
        DroneSummary summary = new DroneSimulator(calm).Run(2, 120, (topic, _, log, _, data) =>
        {
            if (topic == "/drone/setpoint")
            {
                Point next = Cdr.Deserialize<PoseStamped>(data).Pose.Position;
                settled = set is not null && set.X == next.X && set.Z == next.Z ? settled + 0.1 : 0;
                set = next;
            }
            else if (topic == "/drone/pose" && settled > 7 && set!.Z > 0.5)
            {
                Point p = Cdr.Deserialize<PoseStamped>(data).Pose.Position;
                worst = Math.Max(worst, Math.Abs(p.Z - set.Z));
            }
        });

        Assert.Empty(summary.Impacts);
        Assert.InRange(worst, 0.001, 0.25);
        Assert.True(summary.Distance > 100);
    }

    [Fact]
    public void Every_cause_of_impacts_occurs_and_the_robot_file_finds_each_impact_as_a_hazard()
    {
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_drone.yaml"));
        FeatureWindows windows = FeatureWindows.Start("flight", robot, out FeatureExtractor extractor);
        var all = new List<DroneImpact>();
        for (ulong seed = 1; seed <= 4; seed++)
        {
            all.AddRange(new DroneSimulator(new DroneConfig()).Run(seed, 240, (topic, _, log, _, data) =>
            {
                if (seed == 1)
                {
                    extractor.OnSerialized(extractor.SourceOfTopic(topic), data, log);
                }
            }).Impacts);
            if (seed == 1)
            {
                windows.Complete();
                Assert.Equal(all.Count, windows.Events.Count);
            }
        }

        Assert.Contains(all, i => i.PropellerLoss > 0.3);
        Assert.Contains(all, i => i.PropellerLoss == 0);
        Assert.InRange(all.Count, 6, 60);
        Assert.Contains(Truth.Hazard, windows.Collision);
        Assert.Contains(Truth.Safe, windows.Collision);
    }

    [Fact]
    public void A_damaged_propeller_is_felt_as_vibration_before_it_brings_the_drone_down()
    {
        double whole = Shake(0), damaged = Shake(0.4);

        Assert.True(damaged > 3 * whole, $"{damaged} against {whole}");

        static double Shake(double loss)
        {
            var body = new DroneBody(new DroneConfig { Gusts = (0, 0), DowndraughtInterval = 1e9 }, 1);
            var sensors = new DroneSensors(1);
            body.Prepare(1);
            body.Damage(loss, 0.001);
            double sum = 0;
            for (int i = 0; i < 400; i++)
            {
                body.Step(0.0025, 0, 0, 1);
                if (i >= 200)
                {
                    sensors.MeasureImu(body, 0);
                    sum += Math.Pow(sensors.Imu.LinearAcceleration.Z - body.Thrust, 2);
                }
            }

            return Math.Sqrt(sum / 200);
        }
    }
}
