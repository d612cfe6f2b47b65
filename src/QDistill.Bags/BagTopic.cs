namespace QDistill.Bags;

/// <summary>One topic of a bag.</summary>
public sealed class BagTopic
{
    internal BagTopic(string name, string type)
    {
        Name = name;
        Type = type;
    }

    /// <summary>The topic's name as recorded, for example <c>/scan</c>.</summary>
    public string Name { get; }

    /// <summary>The ROS type as recorded, for example <c>sensor_msgs/msg/LaserScan</c>; empty when the bag does not say.</summary>
    public string Type { get; }

    /// <summary>How messages are encoded: <c>cdr</c>.</summary>
    public string SerializationFormat { get; internal set; } = "cdr";

    /// <summary>How many messages the whole bag holds of it, whatever is selected for reading.</summary>
    public long MessageCount { get; internal set; }

    /// <summary>The QoS of each recorded publisher; empty when the bag does not say.</summary>
    public IReadOnlyList<OfferedQoS> OfferedQoS { get; internal set; } = [];

    /// <summary>The embedded definition: the .msg text followed by those of its dependencies (rosbag2's <c>ros2msg</c> form); null when there is none or it is of another kind.</summary>
    public string? Definition { get; internal set; }

    /// <summary>The kind of embedded definition (<c>ros2msg</c>, <c>ros2idl</c>, ...); empty when there is none.</summary>
    public string DefinitionEncoding { get; internal set; } = string.Empty;

    /// <summary>The type description hash (<c>RIHS01_...</c>); empty when the bag does not say.</summary>
    public string TypeHash { get; internal set; } = string.Empty;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Type})";
}
