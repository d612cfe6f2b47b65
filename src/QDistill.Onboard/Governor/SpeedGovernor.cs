namespace QDistill.Onboard;

/// <summary>Why the governor gives the scale it gives.</summary>
public enum GovernorReason
{
    /// <summary>It is switched off.</summary>
    Disabled,

    /// <summary>No risk worth slowing for.</summary>
    Clear,

    /// <summary>Slower by risk.</summary>
    Slowed,

    /// <summary>Rising again after a stop or a slow-down.</summary>
    Recovering,

    /// <summary>Stopped by the probability.</summary>
    Risk,

    /// <summary>Stopped by the alarm.</summary>
    Alarm,

    /// <summary>Stopped: no prediction in time.</summary>
    NoRisk,

    /// <summary>Stopped: no command in time.</summary>
    NoCommand,

    /// <summary>Stopped: the command is NaN or infinite.</summary>
    InvalidCommand,
}

/// <summary>
/// The factor by which a velocity command is scaled: 1 up to <see cref="GovernorOptions.SlowFrom"/>, falling in a straight line to
/// <see cref="GovernorOptions.LeastScale"/> at <see cref="GovernorOptions.StopFrom"/>, and 0 from there on. It falls at once and rises at a bounded rate.
/// </summary>
public sealed class SpeedGovernor(GovernorOptions options)
{
    private GovernorOptions options = options;
    private float probability = 1;
    private bool alarm = true;
    private long riskAt = long.MinValue;
    private long commandAt = long.MinValue;
    private bool commandIsValid = true;
    private long scaledAt = long.MinValue;

    /// <summary>How commands are limited; may be exchanged at any time.</summary>
    public GovernorOptions Options
    {
        get => options;
        set => options = value;
    }

    /// <summary>The last scale, within [0, 1].</summary>
    public double Scale { get; private set; }

    /// <summary>Why.</summary>
    public GovernorReason Reason { get; private set; } = GovernorReason.NoRisk;

    /// <summary>A prediction came.</summary>
    public void Risk(float newProbability, bool newAlarm, long steadyNow) => (probability, alarm, riskAt) = (newProbability, newAlarm, steadyNow);

    /// <summary>A command came; <paramref name="isFinite"/>: whether all its parts are numbers.</summary>
    public void Command(bool isFinite, long steadyNow) => (commandIsValid, commandAt) = (isFinite, steadyNow);

    /// <summary>Works out the scale at a moment.</summary>
    public double Update(long steadyNow)
    {
        (double target, GovernorReason reason) = Target(steadyNow);
        if (target > Scale && reason != GovernorReason.Disabled)
        {
            double elapsed = scaledAt == long.MinValue ? 0 : (steadyNow - scaledAt) * 1e-9;
            double risen = Scale + (options.RecoveryRate * elapsed);
            if (risen < target)
            {
                (target, reason) = (risen, GovernorReason.Recovering);
            }
        }

        (Scale, Reason, scaledAt) = (target, reason, steadyNow);
        return target;
    }

    /// <summary>The factors, for driving and for turning, that bring a scaled command within the limits of speed: one for both where the arc is kept.</summary>
    /// <param name="linear">The command's speed after scaling [m/s].</param>
    /// <param name="angular">The command's yaw rate after scaling [rad/s].</param>
    public (double Linear, double Angular) Limit(double linear, double angular)
    {
        if (!options.Enabled)
        {
            return (1, 1);
        }

        double drive = options.LinearLimit > 0 && linear > options.LinearLimit ? options.LinearLimit / linear : 1;
        double turn = options.AngularLimit > 0 && angular > options.AngularLimit ? options.AngularLimit / angular : 1;
        double least = Math.Min(drive, turn);
        return options.KeepCurvature ? (least, least) : (drive, turn);
    }

    private (double Scale, GovernorReason Reason) Target(long steadyNow)
    {
        if (Late(commandAt, options.CommandTimeout, steadyNow))
        {
            return (0, GovernorReason.NoCommand);
        }

        // A command that is no command is stopped even where nothing else is governed.
        if (!commandIsValid)
        {
            return (0, GovernorReason.InvalidCommand);
        }

        if (!options.Enabled)
        {
            return (1, GovernorReason.Disabled);
        }

        if (Late(riskAt, options.RiskTimeout, steadyNow))
        {
            return (0, GovernorReason.NoRisk);
        }

        if (options.StopOnAlarm && alarm)
        {
            return (0, GovernorReason.Alarm);
        }

        // Written so that NaN stops.
        if (!(probability < options.StopFrom))
        {
            return (0, GovernorReason.Risk);
        }

        if (probability <= options.SlowFrom)
        {
            return (1, GovernorReason.Clear);
        }

        double along = (probability - options.SlowFrom) / (options.StopFrom - options.SlowFrom);
        return (1 - (along * (1 - options.LeastScale)), GovernorReason.Slowed);
    }

    private static bool Late(long at, long timeout, long now) => at == long.MinValue || now - at > timeout;
}
