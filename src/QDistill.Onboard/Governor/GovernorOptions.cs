namespace QDistill.Onboard;

/// <summary>How a velocity command is limited by risk.</summary>
public sealed record GovernorOptions
{
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

    /// <summary>Whether commands pass unchanged.</summary>
    public bool Disabled { get; init; }
}
