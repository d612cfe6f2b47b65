using MathNet.Numerics.Distributions;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>One condition with what its finished runs gave.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Records">The finished run of each seed.</param>
public sealed record ConditionResult(StudyCondition Condition, IReadOnlyDictionary<ulong, RunRecord> Records)
{
    /// <summary>The metric of each seed where it is defined.</summary>
    public IReadOnlyDictionary<ulong, double> Values(StudyMetric metric) => Pick(metric, r => r.Scores);

    /// <summary>The teacher's own metric of each seed where it is defined.</summary>
    public IReadOnlyDictionary<ulong, double> TeacherValues(StudyMetric metric) => Pick(metric, r => r.TeacherScores);

    /// <summary>What the teacher's queries cost on average over seeds: fit and labels.</summary>
    public (double Circuits, double Shots) Cost => Records.Count == 0
        ? (0, 0)
        : (Records.Values.Average(r => (double)r.Ledger.Total.Circuits), Records.Values.Average(r => (double)r.Ledger.Total.Shots));

    private Dictionary<ulong, double> Pick(StudyMetric metric, Func<RunRecord, RunScores?> scores) => Records
        .Select(r => (r.Key, Value: scores(r.Value)?.Metrics.GetValueOrDefault(metric.Key)))
        .Where(r => r.Value is not null)
        .ToDictionary(r => r.Key, r => r.Value!.Value);
}

/// <summary>A condition against one of its controls, seed by seed.</summary>
/// <param name="Condition">The condition's key; empty for the mean over all quantum conditions.</param>
/// <param name="Control">The control's role.</param>
/// <param name="Benefit">Mean benefit over seeds with its 95 % interval (Student's t); positive is better.</param>
/// <param name="Seeds">Seeds in which both have a value.</param>
/// <param name="PValue">Wilcoxon's signed-rank test, two-sided; null when all differences are zero.</param>
/// <param name="Holm">The p-value after Holm's correction over its family.</param>
public sealed record StudyComparison(string Condition, string Control, Interval Benefit, int Seeds, double? PValue, double? Holm);

/// <summary>What the answer to "does the quantum teacher help?" is.</summary>
public enum StudyVerdict
{
    /// <summary>Nothing to judge yet.</summary>
    Nothing,

    /// <summary>Not better than no teacher.</summary>
    DoesNotHelp,

    /// <summary>Better than no teacher, but not than the classical teacher.</summary>
    NotBeyondClassical,

    /// <summary>Better than both, but not than the same circuit without entanglement.</summary>
    NotByEntanglement,

    /// <summary>Better than every control that was there.</summary>
    Helps,
}

/// <summary>The statistics of a study.</summary>
public sealed record StudyAnalysis
{
    /// <summary>The level of all tests.</summary>
    public const double Level = 0.05;

    /// <summary>The plan.</summary>
    public required StudyPlan Plan { get; init; }

    /// <summary>The metric that decides.</summary>
    public required StudyMetric Metric { get; init; }

    /// <summary>Every condition.</summary>
    public required IReadOnlyList<ConditionResult> Results { get; init; }

    /// <summary>The mean over all quantum conditions against each control: the question itself, one family.</summary>
    public required IReadOnlyList<StudyComparison> Overall { get; init; }

    /// <summary>Every condition with a quantum teacher against each control: the second family.</summary>
    public required IReadOnlyList<StudyComparison> Comparisons { get; init; }

    /// <summary>The answer.</summary>
    public required StudyVerdict Verdict { get; init; }

    /// <summary>How far the study is.</summary>
    public required StudyStatus Status { get; init; }

    /// <summary>The result of that key.</summary>
    public ConditionResult Result(string key) => Results.First(r => r.Condition.Key == key);

    /// <summary>Analyses a folder.</summary>
    /// <exception cref="Configuration.UserErrorException">The folder holds no study, or no finished run.</exception>
    public static StudyAnalysis Of(StudyFolder folder)
    {
        StudyPlan plan = folder.LoadPlan();
        IReadOnlyDictionary<string, RunRecord> runs = folder.LoadRuns();
        StudyStatus status = StudyStatus.Of(plan, runs);
        return status.Done > 0
            ? Of(plan, runs, status)
            : throw new Configuration.UserErrorException("holds no finished run yet", folder.Path, "run the study first");
    }

    internal static StudyAnalysis Of(StudyPlan plan, IReadOnlyDictionary<string, RunRecord> runs, StudyStatus status)
    {
        StudyMetric metric = StudyMetric.Get(plan.Metric);
        ConditionResult[] results =
        [
            .. plan.Conditions.Select(c => new ConditionResult(
                c, c.Runs.Where(r => runs.TryGetValue(r.Value, out RunRecord? record) && record.Error is null).ToDictionary(r => r.Key, r => runs[r.Value]))),
        ];
        Dictionary<string, ConditionResult> byKey = results.ToDictionary(r => r.Condition.Key);
        ConditionResult[] quantum = [.. results.Where(r => r.Condition.Role == StudyRole.Quantum)];
        var overall = new List<StudyComparison>();
        foreach (string control in StudyRole.Controls)
        {
            Dictionary<ulong, double>[] each = [.. quantum.Where(q => q.Condition.Controls.ContainsKey(control)).Select(q => Benefits(q, byKey[q.Condition.Controls[control]], metric))];
            if (each.Length > 0)
            {
                // Only seeds that every condition has: else one seed's mean would be over other conditions than the next one's.
                ulong[] seeds = [.. each[0].Keys.Where(s => each.All(e => e.ContainsKey(s))).Order()];
                overall.Add(Compare(string.Empty, control, [.. seeds.Select(s => each.Average(e => e[s]))]));
            }
        }

        StudyComparison[] comparisons =
        [
            .. from r in results
               where r.Condition.Role is StudyRole.Quantum or StudyRole.NoEntanglement
               from control in StudyRole.Controls
               where r.Condition.Controls.ContainsKey(control)
               let benefits = Benefits(r, byKey[r.Condition.Controls[control]], metric)
               select Compare(r.Condition.Key, control, [.. benefits.OrderBy(b => b.Key).Select(b => b.Value)]),
        ];
        IReadOnlyList<StudyComparison> corrected = Correct(overall);
        return new StudyAnalysis
        {
            Plan = plan,
            Metric = metric,
            Results = results,
            Overall = corrected,
            Comparisons = Correct(comparisons),
            Verdict = Judge(corrected),
            Status = status,
        };
    }

    /// <summary>The mean with its 95 % interval by Student's t over seeds; no interval from fewer than two.</summary>
    public static Interval Mean(IReadOnlyCollection<double> values)
    {
        int n = values.Count;
        if (n == 0)
        {
            return new Interval(null, null, null, 0.95, 0);
        }

        double mean = values.Average();
        if (n == 1)
        {
            return new Interval(mean, null, null, 0.95, 0);
        }

        double half = StudentT.InvCDF(0, 1, n - 1, 0.975) * Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (n - 1) / n);
        return new Interval(mean, mean - half, mean + half, 0.95, 0);
    }

    /// <summary>The least p-value that Wilcoxon's test can give with so many seeds.</summary>
    public static double LeastPValue(int seeds) => Math.Min(1, Math.Pow(2, 1 - seeds));

    private static Dictionary<ulong, double> Benefits(ConditionResult result, ConditionResult control, StudyMetric metric)
    {
        IReadOnlyDictionary<ulong, double> a = result.Values(metric), b = control.Values(metric);
        return a.Where(v => b.ContainsKey(v.Key)).ToDictionary(v => v.Key, v => metric.Benefit(v.Value, b[v.Key]));
    }

    private static StudyComparison Compare(string condition, string control, double[] benefits) =>
        new(condition, control, Mean(benefits), benefits.Length, WilcoxonSignedRank.Test(benefits).PValue, null);

    private static IReadOnlyList<StudyComparison> Correct(IReadOnlyList<StudyComparison> family)
    {
        // Without any difference there is nothing to reject: such a comparison stays in the family with p = 1.
        double[] adjusted = HolmCorrection.Adjust([.. family.Select(c => c.PValue ?? 1)]);
        return [.. family.Select((c, i) => c with { Holm = c.Seeds > 0 ? adjusted[i] : null })];
    }

    private static StudyVerdict Judge(IReadOnlyList<StudyComparison> overall)
    {
        if (overall.All(c => c.Seeds == 0))
        {
            return StudyVerdict.Nothing;
        }

        bool Better(string control) => overall.FirstOrDefault(c => c.Control == control) is null or { Benefit.Estimate: > 0, Holm: < Level };
        return !Better(StudyRole.NoTeacher) ? StudyVerdict.DoesNotHelp
            : !Better(StudyRole.Classical) || !Better(StudyRole.TtcRule) ? StudyVerdict.NotBeyondClassical
            : !Better(StudyRole.NoEntanglement) ? StudyVerdict.NotByEntanglement
            : StudyVerdict.Helps;
    }
}
