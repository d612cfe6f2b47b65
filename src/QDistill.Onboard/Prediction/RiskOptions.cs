using static QDistill.Ros.ParameterTiming;

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

    /// <summary>The feature groups whose values may not freeze, each by itself; empty: all values together.</summary>
    public IReadOnlyList<string> FrozenGroups { get; init; } = [];

    /// <summary>The feature groups without which nothing is predicted; the others only degrade.</summary>
    public IReadOnlyList<string> RequiredGroups { get; init; } = [];

    /// <summary>Which stamps are believed.</summary>
    public StampOptions Stamps { get; init; } = new();

    /// <summary>The least share of valid values to predict from.</summary>
    public double MinimumValid { get; init; } = 0.5;

    /// <summary>By how much of its width each training range is widened before a value counts as outside.</summary>
    public double RangeMargin { get; init; } = 0.5;

    /// <summary>How many values may lie outside before the input counts as out of distribution.</summary>
    public int RangeAllowance { get; init; }

    /// <summary>By how much of its width the model's energy range is widened on both sides; negative: the energy is not looked at.</summary>
    public double EnergyMargin { get; init; } = 0.1;

    /// <summary>Whether out-of-distribution input leads to the fail-safe probability; else the model's own is published with the status.</summary>
    public bool RangeFailSafe { get; init; }

    /// <summary>The collision alarm's on-threshold; 0: the model's own.</summary>
    public float AlarmOn { get; init; }

    /// <summary>The collision alarm's off-threshold; 0: 0.8 of the on-threshold.</summary>
    public float AlarmOff { get; init; }

    /// <summary>Counts and hold of all alarms (its thresholds are not used).</summary>
    public AlarmOptions Alarm { get; init; } = new();

    internal static ParameterTable<RiskOptions> Parameters { get; } = new ParameterTable<RiskOptions>()
        .Single("fail_safe_probability", Live, 0, 1, "Published whenever input or model cannot be trusted.", o => o.FailSafeProbability, (o, v) => o with { FailSafeProbability = v })
        .Number("minimum_valid", Live, string.Empty, 0, 1, "Least share of valid features to predict from.", o => o.MinimumValid, (o, v) => o with { MinimumValid = v })
        .Seconds("watchdog.input_timeout", Live, 0.001, 3600, "After this long without features the input is dead.", o => o.InputTimeout, (o, v) => o with { InputTimeout = v })
        .Seconds("watchdog.stamp_max_age", Live, 0, 1e6, "An older stamp is stale, against ROS time; 0: any age.", o => o.Stamps.MaxAge, (o, v) => o with { Stamps = o.Stamps with { MaxAge = v } })
        .Seconds("watchdog.stamp_future_tolerance", Live, 0, 3600, "How far ahead of ROS time a stamp may be; simulated time lags by up to the period of /clock.", o => o.Stamps.FutureTolerance, (o, v) => o with { Stamps = o.Stamps with { FutureTolerance = v } })
        .Seconds("watchdog.frozen_timeout", Live, 0, 3600, "Values unchanged for longer than this are frozen; 0: not watched.", o => o.FrozenTimeout, (o, v) => o with { FrozenTimeout = v })
        .Texts("watchdog.frozen_groups", Live, "Feature groups that may not freeze, each by itself; empty: all values together.", o => o.FrozenGroups, (o, v) => o with { FrozenGroups = v })
        .Texts("watchdog.required_groups", Live, "Feature groups without which nothing is predicted (STALE_INPUT); a missing other one gives DEGRADED.", o => o.RequiredGroups, (o, v) => o with { RequiredGroups = v })
        .Number("out_of_distribution.margin", Live, string.Empty, 0, 1e6, "Each feature's training range is widened by this share of its width.", o => o.RangeMargin, (o, v) => o with { RangeMargin = v })
        .Whole("out_of_distribution.allowance", Live, 0, 1_000_000, "Features that may lie outside.", o => o.RangeAllowance, (o, v) => o with { RangeAllowance = v })
        .Number("out_of_distribution.energy_margin", Live, string.Empty, -1, 1e6, "The model's range of energy scores is widened by this share of its width; negative: the energy is not looked at.", o => o.EnergyMargin, (o, v) => o with { EnergyMargin = v })
        .Switch("out_of_distribution.fail_safe", Live, "Whether the fail-safe probability is published instead of the model's.", o => o.RangeFailSafe, (o, v) => o with { RangeFailSafe = v })
        .Single("alarm.on_threshold", Live, 0, 1, "A probability at or above this speaks for the alarm; 0: the model's own.", o => o.AlarmOn, (o, v) => o with { AlarmOn = v })
        .Single("alarm.off_threshold", Live, 0, 1, "A probability below this speaks against it; 0: 0.8 of the on-threshold.", o => o.AlarmOff, (o, v) => o with { AlarmOff = v })
        .Whole("alarm.on_count", Live, 1, 10_000, "Consecutive predictions that switch the alarm on.", o => o.Alarm.OnCount, (o, v) => o with { Alarm = o.Alarm with { OnCount = v } })
        .Whole("alarm.off_count", Live, 1, 10_000, "Consecutive predictions that switch it off.", o => o.Alarm.OffCount, (o, v) => o with { Alarm = o.Alarm with { OffCount = v } })
        .Seconds("alarm.hold", Live, 0, 3600, "The alarm stays on for at least this long.", o => o.Alarm.Hold, (o, v) => o with { Alarm = o.Alarm with { Hold = v } })
        .Rule(o => o.AlarmOn > 0 && o.AlarmOff > o.AlarmOn
            ? FormattableString.Invariant($"alarm.off_threshold ({(decimal)o.AlarmOff}) is above alarm.on_threshold ({(decimal)o.AlarmOn}): the alarm must go off below where it goes on")
            : null);

    /// <summary>The collision alarm for a model's threshold.</summary>
    internal AlarmOptions CollisionAlarm(float modelThreshold) => WithThresholds(AlarmOn > 0 ? AlarmOn : modelThreshold, AlarmOff);

    /// <summary>A constraint's alarm: its own threshold, and 0.8 of it to go off.</summary>
    internal AlarmOptions ConstraintAlarm(float threshold) => WithThresholds(threshold, 0);

    private AlarmOptions WithThresholds(float on, float off) => Alarm with { OnThreshold = on, OffThreshold = Math.Min(on, off > 0 ? off : 0.8f * on) };
}
