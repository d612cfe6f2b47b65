namespace QDistill.Bags;

/// <summary>The history policy of a recorded endpoint, with the numbers of rmw.</summary>
public enum RecordedHistory
{
    /// <summary>Left to the middleware.</summary>
    SystemDefault = 0,

    /// <summary>The last <see cref="OfferedQoS.Depth"/> samples.</summary>
    KeepLast = 1,

    /// <summary>All samples.</summary>
    KeepAll = 2,

    /// <summary>Not sent in discovery, so not known to the recorder.</summary>
    Unknown = 3,
}

/// <summary>The reliability policy of a recorded endpoint, with the numbers of rmw.</summary>
public enum RecordedReliability
{
    /// <summary>Left to the middleware.</summary>
    SystemDefault = 0,

    /// <summary>Lost samples are sent again.</summary>
    Reliable = 1,

    /// <summary>Samples may be lost.</summary>
    BestEffort = 2,

    /// <summary>Not known to the recorder.</summary>
    Unknown = 3,

    /// <summary>As good as the other side allows.</summary>
    BestAvailable = 4,
}

/// <summary>The durability policy of a recorded endpoint, with the numbers of rmw.</summary>
public enum RecordedDurability
{
    /// <summary>Left to the middleware.</summary>
    SystemDefault = 0,

    /// <summary>Late subscriptions get the last samples.</summary>
    TransientLocal = 1,

    /// <summary>Late subscriptions get nothing old.</summary>
    Volatile = 2,

    /// <summary>Not known to the recorder.</summary>
    Unknown = 3,

    /// <summary>As good as the other side allows.</summary>
    BestAvailable = 4,
}

/// <summary>The liveliness policy of a recorded endpoint, with the numbers of rmw.</summary>
public enum RecordedLiveliness
{
    /// <summary>Left to the middleware.</summary>
    SystemDefault = 0,

    /// <summary>The middleware asserts it.</summary>
    Automatic = 1,

    /// <summary>The node asserts it (no longer in ROS 2).</summary>
    ManualByNode = 2,

    /// <summary>The publisher asserts it.</summary>
    ManualByTopic = 3,

    /// <summary>Not known to the recorder.</summary>
    Unknown = 4,

    /// <summary>As good as the other side allows.</summary>
    BestAvailable = 5,
}

/// <summary>One publisher's QoS as rosbag2 recorded it; durations in ns, <see cref="long.MaxValue"/> = infinite, 0 = not specified.</summary>
public sealed record OfferedQoS
{
    /// <summary>The history policy.</summary>
    public RecordedHistory History { get; init; } = RecordedHistory.KeepLast;

    /// <summary>The depth of <see cref="RecordedHistory.KeepLast"/>; 0 when not known.</summary>
    public int Depth { get; init; } = 10;

    /// <summary>The reliability policy.</summary>
    public RecordedReliability Reliability { get; init; } = RecordedReliability.Reliable;

    /// <summary>The durability policy.</summary>
    public RecordedDurability Durability { get; init; } = RecordedDurability.Volatile;

    /// <summary>The longest time between two samples.</summary>
    public long DeadlineNs { get; init; } = long.MaxValue;

    /// <summary>How long a sample stays valid.</summary>
    public long LifespanNs { get; init; } = long.MaxValue;

    /// <summary>The liveliness policy.</summary>
    public RecordedLiveliness Liveliness { get; init; } = RecordedLiveliness.Automatic;

    /// <summary>Within which time liveliness is asserted.</summary>
    public long LivelinessLeaseNs { get; init; } = long.MaxValue;

    /// <summary>The topic's DDS name carries no ROS prefix.</summary>
    public bool AvoidRosNamespaceConventions { get; init; }

    /// <summary>rclcpp's default: reliable, volatile, keep last 10.</summary>
    public static OfferedQoS Default { get; } = new();

    /// <summary>rclcpp's SensorDataQoS: best effort, volatile, keep last 5.</summary>
    public static OfferedQoS SensorData { get; } = new() { Depth = 5, Reliability = RecordedReliability.BestEffort };

    /// <summary>Reliable, transient local, keep last 1: static transforms, maps, descriptions.</summary>
    public static OfferedQoS TransientLocal { get; } = new() { Depth = 1, Durability = RecordedDurability.TransientLocal };
}
