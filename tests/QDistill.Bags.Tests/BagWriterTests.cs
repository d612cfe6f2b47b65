using System.Globalization;
using System.Text.Json;
using QDistill.Configuration;

namespace QDistill.Bags.Tests;

public class BagWriterTests
{
    private const string Source = "bags/turtlebot3/rosbag2_2026_02_02-14_33_55";

    [DataTheory(Source)]
    [InlineData(BagCompression.None, 100_000)]
    [InlineData(BagCompression.Zstd, 1 << 20)]
    [InlineData(BagCompression.Zstd, 3_000)]
    [InlineData(BagCompression.Lz4, 300_000)]
    public void The_reference_reader_finds_every_message_topic_and_definition(BagCompression compression, int chunkSize)
    {
        using var temp = new TempDirectory();
        List<Recorded> written = Recorded.Copy(SharedData.PathOf(Source), temp["copy"], new BagWriteOptions { Compression = compression, ChunkSize = chunkSize, RosDistro = "jazzy" });
        string file = temp["copy/copy_0.mcap"];
        foreach (bool stream in new[] { false, true })
        {
            List<JsonElement> lines = Tool.ReadWithMcapCore(file, stream);
            Assert.Equal(written, lines.Where(l => l.Kind() == "message").Select(l => new Recorded(
                l.Text("topic"), Number(l, "logTime"), Number(l, "publishTime"), (int)Number(l, "length"), l.Text("sha1"))));
            Assert.Equal("ros2", Assert.Single(lines, l => l.Kind() == "header").Text("profile"));
            JsonElement embedded = Assert.Single(lines, l => l.Kind() == "metadata");
            Assert.Equal("rosbag2", embedded.Text("name"));
            Assert.Contains("ros_distro: jazzy", embedded.GetProperty("entries").Text("serialized_metadata"));
            if (stream)
            {
                continue;
            }

            JsonElement statistics = Assert.Single(lines, l => l.Kind() == "statistics");
            Assert.Equal(written.Count, Number(statistics, "messageCount"));
            using BagReader original = BagReader.Open(SharedData.PathOf(Source));
            var topics = lines.Where(l => l.Kind() == "topic").ToDictionary(l => l.Text("name"));
            Assert.Equal(original.Info.Topics.Count, topics.Count);
            foreach (BagTopic topic in original.Info.Topics)
            {
                JsonElement t = topics[topic.Name];
                Assert.Equal(topic.Type, t.Text("type"));
                Assert.Equal("cdr", t.Text("encoding"));
                Assert.Equal("ros2msg", t.Text("schemaEncoding"));
                Assert.Equal(topic.Definition, t.Text("definition"));
                Assert.Equal(topic.TypeHash, t.GetProperty("metadata").Text("topic_type_hash"));
            }
        }
    }

    [DataTheory(Source)]
    [InlineData(BagCompression.None)]
    [InlineData(BagCompression.Zstd)]
    [InlineData(BagCompression.Lz4)]
    public void A_copy_of_a_bag_is_read_back_as_the_same_bag(BagCompression compression)
    {
        using var temp = new TempDirectory();
        List<Recorded> written = Recorded.Copy(SharedData.PathOf(Source), temp["copy"], new BagWriteOptions { Compression = compression });
        using BagReader original = BagReader.Open(SharedData.PathOf(Source)), copy = BagReader.Open(temp["copy"]);
        Assert.Equal(written, Recorded.All(copy));
        Assert.Equal(original.Info.Topics.Count, copy.Info.Topics.Count);
        foreach ((BagTopic a, BagTopic b) in original.Info.Topics.Zip(copy.Info.Topics))
        {
            Assert.Equal(
                (a.Name, a.Type, a.TypeHash, a.Definition, a.MessageCount, a.SerializationFormat),
                (b.Name, b.Type, b.TypeHash, b.Definition, b.MessageCount, b.SerializationFormat));
            Assert.Equal(a.OfferedQoS, b.OfferedQoS);
        }

        Assert.Equal((original.Info.StartNs, original.Info.EndNs, original.Info.MessageCount), (copy.Info.StartNs, copy.Info.EndNs, copy.Info.MessageCount));
        Assert.Equal(["copy_0.mcap", "metadata.yaml"], Directory.GetFileSystemEntries(temp["copy"]).Select(Path.GetFileName).Order());
        Assert.Single(Directory.GetFileSystemEntries(temp.Path));
    }

    [DataFact("golden/bags/mcap_plain")]
    public void Metadata_has_the_layout_that_ros2_bag_record_writes()
    {
        using var temp = new TempDirectory();
        string golden = SharedData.PathOf("golden/bags/mcap_plain");

        // The golden bag's topics in their order, written by us: every line of metadata.yaml must come out the same.
        using (BagReader reader = BagReader.Open(golden))
        using (BagWriter writer = BagWriter.Create(temp["mcap_plain"], new BagWriteOptions { RosDistro = "jazzy" }))
        {
            foreach (string name in new[] { "/scan", "/odom", "/imu", "/cmd_vel" })
            {
                BagTopic t = reader.Info.FindTopic(name)!;
                writer.AddTopic(t.Name, new RecordedType(t.Type, t.Definition!, t.TypeHash), [.. t.OfferedQoS]);
            }

            Recorded.CopyInto(reader, writer);
            writer.Close();
        }

        Assert.Equal(File.ReadAllText(Path.Combine(golden, "metadata.yaml")).TrimEnd(), File.ReadAllText(temp["mcap_plain/metadata.yaml"]).TrimEnd());
    }

    [DataFact(Source)]
    public void An_lz4_chunk_is_what_the_lz4_tool_decompresses_to_the_same_records()
    {
        using var temp = new TempDirectory();
        Recorded.Copy(SharedData.PathOf(Source), temp["copy"], new BagWriteOptions { Compression = BagCompression.Lz4, ChunkSize = 200_000 });
        using var file = new Mcap.McapFile(temp["copy/copy_0.mcap"], "copy");
        using var loader = new Mcap.McapChunkLoader(file);
        int chunks = 0;
        foreach (Mcap.McapChunkEntry chunk in Mcap.McapIndex.Build(file, loader, skipDamaged: false).Chunks.Take(5))
        {
            byte[] buffer = [];
            int length = loader.Load(chunk, ref buffer);
            File.WriteAllBytes(temp["chunk.lz4"], file.Read(chunk.RecordsOffset, chunk.StoredSize));
            Tool.Run("lz4", "-d", "-q", "-f", temp["chunk.lz4"], temp["chunk"]);
            Assert.Equal(File.ReadAllBytes(temp["chunk"]), buffer.AsSpan(0, length).ToArray());
            chunks++;
        }

        Assert.Equal(5, chunks);
    }

    [Fact]
    public void A_bag_without_messages_is_whole()
    {
        using var temp = new TempDirectory();
        using (BagWriter writer = BagWriter.Create(temp["empty"]))
        {
            writer.AddTopic("/a", new RecordedType("std_msgs/msg/Empty", "", ""));
            writer.Close();
        }

        using BagReader reader = BagReader.Open(temp["empty"]);
        Assert.False(reader.Read(out _));
        Assert.Equal((0, 0, 0), (reader.Info.MessageCount, reader.Info.StartNs, reader.Info.DurationNs));
        Assert.Equal("/a", Assert.Single(reader.Info.Topics).Name);
        Assert.Empty(reader.Info.Warnings);
        Assert.Contains("nanoseconds_since_epoch: 9223372036854775807", File.ReadAllText(temp["empty/metadata.yaml"]));
        Assert.Single(Tool.ReadWithMcapCore(temp["empty/empty_0.mcap"]), l => l.Kind() == "topic");
    }

    [Fact]
    public void Odd_topic_names_survive_yaml()
    {
        using var temp = new TempDirectory();
        string[] names = ["/a", "true", "1", "", "a: b # c", "\"quoted\\\"", "ä\nö", "- x"];
        using (BagWriter writer = BagWriter.Create(temp["odd"]))
        {
            foreach (string name in names)
            {
                writer.Write(writer.AddTopic(name, new RecordedType("std_msgs/msg/Empty", "", "")), 5, 5, [0, 1, 0, 0, 0]);
            }

            writer.Close();
        }

        using BagReader reader = BagReader.Open(temp["odd"]);
        Assert.Equal(names.Order(StringComparer.Ordinal), reader.Info.Topics.Select(t => t.Name));
        Assert.Equal(names, Recorded.All(reader).Select(m => m.Topic));
    }

    [Fact]
    public void A_bag_appears_only_when_it_is_closed_and_replaces_another_only_when_asked()
    {
        using var temp = new TempDirectory();
        RecordedType type = new("std_msgs/msg/Empty", "", "");
        using (BagWriter writer = BagWriter.Create(temp["bag"]))
        {
            writer.Write(writer.AddTopic("/a", type), 1, 1, [0, 1, 0, 0, 0]);
            Assert.False(Path.Exists(temp["bag"]));
            var busy = Assert.Throws<UserErrorException>(() => BagWriter.Create(temp["bag"], new BagWriteOptions { Overwrite = true }));
            Assert.Contains("another process is writing", busy.Message);
        }

        // Not closed: not there, but resumable.
        Assert.False(Path.Exists(temp["bag"]));
        Assert.True(BagWriter.CanResume(temp["bag"]));
        var e = Assert.Throws<UserErrorException>(() => BagWriter.Create(temp["bag"]));
        Assert.Contains("unfinished", e.Message);
        using (BagWriter writer = BagWriter.Create(temp["bag"], new BagWriteOptions { Overwrite = true }))
        {
            Assert.Empty(writer.Topics);
            writer.Close();
        }

        Assert.Contains("already", Assert.Throws<UserErrorException>(() => BagWriter.Create(temp["bag"])).Message);
        Assert.Contains("complete", Assert.Throws<UserErrorException>(() => BagWriter.Resume(temp["bag"])).Message);
        Assert.Contains("no unfinished", Assert.Throws<UserErrorException>(() => BagWriter.Resume(temp["other"])).Message);
        using (BagWriter writer = BagWriter.Create(temp["bag"], new BagWriteOptions { Overwrite = true }))
        {
            writer.Write(writer.AddTopic("/b", type), 1, 1, [0, 1, 0, 0, 0]);
            writer.Close();
        }

        Assert.Equal("/b", Assert.Single(Recorded.All(temp["bag"])).Topic);
        Assert.Single(Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void A_topic_keeps_its_type()
    {
        using var temp = new TempDirectory();
        using BagWriter writer = BagWriter.Create(temp["bag"]);
        BagWriterTopic topic = writer.AddTopic("/a", new RecordedType("std_msgs/msg/Empty", "", ""));
        Assert.Same(topic, writer.AddTopic("/a", new RecordedType("std_msgs/msg/Empty", "", "")));
        var e = Assert.Throws<UserErrorException>(() => writer.AddTopic("/a", new RecordedType("std_msgs/msg/Bool", "", "")));
        Assert.Contains("'/a' has type std_msgs/msg/Empty", e.Message);
    }

    [Fact]
    public void A_full_disk_is_one_clear_sentence()
    {
        // /dev/full answers every write with ENOSPC.
        using var handle = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        using var writer = new Mcap.McapWriter(handle, new Mcap.McapWriterOptions());
        writer.WriteHeader("ros2", "x");
        var inner = Assert.ThrowsAny<IOException>(writer.Finish);
        UserErrorException e = BagErrors.NotWritable("bag", inner);
        Assert.StartsWith("bag: cannot be written", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static long Number(JsonElement e, string name) => long.Parse(e.Text(name), CultureInfo.InvariantCulture);
}
