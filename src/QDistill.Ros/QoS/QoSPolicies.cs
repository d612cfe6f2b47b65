namespace QDistill.Ros;

/// <summary>Whether lost messages are sent again. The numbers of these policies are rmw's, which rosbag2 also writes.</summary>
public enum ReliabilityPolicy
{
    /// <summary>The middleware's default: reliable.</summary>
    SystemDefault = 0,

    /// <summary>Lost messages are sent again.</summary>
    Reliable = 1,

    /// <summary>Lost messages stay lost.</summary>
    BestEffort = 2,

    /// <summary>Announced by a peer in a way not understood.</summary>
    Unknown = 3,

    /// <summary>Whatever matches the endpoints known when this one is created.</summary>
    BestAvailable = 4,
}

/// <summary>What a late subscription gets.</summary>
public enum DurabilityPolicy
{
    /// <summary>The middleware's default: volatile.</summary>
    SystemDefault = 0,

    /// <summary>The publisher's last messages ("latched").</summary>
    TransientLocal = 1,

    /// <summary>Nothing published before it came.</summary>
    Volatile = 2,

    /// <summary>Announced by a peer in a way not understood.</summary>
    Unknown = 3,

    /// <summary>Whatever matches the endpoints known when this one is created.</summary>
    BestAvailable = 4,
}

/// <summary>How many messages are kept for a slow reader or a late joiner.</summary>
public enum HistoryPolicy
{
    /// <summary>The middleware's default: keep last.</summary>
    SystemDefault = 0,

    /// <summary>The last <see cref="QoSProfile.Depth"/>.</summary>
    KeepLast = 1,

    /// <summary>All.</summary>
    KeepAll = 2,

    /// <summary>Announced by a peer in a way not understood.</summary>
    Unknown = 3,
}

/// <summary>How a publisher shows that it is alive.</summary>
public enum LivelinessPolicy
{
    /// <summary>The middleware's default: automatic.</summary>
    SystemDefault = 0,

    /// <summary>Its process is alive.</summary>
    Automatic = 1,

    /// <summary>It publishes or asserts within the lease.</summary>
    ManualByTopic = 3,

    /// <summary>Announced by a peer in a way not understood.</summary>
    Unknown = 4,

    /// <summary>Whatever matches the endpoints known when this one is created.</summary>
    BestAvailable = 5,
}
