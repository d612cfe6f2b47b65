using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>Quality of service of an endpoint. Immutable; vary a profile by <c>QoSProfile.Default with { Depth = 1 }</c>.</summary>
public sealed record QoSProfile
{
    /// <summary>No limit, for the three durations.</summary>
    public static readonly TimeSpan Infinite = TimeSpan.MaxValue;

    /// <summary>ROS's default for topics: reliable, volatile, keep last 10.</summary>
    public static QoSProfile Default { get; } = new();

    /// <summary>Sensor data: best effort, volatile, keep last 5.</summary>
    public static QoSProfile SensorData { get; } = new() { Reliability = ReliabilityPolicy.BestEffort, Depth = 5 };

    /// <summary>Latched: reliable, transient local, keep last 1 (/tf_static, maps, robot_description).</summary>
    public static QoSProfile TransientLocal { get; } = new() { Durability = DurabilityPolicy.TransientLocal, Depth = 1 };

    /// <summary>Services: as <see cref="Default"/>.</summary>
    public static QoSProfile Services { get; } = new();

    /// <summary>Parameter services: reliable, volatile, keep last 1000.</summary>
    public static QoSProfile Parameters { get; } = new() { Depth = 1000 };

    /// <summary>/parameter_events: reliable, volatile, keep last 1000.</summary>
    public static QoSProfile ParameterEvents { get; } = new() { Depth = 1000 };

    /// <summary>/rosout: reliable, transient local, keep last 1000, lifespan 10 s.</summary>
    public static QoSProfile RosOut { get; } = new() { Durability = DurabilityPolicy.TransientLocal, Depth = 1000, Lifespan = TimeSpan.FromSeconds(10) };

    /// <summary>Status topics of actions: reliable, transient local, keep last 1.</summary>
    public static QoSProfile ActionStatus => TransientLocal;

    /// <summary>Subscriptions to /clock: best effort, volatile, keep last 1.</summary>
    public static QoSProfile Clock { get; } = new() { Reliability = ReliabilityPolicy.BestEffort, Depth = 1 };

    /// <summary>/tf: reliable, volatile, keep last 100.</summary>
    public static QoSProfile Tf { get; } = new() { Depth = 100 };

    /// <summary>The middleware's own defaults: reliable, volatile, keep last 1.</summary>
    public static QoSProfile SystemDefault { get; } = new()
    {
        Reliability = ReliabilityPolicy.SystemDefault,
        Durability = DurabilityPolicy.SystemDefault,
        History = HistoryPolicy.SystemDefault,
        Depth = 0,
    };

    /// <summary>Matches whatever is there: the policies are chosen when the endpoint is created, from the endpoints known then.</summary>
    public static QoSProfile BestAvailable { get; } = new()
    {
        Reliability = ReliabilityPolicy.BestAvailable,
        Durability = DurabilityPolicy.BestAvailable,
        Liveliness = LivelinessPolicy.BestAvailable,
    };

    /// <summary>Whether lost messages are sent again.</summary>
    public ReliabilityPolicy Reliability { get; init; } = ReliabilityPolicy.Reliable;

    /// <summary>What a late subscription gets.</summary>
    public DurabilityPolicy Durability { get; init; } = DurabilityPolicy.Volatile;

    /// <summary>Whether the last <see cref="Depth"/> messages or all are kept.</summary>
    public HistoryPolicy History { get; init; } = HistoryPolicy.KeepLast;

    /// <summary>Messages kept with <see cref="HistoryPolicy.KeepLast"/>; 0 stands for 1.</summary>
    public int Depth { get; init; } = 10;

    /// <summary>The longest time between two messages; <see cref="Infinite"/> for none.</summary>
    public TimeSpan Deadline { get; init; } = Infinite;

    /// <summary>How long a message is worth delivering; <see cref="Infinite"/> for ever.</summary>
    public TimeSpan Lifespan { get; init; } = Infinite;

    /// <summary>How a publisher shows that it is alive.</summary>
    public LivelinessPolicy Liveliness { get; init; } = LivelinessPolicy.Automatic;

    /// <summary>How long a publisher may be silent before it counts as dead; <see cref="Infinite"/> for ever.</summary>
    public TimeSpan LivelinessLeaseDuration { get; init; } = Infinite;

    /// <summary>Whether topic and type are the middleware's names instead of ROS's.</summary>
    public bool AvoidRosNamespaceConventions { get; init; }

    /// <summary>Keeps the last <paramref name="depth"/> messages, otherwise as <see cref="Default"/>.</summary>
    public static QoSProfile KeepLast(int depth) => new() { Depth = depth };

    internal static QoSProfile From(in NativeQoS qos) => new()
    {
        Reliability = (ReliabilityPolicy)qos.Reliability,
        Durability = (DurabilityPolicy)qos.Durability,
        History = (HistoryPolicy)qos.History,
        Depth = qos.Depth,
        Deadline = FromNanoseconds(qos.DeadlineNs),
        Lifespan = FromNanoseconds(qos.LifespanNs),
        Liveliness = (LivelinessPolicy)qos.Liveliness,
        LivelinessLeaseDuration = FromNanoseconds(qos.LivelinessLeaseNs),
    };

    internal NativeQoS ToNative() => new()
    {
        Reliability = (int)Reliability,
        Durability = (int)Durability,
        History = (int)History,
        Depth = Depth,
        DeadlineNs = ToNanoseconds(Deadline),
        LifespanNs = ToNanoseconds(Lifespan),
        Liveliness = (int)Liveliness,
        LivelinessLeaseNs = ToNanoseconds(LivelinessLeaseDuration),
        AvoidRosNamespace = AvoidRosNamespaceConventions ? 1 : 0,
    };

    private static TimeSpan FromNanoseconds(long ns) => ns is <= 0 or long.MaxValue ? Infinite : TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick);

    // Zero is rmw's "not specified", which is no limit.
    private static long ToNanoseconds(TimeSpan time) =>
        time <= TimeSpan.Zero || time.Ticks > long.MaxValue / TimeSpan.NanosecondsPerTick ? long.MaxValue : time.Ticks * TimeSpan.NanosecondsPerTick;
}
