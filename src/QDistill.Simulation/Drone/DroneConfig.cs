namespace QDistill.Simulation;

/// <summary>A simulated quadrotor and its air. Lengths in m, times in s, angles in rad.</summary>
public sealed record DroneConfig
{
    /// <summary>Greatest thrust over weight with a full battery and whole propellers.</summary>
    public double ThrustToWeight { get; init; } = 1.9;

    /// <summary>Bandwidth of the attitude control [rad/s].</summary>
    public double AttitudeBandwidth { get; init; } = 9;

    /// <summary>Damping ratio of the attitude control.</summary>
    public double AttitudeDamping { get; init; } = 0.7;

    /// <summary>Lag of the motors [s].</summary>
    public double MotorLag { get; init; } = 0.08;

    /// <summary>Greatest tilt that is asked for [rad].</summary>
    public double MaxTilt { get; init; } = 0.5;

    /// <summary>Linear drag over mass [1/s].</summary>
    public double Drag { get; init; } = 0.35;

    /// <summary>Standard deviation of gusts, drawn for each flight between these [m/s].</summary>
    public (double Least, double Most) Gusts { get; init; } = (0.3, 2.2);

    /// <summary>Mean time between sudden downdraughts [s].</summary>
    public double DowndraughtInterval { get; init; } = 30;

    /// <summary>Chance that a propeller is damaged during a flight.</summary>
    public double FaultShare { get; init; } = 0.55;

    /// <summary>The share of its lift that a damaged propeller loses is drawn between these.</summary>
    public (double Least, double Most) FaultLoss { get; init; } = (0.1, 0.85);

    /// <summary>The share of descents that are flown in haste: fast, low and braked late.</summary>
    public double HastyShare { get; init; } = 0.4;

    /// <summary>The share of flights that go on until the battery gives out.</summary>
    public double OverdueShare { get; init; } = 0.12;

    /// <summary>A hover at full charge lasts this long [s].</summary>
    public double Endurance { get; init; } = 150;

    /// <summary>Touching the ground faster than this is an impact [m/s].</summary>
    public double ImpactSpeed { get; init; } = 0.8;

    /// <summary>The first message's stamp [ns].</summary>
    public long StartNs { get; init; } = 1_767_225_600_000_000_000;
}
