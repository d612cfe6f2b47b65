using QDistill.Ros;

namespace QDistill.Bags;

/// <summary>
/// One publisher's QoS as rosbag2 recorded it, kept as it is in the bag: policies may be unknown, durations are in ns with <see cref="long.MaxValue"/> = infinite
/// and 0 = not specified. <see cref="ToProfile()"/> makes of it what can be offered again.
/// </summary>
public sealed record OfferedQoS
{
    /// <summary>The history policy.</summary>
    public HistoryPolicy History { get; init; } = HistoryPolicy.KeepLast;

    /// <summary>The depth of <see cref="HistoryPolicy.KeepLast"/>; 0 when not known.</summary>
    public int Depth { get; init; } = 10;

    /// <summary>The reliability policy.</summary>
    public ReliabilityPolicy Reliability { get; init; } = ReliabilityPolicy.Reliable;

    /// <summary>The durability policy.</summary>
    public DurabilityPolicy Durability { get; init; } = DurabilityPolicy.Volatile;

    /// <summary>The longest time between two samples.</summary>
    public long DeadlineNs { get; init; } = long.MaxValue;

    /// <summary>How long a sample stays valid.</summary>
    public long LifespanNs { get; init; } = long.MaxValue;

    /// <summary>The liveliness policy.</summary>
    public LivelinessPolicy Liveliness { get; init; } = LivelinessPolicy.Automatic;

    /// <summary>Within which time liveliness is asserted.</summary>
    public long LivelinessLeaseNs { get; init; } = long.MaxValue;

    /// <summary>The topic's DDS name carries no ROS prefix.</summary>
    public bool AvoidRosNamespaceConventions { get; init; }

    /// <summary>rclcpp's default: reliable, volatile, keep last 10.</summary>
    public static OfferedQoS Default { get; } = new();

    /// <summary>rclcpp's SensorDataQoS: best effort, volatile, keep last 5.</summary>
    public static OfferedQoS SensorData { get; } = new() { Depth = 5, Reliability = ReliabilityPolicy.BestEffort };

    /// <summary>Reliable, transient local, keep last 1: static transforms, maps, descriptions.</summary>
    public static OfferedQoS TransientLocal { get; } = new() { Depth = 1, Durability = DurabilityPolicy.TransientLocal };

    /// <summary>What a node offers, as it would be recorded.</summary>
    public static OfferedQoS Of(QoSProfile profile) => new()
    {
        History = profile.History,
        Depth = profile.Depth,
        Reliability = profile.Reliability,
        Durability = profile.Durability,
        DeadlineNs = Nanoseconds(profile.Deadline),
        LifespanNs = Nanoseconds(profile.Lifespan),
        Liveliness = profile.Liveliness,
        LivelinessLeaseNs = Nanoseconds(profile.LivelinessLeaseDuration),
        AvoidRosNamespaceConventions = profile.AvoidRosNamespaceConventions,
    };

    /// <summary>
    /// The QoS to publish a recorded topic with. As in rosbag2: what was offered, when all publishers offered the same (history and depth aside); the default, when nothing is
    /// known. When they differ, where rosbag2 falls back to its default, one profile that matches every subscription that matched one of them: reliable, and transient local if
    /// one was. The depth is at least 10, and enough for all publishers' kept samples, since one publisher now stands for all.
    /// </summary>
    public static QoSProfile ToProfile(IReadOnlyList<OfferedQoS> offered)
    {
        if (offered.Count == 0)
        {
            return QoSProfile.Default;
        }

        int depth = (int)Math.Clamp(offered.Sum(o => o.History == HistoryPolicy.KeepLast ? (long)o.Depth : 1), QoSProfile.Default.Depth, 10_000);
        return offered.All(o => o with { History = offered[0].History, Depth = offered[0].Depth } == offered[0])
            ? offered[0].ToProfile() with { Depth = depth }
            : QoSProfile.Default with
            {
                Depth = depth,
                Durability = offered.Any(o => o.Durability == DurabilityPolicy.TransientLocal) ? DurabilityPolicy.TransientLocal : DurabilityPolicy.Volatile,
            };
    }

    /// <summary>The QoS that offers the same again; policies not known become the middleware's defaults.</summary>
    public QoSProfile ToProfile() => new()
    {
        History = History == HistoryPolicy.KeepAll ? HistoryPolicy.KeepAll : HistoryPolicy.KeepLast,
        Depth = KnownDepth,
        Reliability = Reliability == ReliabilityPolicy.BestEffort ? ReliabilityPolicy.BestEffort : ReliabilityPolicy.Reliable,
        Durability = Durability == DurabilityPolicy.TransientLocal ? DurabilityPolicy.TransientLocal : DurabilityPolicy.Volatile,
        Deadline = Span(DeadlineNs),
        Lifespan = Span(LifespanNs),
        Liveliness = Liveliness == LivelinessPolicy.ManualByTopic ? LivelinessPolicy.ManualByTopic : LivelinessPolicy.Automatic,
        LivelinessLeaseDuration = Span(LivelinessLeaseNs),
        AvoidRosNamespaceConventions = AvoidRosNamespaceConventions,
    };

    private int KnownDepth => History == HistoryPolicy.KeepLast && Depth > 0 ? Depth : QoSProfile.Default.Depth;

    private static TimeSpan Span(long ns) => ns is <= 0 or long.MaxValue ? QoSProfile.Infinite : TimeSpan.FromTicks(ns / TimeSpan.NanosecondsPerTick);

    private static long Nanoseconds(TimeSpan time) =>
        time <= TimeSpan.Zero || time.Ticks > long.MaxValue / TimeSpan.NanosecondsPerTick ? long.MaxValue : time.Ticks * TimeSpan.NanosecondsPerTick;
}
