using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>Types known only from text: supplied folders, embedded definitions, paths, conversion between versions.</summary>
public sealed class DynamicMessageTests
{
    private static readonly string[] BagRoots = ["bags", "golden/bags", "conformance/rosbag2", "conformance/cdr_all_types"];

    [DataFact("bags/neato/bags")]
    public void The_neatos_bumper_is_read_with_a_supplied_definition()
    {
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder["neato2_interfaces/msg"]);
        File.WriteAllText(folder["neato2_interfaces/msg/Bump.msg"], "uint8 left_front\nuint8 left_side\nuint8 right_front\nuint8 right_side\n");
        MessageDefinition bump = MessageDefinitions.FromFolder(folder.Path).Get("neato2_interfaces/msg/Bump");
        var message = new DynamicMessage(bump);
        FieldPath[] sides = [.. bump.Fields.Select(f => FieldPath.Compile(bump, f.Name))];
        int pressed = 0, read = 0;
        foreach (string bag in Directory.GetDirectories(SharedData.PathOf("bags/neato/bags")).Where(d => Directory.GetFiles(d, "*.db3").Length > 0))
        {
            using BagReader reader = BagReader.Open(bag, new BagReadOptions { Topics = ["/bump"] });
            bool was = false;
            while (reader.Read(out BagMessage m))
            {
                Cdr.Deserialize(m.Data, message);
                bool any = false;
                foreach (FieldPath side in sides)
                {
                    Assert.True(side.TryReadDouble(m.Data, out double direct) && message.TryGetDouble(side.Path, out double decoded) && direct == decoded);
                    Assert.InRange(direct, 0, 1);
                    any |= direct > 0;
                }

                pressed += any && !was ? 1 : 0;
                was = any;
                read++;
            }
        }

        Assert.True(read > 1000);
        Assert.Equal(3, pressed); // the data's own account: three onsets
    }

    [DataFact("bags", "golden/bags")]
    public void Every_definition_embedded_in_a_real_bag_parses_decodes_and_has_the_recorded_hash()
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        int messages = 0, hashes = 0;
        foreach (string file in BagRoots.SelectMany(r => Directory.EnumerateFiles(SharedData.PathOf(r), "*.mcap", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
        {
            BagReader reader;
            try
            {
                reader = BagReader.Open(file, new BagReadOptions { AnySerializationFormat = true });
            }
            catch (UserErrorException)
            {
                continue; // damaged on purpose, or compressed per message, which only its folder tells
            }

            using (reader)
            {
                var open = new Dictionary<BagTopic, (DynamicMessage First, DynamicMessage Second, int Left)>();
                foreach (BagTopic topic in reader.Info.Topics.Where(t => !string.IsNullOrEmpty(t.Definition) && t.SerializationFormat == "cdr" && t.DefinitionEncoding is "" or "ros2msg"))
                {
                    MessageDefinition d = MessageDefinition.Parse(topic.Type, topic.Definition!);
                    if (topic.TypeHash.Length > 0)
                    {
                        Assert.Equal((topic.Type, topic.TypeHash), (topic.Type, d.Hash));
                        Assert.Equal(topic.Definition, d.ConcatenatedText());
                        hashes++;
                    }

                    open[topic] = (new DynamicMessage(d), new DynamicMessage(d), 20);
                    types.Add(topic.Type);
                }

                while (open.Count > 0 && reader.Read(out BagMessage m))
                {
                    if (!open.TryGetValue(m.Topic, out var state))
                    {
                        continue;
                    }

                    Cdr.Deserialize(m.Data, state.First);
                    byte[] encoded = Cdr.Serialize(state.First);
                    Cdr.Deserialize(encoded, state.Second);
                    Assert.Equal(encoded, Cdr.Serialize(state.Second));
                    Assert.InRange(m.Data.Length - encoded.Length, 0, 32); // Fast DDS over-estimates: up to 30 bytes follow
                    messages++;
                    if (state.Left <= 1)
                    {
                        open.Remove(m.Topic);
                    }
                    else
                    {
                        open[m.Topic] = state with { Left = state.Left - 1 };
                    }
                }
            }
        }

        Assert.True(types.Count >= 100 && messages > 1000 && hashes > 20, $"{types.Count} types, {messages} messages, {hashes} hashes");
    }

    [Fact]
    public void A_folder_resolves_nested_types_in_itself_and_in_the_built_in_set()
    {
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder["a_msgs/msg"]);
        Directory.CreateDirectory(folder["b_msgs/msg"]);
        Directory.CreateDirectory(folder["b_msgs/srv"]);
        File.WriteAllText(folder["a_msgs/msg/Outer.msg"], "std_msgs/Header header\nb_msgs/Inner[] inner\nSibling sibling\n");
        File.WriteAllText(folder["a_msgs/msg/Sibling.msg"], "float32 z\n");
        File.WriteAllText(folder["b_msgs/msg/Inner.msg"], "int16 v\n");
        File.WriteAllText(folder["b_msgs/srv/Ask.srv"], "Inner what\n---\nbool yes\n");
        MessageDefinitions all = MessageDefinitions.FromFolder(folder.Path);
        var outer = new DynamicMessage(all.Get("a_msgs/Outer"));
        outer.Set("header.stamp.sec", 5);
        outer.Set("inner", new[] { new DynamicMessage(all.Get("b_msgs/msg/Inner")) });
        outer.Set("inner[0].v", -7);
        outer.Set("sibling.z", 2.5);
        DynamicMessage copy = DynamicMessage.Deserialize(outer.Definition, Cdr.Serialize(outer));
        Assert.Equal(5, copy.Get("header.stamp.sec"));
        Assert.Equal((short)-7, copy.Get("inner[0].v"));
        Assert.True(copy.TryGetDouble("sibling.z", out double z) && z == 2.5);
        Assert.Equal("b_msgs/msg/Inner", all.Get("b_msgs/srv/Ask_Request").Fields[0].Type.MessageName);
        Assert.Equal(outer.Definition.Hash, MessageDefinition.Parse("a_msgs/msg/Outer", outer.Definition.ConcatenatedText()).Hash);

        // One package alone, as it lies in a ROS workspace.
        Assert.Equal("std_msgs/msg/Header", MessageDefinitions.FromFolder(folder["b_msgs"]).Get("b_msgs/msg/Inner") is not null ? "std_msgs/msg/Header" : null);
        Assert.Throws<UserErrorException>(() => MessageDefinitions.FromFolder(folder["a_msgs/msg"]));
        Assert.Throws<UserErrorException>(() => MessageDefinitions.FromFolder(folder["none"]));
        Assert.Contains("c_msgs/msg/X", Assert.Throws<UserErrorException>(() => all.Get("c_msgs/msg/X")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", false)]
    [InlineData("header", false)]
    [InlineData("header.stamp.sec", true)]
    [InlineData("header.stamp.sec.x", false)]
    [InlineData("header.frame_id", false)]
    [InlineData("ranges", false)]
    [InlineData("ranges[1]", true)]
    [InlineData("ranges[2]", false)]
    [InlineData("ranges[-1]", false)]
    [InlineData("ranges[1].x", false)]
    [InlineData("angle_min[0]", false)]
    [InlineData("angle_min", true)]
    [InlineData("", false)]
    [InlineData("header..stamp", false)]
    [InlineData("header.", false)]
    [InlineData("ranges[", false)]
    public void A_path_finds_a_number_or_says_no(string path, bool found)
    {
        var scan = new Msgs.SensorMsgs.LaserScan { Ranges = { 1, 2 } };
        byte[] payload = Cdr.Serialize(scan);
        DynamicMessage message = DynamicMessage.Deserialize(Msgs.SensorMsgs.LaserScan.Type.Structure, payload);
        Assert.Equal(found, message.TryGetDouble(path, out _));
        bool compiled = false;
        try
        {
            compiled = FieldPath.Compile(message.Definition, path).TryReadDouble(payload, out _);
        }
        catch (UserErrorException e)
        {
            Assert.DoesNotContain('\n', e.Message);
        }

        Assert.Equal(found, compiled);
    }

    [Fact]
    public void A_wrong_path_is_refused_with_the_fields_that_exist()
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => FieldPath.Compile(Msgs.GeometryMsgs.Twist.Type.Structure, "linear.w"));
        Assert.Equal("path 'linear.w': geometry_msgs/msg/Vector3 has no field 'w'; its fields are x, y, z.", e.Message);
    }

    [Fact]
    public void Values_that_do_not_fit_are_refused()
    {
        var message = new DynamicMessage(MessageDefinition.Parse("a/msg/B", "uint8 small\nfloat32[2] pair\nstring text\nstd_msgs/Header h"));
        Assert.Throws<ArgumentException>(() => message.Set("small", 256));
        Assert.Throws<ArgumentException>(() => message.Set("small", "many"));
        Assert.Throws<ArgumentException>(() => message.Set("pair", new[] { 1f }));
        Assert.Throws<ArgumentException>(() => message.Set("text", 5));
        Assert.Throws<ArgumentException>(() => message.Set("h", new DynamicMessage(message.Definition)));
        Assert.Throws<KeyNotFoundException>(() => message.Set("pair[2]", 1));
        Assert.Throws<KeyNotFoundException>(() => message.Get("none"));
        ((Sequence<float>)message.Get("pair")).Clear();
        Assert.Contains("pair", Assert.Throws<CdrException>(() => Cdr.Serialize(message)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Payloads_of_another_version_of_a_type_are_converted_by_field_name()
    {
        MessageDefinition old = MessageDefinition.Parse(
            "sensor_msgs/msg/JointState", "std_msgs/Header header\nstring[] name\nfloat32[] position\nuint8 retired\nfloat64[<=2] effort");
        var source = new DynamicMessage(old);
        source.Set("header.frame_id", "arm");
        source.Set("name", new[] { "a", "b" });
        source.Set("position", new[] { 0.5, 1.5 });
        source.Set("effort", new[] { 9.0 });
        var converter = new MessageConverter(old, Msgs.SensorMsgs.JointState.Type.Structure);
        var joints = new Msgs.SensorMsgs.JointState { Velocity = { 3 } };
        converter.Deserialize(Cdr.Serialize(source), joints);
        Assert.True(converter.IsNeeded);
        Assert.Equal("arm", joints.Header.FrameId);
        Assert.Equal(["a", "b"], joints.Name);
        Assert.Equal([0.5, 1.5], joints.Position);
        Assert.Equal([9.0], joints.Effort);
        Assert.Empty(joints.Velocity);
        Assert.False(new MessageConverter(Msgs.SensorMsgs.JointState.Type.Structure, joints.GetMessageType().Structure).IsNeeded);
    }

    [Fact]
    public void A_number_too_large_for_the_target_leaves_the_default_and_not_the_message_before()
    {
        MessageDefinition old = MessageDefinition.Parse("std_msgs/msg/UInt8", "int64 data"), now = Msgs.StdMsgs.UInt8.Type.Structure;
        var converter = new MessageConverter(old, now);
        var source = new DynamicMessage(old);
        var target = new Msgs.StdMsgs.UInt8();
        foreach ((long value, byte expected) in new[] { (200L, (byte)200), (300L, (byte)0) })
        {
            source.Set("data", value);
            converter.Deserialize(Cdr.Serialize(source), target);
            Assert.Equal(expected, target.Data);
        }
    }
}
