using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;
using QDistill.Ros;

namespace QDistill.Features.Tests;

/// <summary>Nothing stamped after a vector's time may change one bit of it: tried by changing, removing, shuffling and poisoning all later messages.</summary>
public class NoFutureLeakTests
{
    public static TheoryData<string> Fusions => ["trigger: scan", "trigger: odom, rate: 7", "trigger: rate, rate: 12.5, grace: 0.03"];

    [Theory]
    [MemberData(nameof(Fusions))]
    public void What_comes_after_a_vectors_time_changes_no_bit_of_it(string fusion)
    {
        RobotConfig robot = RobotConfig.Parse(Rig.Yaml + $"\nfusion: {{{fusion}}}\n");
        var original = Rig.Drive(robot, 8, 1);
        List<(long Stamp, float[] Values, byte[] Mask)> expected = Rig.Extract(robot, original);
        Assert.True(expected.Count > 40);
        var random = new Philox(99);
        int compared = 0;
        for (int trial = 0; trial < 40; trial++)
        {
            // All that is received after the cut is fair game; what a vector before the cut says must stay.
            long cut = original[random.NextInt(original.Count)].Receipt;
            var before = original.Where(m => m.Receipt <= cut).ToList();
            var after = original.Where(m => m.Receipt > cut).ToList();
            var changed = (trial % 4) switch
            {
                0 => [],
                1 => Poison(robot, after),
                2 => Shuffle(after, ref random),
                _ => after.Where((_, i) => i % 3 != 0).Concat(Rig.Drive(robot, 8, 500 + (ulong)trial).Where(m => m.Receipt > cut)).OrderBy(m => m.Receipt).ToList(),
            };
            List<(long Stamp, float[] Values, byte[] Mask)> found = Rig.Extract(robot, before.Concat(changed));
            List<(long Stamp, float[] Values, byte[] Mask)> still = Rig.Extract(robot, before);

            // Every vector that was formed before the cut is the same to the bit.
            for (int i = 0; i < still.Count; i++)
            {
                AssertSame(expected[i], still[i]);
                AssertSame(expected[i], found[i]);
                compared++;
            }
        }

        Assert.True(compared > 500);
    }

    [Fact]
    public void Messages_received_early_but_stamped_later_than_a_vector_do_not_shape_it()
    {
        RobotConfig robot = Rig.Robot;
        var clean = Rig.Drive(robot, 4, 3);
        var expected = Rig.Extract(robot, clean);

        // Before each scan, an odometry message stamped 20 ms after that scan arrives: as a sensor with less latency would.
        int scan = robot.Sources.ToList().FindIndex(s => s.Role == SourceRole.Scan), odom = robot.Sources.ToList().FindIndex(s => s.Role == SourceRole.Odom);
        var first = new List<(int, long, byte[])>();
        bool done = false;
        foreach (var m in clean)
        {
            if (m.Source == scan && m.Receipt > Rig.Start + (2 * Rig.Second) && !done)
            {
                done = true;
                var parsed = Cdr.Deserialize<LaserScan>(m.Data);
                first.Add((odom, m.Receipt - 1, Cdr.Serialize(Rig.Odom(parsed.Header.Stamp.ToNanoseconds() + 20_000_000, 1.9, 3))));
                first.Add(m);
                break;
            }

            first.Add(m);
        }

        var found = Rig.Extract(robot, first);
        AssertSame(expected[found.Count - 1], found[^1]);
    }

    [Fact]
    public void Typed_messages_and_serialized_ones_give_the_same_bits()
    {
        RobotConfig robot = Rig.Robot;
        var messages = Rig.Drive(robot, 5, 11);
        var expected = Rig.Extract(robot, messages);
        var found = new List<(long, float[], byte[])>();
        var live = new FeatureExtractor(robot, x => found.Add((x.StampNs, [.. x.Values], [.. x.Validity])));
        foreach ((int source, long receipt, byte[] data) in messages)
        {
            Assert.True(MessageRegistry.TryCreate(robot.Sources[source].Type, out IMessage? message));
            Cdr.Deserialize(data, message);
            live.OnMessage(source, message, receipt);
        }

        Assert.Equal(expected.Count, found.Count);
        for (int i = 0; i < found.Count; i++)
        {
            AssertSame(expected[i], found[i]);
        }
    }

    [Fact]
    public void Nothing_is_allocated_per_message_once_warm()
    {
        RobotConfig robot = Rig.Robot;
        var messages = Rig.Drive(robot, 6, 5);
        int vectors = 0;
        var extractor = new FeatureExtractor(robot, _ => vectors++);
        int warm = messages.Count / 2;
        for (int i = 0; i < warm; i++)
        {
            extractor.OnSerialized(messages[i].Source, messages[i].Data, messages[i].Receipt);
        }

        int before = vectors;
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        for (int i = warm; i < messages.Count; i++)
        {
            extractor.OnSerialized(messages[i].Source, messages[i].Data, messages[i].Receipt);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - bytes);
        Assert.True(vectors > before + 20);
    }

    private static List<(int Source, long Receipt, byte[] Data)> Poison(RobotConfig robot, List<(int Source, long Receipt, byte[] Data)> messages) =>
        [.. messages.Select(m => robot.Sources[m.Source].Role switch
        {
            SourceRole.Odom => (m.Source, m.Receipt, Cdr.Serialize(Rig.Odom(m.Receipt, double.NaN, double.NegativeInfinity))),
            SourceRole.CmdVel => (m.Source, m.Receipt, Cdr.Serialize(Rig.Command(double.NaN, 1e300))),
            SourceRole.Scan => (m.Source, m.Receipt, Cdr.Serialize(Rig.Scan(m.Receipt, _ => double.NaN))),
            _ => (m.Source, m.Receipt, new byte[] { 0, 1, 0, 0, 7 }),
        })];

    private static List<(int Source, long Receipt, byte[] Data)> Shuffle(List<(int Source, long Receipt, byte[] Data)> messages, ref Philox random)
    {
        var array = messages.ToArray();
        random.Shuffle<(int, long, byte[])>(array);
        return [.. array];
    }

    private static void AssertSame((long Stamp, float[] Values, byte[] Mask) expected, (long Stamp, float[] Values, byte[] Mask) found)
    {
        Assert.Equal(expected.Stamp, found.Stamp);
        Assert.Equal(expected.Mask, found.Mask);
        Assert.Equal(expected.Values.Select(BitConverter.SingleToInt32Bits), found.Values.Select(BitConverter.SingleToInt32Bits));
    }
}
