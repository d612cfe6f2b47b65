using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Features;

/// <summary>The fields of a custom message type that a robot names, compiled.</summary>
internal sealed class CustomFields
{
    private CustomFields(FieldPath[] paths, bool[] countsAsContact, FieldPath? seconds, FieldPath? nanoseconds, FieldPath? clock)
    {
        Paths = paths;
        CountsAsContact = countsAsContact;
        Seconds = seconds;
        Nanoseconds = nanoseconds;
        Clock = clock;
    }

    /// <summary>The named fields, accelerations before rates, positions before attitudes.</summary>
    public FieldPath[] Paths { get; }

    /// <summary>For each path: whether it leads into an array whose being non-empty is what counts.</summary>
    public bool[] CountsAsContact { get; }

    /// <summary>The header's stamp, when the type has one.</summary>
    public FieldPath? Seconds { get; }

    /// <summary>The header's stamp, nanoseconds.</summary>
    public FieldPath? Nanoseconds { get; }

    /// <summary>The sender's own clock, when the robot names it.</summary>
    public FieldPath? Clock { get; }

    public static CustomFields Compile(RobotConfig robot, SourceConfig source)
    {
        string where = $"{robot.File}, source '{source.Name}'";
        MessageDefinition definition = Find(robot, source, where);
        string[] names = [.. source.Fields, .. source.RateFields, .. source.OrientationFields];
        var paths = new FieldPath[names.Length];
        var counts = new bool[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            try
            {
                string path = source.Role == SourceRole.Contact ? IntoArray(definition, names[i]) : names[i];
                counts[i] = path != names[i];
                paths[i] = FieldPath.Compile(definition, path);
            }
            catch (UserErrorException e)
            {
                throw new UserErrorException($"field '{names[i]}' cannot be read: {e.What}", where, e.Remedy, e);
            }
        }

        bool hasStamp = definition.IndexOf("header") is >= 0 and var h && definition.Fields[h].Type.MessageName == "std_msgs/msg/Header";
        return new CustomFields(
            paths, counts, hasStamp ? FieldPath.Compile(definition, "header.stamp.sec") : null, hasStamp ? FieldPath.Compile(definition, "header.stamp.nanosec") : null,
            source.StampField is { } clock ? FieldPath.Compile(definition, clock) : null);
    }

    private static MessageDefinition Find(RobotConfig robot, SourceConfig source, string where)
    {
        if (robot.MessageDefinitions.TryGetValue(source.Type, out string? text))
        {
            return MessageDefinition.Parse(source.Type, text);
        }

        return MessageRegistry.Find(source.Type)?.Structure
            ?? throw new UserErrorException($"message type {source.Type} has no definition", where, $"give its .msg text under message_definitions: {source.Type}");
    }

    /// <summary>A sequence is a contact while it holds anything: the path to the first number in its first element.</summary>
    private static string IntoArray(MessageDefinition definition, string name)
    {
        if (definition.IndexOf(name) is not (>= 0 and var field) || definition.Fields[field].Type.Array == ArrayKind.None)
        {
            return name;
        }

        string path = name + "[0]";
        MessageDefinition? inner = definition.Fields[field].Type.Message;
        while (inner is not null)
        {
            FieldDefinition first = inner.Fields[0];
            path += "." + first.Name;
            inner = first.Type.Array == ArrayKind.None ? first.Type.Message : null;
            if (first.Type.Array != ArrayKind.None)
            {
                throw new UserErrorException($"'{name}' holds messages that begin with an array", null, "name a number inside it");
            }
        }

        return path;
    }
}
