using QDistill.Configuration;

namespace QDistill.Ros;

/// <content>Definitions read at run time.</content>
public sealed partial class MessageDefinition
{
    private MessageType? type;

    /// <summary>The message type of this definition: for a publisher, or for a topic of a bag.</summary>
    public MessageType Type => type ?? LazyInitializer.EnsureInitialized(ref type, () => new MessageType(this));

    internal CdrLayout.Step[]? Layout { get; set; }

    /// <summary>
    /// Parses a definition as bags embed it: the type's own .msg text and then, after separator lines, those of the types inside it. Types that the text lacks are
    /// taken from the built-in interfaces.
    /// </summary>
    /// <param name="rosTypeName">The full name, such as <c>my_msgs/msg/Contact</c>; <c>my_msgs/Contact</c> is understood.</param>
    /// <param name="concatenatedRos2msgText">The text; a single .msg file will do.</param>
    /// <exception cref="UserErrorException">The name or the text is not valid, or a type inside is unknown.</exception>
    public static MessageDefinition Parse(string rosTypeName, string concatenatedRos2msgText)
    {
        string name = InterfaceName.Full(rosTypeName);
        if (!InterfaceName.IsFull(name))
        {
            throw new UserErrorException($"'{rosTypeName}' is not the name of a message type", null, "write it as package/msg/Type");
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (KeyValuePair<string, string> part in ConcatenatedDefinition.Split(name, concatenatedRos2msgText))
        {
            // Under the name of a service's part (a recorded event, say) bags embed the text of the whole service.
            bool whole = !part.Key.Contains("/msg/", StringComparison.Ordinal) && MessageDefinitions.HasParts(part.Value);
            texts[whole ? InterfaceName.Whole(part.Key) : part.Key] = part.Value;
        }

        return new MessageDefinitions(texts, MessageDefinitions.BuiltIn).Get(name);
    }
}
