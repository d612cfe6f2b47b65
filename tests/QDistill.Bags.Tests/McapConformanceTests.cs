using System.Text.Json;
using System.Text.Json.Nodes;
using QDistill.Bags.Mcap;

namespace QDistill.Bags.Tests;

/// <summary>The 171 official conformance files: what we read of each equals its JSON; what we write from the JSON equals the file, byte by byte.</summary>
public class McapConformanceTests
{
    private const string Folder = "conformance/mcap";

    public static TheoryData<string> Files
    {
        get
        {
            var data = new TheoryData<string>();
            if (SharedData.Has(Folder))
            {
                foreach (string file in Directory.EnumerateFiles(SharedData.PathOf(Folder), "*.mcap", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                {
                    data.Add(Path.GetRelativePath(SharedData.PathOf(Folder), file));
                }
            }

            return data;
        }
    }

    [DataFact(Folder)]
    public void All_171_are_there() => Assert.Equal(171, Files.Count);

    [DataTheory(Folder)]
    [MemberData(nameof(Files))]
    public void Records_read_equal_the_expected_ones(string name)
    {
        string path = SharedData.PathOf($"{Folder}/{name}");
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(path, ".json")))!;
        using var file = new McapFile(path, path);
        using var loader = new McapChunkLoader(file);
        var records = new RecordJson();
        foreach ((McapOpcode opcode, long offset, byte[] content) in McapRecordStream.Read(file))
        {
            if (opcode == McapOpcode.Chunk)
            {
                McapChunkHeader header = McapChunkHeader.Parse(content);
                byte[] buffer = [];
                int length = loader.Load(
                    new McapChunkEntry
                    {
                        Offset = offset,
                        RecordsOffset = offset + 9 + header.RecordsAt,
                        StoredSize = (long)header.RecordsLength,
                        Size = (long)header.UncompressedSize,
                        StartTime = 0,
                        EndTime = 0,
                        Compression = header.Compression,
                        Crc = header.UncompressedCrc,
                    },
                    ref buffer);
                Assert.NotEqual(0u, header.UncompressedCrc);
                records.AddChunk(buffer.AsSpan(0, length));
            }
            else
            {
                records.Add(opcode, content);
            }
        }

        Assert.True(JsonNode.DeepEquals(expected["records"], records.Result), records.Result.ToJsonString());
    }

    [DataTheory(Folder)]
    [MemberData(nameof(Files))]
    public void Messages_read_as_a_bag_are_those_of_the_records(string name)
    {
        string path = SharedData.PathOf($"{Folder}/{name}");
        JsonArray expected = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(path, ".json")))!["records"]!.AsArray();
        var messages = expected.Where(r => (string)r!["type"]! == "Message").Select(r => RecordJson.Fields(r!)).ToArray();
        using BagReader reader = BagReader.Open(path, new BagReadOptions { AnySerializationFormat = true });
        Assert.Empty(reader.Info.Warnings);
        Assert.Equal(messages.Length, reader.Info.MessageCount);
        foreach (IReadOnlyDictionary<string, JsonNode> m in messages.OrderBy(m => RecordJson.Number(m["log_time"])))
        {
            Assert.True(reader.Read(out BagMessage ours));
            Assert.Equal("example", ours.Topic.Name);
            Assert.Equal("Example", ours.Topic.Type);
            Assert.Equal(RecordJson.Number(m["log_time"]), (ulong)ours.LogTime);
            Assert.Equal(RecordJson.Number(m["publish_time"]), (ulong)ours.PublishTime);
            Assert.Equal(RecordJson.Bytes(m["data"]), ours.Data.ToArray());
        }

        Assert.False(reader.Read(out _));
    }

    [DataTheory(Folder)]
    [MemberData(nameof(Files))]
    public void A_file_written_from_the_expected_records_is_the_conformance_file(string name)
    {
        string path = SharedData.PathOf($"{Folder}/{name}");
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(path, ".json")))!;
        var features = json["meta"]!["variant"]!["features"]!.AsArray().Select(f => (string)f!).ToHashSet();
        var options = new McapWriterOptions
        {
            Chunks = features.Contains("ch"),
            MessageIndex = features.Contains("mx"),
            ChunkIndex = features.Contains("chx"),
            AttachmentIndex = features.Contains("ax"),
            MetadataIndex = features.Contains("mdx"),
            Statistics = features.Contains("st"),
            RepeatSchemas = features.Contains("rsh"),
            RepeatChannels = features.Contains("rch"),
            SummaryOffsets = features.Contains("sum"),
            Compression = BagCompression.None,
        };
        using var temp = new TempDirectory();
        using (var handle = File.OpenHandle(temp["x.mcap"], FileMode.CreateNew, FileAccess.ReadWrite))
        using (var writer = new McapWriter(handle, options))
        {
            foreach (JsonNode? record in json["records"]!.AsArray().TakeWhile(r => (string)r!["type"]! != "DataEnd"))
            {
                IReadOnlyDictionary<string, JsonNode> f = RecordJson.Fields(record!);
                switch ((string)record!["type"]!)
                {
                    case "Header":
                        writer.WriteHeader((string)f["profile"]!, (string)f["library"]!);
                        break;
                    case "Schema":
                        writer.WriteSchema(new McapSchema((ushort)RecordJson.Number(f["id"]), (string)f["name"]!, (string)f["encoding"]!, RecordJson.Bytes(f["data"])));
                        break;
                    case "Channel":
                        writer.WriteChannel(new McapChannel(
                            (ushort)RecordJson.Number(f["id"]), (ushort)RecordJson.Number(f["schema_id"]), (string)f["topic"]!, (string)f["message_encoding"]!, RecordJson.Map(f["metadata"])));
                        break;
                    case "Message":
                        writer.WriteMessage(
                            (ushort)RecordJson.Number(f["channel_id"]), (uint)RecordJson.Number(f["sequence"]), RecordJson.Number(f["log_time"]), RecordJson.Number(f["publish_time"]), RecordJson.Bytes(f["data"]));
                        break;
                    case "Attachment":
                        writer.WriteAttachment(new McapAttachment(
                            RecordJson.Number(f["log_time"]), RecordJson.Number(f["create_time"]), (string)f["name"]!, (string)f["media_type"]!, RecordJson.Bytes(f["data"]), 0));
                        break;
                    case "Metadata":
                        writer.WriteMetadata(new McapMetadata((string)f["name"]!, RecordJson.Map(f["metadata"])));
                        break;
                }
            }

            writer.Finish();
        }

        Assert.Equal(Convert.ToHexString(File.ReadAllBytes(path)), Convert.ToHexString(File.ReadAllBytes(temp["x.mcap"])));
    }
}
