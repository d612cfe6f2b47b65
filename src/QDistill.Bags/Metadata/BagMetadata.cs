using QDistill.Configuration;

namespace QDistill.Bags.Metadata;

/// <summary>A topic's entry in metadata.yaml.</summary>
internal sealed record TopicMetadata(string Name, string Type, string SerializationFormat, IReadOnlyList<OfferedQoS> OfferedQoS, string TypeHash, long MessageCount);

/// <summary>A file's entry in metadata.yaml (since version 5).</summary>
internal sealed record FileMetadata(string Path, long StartNs, long DurationNs, long MessageCount);

/// <summary>What rosbag2's metadata.yaml says, of any version so far (1 to 9).</summary>
internal sealed record BagMetadata
{
    /// <summary>The newest version of which the meaning is known.</summary>
    public const int NewestVersion = 9;

    public required string Source { get; init; }

    public int Version { get; init; }

    public string Storage { get; init; } = string.Empty;

    public long DurationNs { get; init; }

    /// <summary><see cref="long.MaxValue"/> when there are no messages.</summary>
    public long StartNs { get; init; }

    public long MessageCount { get; init; }

    public IReadOnlyList<TopicMetadata> Topics { get; init; } = [];

    public string CompressionFormat { get; init; } = string.Empty;

    public string CompressionMode { get; init; } = string.Empty;

    public IReadOnlyList<string> RelativePaths { get; init; } = [];

    public IReadOnlyList<FileMetadata> Files { get; init; } = [];

    public string RosDistro { get; init; } = string.Empty;

    /// <summary>Whether each message is a zstd frame of its own.</summary>
    public bool CompressedMessages => CompressionMode.Equals("message", StringComparison.OrdinalIgnoreCase) && CompressionFormat.Length > 0;

    /// <summary>Reads metadata.yaml.</summary>
    /// <exception cref="UserErrorException">It is not such a file; the line is named.</exception>
    public static BagMetadata Load(string path)
    {
        ConfigSection top = ConfigFile.Load(path);
        return Read(top.Section("rosbag2_bagfile_information"), path);
    }

    /// <summary>Reads the text that rosbag2 embeds in its files, which lacks the outer key.</summary>
    /// <exception cref="UserErrorException">It is not such a text.</exception>
    public static BagMetadata Parse(string text, string name) => Read(ConfigFile.Parse(text, name), name);

    private static BagMetadata Read(ConfigSection s, string source)
    {
        var metadata = new BagMetadata
        {
            Source = source,
            Version = (int)s.Int("version", 1, 0, int.MaxValue),
            Storage = s.String("storage_identifier"),
            DurationNs = s.OptionalSection("duration")?.Int("nanoseconds") ?? 0,
            StartNs = s.OptionalSection("starting_time")?.Int("nanoseconds_since_epoch") ?? 0,
            MessageCount = s.Int("message_count", 0, 0),
            Topics = [.. s.Sections("topics_with_message_count").Select(Topic)],
            CompressionFormat = s.String("compression_format", string.Empty),
            CompressionMode = s.String("compression_mode", string.Empty),
            RelativePaths = s.Strings("relative_file_paths"),
            Files = [.. s.Sections("files").Select(File)],
            RosDistro = s.String("ros_distro", string.Empty),
        };
        if (metadata.CompressionFormat.Length > 0 && metadata.CompressionFormat != "zstd")
        {
            throw BagErrors.UnknownCompression(metadata.CompressionFormat, source);
        }

        return metadata.CompressionMode.ToUpperInvariant() is "" or "NONE" or "FILE" or "MESSAGE"
            ? metadata
            : throw s.Error("compression_mode", $"'{metadata.CompressionMode}' is not one of NONE, FILE, MESSAGE");
    }

    private static TopicMetadata Topic(ConfigSection s)
    {
        ConfigSection t = s.Section("topic_metadata");
        return new TopicMetadata(
            t.String("name"),
            t.String("type"),
            t.String("serialization_format", string.Empty),
            QoSYaml.Read(t, "offered_qos_profiles"),
            t.String("type_description_hash", string.Empty),
            s.Int("message_count", 0, 0));
    }

    private static FileMetadata File(ConfigSection s) => new(
        s.String("path"),
        s.OptionalSection("starting_time")?.Int("nanoseconds_since_epoch") ?? 0,
        s.OptionalSection("duration")?.Int("nanoseconds") ?? 0,
        s.Int("message_count", 0, 0));
}
