using System.Security.Cryptography;
using System.Text.Json;

namespace QDistill.Bags.Tests;

/// <summary>The bags recorded by a real ros2 bag record, against what rosbag2_py read from them.</summary>
public class GoldenBagTests
{
    public static TheoryData<string> Bags => new(
        "mcap_plain", "mcap_zstd_small", "mcap_zstd_fast", "mcap_fastwrite", "mcap_msgzstd", "sqlite3_plain", "sqlite3_filezstd");

    [DataTheory("golden/bags")]
    [MemberData(nameof(Bags))]
    public void Types_counts_and_every_message_equal_what_rosbag2_read(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("golden/bags/expected.json")));
        JsonElement expected = document.RootElement.GetProperty("bags").GetProperty(name);
        using BagReader reader = BagReader.Open(SharedData.PathOf("golden/bags/" + name));
        Assert.Empty(reader.Info.Warnings);
        Assert.Equal(name.StartsWith("mcap", StringComparison.Ordinal) ? "mcap" : "sqlite3", reader.Info.Storage);
        Assert.Equal(9, reader.Info.MetadataVersion);
        Assert.Equal("jazzy", reader.Info.RosDistro);
        Assert.Equal(
            expected.GetProperty("types").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetString()),
            reader.Info.Topics.ToDictionary(t => t.Name, t => (string?)t.Type));
        Assert.Equal(
            expected.GetProperty("summary").EnumerateObject().ToDictionary(t => t.Name, t => (t.Value.ValueKind == JsonValueKind.Object ? t.Value.GetProperty("count") : t.Value).GetInt64()),
            reader.Info.Topics.ToDictionary(t => t.Name, t => t.MessageCount));
        Assert.All(reader.Info.Topics, t =>
        {
            Assert.StartsWith("RIHS01_", t.TypeHash);
            Assert.Equal("ros2msg", t.DefinitionEncoding);
            Assert.NotNull(t.Definition);
            OfferedQoS qos = Assert.Single(t.OfferedQoS);
            bool sensor = t.Name is "/scan" or "/imu";
            Assert.Equal(sensor ? OfferedQoS.SensorData : OfferedQoS.Default, qos);
        });

        var messages = new List<(string Topic, long Time, int Length, string Sha1)>();
        while (reader.Read(out BagMessage m))
        {
            messages.Add((m.Topic.Name, m.LogTime, m.Data.Length, Convert.ToHexStringLower(SHA1.HashData(m.Data))));
        }

        JsonElement list = expected.GetProperty("messages");
        if (list.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(list.EnumerateArray().Select(e => (e[0].GetString()!, e[1].GetInt64(), e[2].GetInt32(), e[3].GetString()!)), messages);
        }
        else
        {
            Assert.Equal(list.GetInt64(), messages.Count);
        }

        // Each session published the same 200 messages, so their bytes are those of the plain bag.
        JsonElement plain = document.RootElement.GetProperty("bags").GetProperty("mcap_plain").GetProperty("messages");
        Assert.Equal(
            plain.EnumerateArray().Select(e => e[3].GetString()!).Order(StringComparer.Ordinal),
            messages.Select(m => m.Sha1).Order(StringComparer.Ordinal));
        Assert.Equal(messages.Select(m => m.Time).Order(), messages.Select(m => m.Time));
    }
}
