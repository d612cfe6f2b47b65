using QDistill.Configuration;

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

    /// <summary>Reads the parameters from a file.</summary>
    /// <exception cref="UserErrorException">See <see cref="ParameterFile.Read{T}(string, string, Func{ConfigSection, T})"/>.</exception>
    public static VelocityGovernorOptions Load(string path) => ParameterFile.Read(path, "velocity_governor", Read);

    /// <summary>Reads the parameters of <c>ros__parameters</c>.</summary>
    public static VelocityGovernorOptions Read(ConfigSection section)
    {
        var d = new VelocityGovernorOptions();
        GovernorOptions g = d.Governor;
        float slow = (float)section.Double("slow_from", g.SlowFrom, 0, 1), stop = (float)section.Double("stop_from", g.StopFrom, 0, 1);
        if (slow >= stop)
        {
            throw section.Error("slow_from", $"{slow} is not below stop_from ({stop})", "the robot must slow before it stops");
        }

        return new VelocityGovernorOptions
        {
            Governor = new GovernorOptions
            {
                SlowFrom = slow,
                StopFrom = stop,
                LeastScale = section.Double("least_scale", g.LeastScale, 0, 1),
                StopOnAlarm = section.Bool("stop_on_alarm", g.StopOnAlarm),
                RecoveryRate = section.Double("recovery_rate", g.RecoveryRate, 0.01, 1e6),
                RiskTimeout = section.Seconds("risk_timeout", g.RiskTimeout, 0.001, 3600),
                CommandTimeout = section.Seconds("command_timeout", g.CommandTimeout, 0.001, 3600),
                KeepCurvature = section.Bool("keep_curvature", g.KeepCurvature),
                Disabled = !section.Bool("enabled", true),
            },
            Stamped = section.Bool("stamped", d.Stamped),
            WatchdogRate = section.Double("watchdog_rate", d.WatchdogRate, 0.1, 1000),
        };
    }
}
