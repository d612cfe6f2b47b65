using System.Globalization;
using System.Text;

namespace QDistill.Bags.Metadata;

/// <summary>Writes metadata in rosbag2's version 9 layout.</summary>
internal static class MetadataYaml
{
    /// <summary>The text of metadata.yaml.</summary>
    public static string File(BagMetadata metadata) => "rosbag2_bagfile_information:\n" + Body(metadata, "  ");

    /// <summary>The text that rosbag2 embeds in its files: the same without the outer key.</summary>
    public static string Embedded(BagMetadata metadata) => Body(metadata, string.Empty);

    private static string Body(BagMetadata m, string i)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.Append(i).Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Line($"version: {m.Version}");
        Line($"storage_identifier: {m.Storage}");
        Line($"duration:");
        Line($"  nanoseconds: {m.DurationNs}");
        Line($"starting_time:");
        Line($"  nanoseconds_since_epoch: {m.StartNs}");
        Line($"message_count: {m.MessageCount}");
        Line($"topics_with_message_count:");
        if (m.Topics.Count == 0)
        {
            Line($"  []");
        }

        foreach (TopicMetadata topic in m.Topics)
        {
            Line($"  - topic_metadata:");
            Line($"      name: {Scalar(topic.Name)}");
            Line($"      type: {Scalar(topic.Type)}");
            Line($"      serialization_format: {Scalar(topic.SerializationFormat)}");
            if (topic.OfferedQoS.Count == 0)
            {
                Line($"      offered_qos_profiles: []");
            }
            else
            {
                Line($"      offered_qos_profiles:");
                text.Append(QoSYaml.Write(topic.OfferedQoS, i + "        "));
            }

            Line($"      type_description_hash: {Scalar(topic.TypeHash)}");
            Line($"    message_count: {topic.MessageCount}");
        }

        Line($"compression_format: {Scalar(m.CompressionFormat)}");
        Line($"compression_mode: {Scalar(m.CompressionMode)}");
        Line($"relative_file_paths:");
        foreach (string path in m.RelativePaths)
        {
            Line($"  - {Scalar(path)}");
        }

        Line($"files:");
        foreach (FileMetadata file in m.Files)
        {
            Line($"  - path: {Scalar(file.Path)}");
            Line($"    starting_time:");
            Line($"      nanoseconds_since_epoch: {file.StartNs}");
            Line($"    duration:");
            Line($"      nanoseconds: {file.DurationNs}");
            Line($"    message_count: {file.MessageCount}");
        }

        Line($"custom_data: ~");
        Line($"ros_distro: {Scalar(m.RosDistro)}");
        return text.ToString();
    }

    /// <summary>Names of ROS need no quotes; anything else gets them.</summary>
    private static string Scalar(string text)
    {
        bool plain = text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '_');
        foreach (char c in text)
        {
            plain &= char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '.' or '-';
        }

        if (plain && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off"))
        {
            return text;
        }

        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                < ' ' or '\u007f' => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
