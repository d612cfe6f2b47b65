using QDistill.Bags;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;
using ClockMessage = QDistill.Msgs.RosgraphMsgs.Clock;

namespace QDistill.Onboard.Tests;

public class FusionNodeTests
{
    // The receipt times of a bag are its log times; live they are the node's clock. So /clock is set to each message's log time before it is published.
    [DataTheory("bags/turtlebot3", "bags/gazebo_agv", "bags/neato")]
    [InlineData("bags/turtlebot3", "turtlebot3")]
    [InlineData("bags/gazebo_agv/gazebo_agv_1", "gazebo_agv")]
    [InlineData("bags/neato/bags/test-bag", "neato")]
    public void Features_over_DDS_are_those_of_the_bag_bit_for_bit(string bag, string robotName)
    {
        string path = SharedData.PathOf(bag);
        if (Directory.GetDirectories(path) is [var only, ..])
        {
            path = only;
        }

        string robotFile = Path.Combine(SharedData.Repository, "robots", robotName + ".yaml");
        FeatureWindows offline = FeatureWindows.FromBag(path, RobotConfig.Load(robotFile));

        using var domain = new TestDomain();
        using var robot = new RosContext(RosContextOptions.Loopback(domain.Id));
        using var probe = new RosContext(RosContextOptions.Loopback(domain.Id));
        using BagReader reader = BagReader.Open(path, new BagReadOptions { Topics = [.. offline.Robot.Sources.Select(s => s.Topic)] });
        Node player = probe.CreateNode("player");
        Publisher<ClockMessage> clock = player.CreatePublisher<ClockMessage>("/clock", QoSProfile.Clock);
        var publishers = reader.Info.Topics.Where(t => offline.Robot.Sources.Any(s => s.Topic == t.Name)).ToDictionary(
            t => t.Name, t => player.CreateGenericPublisher(t.Name, new MessageType(t.Type, string.Empty, t.Definition ?? string.Empty), QoSProfile.Default));
        using var node = new FeatureFusionNode(
            robot,
            new FeatureFusionOptions { Robot = robotFile, QoS = new() { InputReliable = true, OutputDepth = 10_000 } },
            new NodeStart("feature_fusion", null, new NodeOptions { UseSimTime = true }));
        node.Configure();
        node.Activate();
        var live = new List<FusedFeatures>();
        player.CreateSubscription<FusedFeatures>("/feature_fusion/output/features", QoSProfile.KeepLast(10_000), (m, _) => live.Add(NodeHarness.Copy(m)));

        bool Matched() => clock.MatchedCount == 1 && publishers.Values.All(p => p.MatchedCount == 1);
        Assert.True(robot.SpinUntil(Matched, TimeSpan.FromSeconds(10)));
        robot.SpinOnce(TimeSpan.FromMilliseconds(50));
        Assert.True(robot.SpinUntil(Matched, TimeSpan.FromSeconds(10))); // types adopted meanwhile
        Assert.True(probe.SpinUntil(() => player.CountPublishers("/feature_fusion/output/features") == 1, TimeSpan.FromSeconds(10)));

        var tick = new ClockMessage();
        long end = reader.Info.StartNs + 20_000_000_000;
        long sent = 0;
        while (reader.Read(out BagMessage message) && message.LogTime < end)
        {
            long time = message.LogTime;
            tick.Clock_.SetNanoseconds(time);
            clock.Publish(tick);
            Assert.True(robot.SpinUntil(() => node.Node.Clock.Now == time, TimeSpan.FromSeconds(10)), "the clock did not arrive");
            publishers[message.Topic.Name].Publish(message.Data);
            sent++;
            Assert.True(robot.SpinUntil(() => Received(node.Extractor!) == sent, TimeSpan.FromSeconds(10)), "the message did not arrive");
        }

        // The last few may hang on messages logged after the end.
        int expected = Formed(offline, end) - 3;
        Assert.True(expected > 50, $"only {expected} windows");
        Assert.True(probe.SpinUntil(() => live.Count >= expected, TimeSpan.FromSeconds(10)), $"{live.Count} of {expected} came");
        int compared = Math.Min(live.Count, expected);
        int d = offline.FeatureCount, mask = offline.MaskLength;
        for (int i = 0; i < compared; i++)
        {
            Assert.Equal(offline.Stamps[i], live[i].Header.Stamp.ToNanoseconds());
            Assert.Equal(offline.OldestSources[i], live[i].OldestSource.ToNanoseconds());
            Assert.Equal(offline.Masks.Slice(i * mask, mask).ToArray(), live[i].Validity.ToArray());
            Assert.Equal(
                offline.Values.Slice(i * d, d).ToArray().Select(BitConverter.SingleToInt32Bits),
                live[i].Values.ToArray().Select(BitConverter.SingleToInt32Bits));
        }

        Assert.Equal(offline.Schema.Id, live[0].SchemaId);
        Assert.Equal(offline.Robot.BaseFrame, live[0].Header.FrameId);
    }

    private static int Formed(FeatureWindows windows, long before)
    {
        int n = 0;
        while (n < windows.Count && windows.Stamps[n] < before)
        {
            n++;
        }

        return n;
    }

    private static long Received(FeatureExtractor extractor)
    {
        long n = 0;
        for (int i = 0; i < extractor.Robot.Sources.Count; i++)
        {
            n += extractor.Status(i).Received;
        }

        return n;
    }
}
