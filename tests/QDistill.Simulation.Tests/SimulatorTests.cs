using System.Security.Cryptography;
using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Features;
using QDistill.Msgs.StdMsgs;
using QDistill.Ros;

namespace QDistill.Simulation.Tests;

public class SimulatorTests
{
    private static (byte[] Hash, SimulationSummary Summary) Digest(SimulationConfig config, ulong seed, double seconds)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        SimulationSummary summary = new Simulator(config).Run(seed, seconds, (topic, _, log, publish, data) =>
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{topic} {log} {publish}"));
            hash.AppendData(data);
        });
        return (hash.GetHashAndReset(), summary);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_does_not()
    {
        Assert.Equal(Digest(new(), 3, 20).Hash, Digest(new(), 3, 20).Hash);
        Assert.NotEqual(Digest(new(), 3, 20).Hash, Digest(new(), 4, 20).Hash);
    }

    [Fact]
    public void Topics_come_at_their_rates_in_order_of_receipt()
    {
        var counts = new Dictionary<string, int>();
        long last = 0;
        new Simulator(new SimulationConfig { Clock = true }).Run(1, 10, (topic, _, log, publish, _) =>
        {
            counts[topic] = counts.GetValueOrDefault(topic) + 1;
            Assert.True(log >= last && publish <= log);
            last = log;
        });
        Assert.InRange(counts["/agv/scan"], 99, 101);
        Assert.InRange(counts["/agv/odom"], 499, 501);
        Assert.InRange(counts["/agv/imu"], 999, 1001);
        Assert.InRange(counts["/agv/cmd_vel"], 199, 201);
        Assert.InRange(counts["/agv/bumper_pressed"], 199, 201);
        Assert.InRange(counts["/clock"], 999, 1001);
    }

    [Fact]
    public void The_bumper_reports_exactly_the_contacts_that_geometry_has()
    {
        for (ulong seed = 1; seed <= 4; seed++)
        {
            var pressed = new List<long>();
            SimulationSummary summary = new Simulator(new SimulationConfig()).Run(seed, 90, (topic, _, log, _, data) =>
            {
                if (topic == "/agv/bumper_pressed" && Cdr.Deserialize<Bool>(data).Data)
                {
                    pressed.Add(log);
                }
            });
            const long Slack = 60_000_000; // a bumper message every 50 ms, and its latency
            Assert.All(pressed, t => Assert.Contains(summary.Contacts, c => t >= c.StartNs && t <= c.EndNs + Slack));
            Assert.All(summary.Contacts.Where(c => c.StartNs < summary.Contacts[^1].EndNs - Slack), c => Assert.Contains(pressed, t => t >= c.StartNs && t <= c.StartNs + Slack));
        }
    }

    [Fact]
    public void A_bag_is_whole_readable_and_repeatable_and_its_hits_are_labelled()
    {
        using var folder = new TempDirectory();
        SimulationSummary summary = new Simulator(new SimulationConfig()).WriteBag(folder["sim"], 2, 60);
        using (BagReader reader = BagReader.Open(folder["sim"]))
        {
            Assert.Equal("mcap", reader.Info.Storage);
            Assert.Equal(summary.Messages, reader.Info.MessageCount);
            Assert.Equal(60e9, reader.Info.DurationNs, 0.1e9);
            Assert.Empty(reader.Info.Warnings);
        }

        FeatureWindows w = FeatureWindows.FromBag(folder["sim"], RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml")));
        Assert.InRange(w.Count, 598, 601);
        Assert.Empty(w.Warnings);
        Assert.All(summary.Contacts, c => Assert.Contains(w.Events, e => e.StartNs <= c.EndNs + 60_000_000 && e.EndNs >= c.StartNs - 60_000_000));
        Assert.All(w.Events, e => Assert.Contains(summary.Contacts, c => e.StartNs <= c.EndNs + 60_000_000 && e.EndNs >= c.StartNs - 60_000_000));
        Assert.Contains("is there already", Assert.Throws<UserErrorException>(() => new Simulator(new()).WriteBag(folder["sim"], 2, 1)).Message);
    }

    [Fact]
    public void Configuration_refuses_what_it_does_not_know()
    {
        Assert.Equal(12, SimulationConfig.Parse("world: {boxes: 12, room_size: [5, 6]}").Boxes);
        Assert.Contains("did you mean 'boxes'", Assert.Throws<UserErrorException>(() => SimulationConfig.Parse("world: {boxs: 12}")).Message);
        Assert.Contains("[least, most]", Assert.Throws<UserErrorException>(() => SimulationConfig.Parse("world: {room_size: [9, 6]}")).Message);
    }
}
