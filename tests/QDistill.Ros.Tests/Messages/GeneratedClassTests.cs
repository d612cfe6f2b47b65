using QDistill.Msgs.BuiltinInterfaces;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>The shape of generated code that the other rooms rely on.</summary>
public sealed class GeneratedClassTests
{
    [Theory]
    [InlineData(0, 0, 0u)]
    [InlineData(1_500_000_000, 1, 500_000_000u)]
    [InlineData(-1, -1, 999_999_999u)]
    [InlineData(-1_000_000_000, -1, 0u)]
    [InlineData(2_147_483_647_999_999_999, int.MaxValue, 999_999_999u)]
    [InlineData(-2_147_483_648_000_000_000, int.MinValue, 0u)]
    public void Times_and_durations_convert_to_nanoseconds_and_back(long nanoseconds, int sec, uint nanosec)
    {
        var time = new Time();
        time.SetNanoseconds(nanoseconds);
        Assert.Equal((sec, nanosec), (time.Sec, time.Nanosec));
        Assert.Equal(nanoseconds, time.ToNanoseconds());
        var duration = new Duration();
        duration.SetNanoseconds(nanoseconds);
        Assert.Equal((sec, nanosec), (duration.Sec, duration.Nanosec));
        Assert.Equal(nanoseconds, duration.ToNanoseconds());
        Assert.Throws<OverflowException>(() => time.SetNanoseconds(2_147_483_648_000_000_000));
    }

    [Fact]
    public void Names_hashes_and_constants_are_those_of_ros()
    {
        Assert.Equal("qdistill_msgs/msg/CollisionRisk", CollisionRisk.Type.Name);
        Assert.Equal("qdistill_msgs::msg::dds_::CollisionRisk_", CollisionRisk.Type.DdsName);
        Assert.Equal(2, CollisionRisk.STALE_INPUT);
        Assert.Equal("rcl_interfaces::srv::dds_::GetParameters_Request_", Msgs.RclInterfaces.GetParameters.Request.Type.DdsName);
        Assert.Equal("rcl_interfaces/srv/GetParameters", Msgs.RclInterfaces.GetParameters.Type.Name);
        Assert.Equal("qdistill_msgs::action::dds_::LabelBag_SendGoal_Request_", LabelBag.SendGoal.Request.Type.DdsName);
        Assert.Equal("qdistill_msgs::action::dds_::LabelBag_FeedbackMessage_", LabelBag.FeedbackMessage.Type.DdsName);
        Assert.Equal("tf2_msgs/action/LookupTransform_GetResult", Msgs.Tf2Msgs.LookupTransform.GetResult.Type.Name);
        Assert.Equal("sensor_msgs/msg/LaserScan", InterfaceName.FromDds(Msgs.SensorMsgs.LaserScan.Type.DdsName));
        Assert.Null(InterfaceName.FromDds("HelloWorldData::Msg"));
    }

    [DataFact("golden/type_hashes.json")]
    public void Services_and_actions_carry_their_own_hash()
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("golden/type_hashes.json")));
        System.Text.Json.JsonElement all = json.RootElement.GetProperty("all");
        Assert.Equal(all.GetProperty("rcl_interfaces/srv/GetParameters").GetString(), Msgs.RclInterfaces.GetParameters.Type.Hash);
        Assert.Equal(all.GetProperty("tf2_msgs/action/LookupTransform").GetString(), Msgs.Tf2Msgs.LookupTransform.Type.Hash);
        Assert.Equal(all.GetProperty("tf2_msgs/action/LookupTransform_SendGoal").GetString(), Msgs.Tf2Msgs.LookupTransform.SendGoal.Type.Hash);
    }

    [Fact]
    public void A_field_that_is_called_as_its_message_or_as_Type_can_be_used()
    {
        var range = new Msgs.SensorMsgs.Range { Range_ = 1.5f };
        Assert.Equal(1.5f, Cdr.Deserialize<Msgs.SensorMsgs.Range>(Cdr.Serialize(range)).Range_);
        var marker = new Msgs.VisualizationMsgs.Marker { Type = Msgs.VisualizationMsgs.Marker.SPHERE };
        Assert.Equal("visualization_msgs/msg/Marker", MessageType.Of<Msgs.VisualizationMsgs.Marker>().Name);
        Assert.Equal(2, marker.Type);
    }

    [Fact]
    public void CopyFrom_makes_an_independent_copy()
    {
        var a = new FusedFeatures { Header = { FrameId = "base" }, Values = { 1, 2, 3 } };
        var b = new FusedFeatures { Values = { 9 } };
        b.CopyFrom(a);
        a.Values[0] = 7;
        Assert.Equal([1f, 2f, 3f], b.Values);
        Assert.Equal("base", b.Header.FrameId);
        b.CopyFrom(b);
        Assert.Equal(3, b.Values.Count);
    }

    [Fact]
    public void CopyFrom_copies_every_field_of_every_type_deeply_over_whatever_was_there()
    {
        var random = new Random(5);
        foreach (string name in RoundTripTests.AllTypes())
        {
            MessageDefinition definition = MessageRegistry.Find(name)!.Structure;
            IMessage source = Filled(name, definition, random), target = Filled(name, definition, random);
            byte[] wanted = Cdr.Serialize(source);
            target.GetType().GetMethod("CopyFrom")!.Invoke(target, [source]);
            Assert.Equal(wanted, Cdr.Serialize(target));

            // Overwriting the source in place must not reach the copy.
            Cdr.Deserialize(Cdr.Serialize(RandomMessages.Make(definition, random)), source);
            Assert.Equal(wanted, Cdr.Serialize(target));
        }

        static IMessage Filled(string name, MessageDefinition definition, Random random)
        {
            Assert.True(MessageRegistry.TryCreate(name, out IMessage? message));
            Cdr.Deserialize(Cdr.Serialize(RandomMessages.Make(definition, random)), message);
            return message;
        }
    }

    [Fact]
    public void Sequences_grow_shrink_and_keep_their_bound()
    {
        var values = new Sequence<int>(5) { 1, 2 };
        values.AddRange([3, 4]);
        Assert.Equal([1, 2, 3, 4], values.Span.ToArray());
        Assert.Throws<ArgumentException>(() => values.AddRange([5, 6]));
        values.Resize(1);
        values.Resize(3);
        Assert.Equal([1, 0, 0], values.ToArray());
        values.Assign([8]);
        Assert.Equal(8, Assert.Single(values));
        Assert.Throws<IndexOutOfRangeException>(() => values[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => values.Resize(-1));
        var words = new Sequence<string>(int.MaxValue, static () => string.Empty) { "a" };
        words.Resize(3);
        words.Resize(0);
        words.Resize(2);
        Assert.Equal([string.Empty, string.Empty], words);
    }

    [Fact]
    public void Unknown_names_are_not_in_the_registry()
    {
        Assert.False(MessageRegistry.TryCreate("sensor_msgs/msg/Nothing", out IMessage? message));
        Assert.Null(message);
        Assert.Null(MessageRegistry.Find("LaserScan"));
    }
}
