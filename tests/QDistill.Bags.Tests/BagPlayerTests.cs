using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Ros;
using ClockMessage = QDistill.Msgs.RosgraphMsgs.Clock;

namespace QDistill.Bags.Tests;

/// <summary>Playing golden and made bags over DDS; what arrives is compared with what is in the bag.</summary>
public class BagPlayerTests
{
    private const string Golden = "golden/bags/mcap_zstd_small";

    [DataFact(Golden)]
    public async Task Every_message_arrives_in_order_with_its_bytes_and_the_recorded_qos()
    {
        using var domain = new TestDomain();
        using var robot = new RosContext(RosContextOptions.Loopback(domain.Id));
        using var probe = new RosContext(RosContextOptions.Loopback(domain.Id));
        using BagReader reader = BagReader.Open(SharedData.PathOf(Golden));
        Node node = robot.CreateNode("player"), listener = probe.CreateNode("listener");
        var options = new BagPlayOptions
        {
            Rate = 10,
            Remaps = new Dictionary<string, string> { ["/cmd_vel"] = "/recorded/cmd_vel" },
            WaitFor = ["/odom", "/cmd_vel", "/scan", "/imu"],
            WaitTimeout = TimeSpan.FromSeconds(20),
        };
        using var player = new BagPlayer(reader, node, options);
        Assert.Equal(["/imu", "/odom", "/recorded/cmd_vel", "/scan"], player.PublishedTopics.Order());
        var arrived = new List<(string Topic, string Bytes)>();
        foreach (BagTopic topic in reader.Info.Topics)
        {
            string name = topic.Name == "/cmd_vel" ? "/recorded/cmd_vel" : topic.Name;
            listener.CreateGenericSubscription(name, topic.Type, QoSProfile.SensorData with { Depth = 1000 }, (payload, in _) => arrived.Add((topic.Name, Convert.ToHexString(payload))));
        }

        Task<BagPlayStatistics> playing = Task.Run(() => player.Play());
        BagPlayStatistics statistics = await Finish(playing, probe);
        Assert.True(probe.SpinUntil(() => arrived.Count >= 200, TimeSpan.FromSeconds(10)), $"{arrived.Count} of 200 came");
        using BagReader again = BagReader.Open(SharedData.PathOf(Golden));
        var expected = new List<(string Topic, string Bytes)>();
        while (again.Read(out BagMessage m))
        {
            expected.Add((m.Topic.Name, Convert.ToHexString(m.Data)));
        }

        foreach (string topic in new[] { "/odom", "/cmd_vel", "/scan", "/imu" })
        {
            Assert.Equal(expected.Where(m => m.Topic == topic), arrived.Where(m => m.Topic == topic));
            string name = topic == "/cmd_vel" ? "/recorded/cmd_vel" : topic;
            GraphEndpoint endpoint = Assert.Single(listener.GetPublishersInfoByTopic(name));
            Assert.Equal(topic is "/scan" or "/imu" ? ReliabilityPolicy.BestEffort : ReliabilityPolicy.Reliable, endpoint.QoS.Reliability);
            Assert.Equal(reader.Info.FindTopic(topic)!.Type, endpoint.Type);
        }

        Assert.Equal(200, statistics.Messages);
        Assert.False(statistics.Cancelled);

        // 2.5 s of bag at ten times its pace; how much longer it takes is the machine's affair.
        Assert.InRange(statistics.Seconds, 0.25, 20);
        Assert.StartsWith("200 messages in ", statistics.ToString());
    }

    [Fact]
    public async Task The_clock_follows_the_bag_per_message_and_at_a_rate()
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 300, new BagWriteOptions());
        using var domain = new TestDomain();
        using var robot = new RosContext(RosContextOptions.Loopback(domain.Id));
        using var probe = new RosContext(RosContextOptions.Loopback(domain.Id));
        using BagReader reader = BagReader.Open(temp["bag"]);
        Node node = robot.CreateNode("player"), listener = probe.CreateNode("listener");
        var times = new List<long>();
        listener.CreateSubscription<ClockMessage>("/clock", QoSProfile.KeepLast(10_000), (m, _) => times.Add(m.Clock_.ToNanoseconds()));
        foreach (bool perMessage in new[] { true, false })
        {
            times.Clear();
            using var player = new BagPlayer(reader, node, new BagPlayOptions { ClockPerMessage = perMessage, ClockRate = perMessage ? 0 : 200, StartPaused = true });
            Task<BagPlayStatistics> playing = Task.Run(() => player.Play());
            Assert.True(probe.SpinUntil(() => listener.CountPublishers("/clock") == 1 && robot.GetGraph().SubscriptionsOf("/clock").Count == 1, TimeSpan.FromSeconds(20)));
            probe.SpinUntil(() => false, TimeSpan.FromMilliseconds(300));
            Assert.True(player.IsPaused);
            Assert.False(playing.IsCompleted);
            if (!perMessage)
            {
                // Standing still, the clock goes on telling the same time.
                Assert.True(probe.SpinUntil(() => times.Count > 5, TimeSpan.FromSeconds(20)));
                Assert.Single(times.Distinct());
                Assert.Equal(reader.Info.StartNs, times[0]);
            }

            player.Resume();
            await Finish(playing, probe);
            probe.SpinUntil(() => perMessage && times.Count >= 300, TimeSpan.FromSeconds(perMessage ? 10 : 0.2));
            Assert.Equal(times.Order(), times);
            Assert.All(times, t => Assert.InRange(t, reader.Info.StartNs, reader.Info.EndNs));
            if (perMessage)
            {
                Assert.Equal(Sequence.InTimeOrder(300).Select(Sequence.Time), times);
            }
            else
            {
                Assert.True(times.Distinct().Count() > 3);
            }
        }
    }

    [Fact]
    public async Task A_looping_player_stops_at_once_when_cancelled_also_while_paused()
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 100, new BagWriteOptions());
        using var domain = new TestDomain();
        using var robot = new RosContext(RosContextOptions.Loopback(domain.Id));
        using BagReader reader = BagReader.Open(temp["bag"], new BagReadOptions { Topics = ["/a", "/b"] });
        using var player = new BagPlayer(reader, robot.CreateNode("player"), new BagPlayOptions { Loop = true, Rate = double.PositiveInfinity });
        Assert.Equal(["/a", "/b"], player.PublishedTopics.Order());
        foreach (bool pause in new[] { false, true })
        {
            using var stop = new CancellationTokenSource();
            Task<BagPlayStatistics> playing = Task.Run(() => player.Play(stop.Token));
            await Task.Delay(300);
            if (pause)
            {
                player.Pause();
                await Task.Delay(50);
            }

            var watch = Stopwatch.StartNew();
            await stop.CancelAsync();
            BagPlayStatistics played = await playing.WaitAsync(TimeSpan.FromSeconds(10));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
            Assert.True(played.Cancelled);
            Assert.True(played.Rounds > 1);
            Assert.True(played.Messages > 67);
            player.Resume();
        }
    }

    [Fact]
    public void Offsets_choose_the_part_that_is_played()
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 100, new BagWriteOptions());
        using var domain = new TestDomain();
        using var robot = new RosContext(RosContextOptions.Loopback(domain.Id));
        using BagReader reader = BagReader.Open(temp["bag"]);
        var options = new BagPlayOptions { Rate = double.PositiveInfinity, StartOffset = TimeSpan.FromMilliseconds(20), EndOffset = TimeSpan.FromMilliseconds(50) };
        using var player = new BagPlayer(reader, robot.CreateNode("player"), options);
        long start = reader.Info.StartNs;
        Assert.Equal(
            Enumerable.Range(0, 100).Count(i => Sequence.Time(i) >= start + 20_000_000 && Sequence.Time(i) <= start + 50_000_000),
            player.Play().Messages);
        var e = Assert.Throws<UserErrorException>(() => new BagPlayer(reader, robot.CreateNode("other"), new BagPlayOptions { Rate = 0 }));
        Assert.Contains("a rate of 0 is outside", e.Message);
    }

    [Fact]
    public void Publishers_that_differed_become_one_that_matches_all_their_subscriptions()
    {
        Assert.Equal(QoSProfile.Default, OfferedQoS.ToProfile([]));
        Assert.Equal(QoSProfile.SensorData with { Depth = 10 }, OfferedQoS.ToProfile([OfferedQoS.SensorData, OfferedQoS.SensorData with { Depth = 2 }]));
        Assert.Equal(QoSProfile.TransientLocal with { Depth = 12 }, OfferedQoS.ToProfile([.. Enumerable.Repeat(OfferedQoS.TransientLocal, 12)]));
        QoSProfile mixed = OfferedQoS.ToProfile([OfferedQoS.SensorData, OfferedQoS.TransientLocal]);
        Assert.Equal((ReliabilityPolicy.Reliable, DurabilityPolicy.TransientLocal), (mixed.Reliability, mixed.Durability));
        var unknown = new OfferedQoS { History = HistoryPolicy.Unknown, Depth = 0, DeadlineNs = 0, LifespanNs = 0, LivelinessLeaseNs = 0 };
        Assert.Equal(QoSProfile.Default, OfferedQoS.ToProfile([unknown]));
        Assert.Equal(OfferedQoS.SensorData, OfferedQoS.Of(QoSProfile.SensorData));
    }

    /// <summary>Receives until playing has ended: the end of a task does not wake an executor.</summary>
    private static async Task<BagPlayStatistics> Finish(Task<BagPlayStatistics> playing, RosContext receiver)
    {
        for (int i = 0; i < 3000 && !playing.IsCompleted; i++)
        {
            receiver.SpinOnce(TimeSpan.FromMilliseconds(10));
        }

        return await playing.WaitAsync(TimeSpan.FromSeconds(1));
    }
}
