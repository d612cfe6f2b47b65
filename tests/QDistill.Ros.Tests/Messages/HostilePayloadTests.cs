using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>Damaged and malicious payloads: refused with a sentence, within memory and time in proportion to the payload.</summary>
public sealed class HostilePayloadTests
{
    [Fact]
    public void Mutated_and_truncated_payloads_of_every_type_never_do_worse_than_a_CdrException()
    {
        var random = new Random(99);
        int refused = 0, read = 0;
        foreach (string name in RoundTripTests.AllTypes())
        {
            Assert.True(MessageRegistry.TryCreate(name, out IMessage? generated), name);
            MessageDefinition definition = generated.GetMessageType().Structure;
            for (int round = 0; round < 40; round++)
            {
                byte[] payload = Cdr.Serialize(RandomMessages.Make(definition, random));
                Damage(ref payload, random);
                var dynamic = new DynamicMessage(definition);
                long before = GC.GetAllocatedBytesForCurrentThread();
                string? first = Outcome(generated, payload), second = Outcome(dynamic, payload);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                if (name == "sensor_msgs/msg/Range" && first is null && second is not null)
                {
                    // Only the generated class knows Humble's Range, which ends before 'variance'.
                    Assert.Contains("field variance", second, StringComparison.Ordinal);
                    continue;
                }

                Assert.Equal(first, second);
                Assert.True(allocated < 400_000 + (2000L * payload.Length), $"{name}: {allocated} bytes for a payload of {payload.Length}");
                _ = first is null ? read++ : refused++;
                if (first is null)
                {
                    // What was read can be written, and is then stable; but bytes that are not UTF-8 grow, perhaps beyond a bound.
                    byte[]? again = Written(generated);
                    if (again is null)
                    {
                        continue;
                    }

                    Cdr.Deserialize(again, dynamic);
                    Assert.Equal(again, Cdr.Serialize(dynamic));
                }
            }
        }

        Assert.True(refused > 1000 && read > 1000, $"{refused} refused, {read} read");
    }

    [Theory]
    [InlineData("std_msgs/msg/String", "FFFFFFFF")]
    [InlineData("std_msgs/msg/String", "00000080")]
    [InlineData("sensor_msgs/msg/PointCloud", "0000000000000000" + "01000000" + "00000000" + "FFFFFF7F")]
    [InlineData("tf2_msgs/msg/TFMessage", "FFFFFFFF")]
    [InlineData("tf2_msgs/msg/TFMessage", "FFFFFF7F")]
    [InlineData("std_msgs/msg/Float64MultiArray", "00000000" + "00000000" + "FFFFFF1F")]
    [InlineData("rcl_interfaces/msg/ListParametersResult", "FFFFFF3F")]
    public void An_absurd_length_is_refused_before_memory_is_taken_for_it(string type, string body)
    {
        byte[] payload = [0, 1, 0, 0, .. Convert.FromHexString(body), .. new byte[32]];
        Assert.True(MessageRegistry.TryCreate(type, out IMessage? message));
        Assert.Throws<CdrException>(() => Cdr.Deserialize(payload, message)); // warm-up
        long before = GC.GetAllocatedBytesForCurrentThread();
        CdrException e = Assert.Throws<CdrException>(() => Cdr.Deserialize(payload, message));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        Assert.Contains("remain", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Field);
    }

    [Fact]
    public void A_long_sequence_of_nothing_costs_no_more_than_its_payload()
    {
        // 1,000,000 elements are announced, each at least a transform of over 60 bytes: the bytes run out after some 15,000.
        byte[] payload = new byte[1_000_012];
        payload[1] = 1;
        BitConverter.TryWriteBytes(payload.AsSpan(4), 1_000_000);
        var message = new Msgs.Tf2Msgs.TFMessage();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CdrException>(() => Cdr.Deserialize(payload, message));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 20_000_000, $"{allocated}");
    }

    [Fact]
    public void Errors_name_type_field_and_byte()
    {
        var scan = new Msgs.SensorMsgs.LaserScan { Header = { FrameId = "laser" }, Ranges = { 1, 2, 3 } };
        byte[] payload = Cdr.Serialize(scan);
        int at = Array.LastIndexOf(payload, (byte)3, payload.Length - 13);
        payload[at + 1] = 1;
        CdrException e = Assert.Throws<CdrException>(() => Cdr.Deserialize(payload, new Msgs.SensorMsgs.LaserScan()));
        Assert.Equal("sensor_msgs/msg/LaserScan, field ranges: 259 elements of at least 4 bytes are announced, but only 20 bytes remain (byte 52).", e.Message);

        var tree = new Msgs.Tf2Msgs.TFMessage { Transforms = { new() { Header = { FrameId = "map" } }, new() { ChildFrameId = "base" } } };
        e = Assert.Throws<CdrException>(() => Cdr.Deserialize(Cdr.Serialize(tree).AsSpan(0, 150), new Msgs.Tf2Msgs.TFMessage()));
        // By hand: the second transform's doubles begin at byte 124, so byte 150 cuts the fourth, rotation.x (148 to 155).
        Assert.Equal("transforms[1].transform.rotation.x", e.Field);
    }

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("0001", "2 bytes")]
    [InlineData("0003000000000000", "00 03 is not plain CDR")]
    [InlineData("0007000000000000", "00 07 is not plain CDR")]
    [InlineData("7b22646174612200", "7b 22 is not plain CDR")]
    public void A_payload_of_another_encoding_is_refused(string hex, string says)
    {
        CdrException e = Assert.Throws<CdrException>(() => Cdr.Deserialize<Msgs.StdMsgs.UInt32>(Convert.FromHexString(hex)));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("std_msgs/msg/UInt32: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_string_that_is_not_utf8_becomes_replacement_characters_and_one_without_end_is_refused()
    {
        byte[] payload = [0, 1, 0, 0, 4, 0, 0, 0, (byte)'a', 0xff, (byte)'b', 0];
        Msgs.StdMsgs.String message = Cdr.Deserialize<Msgs.StdMsgs.String>(payload);
        Assert.Equal("a\ufffdb", message.Data);
        string first = message.Data;
        Cdr.Deserialize(payload, message);
        Assert.Same(first, message.Data);
        payload[11] = (byte)'c';
        Assert.Contains("NUL", Assert.Throws<CdrException>(() => Cdr.Deserialize(payload, message)).Message, StringComparison.Ordinal);
        Assert.Equal(string.Empty, Cdr.Deserialize<Msgs.StdMsgs.String>([0, 1, 0, 0, 0, 0, 0, 0]).Data);
    }

    [Fact]
    public void Bounds_hold_in_both_directions()
    {
        var node = new Msgs.RmwDdsCommon.NodeEntitiesInfo { NodeName = new('n', 256) };
        Cdr.Serialize(node);
        node.NodeName += "n";
        CdrException e = Assert.Throws<CdrException>(() => Cdr.Serialize(node));
        Assert.Equal("rmw_dds_common/msg/NodeEntitiesInfo, field node_name: a string of 257 bytes exceeds the bound 256 of the type.", e.Message);

        var loose = MessageDefinition.Parse("rmw_dds_common/msg/NodeEntitiesInfo", "string a\nstring b\nuint8[] c\nuint8[] d");
        var dynamic = new DynamicMessage(loose);
        dynamic.Set("b", new string('n', 257));
        e = Assert.Throws<CdrException>(() => Cdr.Deserialize(Cdr.Serialize(dynamic), new Msgs.RmwDdsCommon.NodeEntitiesInfo()));
        Assert.Equal("node_name", e.Field);

        var descriptor = new Msgs.RclInterfaces.ParameterDescriptor { IntegerRange = { new() } };
        Assert.Throws<ArgumentException>(() => descriptor.IntegerRange.Add(new()));
        Assert.Throws<ArgumentException>(() => descriptor.IntegerRange.Resize(2));
        byte[] payload = Cdr.Serialize(descriptor);
        payload[^28] = 2; // the count of integer_range
        e = Assert.Throws<CdrException>(() => Cdr.Deserialize([.. payload, .. new byte[64]], descriptor));
        Assert.Equal("integer_range", e.Field);
    }

    [Fact]
    public void Octets_other_than_0_and_1_are_true_in_single_bools_and_in_sequences()
    {
        Assert.True(Cdr.Deserialize<Msgs.StdMsgs.Bool>([0, 1, 0, 0, 7]).Data);
        var dynamic = DynamicMessage.Deserialize(MessageDefinition.Parse("a/msg/B", "bool[] x"), [0, 1, 0, 0, 3, 0, 0, 0, 0, 1, 200]);
        Assert.Equal("000100000300000000" + "0101", Convert.ToHexString(Cdr.Serialize(dynamic)));
    }

    private static void Damage(ref byte[] payload, Random random)
    {
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(payload.Length);
            switch (random.Next(4))
            {
                case 0:
                    payload[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    payload[at] = (byte)random.Next(256);
                    break;
                case 2:
                    payload = payload[..at];
                    break;
                default:
                    // A large or absurd count somewhere.
                    at &= ~3;
                    if (at + 4 <= payload.Length)
                    {
                        BitConverter.TryWriteBytes(payload.AsSpan(at), random.Next(2) == 0 ? uint.MaxValue >> random.Next(32) : (uint)random.Next(100));
                    }

                    break;
            }

            if (payload.Length == 0)
            {
                return;
            }
        }
    }

    private static byte[]? Written(IMessage message)
    {
        try
        {
            return Cdr.Serialize(message);
        }
        catch (CdrException e) when (e.Message.Contains("exceeds the bound", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static string? Outcome(IMessage message, byte[] payload)
    {
        try
        {
            Cdr.Deserialize(payload, message);
            return null;
        }
        catch (CdrException e)
        {
            return e.Message;
        }
    }
}
