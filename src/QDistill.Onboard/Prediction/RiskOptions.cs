namespace QDistill.Onboard;

/// <summary>How predictions are judged and alarms raised.</summary>
public sealed record RiskOptions
{
    /// <summary>The probability published whenever input or model cannot be trusted.</summary>
    public float FailSafeProbability { get; init; } = 1f;

    /// <summary>After this long without a message the input is dead [ns].</summary>
    public long InputTimeout { get; init; } = 500_000_000;

    /// <summary>Values unchanged for longer than this are frozen [ns]; 0: not watched.</summary>
    public long FrozenTimeout { get; init; }

    /// <summary>Which stamps are believed.</summary>
    public StampOptions Stamps { get; init; } = new();

    /// <summary>The least share of valid values to predict from.</summary>
    public double MinimumValid { get; init; } = 0.5;

    /// <summary>By how much of its width each training range is widened before a value counts as outside.</summary>
    public double RangeMargin { get; init; } = 0.5;

    /// <summary>How many values may lie outside before the input counts as out of distribution.</summary>
    public int RangeAllowance { get; init; }

    /// <summary>Whether out-of-distribution input leads to the fail-safe probability; else the model's own is published with the status.</summary>
    public bool RangeFailSafe { get; init; }

    /// <summary>The collision alarm's on-threshold; null: the model's own.</summary>
    public float? AlarmOn { get; init; }

    /// <summary>The collision alarm's off-threshold; null: 0.8 of the on-threshold.</summary>
    public float? AlarmOff { get; init; }

    /// <summary>Counts and hold of all alarms (its thresholds are not used).</summary>
    public AlarmOptions Alarm { get; init; } = new();

    /// <summary>The collision alarm for a model's threshold.</summary>
    internal AlarmOptions CollisionAlarm(float modelThreshold) => WithThresholds(AlarmOn ?? modelThreshold, AlarmOff);

    /// <summary>A constraint's alarm: its own threshold, and the same ratio between on and off as for a collision.</summary>
    internal AlarmOptions ConstraintAlarm(float threshold) => WithThresholds(threshold, null);

    private AlarmOptions WithThresholds(float on, float? off) => Alarm with { OnThreshold = on, OffThreshold = Math.Min(on, off ?? 0.8f * on) };
}
