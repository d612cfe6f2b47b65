using QDistill.Bags;
using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>Messages and definitions from bags that others recorded.</summary>
public sealed class RecordedBagTests
{
    private const string AllTypes = "conformance/cdr_all_types/tests/test_bags/";

    [DataTheory(AllTypes)]
    [InlineData("test_bag_mcap")]
    [InlineData("test_bag_sqlite3")]
    public void All_94_standard_types_decode_and_encode_to_the_recorded_bytes(string bag)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        using BagReader reader = BagReader.Open(SharedData.PathOf(AllTypes + bag));
        while (reader.Read(out BagMessage message))
        {
            string type = message.Topic.Type;
            byte[] bytes = message.Data.ToArray();
            Assert.True(MessageRegistry.TryCreate(type, out IMessage? generated), type);
            var dynamic = new DynamicMessage(generated.GetMessageType().Structure);
            Cdr.Deserialize(bytes, generated);
            var embedded = new DynamicMessage(MessageDefinition.Parse(type, message.Topic.Definition!));
            Cdr.Deserialize(bytes, embedded);
            AssertSame(bytes, Cdr.Serialize(embedded), type);
            if (type == "sensor_msgs/msg/Range")
            {
                // Recorded before Jazzy, without 'variance', which is then read as 0.
                AssertSame([.. bytes, 0, 0, 0, 0], Cdr.Serialize(generated), type);
                Assert.True(MessageRegistry.Find(type)!.Hash != embedded.Definition.Hash);
                Assert.True(embedded.Definition.IndexOf("variance") < 0);
            }
            else
            {
                Cdr.Deserialize(bytes, dynamic);
                AssertSame(bytes, Cdr.Serialize(generated), type);
                AssertSame(bytes, Cdr.Serialize(dynamic), type);
                Assert.Equal(MessageRegistry.Find(type)!.Hash, embedded.Definition.Hash);
            }

            counts[type] = counts.GetValueOrDefault(type) + 1;
        }

        Assert.Equal(94, counts.Count);
        Assert.All(counts.Values, n => Assert.Equal(2, n));
    }

    [DataFact("golden/bags/mcap_plain")]
    public void Definition_texts_equal_those_that_ros2_bag_record_embeds()
    {
        int compared = 0;
        using BagReader reader = BagReader.Open(SharedData.PathOf("golden/bags/mcap_plain"));
        foreach (BagTopic topic in reader.Info.Topics)
        {
            MessageType type = MessageRegistry.Find(topic.Type)!;
            Assert.Equal(topic.Definition, type.Definition);
            Assert.Equal(topic.TypeHash, type.Hash);
            compared++;
        }

        Assert.Equal(4, compared);
    }

    private static void AssertSame(byte[] expected, byte[] actual, string type)
    {
        // Recorders pad the payload to a multiple of four.
        Assert.True(expected.Length - actual.Length is >= 0 and <= 3, type);
        Assert.True(expected.AsSpan(0, actual.Length).SequenceEqual(actual), type);
        Assert.True(expected.AsSpan(actual.Length).IndexOfAnyExcept((byte)0) < 0, type);
    }
}
