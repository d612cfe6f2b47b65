using QDistill.Configuration;
using QDistill.Evaluation.Replay;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Onboard;

namespace QDistill.Cli.Acceptance;

/// <summary>
/// A <c>safety.yaml</c>: what is dangerous, what a stop is, which limits hold, and, under the nodes' own names, the parameters of the nodes under test, as in their parameter file.
/// </summary>
internal sealed class SafetyFile
{
    private readonly AcceptanceSpec spec;
    private readonly RiskInferenceOptions risk;
    private readonly VelocityGovernorOptions governor;

    private SafetyFile(AcceptanceSpec spec, RiskInferenceOptions risk, VelocityGovernorOptions governor) => (this.spec, this.risk, this.governor) = (spec, risk, governor);

    /// <summary>Reads the file and refuses what it does not know, or what the robot does not have.</summary>
    /// <exception cref="UserErrorException">Names file, line and key.</exception>
    public static SafetyFile Load(string path, RobotConfig robot)
    {
        ConfigSection file = ConfigFile.Load(path);
        AcceptanceSpec spec = AcceptanceSpec.Read(file);
        RiskInferenceOptions risk = file.OptionalSection("risk_inference") is { } r ? RiskInferenceOptions.Read(r) : new RiskInferenceOptions();
        VelocityGovernorOptions governor = file.OptionalSection("velocity_governor") is { } g ? VelocityGovernorOptions.Read(g) : new VelocityGovernorOptions();
        file.RejectUnknownKeys();
        spec.RequireFor(robot, path);
        return new SafetyFile(spec, risk, governor);
    }

    /// <summary>Judges a model and, as its control, the time-to-collision rule; both through the same nodes' logic.</summary>
    /// <param name="recordings">The recordings.</param>
    /// <param name="model">The model's path.</param>
    /// <param name="rule">The rule's probabilities for each recording; null when the robot does not carry it.</param>
    public IReadOnlyList<AcceptanceVerdict> Judge(IReadOnlyList<FeatureWindows> recordings, string model, IReadOnlyList<double[]>? rule)
    {
        using IRiskModel flown = OnnxRiskModel.Load(model);
        List<AcceptanceVerdict> verdicts = [Verdict("student", $"student {flown.Info.ModelId}", (w, _) => NodeReplay.Run(w, flown, risk, governor.Governor))];
        if (rule is not null)
        {
            verdicts.Add(Verdict("ttc_rule", "time-to-collision rule", (w, i) => NodeReplay.Run(w, rule[i], flown.Info, risk, governor.Governor)));
        }

        return verdicts;

        AcceptanceVerdict Verdict(string key, string name, Func<FeatureWindows, int, NodeOutput> run) => AcceptanceJudge.Judge(
            key,
            name,
            [
                .. recordings.Select((w, i) =>
                {
                    NodeOutput o = run(w, i);
                    return new StopTimeline(w.Name, o.StampsNs, spec.Stop.ByGovernor ? o.Scale : [.. o.Alarm.Select(a => a ? 0.0 : 1.0)], Dangers.Find(w, spec.Danger));
                }),
            ],
            spec);
    }
}
