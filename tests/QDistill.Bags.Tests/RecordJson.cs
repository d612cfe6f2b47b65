using System.Globalization;
using System.Text.Json.Nodes;
using QDistill.Bags.Mcap;

namespace QDistill.Bags.Tests;

/// <summary>MCAP records in the JSON form of the conformance suite: chunks opened, message indexes left out, every number a string, fields by name.</summary>
internal sealed class RecordJson
{
    public JsonArray Result { get; } = [];

    public static IReadOnlyDictionary<string, JsonNode> Fields(JsonNode record) =>
        record["fields"]!.AsArray().ToDictionary(f => (string)f![0]!, f => f![1]!);

    public static ulong Number(JsonNode node) => ulong.Parse((string)node!, CultureInfo.InvariantCulture);

    public static byte[] Bytes(JsonNode node) => [.. node.AsArray().Select(b => byte.Parse((string)b!, CultureInfo.InvariantCulture))];

    public static Dictionary<string, string> Map(JsonNode node) => node.AsObject().ToDictionary(p => p.Key, p => (string)p.Value!);

    public void AddChunk(ReadOnlySpan<byte> records)
    {
        var rest = new McapFields(records);
        while (!rest.AtEnd)
        {
            var opcode = (McapOpcode)rest.U8();
            Add(opcode, rest.Bytes64());
        }
    }

    public void Add(McapOpcode opcode, ReadOnlySpan<byte> content)
    {
        switch (opcode)
        {
            case McapOpcode.Header:
                McapHeader header = McapHeader.Parse(content);
                Record(opcode, ("library", header.Library), ("profile", header.Profile));
                break;
            case McapOpcode.Footer:
                McapFooter footer = McapFooter.Parse(content);
                Record(opcode, ("summary_crc", N(footer.SummaryCrc)), ("summary_offset_start", N(footer.SummaryOffsetStart)), ("summary_start", N(footer.SummaryStart)));
                break;
            case McapOpcode.Schema:
                McapSchema schema = McapSchema.Parse(content);
                Record(opcode, ("data", B(schema.Data)), ("encoding", schema.Encoding), ("id", N(schema.Id)), ("name", schema.Name));
                break;
            case McapOpcode.Channel:
                McapChannel channel = McapChannel.Parse(content);
                Record(opcode, ("id", N(channel.Id)), ("message_encoding", channel.MessageEncoding), ("metadata", M(channel.Metadata)), ("schema_id", N(channel.SchemaId)), ("topic", channel.Topic));
                break;
            case McapOpcode.Message:
                McapMessageHeader message = McapMessageHeader.Parse(content);
                Record(
                    opcode,
                    ("channel_id", N(message.ChannelId)),
                    ("data", B(content[McapMessageHeader.Length..])),
                    ("log_time", N(message.LogTime)),
                    ("publish_time", N(message.PublishTime)),
                    ("sequence", N(message.Sequence)));
                break;
            case McapOpcode.ChunkIndex:
                McapChunkIndex chunk = McapChunkIndex.Parse(content);
                Record(
                    opcode,
                    ("chunk_length", N(chunk.ChunkLength)),
                    ("chunk_start_offset", N(chunk.ChunkStart)),
                    ("compressed_size", N(chunk.CompressedSize)),
                    ("compression", chunk.Compression),
                    ("message_end_time", N(chunk.EndTime)),
                    ("message_index_length", N(chunk.MessageIndexLength)),
                    ("message_index_offsets", C(chunk.MessageIndexOffsets)),
                    ("message_start_time", N(chunk.StartTime)),
                    ("uncompressed_size", N(chunk.UncompressedSize)));
                break;
            case McapOpcode.Attachment:
                McapAttachment attachment = McapAttachment.Parse(content);
                Record(
                    opcode,
                    ("create_time", N(attachment.CreateTime)),
                    ("data", B(attachment.Data)),
                    ("log_time", N(attachment.LogTime)),
                    ("media_type", attachment.MediaType),
                    ("name", attachment.Name));
                break;
            case McapOpcode.AttachmentIndex:
                McapAttachmentIndex a = McapAttachmentIndex.Parse(content);
                Record(
                    opcode,
                    ("create_time", N(a.CreateTime)),
                    ("data_size", N(a.DataSize)),
                    ("length", N(a.Length)),
                    ("log_time", N(a.LogTime)),
                    ("media_type", a.MediaType),
                    ("name", a.Name),
                    ("offset", N(a.Offset)));
                break;
            case McapOpcode.Statistics:
                McapStatistics s = McapStatistics.Parse(content);
                Record(
                    opcode,
                    ("attachment_count", N(s.AttachmentCount)),
                    ("channel_count", N(s.ChannelCount)),
                    ("channel_message_counts", C(s.ChannelMessageCounts)),
                    ("chunk_count", N(s.ChunkCount)),
                    ("message_count", N(s.MessageCount)),
                    ("message_end_time", N(s.EndTime)),
                    ("message_start_time", N(s.StartTime)),
                    ("metadata_count", N(s.MetadataCount)),
                    ("schema_count", N(s.SchemaCount)));
                break;
            case McapOpcode.Metadata:
                McapMetadata metadata = McapMetadata.Parse(content);
                Record(opcode, ("metadata", M(metadata.Entries)), ("name", metadata.Name));
                break;
            case McapOpcode.MetadataIndex:
                McapMetadataIndex index = McapMetadataIndex.Parse(content);
                Record(opcode, ("length", N(index.Length)), ("name", index.Name), ("offset", N(index.Offset)));
                break;
            case McapOpcode.SummaryOffset:
                McapSummaryOffset offset = McapSummaryOffset.Parse(content);
                Record(opcode, ("group_length", N(offset.GroupLength)), ("group_opcode", N(offset.GroupOpcode)), ("group_start", N(offset.GroupStart)));
                break;
            case McapOpcode.DataEnd:
                Record(opcode, ("data_section_crc", N(McapDataEnd.Parse(content).DataSectionCrc)));
                break;
            case McapOpcode.MessageIndex:
                Assert.NotNull(McapMessageIndex.Parse(content));
                break;
            default:
                Assert.Fail($"unexpected {opcode}");
                break;
        }
    }

    private static string N(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static JsonArray B(ReadOnlySpan<byte> data)
    {
        var array = new JsonArray();
        foreach (byte b in data)
        {
            array.Add(N(b));
        }

        return array;
    }

    private static JsonObject M(IReadOnlyDictionary<string, string> map) => new(map.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));

    private static JsonObject C((ushort Channel, ulong Value)[] map) => new(map.Select(p => KeyValuePair.Create(N(p.Channel), (JsonNode?)N(p.Value))));

    private void Record(McapOpcode type, params (string Name, JsonNode Value)[] fields) => Result.Add((JsonNode)new JsonObject
    {
        ["type"] = type.ToString(),
        ["fields"] = new JsonArray([.. fields.Select(f => (JsonNode)new JsonArray(f.Name, f.Value))]),
    });
}
