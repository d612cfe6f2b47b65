using QDistill.Configuration;

namespace QDistill.Ros.CodeGen;

/// <summary>One interface file and what it defines.</summary>
/// <param name="Name">The full name, such as <c>std_srvs/srv/Trigger</c>.</param>
/// <param name="Text">The file's own text.</param>
/// <param name="Parts">One message, or the parts that <see cref="InterfaceParser"/> makes of a service or an action.</param>
internal sealed record Interface(string Name, string Text, MessageDefinition[] Parts)
{
    public string Package => Name[..Name.IndexOf('/')];

    public string Kind => Name.Split('/')[1];

    public string Short => Name[(Name.LastIndexOf('/') + 1)..];
}

/// <summary>All interfaces that are compiled in, resolved against each other.</summary>
internal sealed class InterfaceSet
{
    private readonly SortedDictionary<string, Interface> interfaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MessageDefinition> parts = new(StringComparer.Ordinal);

    // Fields that a later distribution appended: type, field.
    private readonly HashSet<(string, string)> appended = [];

    public IEnumerable<Interface> All => interfaces.Values;

    /// <summary>Adds every package below a folder: <c>folder/package/{msg,srv,action}</c>.</summary>
    public void AddPackages(string folder)
    {
        foreach (string package in Directory.GetDirectories(folder))
        {
            AddPackage(Path.GetFileName(package), package);
        }
    }

    /// <summary>Adds one package: <c>folder/{msg,srv,action}</c>.</summary>
    public void AddPackage(string package, string folder)
    {
        foreach (string kind in new[] { "msg", "srv", "action" })
        {
            string below = Path.Combine(folder, kind);
            foreach (string file in Directory.Exists(below) ? Directory.GetFiles(below, "*." + kind) : [])
            {
                Add($"{package}/{kind}/{Path.GetFileNameWithoutExtension(file)}", File.ReadAllText(file), file);
            }
        }
    }

    /// <summary>Marks the last fields of a type, from the named one on, as unknown to older distributions: a payload may end before them.</summary>
    /// <param name="field">Type and field, such as <c>sensor_msgs/msg/Range:variance</c>.</param>
    public void AddAppended(string field)
    {
        string[] words = field.Split(':');
        if (words.Length != 2 || !parts.TryGetValue(words[0], out MessageDefinition? type) || type.IndexOf(words[1]) is var first && first < 0
            || type.Fields.Skip(first).Any(f => f.Type.Array != ArrayKind.None || !f.Type.Kind.IsPrimitive()))
        {
            throw new UserErrorException($"'{field}' does not name a field that ends its type with primitives");
        }

        appended.UnionWith(type.Fields.Skip(first).Select(f => (type.Name, f.Name)));
    }

    /// <summary>Whether older distributions lack the field.</summary>
    public bool IsAppended(string type, string field) => appended.Contains((type, field));

    public void Resolve()
    {
        foreach (MessageDefinition part in parts.Values)
        {
            InterfaceParser.Resolve(part, parts.GetValueOrDefault);
        }
    }

    private void Add(string name, string text, string file)
    {
        // Published collections append the types inside; each has a file of its own here.
        // They also append an empty line, which ROS's own files (and so rosbag2's definitions) do not have.
        string own = ConcatenatedDefinition.Split(name, text)[0].Value.TrimEnd('\n') + "\n";
        MessageDefinition[] made = name.Split('/')[1] switch
        {
            "srv" => InterfaceParser.ParseService(name, own),
            "action" => InterfaceParser.ParseAction(name, own),
            _ => [InterfaceParser.ParseMessage(name, own)],
        };
        if (!interfaces.TryAdd(name, new Interface(name, own, made)))
        {
            throw new UserErrorException($"the interface {name} is defined twice", file, "remove one of the two files");
        }

        foreach (MessageDefinition part in made)
        {
            parts.Add(part.Name, part);
        }
    }
}
