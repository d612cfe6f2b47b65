namespace QDistill.Metrics;

/// <summary>A hazard in a run: when contact came, and when the hazard became one.</summary>
/// <param name="ContactNs">Stamp of the contact [ns].</param>
/// <param name="OnsetNs">First moment at which the truth says "contact within the horizon" [ns]; null to take the contact less the warning window.</param>
public readonly record struct HazardEvent(long ContactNs, long? OnsetNs = null);

/// <summary>The risk that one predictor gave over one run (one bag), with the hazards of that run.</summary>
public sealed record RiskTimeline
{
    /// <summary>Stamps [ns], rising.</summary>
    public required IReadOnlyList<long> StampsNs { get; init; }

    /// <summary>Risk or score at each stamp. NaN where the predictor gave none: that time is not monitored.</summary>
    public required IReadOnlyList<double> Risk { get; init; }

    /// <summary>Hazards in order of contact; empty for a run without one.</summary>
    public IReadOnlyList<HazardEvent> Hazards { get; init; } = [];
}

/// <summary>How alarms are made of risk, and which alarm belongs to which contact.</summary>
public sealed record OperationalOptions
{
    /// <summary>Risk at or above this raises the alarm.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Seconds before a contact in which an alarm counts as its warning: the horizon of the prediction.</summary>
    public double WarningWindow { get; init; } = 2;

    /// <summary>A warning later than this many seconds before contact is of no use and counts as a miss.</summary>
    public double MinimumLead { get; init; }

    /// <summary>Seconds after a contact in which alarms are neither right nor wrong: the robot still touches the obstacle.</summary>
    public double Aftermath { get; init; } = 2;

    /// <summary>The alarm rises after this many consecutive risky stamps (debounce).</summary>
    public int RaiseAfter { get; init; } = 1;

    /// <summary>The alarm falls after risk stayed below the threshold for this many seconds; shorter dips do not split an alarm.</summary>
    public double HoldSeconds { get; init; } = 0.5;

    /// <summary>A gap between stamps longer than this many seconds ends an alarm and is not monitored time.</summary>
    public double MaximumGap { get; init; } = 1;
}
