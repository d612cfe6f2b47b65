using System.Text;

namespace QDistill.Ros;

/// <summary>
/// The structure of a message type: its fields in wire order, its constants, and the definitions of the messages inside it. Read from
/// .msg text, be it built in, embedded in a bag or supplied in a folder.
/// </summary>
public sealed partial class MessageDefinition
{
    internal const int MaxDepth = 64;

    private string? hash;

    internal MessageDefinition(string name, IReadOnlyList<FieldDefinition> fields, IReadOnlyList<ConstantDefinition> constants, string text)
    {
        Name = name;
        Members = [.. fields];
        Constants = constants;
        Text = text;
    }

    /// <summary>The full name, such as <c>sensor_msgs/msg/LaserScan</c>.</summary>
    public string Name { get; }

    /// <summary>The package, such as <c>sensor_msgs</c>.</summary>
    public string Package => Name[..Name.IndexOf('/')];

    /// <summary>The fields in wire order.</summary>
    public IReadOnlyList<FieldDefinition> Fields => Members;

    /// <summary>The constants in the order of the text.</summary>
    public IReadOnlyList<ConstantDefinition> Constants { get; }

    /// <summary>This type's own .msg text, without the types inside it.</summary>
    public string Text { get; }

    /// <summary>The RIHS01 type hash (REP 2016), <c>RIHS01_</c> and 64 hexadecimal digits.</summary>
    public string Hash => hash ??= TypeDescriptionHash.Of(this);

    /// <summary>The fields, for loops that must be fast.</summary>
    internal FieldDefinition[] Members { get; }

    /// <summary>The service or action that this message is a part of; null for a message of its own.</summary>
    internal MessageDefinition? Whole { get; set; }

    /// <summary>
    /// The whole definition in rosbag2's concatenated ros2msg form: own text, then every message type inside, each once, after a line of 80 <c>=</c> and
    /// a line <c>MSG: package/Type</c>. For a part of a service or an action it begins with the text of the whole .srv or .action file.
    /// </summary>
    public string ConcatenatedText()
    {
        var text = new StringBuilder();
        if (Whole is null)
        {
            Append(this, new HashSet<string>(StringComparer.Ordinal), text);
        }
        else
        {
            text.Append(Whole.Text);
            AppendDependencies(
                Whole.Fields.Select(f => f.Type.Message!).Where(part => part.Text.Length > 0).SelectMany(part => part.DirectDependencies()).Where(m => m.Whole is null),
                new HashSet<string>(StringComparer.Ordinal),
                text);
        }

        return text.ToString();
    }

    /// <summary>The index of a field in <see cref="Fields"/>, or -1.</summary>
    public int IndexOf(ReadOnlySpan<char> field)
    {
        for (int i = 0; i < Fields.Count; i++)
        {
            if (field.SequenceEqual(Fields[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The message types that this one's fields name directly.</summary>
    private IEnumerable<MessageDefinition> DirectDependencies() => Fields.Where(f => f.Type.Message is not null).Select(f => f.Type.Message!);

    private static void Append(MessageDefinition definition, HashSet<string> seen, StringBuilder text)
    {
        text.Append(definition.Text);
        AppendDependencies(definition.DirectDependencies(), seen, text);
    }

    // rosbag2's order: depth first, and by name among those of one message.
    private static void AppendDependencies(IEnumerable<MessageDefinition> dependencies, HashSet<string> seen, StringBuilder text)
    {
        foreach (MessageDefinition dependency in dependencies.DistinctBy(m => m.Name).OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (seen.Add(dependency.Name))
            {
                text.Append('\n').Append('=', 80).Append("\nMSG: ").Append(InterfaceName.Short(dependency.Name)).Append('\n');
                Append(dependency, seen, text);
            }
        }
    }
}
