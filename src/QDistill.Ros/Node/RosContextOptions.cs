using Microsoft.Extensions.Logging;

namespace QDistill.Ros;

/// <summary>How far discovery reaches: <c>ROS_AUTOMATIC_DISCOVERY_RANGE</c>.</summary>
public enum DiscoveryRange
{
    /// <summary>The local network.</summary>
    Subnet = 0,

    /// <summary>This host.</summary>
    Localhost = 1,

    /// <summary>Nobody outside this process.</summary>
    Off = 2,

    /// <summary>The middleware's own configuration.</summary>
    SystemDefault = 3,

    /// <summary>This host, and no packet leaves the loopback interface: Humble's meaning of <see cref="Localhost"/>, and what tests use.</summary>
    Loopback = 4,
}

/// <summary>What happens when a callback throws.</summary>
public enum CallbackExceptionPolicy
{
    /// <summary>The exception is logged as an error and spinning goes on.</summary>
    LogAndContinue,

    /// <summary>The exception leaves <see cref="RosContext.Spin"/>.</summary>
    Throw,
}

/// <summary>Options of a context. What is null is taken from the environment as ROS 2 does, see <see cref="RosEnvironment"/>.</summary>
public sealed record RosContextOptions
{
    /// <summary>The domain id, 0 to 232; null: <c>ROS_DOMAIN_ID</c>, else 0.</summary>
    public int? DomainId { get; init; }

    /// <summary>The discovery range; null: <c>ROS_LOCALHOST_ONLY</c> and <c>ROS_AUTOMATIC_DISCOVERY_RANGE</c>, else the subnet.</summary>
    public DiscoveryRange? DiscoveryRange { get; init; }

    /// <summary>Hosts to look for besides; null: <c>ROS_STATIC_PEERS</c>.</summary>
    public IReadOnlyList<string>? StaticPeers { get; init; }

    /// <summary>The middleware's own configuration; null: <c>CYCLONEDDS_URI</c>. Wins over the other options.</summary>
    public string? TransportConfiguration { get; init; }

    /// <summary>ROS arguments that apply to every node.</summary>
    public RosArguments Arguments { get; init; } = RosArguments.None;

    /// <summary>The security enclave announced; null: the arguments', else <c>/</c>.</summary>
    public string? Enclave { get; init; }

    /// <summary>The distribution whose graph format is spoken: <c>humble</c> has 24-byte gids and no type hashes; null: <c>ROS_DISTRO</c>.</summary>
    public string? Distribution { get; init; }

    /// <summary>What happens when a callback throws.</summary>
    public CallbackExceptionPolicy CallbackExceptions { get; init; }

    /// <summary>
    /// How many threads run callbacks while the context spins. 1, the default: the one that spins, one callback after the other. More: callbacks of different groups,
    /// and those of a reentrant <see cref="CallbackGroup"/>, run at the same time (ROS's multi-threaded executor); 0 stands for one thread per processor, at least
    /// two. <see cref="RosContext.SpinOnce"/> and <see cref="RosContext.SpinUntil"/> always run callbacks on the calling thread.
    /// </summary>
    public int ExecutorThreads { get; init; } = 1;

    /// <summary>Whether nodes use the intra-process hand-over unless they say otherwise, see <see cref="NodeOptions.UseIntraProcess"/>.</summary>
    public bool UseIntraProcess { get; init; }

    /// <summary>Where logs go; null: the console, in ROS's format.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Whether logs also go to a file in <c>ROS_LOG_DIR</c> (else <c>ROS_HOME/log</c>, else <c>~/.ros/log</c>), as those of ROS's nodes do; needs a
    /// <see cref="RosLoggerFactory"/>. <c>--disable-external-lib-logs</c> turns it off.
    /// </summary>
    public bool WriteLogFile { get; init; }

    /// <summary>Renamings that apply to every node.</summary>
    public RemapRules Remaps { get; init; } = RemapRules.None;

    /// <summary>For tests and demos on one machine: the given domain on the loopback interface, whatever the environment says.</summary>
    public static RosContextOptions Loopback(int domainId) => new()
    {
        DomainId = domainId,
        DiscoveryRange = Ros.DiscoveryRange.Loopback,
        StaticPeers = [],
        TransportConfiguration = string.Empty,
    };
}
