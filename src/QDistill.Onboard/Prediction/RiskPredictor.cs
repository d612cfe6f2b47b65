using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Onboard;

/// <summary>
/// The judgement at the heart of the onboard nodes, without any ROS: takes feature vectors (or their absence), decides whether they can be trusted, runs the
/// model, and keeps the alarms. Every call leaves one complete prediction in the properties; none allocates. One thread at a time.
/// </summary>
public sealed class RiskPredictor : IDisposable
{
    // The binary entropy of complete ignorance.
    private const float NothingKnown = 0.69314718f;

    private readonly StampGate stamps;
    private readonly InputWatch watch;
    private readonly AlarmLatch alarm;
    private readonly long[] faults = new long[InputFaults.Count];
    private RiskOptions options;
    private FeatureGroups? groups;
    private FrozenWatch? frozen;
    private TrainingRange? range;
    private (float Low, float High) energyRange;
    private float[] input = [];
    private float[] violation = [];
    private float[] current = [];
    private int[] signalOf = [];
    private AlarmLatch[] violationAlarms = [];

    /// <summary>Starts without a model.</summary>
    public RiskPredictor(RiskOptions options)
    {
        this.options = options;
        stamps = new StampGate(options.Stamps);
        watch = new InputWatch(options.InputTimeout);
        alarm = new AlarmLatch(options.CollisionAlarm(0.5f));
    }

    /// <summary>How predictions are judged; may be exchanged between two predictions. Alarms keep their state.</summary>
    public RiskOptions Options
    {
        get => options;
        set
        {
            options = value;
            stamps.Options = value.Stamps;
            watch.Timeout = value.InputTimeout;
            Apply();
        }
    }

    /// <summary>The live feature schema, where it is known: it resolves the signals that constraints name by alias.</summary>
    public FeatureSchema? Schema { get; init; }

    /// <summary>The model in use, or null.</summary>
    public IRiskModel? Model { get; private set; }

    /// <summary>Predictions since the start, the last one included.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>The stamp of the features judged; ROS time where there are none to be trusted in that [ns].</summary>
    public long Stamp { get; private set; }

    /// <summary>What is wrong with the last input, if anything.</summary>
    public InputFault Fault { get; private set; }

    /// <summary>What the last prediction is worth.</summary>
    public PredictionStatus Status => InputFaults.StatusOf(Fault);

    /// <summary>Probability of a collision within the horizon, or the fail-safe value.</summary>
    public float Probability { get; private set; }

    /// <summary>Predictive entropy [nats]; ln 2 where nothing is known.</summary>
    public float Uncertainty { get; private set; } = NothingKnown;

    /// <summary>Whether the collision alarm is on.</summary>
    public bool Alarm => alarm.IsOn;

    /// <summary>How often the collision alarm went on.</summary>
    public long AlarmsRaised => alarm.Raised;

    /// <summary>The probability that each constraint is violated, in the model's order; the fail-safe value where input or model cannot be trusted.</summary>
    public ReadOnlySpan<float> Violations => violation;

    /// <summary>The value of each constraint's signal now; NaN where it is not fresh.</summary>
    public ReadOnlySpan<float> Current => current;

    /// <summary>The model's energy score for the last input judged; NaN when it gives none, or nothing was judged.</summary>
    public float Energy { get; private set; } = float.NaN;

    /// <summary>The feature group that the last fault is about: missing or frozen; else null.</summary>
    public string? FaultyGroup { get; private set; }

    /// <summary>The first feature out of range, while <see cref="Fault"/> is <see cref="InputFault.OutOfRange"/>; else null.</summary>
    public string? FeatureOutOfRange { get; private set; }

    /// <summary>Whether the alarm of constraint <paramref name="i"/> is on.</summary>
    public bool IsViolationAlarmOn(int i) => violationAlarms[i].IsOn;

    /// <summary>How often a fault was met since the start.</summary>
    public long CountOf(InputFault fault) => faults[(int)fault];

    /// <summary>Refuses a model that cannot work here.</summary>
    /// <param name="info">The model.</param>
    /// <param name="schemaId">The schema of the live features; null while none is known.</param>
    /// <param name="options">How its predictions will be judged.</param>
    /// <exception cref="UserErrorException">The model was trained on another schema (the message names both), or lacks a feature group that the options name.</exception>
    public static void Check(RiskModelInfo info, string? schemaId, RiskOptions options)
    {
        if (schemaId is not null && !string.Equals(schemaId, info.SchemaId, StringComparison.Ordinal))
        {
            throw new UserErrorException(
                $"was trained on feature schema {info.SchemaId}, but the robot's is {schemaId}",
                $"model {info.Title}",
                "train a model with this robot.yaml, or use the robot.yaml that the model was trained with");
        }

        if (UnknownGroup(info, options) is { } reason)
        {
            throw new UserErrorException(reason, $"model {info.Title}");
        }
    }

    /// <summary>Why the options' feature groups do not fit a model; null when they do.</summary>
    internal static string? UnknownGroup(RiskModelInfo info, RiskOptions options) =>
        FeatureGroups.Unknown("watchdog.required_groups", options.RequiredGroups, info.FeatureNames)
        ?? FeatureGroups.Unknown("watchdog.frozen_groups", options.FrozenGroups, info.FeatureNames);

    /// <summary>
    /// Puts a model in the place of the present one, which is handed back to be disposed. The collision alarm keeps its state; so do the alarms of constraints that both know.
    /// </summary>
    public IRiskModel? Install(IRiskModel? model)
    {
        IRiskModel? old = Model;
        RiskModelInfo? info = model?.Info;
        IReadOnlyList<PredictedConstraint> constraints = info?.Constraints ?? [];
        var latches = new AlarmLatch[constraints.Count];
        for (int i = 0; i < latches.Length; i++)
        {
            int before = IndexOf(old?.Info.Constraints ?? [], constraints[i].Name);
            latches[i] = before >= 0 ? violationAlarms[before] : new AlarmLatch(options.Alarm);
        }

        violationAlarms = latches;
        violation = new float[constraints.Count];
        current = new float[constraints.Count];
        current.AsSpan().Fill(float.NaN);
        signalOf = [.. constraints.Select(c => Schema?.Id == info!.SchemaId ? Signals.Find(Schema, c.Signal) : IndexOf(info.FeatureNames, c.Signal))];
        groups = info is null ? null : new FeatureGroups(info.FeatureNames);
        input = new float[info?.FeatureNames.Count ?? 0];
        Model = model;
        Apply();
        return old;
    }

    /// <summary>Starts anew: counts, alarms and stamps are forgotten, silence counts from now.</summary>
    public void Start(long steadyNow)
    {
        stamps.Reset();
        frozen?.Reset();
        watch.Start(steadyNow);
        alarm.Reset();
        foreach (AlarmLatch latch in violationAlarms)
        {
            latch.Reset();
        }

        Array.Clear(faults);
        Sequence = 0;
    }

    /// <summary>Whether no message has come for longer than the time-out.</summary>
    public bool IsSilent(long steadyNow) => watch.IsSilent(steadyNow);

    /// <summary>How long no message has come [ns].</summary>
    public long Silence(long steadyNow) => watch.Silence(steadyNow);

    /// <summary>Judges one feature vector.</summary>
    /// <param name="values">The values in schema order.</param>
    /// <param name="validity">Bit i, least significant first within each byte: value i is valid.</param>
    /// <param name="schemaId">SHA-256 (hex) of their schema.</param>
    /// <param name="stamp">Their stamp [ns, ROS time].</param>
    /// <param name="now">ROS time [ns].</param>
    /// <param name="steadyNow">The time on a clock that never jumps [ns].</param>
    public void Judge(ReadOnlySpan<float> values, ReadOnlySpan<byte> validity, string schemaId, long stamp, long now, long steadyNow)
    {
        watch.Arrived(steadyNow);
        InputFault fault = Admit(values, validity, schemaId, stamp, now, steadyNow);
        bool believable = fault is not (InputFault.FutureStamp or InputFault.StaleStamp or InputFault.OutOfOrder);
        Stamp = believable ? stamp : now;
        Energy = float.NaN;
        if (fault is InputFault.None or InputFault.MissingGroup)
        {
            fault = Run(values, validity, fault);
        }
        else
        {
            FailSafe();
        }

        Finish(fault, steadyNow);
    }

    /// <summary>Makes the prediction that stands in for a dead input.</summary>
    public void JudgeSilence(long now, long steadyNow)
    {
        (Stamp, Energy, FaultyGroup) = (now, float.NaN, null);
        FailSafe();
        Finish(Model is null ? InputFault.NoModel : InputFault.Silent, steadyNow);
    }

    /// <summary>Disposes the model.</summary>
    public void Dispose() => Install(null)?.Dispose();

    // What follows from options and model together.
    private void Apply()
    {
        RiskModelInfo? info = Model?.Info;
        alarm.Options = options.CollisionAlarm(info?.Threshold ?? 0.5f);
        for (int i = 0; i < violationAlarms.Length; i++)
        {
            violationAlarms[i].Options = options.ConstraintAlarm(info!.Constraints[i].Threshold);
        }

        range = info is null ? null : new TrainingRange(info, options.RangeMargin);
        bool whole = options.FrozenGroups.Count == 0;
        frozen = info is null ? null : new FrozenWatch(whole ? new int[input.Length] : groups!.Parts(options.FrozenGroups), whole ? 1 : options.FrozenGroups.Count, options.FrozenTimeout);
        float widen = info?.EnergyRange is { } e && options.EnergyMargin >= 0 ? (float)(options.EnergyMargin * (e.High - e.Low)) : float.PositiveInfinity;
        energyRange = float.IsFinite(widen) && info!.EnergyRange is { } known ? (known.Low - widen, known.High + widen) : (float.NegativeInfinity, float.PositiveInfinity);
    }

    private InputFault Admit(ReadOnlySpan<float> values, ReadOnlySpan<byte> validity, string schemaId, long stamp, long now, long steadyNow)
    {
        FaultyGroup = null;
        if (Model is null)
        {
            return InputFault.NoModel;
        }

        if (!string.Equals(schemaId, Model.Info.SchemaId, StringComparison.Ordinal))
        {
            return InputFault.WrongSchema;
        }

        if (values.Length != input.Length || validity.Length != (input.Length + 7) / 8)
        {
            return InputFault.WrongLength;
        }

        InputFault fault = stamps.Check(stamp, now);
        if (fault != InputFault.None)
        {
            return fault;
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) && IsValid(validity, i))
            {
                return InputFault.NotFinite;
            }
        }

        int part = frozen!.Check(values, validity, steadyNow);
        if (part >= 0)
        {
            FaultyGroup = options.FrozenGroups.Count > 0 ? options.FrozenGroups[part] : null;
            return InputFault.Frozen;
        }

        FaultyGroup = groups!.FindMissing(validity, options.RequiredGroups, out int valid, out bool isRequired);
        return isRequired ? InputFault.MissingRequiredGroup
            : valid < (Model.Info.AcceptsMissing ? options.MinimumValid : 1) * values.Length ? InputFault.TooFewValid
            : FaultyGroup is not null ? InputFault.MissingGroup
            : InputFault.None;
    }

    private InputFault Run(ReadOnlySpan<float> values, ReadOnlySpan<byte> validity, InputFault fault)
    {
        for (int i = 0; i < values.Length; i++)
        {
            input[i] = IsValid(validity, i) ? values[i] : float.NaN;
        }

        if (!Model!.Predict(input, violation, out float collision, out float uncertainty) || !float.IsFinite(collision))
        {
            FailSafe();
            return InputFault.ModelFailed;
        }

        (Probability, Uncertainty, Energy) = (collision, uncertainty, Model.Energy);
        for (int i = 0; i < signalOf.Length; i++)
        {
            current[i] = signalOf[i] >= 0 ? input[signalOf[i]] : float.NaN;
        }

        if (range!.CountOutside(input, out int first) > options.RangeAllowance)
        {
            fault = InputFault.OutOfRange;
            FeatureOutOfRange = Model.Info.FeatureNames[first];
        }
        else if (Energy < energyRange.Low || Energy > energyRange.High)
        {
            fault = InputFault.OutOfEnergy;
        }

        if (options.RangeFailSafe && InputFaults.StatusOf(fault) == PredictionStatus.OutOfDistribution)
        {
            FailSafe();
        }

        return fault;
    }

    private void FailSafe()
    {
        // A model that looks at several windows must not join those before a gap to those after it.
        Model?.Forget();
        (Probability, Uncertainty) = (options.FailSafeProbability, NothingKnown);
        violation.AsSpan().Fill(options.FailSafeProbability);
        current.AsSpan().Fill(float.NaN);
    }

    private void Finish(InputFault fault, long steadyNow)
    {
        Fault = fault;
        faults[(int)fault]++;
        Sequence++;
        FaultyGroup = fault is InputFault.MissingGroup or InputFault.MissingRequiredGroup or InputFault.Frozen ? FaultyGroup : null;
        FeatureOutOfRange = fault == InputFault.OutOfRange ? FeatureOutOfRange : null;
        alarm.Update(Probability, steadyNow);
        for (int i = 0; i < violationAlarms.Length; i++)
        {
            violationAlarms[i].Update(violation[i], steadyNow);
        }
    }

    private static bool IsValid(ReadOnlySpan<byte> validity, int i) => (validity[i >> 3] & (1 << (i & 7))) != 0;

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        // A signal may be named without its group.
        for (int i = 0; name.Length > 0 && i < names.Count; i++)
        {
            if (names[i].EndsWith("." + name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    private static int IndexOf(IReadOnlyList<PredictedConstraint> constraints, string name)
    {
        for (int i = 0; i < constraints.Count; i++)
        {
            if (constraints[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
