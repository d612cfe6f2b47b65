using QDistill.Bags;
using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>Fits a robot to a bag: finds its topics, takes over types that the robot leaves open and definitions that the bag embeds, and says clearly what does not fit.</summary>
internal static class BagBinding
{
    public static RobotConfig Bind(string path, RobotConfig robot, List<string> warnings)
    {
        BagInfo info;
        using (BagReader reader = BagReader.Open(path, new BagReadOptions { Topics = [] }))
        {
            info = reader.Info;
        }

        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var definitions = new Dictionary<string, string>(robot.MessageDefinitions, StringComparer.Ordinal);
        foreach (SourceConfig source in robot.Sources)
        {
            BagTopic? topic = info.FindTopic(source.Topic);
            if (topic is null || topic.MessageCount == 0)
            {
                string what = topic is null ? $"topic {source.Topic} ({source.Name}) is not in the bag" : $"topic {source.Topic} ({source.Name}) has no messages in the bag";
                if (!source.Optional)
                {
                    throw new UserErrorException(what, path, Remedy(robot, source, info));
                }

                warnings.Add($"{path}: {what}; its features are marked invalid");
                continue;
            }

            if (topic.Type != source.Type && topic.Type.Length > 0)
            {
                if (source.TypeIsGiven || !SourceConfig.KnownTypes(source.Role).Contains(topic.Type))
                {
                    throw new UserErrorException(
                        $"topic {source.Topic} is of type {topic.Type}, but source '{source.Name}' expects {source.Type}", path,
                        source.Role == SourceRole.Contact ? $"give its type and fields in {robot.File}" : $"correct the topic or the type in {robot.File}");
                }

                types[source.Name] = topic.Type;
            }

            if (topic.Definition is { } text && topic.DefinitionEncoding is "ros2msg")
            {
                // What the bag embeds is what was recorded; a supplied text serves bags that embed none.
                definitions[topic.Type] = text;
            }
        }

        return robot.WithTypes(types).WithDefinitions(definitions);
    }

    private static string Remedy(RobotConfig robot, SourceConfig source, BagInfo info)
    {
        string[] alike = [.. info.Topics.Where(t => t.MessageCount > 0 && (t.Type == source.Type || SourceConfig.KnownTypes(source.Role).Contains(t.Type))).Select(t => t.Name)];
        string? near = NearestKey.Find(source.Topic, alike);
        return near is not null ? $"did you mean {near} ({info.FindTopic(near)!.Type}); set it in {robot.File}"
            : alike.Length > 0 ? $"topics of a type it can use: {string.Join(", ", alike)}; set one in {robot.File}, or optional: true"
            : $"the bag has no topic of type {string.Join(" or ", SourceConfig.KnownTypes(source.Role))}; remove the source from {robot.File} or set optional: true";
    }
}
