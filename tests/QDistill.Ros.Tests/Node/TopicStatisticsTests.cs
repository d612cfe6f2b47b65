using System.Text.Json;
using QDistill.Configuration;
using QDistill.Msgs.SensorMsgs;
using QDistill.Msgs.StatisticsMsgs;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

public sealed class TopicStatisticsTests
{
    private static readonly int[] Order = [1, 3, 2, 5, 4];

    [DataFact("golden/behaviour/topic_statistics.json")]
    public void The_same_measurements_give_the_bytes_that_a_real_node_published()
    {
        int compared = 0;
        foreach (JsonElement run in Runs())
        {
            foreach (JsonElement hex in run.GetProperty("raw_hex").EnumerateArray())
            {
                byte[] golden = Convert.FromHexString(hex.GetString()!);
                MetricsMessage theirs = Cdr.Deserialize<MetricsMessage>(golden);
                Assert.Equal(Order, theirs.Statistics.ToArray().Select(s => (int)s.DataType));
                double count = theirs.Statistics[3].Data, maximum = theirs.Statistics[1].Data, minimum = theirs.Statistics[2].Data;
                Assert.InRange(count, 1, 2); // so that the measurements are known but for their order
                double[][] orders = count == 1 ? [[minimum]] : [[minimum, maximum], [maximum, minimum]];
                Assert.Contains(golden, orders.Select(o => Compose(theirs, o)));
                compared++;
            }
        }

        Assert.Equal(8, compared);
    }

    [Fact]
    public void Statistics_are_those_of_the_definition()
    {
        var random = new Random(3);
        double[] values = [.. Enumerable.Range(0, 1000).Select(_ => 100 + random.NextDouble())];
        var statistics = default(MovingStatistics);
        Assert.True(double.IsNaN(statistics.Average) && double.IsNaN(statistics.Minimum) && double.IsNaN(statistics.StandardDeviation));
        foreach (double v in values)
        {
            statistics.Add(v);
            statistics.Add(double.NaN);
        }

        double mean = values.Average();
        Assert.Equal(1000, statistics.Count);
        Assert.Equal(mean, statistics.Average, 12);
        Assert.Equal((values.Min(), values.Max()), (statistics.Minimum, statistics.Maximum));
        Assert.Equal(Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length), statistics.StandardDeviation, 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_node_publishes_age_and_period_of_each_subscription_as_a_real_one_does(bool intra)
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open(o => o with { UseIntraProcess = intra });
        Node node = context.CreateNode("statsnode", "st"), source = context.CreateNode("source");
        Node listener = ros.Node("listener");
        var options = new SubscriptionOptions { TopicStatistics = new TopicStatisticsOptions { PublishPeriod = TimeSpan.FromMilliseconds(300) } };
        int texts = 0;
        node.CreateSubscription<String>("plain", null, _ => texts++, options);
        Subscription<Imu> stamped = node.CreateSubscription<Imu>("stamped", null, (_, _) => { }, options);
        var got = new List<MetricsMessage>();
        listener.CreateSubscription<MetricsMessage>("/statistics", QoSProfile.KeepLast(100), m =>
        {
            var copy = new MetricsMessage();
            copy.CopyFrom(m);
            got.Add(copy);
        });
        Publisher<String> plain = source.CreatePublisher<String>("/st/plain");
        TestNodes.AwaitMatched(plain);
        TestNodes.Await(() => listener.GetPublishersInfoByTopic("/statistics").Count(p => p.Node is not null) == 2, "two publishers are seen");

        // As the record has it: topic, node, type, quality of service.
        foreach ((GraphEndpoint ours, JsonElement golden) in listener.GetPublishersInfoByTopic("/statistics").Zip(Runs().First().GetProperty("publishers").EnumerateArray()))
        {
            Assert.Equal((golden.GetProperty("ns").GetString(), golden.GetProperty("node").GetString()), (ours.Node!.Namespace, ours.Node.Name));
            Assert.Equal((golden.GetProperty("topic").GetString(), golden.GetProperty("type").GetString()), (ours.Name, ours.Type));
            Assert.Equal("RELIABLE VOLATILE KEEP_LAST 1", golden.GetProperty("qos").GetString());
            Assert.Equal((ReliabilityPolicy.Reliable, DurabilityPolicy.Volatile, HistoryPolicy.KeepLast, 1), (ours.QoS.Reliability, ours.QoS.Durability, ours.QoS.History, ours.QoS.Depth));
        }

        MetricsMessage? Find(string metric) => got.FirstOrDefault(m => m.MetricsSource == metric && m.Statistics[3].Data >= 2);
        long next = 0;
        TestNodes.Await(
            () =>
            {
                if (Clock.Steady.Now > next)
                {
                    plain.Publish(TestNodes.Text("x"), Clock.System.Now - 20_000_000); // 20 ms old
                    next = Clock.Steady.Now + 30_000_000;
                }

                context.SpinOnce(TimeSpan.Zero);
                listener.Context.SpinOnce(TimeSpan.Zero);
                return Find("message_age") is not null && Find("message_period") is not null && got.Any(m => m.Statistics[3].Data == 0);
            },
            "both figures and those of the silent subscription are published");
        foreach (MetricsMessage m in got)
        {
            Assert.Equal(("statsnode", "ms"), (m.MeasurementSourceName, m.Unit));
            Assert.Equal(Order, m.Statistics.ToArray().Select(s => (int)s.DataType));
            Assert.InRange(m.WindowStop.ToNanoseconds() - m.WindowStart.ToNanoseconds(), 1, 60_000_000_000);
        }

        // A timer keeps its phase: a window that a busy machine ended late is followed by a shorter one.
        Assert.Contains(got, m => m.WindowStop.ToNanoseconds() - m.WindowStart.ToNanoseconds() >= 250_000_000);

        Assert.InRange(Find("message_age")!.Statistics[2].Data, 20, 60_000);
        Assert.InRange(Find("message_period")!.Statistics[0].Data, 20, 60_000);
        Assert.True(double.IsNaN(got.First(m => m.Statistics[3].Data == 0).Statistics[0].Data));

        // Each window begins where the one before ended, and nothing is left when the subscription goes.
        MetricsMessage[] ages = [.. got.Where(m => m.MetricsSource == "message_age" && m.Statistics[3].Data > 0)];
        Assert.All(ages.Zip(ages.Skip(1)), p => Assert.True(p.Second.WindowStart.ToNanoseconds() >= p.First.WindowStop.ToNanoseconds()));
        stamped.Dispose();
        TestNodes.Await(() => listener.CountPublishers("/statistics") == 1, "its publisher is gone");
    }

    [Fact]
    public void The_topic_may_be_another_and_a_period_of_nothing_is_refused()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("statsnode", "st");
        node.CreateSubscription<String>("t", null, _ => { }, new SubscriptionOptions { TopicStatistics = new TopicStatisticsOptions { PublishTopic = "my_stats" } });
        Assert.Equal(1, node.CountPublishers("/st/my_stats"));
        UserErrorException e = Assert.Throws<UserErrorException>(() => node.CreateSubscription<String>(
            "t", null, _ => { }, new SubscriptionOptions { TopicStatistics = new TopicStatisticsOptions { PublishPeriod = TimeSpan.Zero } }));
        Assert.Contains("greater than 0", e.Message);
    }

    private static byte[] Compose(MetricsMessage like, double[] values)
    {
        var statistics = default(MovingStatistics);
        foreach (double value in values)
        {
            statistics.Add(value);
        }

        return Cdr.Serialize(TopicStatistics.Compose(like.MeasurementSourceName, like.MetricsSource, like.WindowStart.ToNanoseconds(), like.WindowStop.ToNanoseconds(), in statistics));
    }

    private static JsonElement[] Runs() =>
        [.. JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/behaviour/topic_statistics.json"))).RootElement.GetProperty("runs").EnumerateObject().Select(r => r.Value)];
}
