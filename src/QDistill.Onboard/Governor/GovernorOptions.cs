using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>How a velocity command is limited by risk.</summary>
public sealed record GovernorOptions
{
    /// <summary>Whether commands are governed; else they pass unchanged.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Below this probability nothing is scaled.</summary>
    public float SlowFrom { get; init; } = 0.3f;

    /// <summary>At or above this probability the robot stops.</summary>
    public float StopFrom { get; init; } = 0.8f;

    /// <summary>The scale just below <see cref="StopFrom"/>.</summary>
    public double LeastScale { get; init; } = 0.2;

    /// <summary>Whether a collision alarm stops the robot whatever the probability.</summary>
    public bool StopOnAlarm { get; init; } = true;

    /// <summary>The fastest that the scale may rise again [1/s]; it falls at once.</summary>
    public double RecoveryRate { get; init; } = 1.0;

    /// <summary>Predictions older than this stop the robot [ns].</summary>
    public long RiskTimeout { get; init; } = 500_000_000;

    /// <summary>Commands older than this stop the robot [ns].</summary>
    public long CommandTimeout { get; init; } = 500_000_000;

    /// <summary>Whether turning is scaled like driving, which keeps the commanded arc; else only translation is.</summary>
    public bool KeepCurvature { get; init; } = true;

    /// <summary>The fastest that the robot may drive while governed [m/s]; 0: no limit of its own.</summary>
    public double LinearLimit { get; init; }

    /// <summary>The fastest that the robot may turn while governed [rad/s]; 0: no limit of its own.</summary>
    public double AngularLimit { get; init; }

    internal static ParameterTable<GovernorOptions> Parameters { get; } = new ParameterTable<GovernorOptions>()
        .Switch("enabled", Live, "Whether commands are governed; false: they pass unchanged. Also set by ~/toggle.", o => o.Enabled, (o, v) => o with { Enabled = v })
        .Single("slow_from", Live, 0, 1, "Below this probability nothing is scaled.", o => o.SlowFrom, (o, v) => o with { SlowFrom = v })
        .Single("stop_from", Live, 0, 1, "At or above this probability the robot stops.", o => o.StopFrom, (o, v) => o with { StopFrom = v })
        .Number("least_scale", Live, string.Empty, 0, 1, "The scale just below stop_from.", o => o.LeastScale, (o, v) => o with { LeastScale = v })
        .Switch("stop_on_alarm", Live, "Whether a collision alarm stops the robot whatever the probability.", o => o.StopOnAlarm, (o, v) => o with { StopOnAlarm = v })
        .Number("recovery_rate", Live, "1/s", 0.01, 1e6, "Fastest rise of the scale; it falls at once.", o => o.RecoveryRate, (o, v) => o with { RecoveryRate = v })
        .Seconds("risk_timeout", Live, 0.001, 3600, "Predictions older than this stop the robot.", o => o.RiskTimeout, (o, v) => o with { RiskTimeout = v })
        .Seconds("command_timeout", Live, 0.001, 3600, "Commands older than this stop the robot.", o => o.CommandTimeout, (o, v) => o with { CommandTimeout = v })
        .Switch("keep_curvature", Live, "Whether turning is scaled like driving, which keeps the commanded arc.", o => o.KeepCurvature, (o, v) => o with { KeepCurvature = v })
        .Number("linear_limit", Live, "m/s", 0, 1000, "Fastest driving while governed; 0: no limit of its own.", o => o.LinearLimit, (o, v) => o with { LinearLimit = v })
        .Number("angular_limit", Live, "rad/s", 0, 1000, "Fastest turning while governed; 0: no limit of its own.", o => o.AngularLimit, (o, v) => o with { AngularLimit = v })
        .Rule(o => o.SlowFrom < o.StopFrom
            ? null
            : FormattableString.Invariant($"slow_from ({(decimal)o.SlowFrom}) is not below stop_from ({(decimal)o.StopFrom}): the robot must slow before it stops"));
}
