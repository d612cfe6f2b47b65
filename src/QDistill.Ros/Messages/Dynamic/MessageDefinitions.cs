using System.Diagnostics.CodeAnalysis;
using System.Text;
using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>A set of message definitions by name, parsed when first asked for. Thread-safe.</summary>
public sealed class MessageDefinitions
{
    private static readonly Lazy<MessageDefinitions> LazyBuiltIn = new(LoadBuiltIn);

    private readonly Lock gate = new();
    private readonly Dictionary<string, string> texts;
    private readonly Dictionary<string, MessageDefinition> parsed = new(StringComparer.Ordinal);
    private readonly MessageDefinitions? fallback;

    internal MessageDefinitions(Dictionary<string, string> texts, MessageDefinitions? fallback)
    {
        this.texts = texts;
        this.fallback = fallback;
    }

    /// <summary>The interfaces compiled in: ROS 2's standard ones and QDistill's own.</summary>
    public static MessageDefinitions BuiltIn => LazyBuiltIn.Value;

    /// <summary>The full names of the interfaces in this set (not those of the built-in set behind it); services and actions by their own name.</summary>
    public IReadOnlyCollection<string> Names => texts.Keys;

    /// <summary>
    /// Takes every interface below a folder of the layout <c>package/msg/Type.msg</c> (also srv and action). Types that it lacks are taken from the built-in set.
    /// </summary>
    /// <exception cref="UserErrorException">The folder does not exist or holds no interface.</exception>
    public static MessageDefinitions FromFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new UserErrorException("the folder of message definitions does not exist", folder);
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string package in Directory.EnumerateDirectories(folder).Append(folder))
        {
            AddPackage(Path.GetFileName(Path.GetFullPath(package)), package, texts);
        }

        return texts.Count > 0
            ? new MessageDefinitions(texts, BuiltIn)
            : throw new UserErrorException("the folder holds no message definitions", folder, "lay them out as PACKAGE/msg/TYPE.msg");
    }

    /// <summary>A set from texts by full name; types that it lacks are taken from the built-in set.</summary>
    public static MessageDefinitions FromTexts(IEnumerable<KeyValuePair<string, string>> textsByName)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string text) in textsByName)
        {
            foreach (KeyValuePair<string, string> part in ConcatenatedDefinition.Split(InterfaceName.Full(name), text))
            {
                texts.TryAdd(part.Key, part.Value);
            }
        }

        return new MessageDefinitions(texts, BuiltIn);
    }

    /// <summary>The definition of a message type, or of a part of a service or action (<c>pkg/srv/S_Request</c>).</summary>
    /// <exception cref="UserErrorException">The type is unknown or its text is not valid.</exception>
    public MessageDefinition Get(string rosTypeName) => TryGet(rosTypeName, out MessageDefinition? definition)
        ? definition
        : throw new UserErrorException($"the message type {rosTypeName} is not known", null, "supply its .msg text in a folder PACKAGE/msg/TYPE.msg");

    /// <summary>Looks a definition up.</summary>
    /// <returns>False when the type is unknown.</returns>
    /// <exception cref="UserErrorException">The type's text is not valid.</exception>
    public bool TryGet(string rosTypeName, [NotNullWhen(true)] out MessageDefinition? definition)
    {
        string name = InterfaceName.Full(rosTypeName);
        lock (gate)
        {
            definition = Lookup(name);
            if (definition is not null)
            {
                InterfaceParser.Resolve(definition, Lookup);
                if (definition.Whole is not null)
                {
                    InterfaceParser.Resolve(definition.Whole, Lookup);
                }
            }
        }

        return definition is not null;
    }

    private static void AddPackage(string package, string folder, Dictionary<string, string> texts)
    {
        foreach (string kind in new[] { "msg", "srv", "action" })
        {
            string below = Path.Combine(folder, kind);
            if (!InterfaceName.IsWord(package) || !Directory.Exists(below))
            {
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(below, "*." + kind))
            {
                string name = $"{package}/{kind}/{Path.GetFileNameWithoutExtension(file)}";
                if (InterfaceName.IsFull(name))
                {
                    texts[name] = File.ReadAllText(file);
                }
            }
        }
    }

    // The generator embeds every interface's text: a line U+0001 and the name, then the text.
    private static MessageDefinitions LoadBuiltIn()
    {
        using Stream stream = typeof(MessageDefinitions).Assembly.GetManifestResourceStream("interfaces.txt")
            ?? throw new InvalidOperationException("the interfaces are not embedded in the program");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string entry in reader.ReadToEnd().Split('\u0001', StringSplitOptions.RemoveEmptyEntries))
        {
            int line = entry.IndexOf('\n');
            texts[entry[..line]] = entry[(line + 1)..];
        }

        return new MessageDefinitions(texts, null);
    }

    private MessageDefinition? Lookup(string name)
    {
        if (parsed.TryGetValue(name, out MessageDefinition? known))
        {
            return known;
        }

        string owner = Owner(name);
        if (!texts.TryGetValue(owner, out string? text))
        {
            return fallback is not null && fallback.TryGet(name, out MessageDefinition? builtIn) ? builtIn : null;
        }

        MessageDefinition[] all = !HasParts(text) ? [InterfaceParser.ParseMessage(owner, text, IsLocal)]
            : owner.Contains("/action/", StringComparison.Ordinal) ? InterfaceParser.ParseAction(owner, text)
            : InterfaceParser.ParseService(owner, text);
        foreach (MessageDefinition one in all)
        {
            parsed[one.Name] = one;
        }

        return parsed.GetValueOrDefault(name);
    }

    /// <summary>Whether a text is that of a service or an action: it has separator lines.</summary>
    internal static bool HasParts(string text) => ("\n" + text).Contains("\n---", StringComparison.Ordinal);

    private bool IsLocal(string name) => texts.ContainsKey(name);

    // pkg/srv/S_Request is defined in the text of pkg/srv/S, pkg/action/A_SendGoal_Request in that of pkg/action/A.
    private string Owner(string name)
    {
        for (string owner = name; ; owner = owner[..owner.LastIndexOf('_')])
        {
            if (texts.ContainsKey(owner))
            {
                return owner;
            }

            if (name.Contains("/msg/", StringComparison.Ordinal) || owner.LastIndexOf('_') < owner.LastIndexOf('/'))
            {
                return name;
            }
        }
    }
}
