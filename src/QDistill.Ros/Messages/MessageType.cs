namespace QDistill.Ros;

/// <summary>What the graph and a bag need to know of a message type.</summary>
public sealed class MessageType
{
    private string? definition;
    private MessageDefinition? structure;

    /// <summary>A type whose structure is known from its definition (a bag's or a supplied one).</summary>
    public MessageType(MessageDefinition structure)
        : this(structure.Name, structure.Hash)
    {
        this.structure = structure;
    }

    /// <summary>A type of which only name, hash and text are known.</summary>
    /// <param name="name">The full name, such as <c>sensor_msgs/msg/LaserScan</c>.</param>
    /// <param name="hash">RIHS01_ and 64 hexadecimal digits, or empty when unknown.</param>
    /// <param name="definition">The concatenated ros2msg text, or empty when unknown.</param>
    public MessageType(string name, string hash, string definition)
        : this(name, hash)
    {
        this.definition = definition;
    }

    /// <summary>A built-in type: its text is among the embedded interfaces.</summary>
    internal MessageType(string name, string hash)
    {
        Name = name;
        DdsName = InterfaceName.Dds(name);
        Hash = hash;
    }

    /// <summary>The full name, such as <c>sensor_msgs/msg/LaserScan</c>.</summary>
    public string Name { get; }

    /// <summary>The name on the wire, such as <c>sensor_msgs::msg::dds_::LaserScan_</c>.</summary>
    public string DdsName { get; }

    /// <summary>The RIHS01 hash, or empty when unknown.</summary>
    public string Hash { get; }

    /// <summary>The concatenated ros2msg text, as rosbag2 stores it in MCAP files; empty when unknown.</summary>
    public string Definition => definition ??= Structure.ConcatenatedText();

    /// <summary>The type's structure, parsed at first use.</summary>
    /// <exception cref="Configuration.UserErrorException">The definition is not valid.</exception>
    public MessageDefinition Structure => structure ??= definition is null ? MessageDefinitions.BuiltIn.Get(Name) : MessageDefinition.Parse(Name, definition);

    /// <summary>The type of a generated class.</summary>
    public static MessageType Of<T>()
        where T : class, IMessage<T>, new() => T.Type;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What the graph needs to know of a service type.</summary>
/// <param name="Name">The full name, such as <c>rcl_interfaces/srv/GetParameters</c>.</param>
/// <param name="Hash">The RIHS01 hash of the service itself.</param>
/// <param name="Request">The type of requests.</param>
/// <param name="Response">The type of responses.</param>
/// <param name="Event">The type of introspection events.</param>
public sealed record ServiceType(string Name, string Hash, MessageType Request, MessageType Response, MessageType Event);

/// <summary>What the graph needs to know of an action type.</summary>
/// <param name="Name">The full name, such as <c>tf2_msgs/action/LookupTransform</c>.</param>
/// <param name="Hash">The RIHS01 hash of the action itself.</param>
/// <param name="Goal">The type of goals.</param>
/// <param name="Result">The type of results.</param>
/// <param name="Feedback">The type of feedback.</param>
/// <param name="SendGoal">The service <c>/_action/send_goal</c>.</param>
/// <param name="GetResult">The service <c>/_action/get_result</c>.</param>
/// <param name="FeedbackMessage">The topic <c>/_action/feedback</c>.</param>
public sealed record ActionType(
    string Name, string Hash, MessageType Goal, MessageType Result, MessageType Feedback, ServiceType SendGoal, ServiceType GetResult, MessageType FeedbackMessage);
