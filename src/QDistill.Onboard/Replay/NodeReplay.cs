using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Onboard;

/// <summary>What the nodes would have put out, output by output.</summary>
/// <param name="StampsNs">When [n, ns].</param>
/// <param name="Probability">The collision probability as published [n]: the fail-safe value where input or model could not be trusted.</param>
/// <param name="Alarm">The collision alarm [n].</param>
/// <param name="Scale">The governor's scale of a command that comes with every prediction [n].</param>
/// <param name="Status">What each is worth [n].</param>
public sealed record NodeOutput(IReadOnlyList<long> StampsNs, IReadOnlyList<float> Probability, IReadOnlyList<bool> Alarm, IReadOnlyList<double> Scale, IReadOnlyList<PredictionStatus> Status);

/// <summary>
/// Plays a recording's windows to the very judgement, alarm, watchdog and governor that fly, on the recording's own time and as fast as it goes: what it gives is what the nodes would
/// have published had no time passed between sensor and prediction. Deterministic.
/// </summary>
public static class NodeReplay
{
    /// <summary>Runs a model over a recording.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="risk">The parameters of <c>risk_inference</c>.</param>
    /// <param name="governor">The parameters of <c>velocity_governor</c>.</param>
    /// <exception cref="UserErrorException">The model was trained on another schema.</exception>
    public static NodeOutput Run(FeatureWindows recording, IRiskModel model, RiskInferenceOptions risk, GovernorOptions governor) => Run(recording, model, risk, governor, null);

    /// <summary>Runs probabilities that something else gave (a rule) over a recording, through the same judgement, alarm and governor.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="probability">One for each window; NaN where there is none, which the nodes take as a model's failure.</param>
    /// <param name="like">A model whose alarm threshold is taken over.</param>
    /// <param name="risk">The parameters of <c>risk_inference</c>.</param>
    /// <param name="governor">The parameters of <c>velocity_governor</c>.</param>
    public static NodeOutput Run(FeatureWindows recording, double[] probability, RiskModelInfo like, RiskInferenceOptions risk, GovernorOptions governor)
    {
        var given = new Given(probability, like);
        return Run(recording, given, risk, governor, i => given.Window = i);
    }

    private static NodeOutput Run(FeatureWindows recording, IRiskModel model, RiskInferenceOptions risk, GovernorOptions governor, Action<int>? before)
    {
        RiskPredictor.Check(model.Info, recording.Schema.Id, risk.Risk);
        using var predictor = new RiskPredictor(risk.Risk) { Schema = recording.Schema };
        predictor.Install(model);
        var brake = new SpeedGovernor(governor);
        var stamps = new List<long>(recording.Count);
        var probability = new List<float>(recording.Count);
        var alarm = new List<bool>(recording.Count);
        var scale = new List<double>(recording.Count);
        var status = new List<PredictionStatus>(recording.Count);
        long period = (long)(1e9 / risk.WatchdogRate), watched = 0;
        for (int i = 0; i < recording.Count; i++)
        {
            long now = recording.Stamps[i];
            if (i == 0)
            {
                predictor.Start(now);
                watched = now;
            }

            for (; watched + period < now; watched += period)
            {
                if (predictor.IsSilent(watched + period))
                {
                    predictor.JudgeSilence(watched + period, watched + period);
                    Note(watched + period);
                }
            }

            before?.Invoke(i);
            predictor.Judge(recording.Row(i), recording.Mask(i), recording.Schema.Id, now, now, now);
            Note(now);
        }

        predictor.Install(null);
        return new NodeOutput(stamps, probability, alarm, scale, status);

        void Note(long now)
        {
            brake.Risk(predictor.Probability, predictor.Alarm, now);
            brake.Command(true, now);
            stamps.Add(now);
            probability.Add(predictor.Probability);
            alarm.Add(predictor.Alarm);
            scale.Add(brake.Update(now));
            status.Add(predictor.Status);
        }
    }

    /// <summary>Answers each window with what was given for it.</summary>
    private sealed class Given(double[] probability, RiskModelInfo like) : IRiskModel
    {
        public int Window { get; set; }

        public RiskModelInfo Info { get; } = like with { ModelId = "given", Constraints = [], Low = [], High = [], EnergyRange = null, AcceptsMissing = true };

        public bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty)
        {
            (collision, uncertainty) = ((float)probability[Window], 0);
            return float.IsFinite(collision);
        }

        public void Dispose()
        {
        }
    }
}
