using System.Globalization;
using System.Text;
using System.Text.Json;

namespace QDistill.Bags;

/// <summary>What a bag holds as a whole, whatever part of it is selected for reading.</summary>
public sealed class BagInfo
{
    /// <summary><c>mcap</c> or <c>sqlite3</c>.</summary>
    public string Storage { get; internal set; } = string.Empty;

    /// <summary>The bag's files in their order.</summary>
    public IReadOnlyList<string> Files { get; internal set; } = [];

    /// <summary>The log time of the first message [ns since the epoch]; 0 when there is none.</summary>
    public long StartNs { get; internal set; }

    /// <summary>The log time of the last message [ns since the epoch]; 0 when there is none.</summary>
    public long EndNs { get; internal set; }

    /// <summary>From the first message to the last [ns].</summary>
    public long DurationNs => EndNs - StartNs;

    /// <summary>All messages of all topics.</summary>
    public long MessageCount { get; internal set; }

    /// <summary>All topics, ordered by name.</summary>
    public IReadOnlyList<BagTopic> Topics { get; internal set; } = [];

    /// <summary>The version of metadata.yaml; 0 when there is none.</summary>
    public int MetadataVersion { get; internal set; }

    /// <summary>The ROS distribution that recorded it; empty when the bag does not say.</summary>
    public string RosDistro { get; internal set; } = string.Empty;

    /// <summary>rosbag2's own compression, <c>zstd (file)</c> or <c>zstd (message)</c>; empty when there is none. Chunk compression of MCAP is not this.</summary>
    public string Compression { get; internal set; } = string.Empty;

    /// <summary>What is wrong with the bag but could be worked around: each names the file, the byte and what is missing. Grows while reading.</summary>
    public IReadOnlyList<string> Warnings => WarningList;

    internal List<string> WarningList { get; } = [];

    /// <summary>The topic of that name, or null.</summary>
    public BagTopic? FindTopic(string name) => Topics.FirstOrDefault(t => t.Name == name);

    /// <summary><c>{storage, duration_s, start, message_count, topics:[{name,type,count}]}</c>, with times in seconds to the ns, and warnings if any.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("storage", Storage);
            json.WritePropertyName("duration_s");
            json.WriteRawValue(Seconds(DurationNs));
            json.WritePropertyName("start");
            json.WriteRawValue(Seconds(StartNs));
            json.WriteNumber("message_count", MessageCount);
            json.WriteStartArray("topics");
            foreach (BagTopic topic in Topics)
            {
                json.WriteStartObject();
                json.WriteString("name", topic.Name);
                json.WriteString("type", topic.Type);
                json.WriteNumber("count", topic.MessageCount);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (WarningList.Count > 0)
            {
                json.WriteStartArray("warnings");
                foreach (string warning in WarningList)
                {
                    json.WriteStringValue(warning);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Seconds(long ns) => string.Create(CultureInfo.InvariantCulture, $"{ns / 1_000_000_000}.{ns % 1_000_000_000:D9}");
}
