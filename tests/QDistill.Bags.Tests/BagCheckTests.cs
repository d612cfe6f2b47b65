using System.Text.Json;
using QDistill.Ros;

namespace QDistill.Bags.Tests;

public class BagCheckTests
{
    [DataTheory("golden/bags")]
    [InlineData("mcap_plain")]
    [InlineData("mcap_zstd_small")]
    [InlineData("mcap_fastwrite")]
    [InlineData("mcap_msgzstd")]
    [InlineData("sqlite3_plain")]
    [InlineData("sqlite3_filezstd")]
    public void A_recorded_bag_is_sound_and_every_message_decodes(string name)
    {
        BagCheckReport report = BagCheck.Run(SharedData.PathOf("golden/bags/" + name));
        Assert.True(report.IsSound, string.Join("\n", report.Findings));
        Assert.All(report.Topics, t => Assert.Equal((50, true, 0), (t.MessageCount, t.IsTypeKnown, t.Undecodable)));

        // Recorded in 2026, stamped in 2023: the stamps of all three stamped topics are told.
        Assert.Equal(["/imu", "/odom", "/scan"], report.Findings.Where(f => f.Code == "stamp").Select(f => f.Where).Order());
        Assert.Null(report.Topics.Single(t => t.Name == "/cmd_vel").Lag);
        using JsonDocument json = JsonDocument.Parse(report.ToJson());
        Assert.True(json.RootElement.GetProperty("sound").GetBoolean());
        Assert.Equal(4, json.RootElement.GetProperty("topics").GetArrayLength());
    }

    [DataFact("bags/neato/bags/test-bag")]
    public void Types_that_the_bag_does_not_describe_are_named_until_they_are_supplied()
    {
        string bag = SharedData.PathOf("bags/neato/bags/test-bag");
        BagCheckReport report = BagCheck.Run(bag);
        Assert.True(report.IsSound, string.Join("\n", report.Findings));
        Assert.Equal(["/accel", "/bump"], report.Findings.Where(f => f.Code == "type").Select(f => f.Where).Order());
        MessageDefinitions supplied = MessageDefinitions.FromTexts(
        [
            new("neato2_interfaces/msg/Bump", "uint8 left_front\nuint8 left_side\nuint8 right_front\nuint8 right_side\n"),
            new("neato2_interfaces/msg/Accel", "float32 x\nfloat32 y\nfloat32 z\n"),
        ]);
        Assert.DoesNotContain(BagCheck.Run(bag, supplied).Findings, f => f.Code is "type" or "decode");
        MessageDefinitions wrong = MessageDefinitions.FromTexts([new("neato2_interfaces/msg/Bump", "float64[3] x\n"), new("neato2_interfaces/msg/Accel", "float32 x\n")]);
        Assert.Equal(["/accel", "/bump"], BagCheck.Run(bag, wrong).Findings.Where(f => f.Code == "decode" && f.Severity == BagCheckSeverity.Error).Select(f => f.Where).Order());
    }

    [DataFact("bags/ackermann_outdoor/bag")]
    public void Stamps_of_another_time_are_told() => Assert.Contains(
        BagCheck.Run(SharedData.PathOf("bags/ackermann_outdoor/bag")).Findings,
        f => f.Code == "stamp" && f.Severity == BagCheckSeverity.Warning);

    [DataFact("conformance/rosbag2")]
    public void Metadata_that_disagrees_with_the_content_is_told()
    {
        // The official wbag's metadata gives the start of one of its five files.
        BagCheckReport report = BagCheck.Run(SharedData.PathOf("conformance/rosbag2/rosbag2_py/test/resources/mcap/wbag"));
        Assert.Contains(report.Findings, f => f.Code == "metadata" && f.Message.Contains("starting_time 2623", StringComparison.Ordinal));
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 99, new BagWriteOptions());
        string text = File.ReadAllText(temp["bag/metadata.yaml"]);
        File.WriteAllText(temp["bag/metadata.yaml"], text.Replace("    message_count: 33\n", "    message_count: 34\n"));
        Assert.Equal(3, BagCheck.Run(temp["bag"]).Findings.Count(f => f.Code == "metadata"));
        File.WriteAllText(temp["bag/metadata.yaml"], text);
        Assert.DoesNotContain(BagCheck.Run(temp["bag"]).Findings, f => f.Severity > BagCheckSeverity.Info);
    }

    [DataFact("conformance/mcap")]
    public void Every_conformance_file_agrees_with_itself()
    {
        foreach (string file in Directory.EnumerateFiles(SharedData.PathOf("conformance/mcap"), "*.mcap", SearchOption.AllDirectories))
        {
            BagCheckReport report = BagCheck.Run(file);
            Assert.DoesNotContain(report.Findings, f => f.Code is "crc" or "structure" or "index" or "statistics" or "open");
        }
    }

    [Theory]
    [InlineData(BagCompression.None)]
    [InlineData(BagCompression.Zstd)]
    public void Every_flipped_bit_of_the_data_section_is_found(BagCompression compression)
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 60, new BagWriteOptions { Compression = compression, ChunkSize = 2000 });
        string path = temp["bag/bag_0.mcap"];
        byte[] bytes = File.ReadAllBytes(path);
        var random = new Random(2);
        for (int round = 0; round < 80; round++)
        {
            byte[] flipped = [.. bytes];
            flipped[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, flipped);
            BagCheckReport report = BagCheck.Run(temp["bag"]);
            Assert.False(report.IsSound, $"round {round}");
        }
    }

    [Fact]
    public void A_long_pause_and_an_unsorted_file_are_mentioned_without_blame()
    {
        using var temp = new TempDirectory();
        using (BagWriter writer = BagWriter.Create(temp["bag"]))
        {
            BagWriterTopic topic = writer.AddTopic("/a", Sequence.Type);
            for (int i = 0; i < 100; i++)
            {
                long time = (i * 10_000_000L) + (i < 50 ? 0 : 5_000_000_000) + (i == 20 ? 25_000_000 : 0);
                writer.Write(topic, time, time, Sequence.Data(i));
            }

            writer.Close();
        }

        BagCheckReport report = BagCheck.Run(temp["bag"]);
        Assert.True(report.IsSound);
        Assert.Contains(report.Findings, f => f is { Code: "gap", Severity: BagCheckSeverity.Info } && f.Message.Contains("5.01 s", StringComparison.Ordinal));
        Assert.Contains(report.Findings, f => f is { Code: "order", Severity: BagCheckSeverity.Info });
        Assert.Equal(new Spread(5_000_000, 10_000_000, 5_010_000_000), report.Topics[0].Period);
    }

    [Fact]
    public void Info_as_json_has_the_fields_that_scripts_ask_for()
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 30, new BagWriteOptions());
        using BagReader reader = BagReader.Open(temp["bag"]);
        using JsonDocument json = JsonDocument.Parse(reader.Info.ToJson());
        JsonElement root = json.RootElement;
        Assert.Equal("mcap", root.GetProperty("storage").GetString());
        Assert.Equal("1000000000.000000000", root.GetProperty("start").GetRawText());
        Assert.Equal(reader.Info.DurationNs * 1e-9, root.GetProperty("duration_s").GetDouble(), 12);
        Assert.Equal(30, root.GetProperty("message_count").GetInt64());
        Assert.Equal(
            ["/a test_msgs/msg/Numbered 10", "/b test_msgs/msg/Numbered 10", "/c test_msgs/msg/Numbered 10"],
            root.GetProperty("topics").EnumerateArray().Select(t => $"{t.GetProperty("name")} {t.GetProperty("type")} {t.GetProperty("count")}"));
    }
}
