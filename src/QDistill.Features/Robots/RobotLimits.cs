using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>What the robot can do. Readings beyond <see cref="Gate"/> times a limit cannot be true and are rejected.</summary>
public sealed record RobotLimits
{
    /// <summary>Greatest speed [m/s].</summary>
    public double Speed { get; init; } = 3;

    /// <summary>Greatest yaw rate [rad/s].</summary>
    public double YawRate { get; init; } = 6;

    /// <summary>Greatest acceleration [m/s²].</summary>
    public double Acceleration { get; init; } = 20;

    /// <summary>Deceleration when braking [m/s²].</summary>
    public double Deceleration { get; init; } = 1;

    /// <summary>How far beyond a limit a reading may lie before it is rejected, as a factor.</summary>
    public double Gate { get; init; } = 2;

    internal static RobotLimits Read(ConfigSection? section)
    {
        var d = new RobotLimits();
        return section is null ? d : new RobotLimits
        {
            Speed = section.Double("speed", d.Speed, 1e-3, 1000),
            YawRate = section.Double("yaw_rate", d.YawRate, 1e-3, 1000),
            Acceleration = section.Double("acceleration", d.Acceleration, 1e-3, 10000),
            Deceleration = section.Double("deceleration", d.Deceleration, 1e-3, 10000),
            Gate = section.Double("gate", d.Gate, 1, 1000),
        };
    }
}
