using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Ros;

/// <summary>
/// The environment variables of ROS 2 that shape a context: <c>ROS_DOMAIN_ID</c>, <c>ROS_LOCALHOST_ONLY</c>, <c>ROS_AUTOMATIC_DISCOVERY_RANGE</c>,
/// <c>ROS_STATIC_PEERS</c>, <c>ROS_DISTRO</c>, <c>CYCLONEDDS_URI</c>.
/// </summary>
/// <param name="DomainId">The domain id.</param>
/// <param name="Range">The discovery range.</param>
/// <param name="StaticPeers">Hosts to look for besides.</param>
/// <param name="IsHumble">Whether the graph format is that of ROS 2 Humble.</param>
/// <param name="TransportConfiguration">The middleware's own configuration.</param>
/// <param name="Warnings">What was not understood and what was done instead.</param>
public sealed record RosEnvironment(
    int DomainId, DiscoveryRange Range, IReadOnlyList<string> StaticPeers, bool IsHumble, string TransportConfiguration, IReadOnlyList<string> Warnings)
{
    /// <summary>The largest domain id: above it the RTPS ports would not fit.</summary>
    public const int MaxDomainId = 232;

    /// <summary>Combines options with the environment; options win.</summary>
    /// <param name="options">The options.</param>
    /// <param name="read">Reads a variable; null: the process's environment.</param>
    /// <exception cref="UserErrorException">The domain id is not a number in 0..232.</exception>
    public static RosEnvironment Resolve(RosContextOptions options, Func<string, string?>? read = null)
    {
        read ??= Environment.GetEnvironmentVariable;
        var warnings = new List<string>();
        IReadOnlyList<string>? peers = options.StaticPeers;
        DiscoveryRange range;
        if (options.DiscoveryRange is { } chosen)
        {
            range = chosen;
        }
        else if (read("ROS_LOCALHOST_ONLY") == "1")
        {
            // Deprecated, but it overrides both of its successors.
            warnings.Add("ROS_LOCALHOST_ONLY is deprecated but still honored if it is enabled, and then ROS_AUTOMATIC_DISCOVERY_RANGE and ROS_STATIC_PEERS are ignored. Use these instead.");
            range = DiscoveryRange.Localhost;
            peers ??= [];
        }
        else
        {
            range = ParseRange(read("ROS_AUTOMATIC_DISCOVERY_RANGE"), warnings);
        }

        peers ??= (read("ROS_STATIC_PEERS") ?? string.Empty).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (range is DiscoveryRange.Off or DiscoveryRange.SystemDefault)
        {
            peers = [];
        }

        return new RosEnvironment(
            options.DomainId is { } id ? Checked(id, "DomainId") : Domain(read("ROS_DOMAIN_ID")),
            range,
            peers,
            string.Equals(options.Distribution ?? read("ROS_DISTRO"), "humble", StringComparison.OrdinalIgnoreCase),
            options.TransportConfiguration ?? read("CYCLONEDDS_URI") ?? string.Empty,
            warnings);
    }

    private static DiscoveryRange ParseRange(string? text, List<string> warnings)
    {
        switch (text?.ToUpperInvariant())
        {
            case null or "" or "SUBNET":
                return DiscoveryRange.Subnet;
            case "LOCALHOST":
                return DiscoveryRange.Localhost;
            case "OFF":
                return DiscoveryRange.Off;
            case "SYSTEM_DEFAULT":
                return DiscoveryRange.SystemDefault;
            default:
                warnings.Add($"Invalid value '{text}' specified for 'ROS_AUTOMATIC_DISCOVERY_RANGE', assuming localhost only");
                return DiscoveryRange.Localhost;
        }
    }

    private static int Domain(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return 0;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? Checked(id, "ROS_DOMAIN_ID")
            : throw new UserErrorException($"'{text}' is not a whole number", "ROS_DOMAIN_ID", $"set it to 0..{MaxDomainId}");
    }

    private static int Checked(int id, string where) =>
        id is >= 0 and <= MaxDomainId ? id : throw new UserErrorException($"{id} is outside 0..{MaxDomainId}", where, "choose another domain id");
}
