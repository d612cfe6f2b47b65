using QDistill.Configuration;

namespace QDistill.Distillation.Teachers;

/// <summary>What is done to a teacher's answers on purpose, to find out what of its benefit is its own.</summary>
/// <param name="Kind"><c>none</c>, <c>shuffled</c> (every window gets another window's answer), <c>degraded</c> (noise on the logits until the validation score falls to a target), or <c>equal</c> (degraded to the score of another teacher).</param>
/// <param name="Metric">The score: <c>auroc</c>, <c>balanced_accuracy</c> (at the best threshold) or <c>accuracy</c> (at 0.5).</param>
/// <param name="Target">The score to fall to.</param>
/// <param name="Reference">The teacher to be equal to, fitted on the same windows.</param>
public sealed record TeacherTransform(string Kind, string Metric, double Target, TeacherSpec? Reference)
{
    /// <summary>The metrics.</summary>
    public static IReadOnlyList<string> Metrics { get; } = ["auroc", "balanced_accuracy", "accuracy"];

    /// <summary>Leaves the answers alone.</summary>
    public static TeacherTransform None { get; } = new("none", "auroc", 0, null);

    /// <summary>Every window gets another's answer.</summary>
    public static TeacherTransform Shuffled { get; } = None with { Kind = "shuffled" };

    /// <summary>Degraded to a score.</summary>
    public static TeacherTransform DegradedTo(string metric, double target) => new("degraded", metric, target, null);

    /// <summary>Degraded to another teacher's score.</summary>
    public static TeacherTransform EqualTo(TeacherSpec reference, string metric = "auroc") => new("equal", metric, 0, reference);

    /// <summary>Reads the section <c>transform</c>.</summary>
    /// <exception cref="UserErrorException">A value is wrong.</exception>
    internal static TeacherTransform Read(ConfigSection yaml)
    {
        string kind = yaml.Choice("kind", ["none", "shuffled", "degraded", "equal"]);
        switch (kind)
        {
            case "degraded":
                string[] given = [.. Metrics.Where(yaml.Has)];
                return given.Length == 1
                    ? DegradedTo(given[0], yaml.Double(given[0], null, 0.5, 1))
                    : throw yaml.Error(given.Length == 0 ? "auroc" : given[1], given.Length == 0 ? "is missing" : "is a second target", "name one: auroc, balanced_accuracy or accuracy, as in {kind: degraded, auroc: 0.8}");
            case "equal":
                TeacherSpec reference = TeacherSpec.Read(yaml.Section("teacher"));
                return reference.Transform.Kind == "none"
                    ? EqualTo(reference, yaml.Choice("metric", [.. Metrics], "auroc"))
                    : throw yaml.Error("teacher", "has a transform itself", "name the teacher alone");
            default:
                return None with { Kind = kind };
        }
    }

    /// <summary>The section as YAML; empty without a transform.</summary>
    internal string ToYaml() => Kind switch
    {
        "none" => string.Empty,
        "degraded" => FormattableString.Invariant($"transform: {{kind: degraded, {Metric}: {Target}}}\n"),
        "equal" => $"transform:\n  kind: equal\n  metric: {Metric}\n  teacher:\n{string.Concat(Reference!.ToYaml().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => $"    {l}\n"))}",
        _ => $"transform: {{kind: {Kind}}}\n",
    };
}
