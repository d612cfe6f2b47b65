namespace QDistill.Bags;

/// <summary>What a bag says of a topic's type.</summary>
/// <param name="Name">The ROS name, for example <c>sensor_msgs/msg/LaserScan</c>.</param>
/// <param name="Definition">The .msg text followed by those of its dependencies (<c>ros2msg</c>); empty when not known.</param>
/// <param name="Hash">The type description hash (<c>RIHS01_...</c>); empty when not known.</param>
public sealed record RecordedType(string Name, string Definition, string Hash);
