using System.Diagnostics.CodeAnalysis;

namespace QDistill.Ros;

/// <summary>The message types that are compiled in, by ROS name. The two look-ups are generated switches: no reflection, nothing to initialise.</summary>
public static partial class MessageRegistry
{
    /// <summary>Creates an empty message.</summary>
    /// <param name="rosTypeName">Such as <c>sensor_msgs/msg/LaserScan</c> or <c>rcl_interfaces/srv/GetParameters_Request</c>.</param>
    /// <param name="message">The new message.</param>
    /// <returns>False when the type is not compiled in; then use <see cref="DynamicMessage"/>.</returns>
    public static bool TryCreate(string rosTypeName, [NotNullWhen(true)] out IMessage? message)
    {
        message = Create(rosTypeName);
        return message is not null;
    }

    /// <summary>The type of this name, or null when it is not compiled in.</summary>
    public static MessageType? Find(string rosTypeName) => FindType(rosTypeName);

    private static partial IMessage? Create(string name);

    private static partial MessageType? FindType(string name);
}
