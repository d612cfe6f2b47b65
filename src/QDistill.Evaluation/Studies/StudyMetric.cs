namespace QDistill.Evaluation.Studies;

/// <summary>A metric of a run, by its key in the run's line.</summary>
/// <param name="Key">The key, snake_case.</param>
/// <param name="Name">The name in tables.</param>
/// <param name="HigherIsBetter">Which way is better.</param>
public sealed record StudyMetric(string Key, string Name, bool HigherIsBetter)
{
    /// <summary>The metrics that tables show; a study may be decided by any of them.</summary>
    public static IReadOnlyList<StudyMetric> All { get; } =
    [
        new("auroc", "AUROC", true),
        new("auprc", "AUPRC", true),
        new("f1", "F1", true),
        new("balanced_accuracy", "Balanced accuracy", true),
        new("nll", "NLL", false),
        new("brier", "Brier", false),
        new("ece", "ECE", false),
        new("aurc", "AURC", false),
    ];

    /// <summary>What is shown besides: calibration in detail, prediction sets, and what an operator sees.</summary>
    public static IReadOnlyList<StudyMetric> Further { get; } =
    [
        new("ece_equal_mass", "ECE, equal mass", false),
        new("ece_classwise", "ECE, classwise", false),
        new("brier_reliability", "Brier reliability", false),
        new("brier_resolution", "Brier resolution", true),
        new("conformal_coverage", "Conformal coverage", true),
        new("conformal_set_size", "Set size", false),
        new("ood_auroc", "OOD AUROC", true),
        new("miss_rate", "Missed contacts", false),
        new("false_alarms_per_hour", "False alarms per hour", false),
        new("median_lead_time_s", "Lead time [s]", true),
        new("median_time_to_alarm_s", "Time to alarm [s]", false),
        new("availability", "Windows left", true),
    ];

    /// <summary>The metric of that key.</summary>
    public static StudyMetric Get(string key) => All.First(m => m.Key == key);

    /// <summary>How much better <paramref name="value"/> is than <paramref name="than"/>, in the metric's unit; negative when worse.</summary>
    public double Benefit(double value, double than) => HigherIsBetter ? value - than : than - value;
}
