using QDistill.Configuration;
using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>The parameters of <c>velocity_governor</c>.</summary>
public sealed record VelocityGovernorOptions
{
    /// <summary>How commands are limited.</summary>
    public GovernorOptions Governor { get; init; } = new();

    /// <summary>Whether commands are <c>geometry_msgs/msg/TwistStamped</c>; else <c>Twist</c>.</summary>
    public bool Stamped { get; init; }

    /// <summary>How often dead inputs are looked for, and stops repeated [Hz].</summary>
    public double WatchdogRate { get; init; } = 20;

    /// <summary>Statistics of both inputs' topics.</summary>
    public StatisticsOptions Statistics { get; init; } = new();

    /// <summary>How the node is run.</summary>
    public OperationOptions Operation { get; init; } = new();

    /// <summary>Reads the parameters of <c>velocity_governor</c> from a section of another file, such as a <c>safety.yaml</c>, under their own names.</summary>
    /// <exception cref="UserErrorException">A value is of another type or out of range, or values contradict each other.</exception>
    public static VelocityGovernorOptions Read(ConfigSection section) => Parameters.Read(section, new VelocityGovernorOptions());

    internal static ParameterTable<VelocityGovernorOptions> Parameters { get; } = new ParameterTable<VelocityGovernorOptions>()
        .Include(GovernorOptions.Parameters, o => o.Governor, (o, v) => o with { Governor = v })
        .Switch("stamped", Configure, "Whether commands are geometry_msgs/msg/TwistStamped; else Twist.", o => o.Stamped, (o, v) => o with { Stamped = v })
        .Number("watchdog_rate", Live, "Hz", 0.1, 1000, "How often dead inputs are looked for, and stops repeated.", o => o.WatchdogRate, (o, v) => o with { WatchdogRate = v })
        .Include(StatisticsOptions.Parameters, o => o.Statistics, (o, v) => o with { Statistics = v })
        .Include(OperationOptions.Parameters, o => o.Operation, (o, v) => o with { Operation = v });
}
