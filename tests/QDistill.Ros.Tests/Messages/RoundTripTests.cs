using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>Random messages of every compiled-in type: generated classes, dynamic messages and a second encoder must agree.</summary>
public sealed class RoundTripTests
{
    public static IEnumerable<string> AllTypes() => RandomMessages.AllTypes();

    [Fact]
    public void Random_messages_of_every_type_round_trip_in_both_byte_orders()
    {
        var random = new Random(20260101);
        int types = 0;
        foreach (string name in AllTypes())
        {
            Assert.True(MessageRegistry.TryCreate(name, out IMessage? generated), name);
            Assert.Equal(name, generated.GetMessageType().Name);
            Assert.Same(generated.GetMessageType(), MessageRegistry.Find(name));
            var again = new DynamicMessage(generated.GetMessageType().Structure);
            for (int round = 0; round < 6; round++)
            {
                DynamicMessage original = RandomMessages.Make(again.Definition, random);
                byte[] little = ReferenceEncoder.Encode(original, bigEndian: false), big = ReferenceEncoder.Encode(original, bigEndian: true);
                Assert.Equal(little, Cdr.Serialize(original));
                foreach (IMessage message in new[] { generated, again })
                {
                    Cdr.Deserialize(little, message);
                    Assert.Equal(little, Cdr.Serialize(message));
                    Cdr.Deserialize(big, message);
                    Assert.Equal(little, Cdr.Serialize(message));
                }
            }

            types++;
        }

        Assert.True(types >= 280, $"{types} types");
    }

    [Fact]
    public void What_no_standard_type_uses_round_trips_too()
    {
        MessageDefinition definition = MessageDefinition.Parse("odd_msgs/msg/Odd", """
            wstring wide
            wstring<=4[<=3] wides
            wstring[2] pair
            string[3] three
            bool[5] flags
            std_msgs/Empty nothing
            std_msgs/Empty[] nothings
            geometry_msgs/Point32[2] corners
            int8 last
            uint64[<=2] few
            """);
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            DynamicMessage original = RandomMessages.Make(definition, random);
            byte[] little = ReferenceEncoder.Encode(original, bigEndian: false), big = ReferenceEncoder.Encode(original, bigEndian: true);
            Assert.Equal(little, Cdr.Serialize(original));
            Assert.Equal(little, Cdr.Serialize(DynamicMessage.Deserialize(definition, big)));
            Assert.True(FieldPath.Compile(definition, "last").TryReadInt64(big, out long last));
            Assert.Equal((long)(sbyte)original.Get("last"), last);
        }
    }

    [Fact]
    public void Definitions_may_be_looked_up_from_many_threads()
    {
        string[] names = [.. AllTypes()];
        var set = MessageDefinitions.FromTexts(names.Where(n => n.Contains("/msg/", StringComparison.Ordinal)).Select(n => KeyValuePair.Create(n, MessageDefinitions.BuiltIn.Get(n).Text)));
        Parallel.For(0, 400, i =>
        {
            string name = names[i % names.Length];
            Assert.Equal(MessageRegistry.Find(name)!.Hash, set.Get(name).Hash);
            Assert.Equal(MessageRegistry.Find(name)!.Definition, set.Get(name).ConcatenatedText());
        });
    }

    [Fact]
    public void A_fresh_generated_message_and_a_fresh_dynamic_one_are_equal_defaults_included()
    {
        foreach (string name in AllTypes())
        {
            Assert.True(MessageRegistry.TryCreate(name, out IMessage? generated), name);
            Assert.Equal(Cdr.Serialize(new DynamicMessage(generated.GetMessageType().Structure)), Cdr.Serialize(generated));
        }

        Assert.Equal(1.0, new Msgs.GeometryMsgs.Quaternion().W);
        Assert.Equal(-2, new Msgs.SensorMsgs.NavSatStatus().Status);
    }

    [Fact]
    public void A_field_path_reads_what_the_decoded_message_holds()
    {
        var random = new Random(7);
        int compared = 0;
        foreach (string name in AllTypes())
        {
            MessageDefinition definition = MessageDefinitions.BuiltIn.Get(name);
            DynamicMessage message = RandomMessages.Make(definition, random);
            byte[] little = Cdr.Serialize(message), big = ReferenceEncoder.Encode(message, bigEndian: true);
            foreach (string path in Paths(definition, message, string.Empty).Take(200))
            {
                FieldPath compiled = FieldPath.Compile(definition, path);
                object expected = message.Get(path);
                foreach (byte[] payload in new[] { little, big })
                {
                    if (expected is string text)
                    {
                        Assert.True(compiled.TryReadString(payload, null, out string read));
                        Assert.Equal(text, read);
                        continue;
                    }

                    Assert.True(compiled.TryReadDouble(payload, out double value), path);
                    Assert.True(message.TryGetDouble(path, out double same));
                    Assert.Equal(same, value);
                    Assert.Equal(Convert.ToDouble(expected), value);
                    compared++;
                }
            }
        }

        Assert.True(compared > 2000, $"{compared}");
    }


    private static IEnumerable<string> Paths(MessageDefinition definition, DynamicMessage message, string prefix)
    {
        for (int i = 0; i < definition.Fields.Count; i++)
        {
            FieldDefinition field = definition.Fields[i];
            object value = message.GetField(i);
            IEnumerable<(string Path, object Value)> elements = field.Type.Array == ArrayKind.None
                ? [(prefix + field.Name, value)]
                : ((System.Collections.IEnumerable)value).Cast<object>().Select((v, k) => ($"{prefix}{field.Name}[{k}]", v));
            foreach ((string path, object element) in elements)
            {
                if (element is DynamicMessage nested)
                {
                    foreach (string inner in Paths(nested.Definition, nested, path + "."))
                    {
                        yield return inner;
                    }
                }
                else
                {
                    yield return path;
                }
            }
        }
    }
}
