using MathNet.Numerics.Distributions;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>One condition with what its finished runs gave.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Records">The finished run of each replicate.</param>
public sealed record ConditionResult(StudyCondition Condition, IReadOnlyDictionary<string, RunRecord> Records)
{
    /// <summary>Whether every run is there.</summary>
    public bool IsComplete => Records.Count == Condition.Runs.Count;

    /// <summary>The metric of each replicate where it is defined.</summary>
    public IReadOnlyDictionary<string, double> Values(StudyMetric metric) => Pick(metric, r => r.Scores);

    /// <summary>The metric of each unit: of each fold the mean over its seeds, or of each seed.</summary>
    public IReadOnlyDictionary<string, double> Units(StudyMetric metric) => StudyAnalysis.ByUnit(Values(metric));

    /// <summary>The teacher's own metric of each replicate where it is defined.</summary>
    public IReadOnlyDictionary<string, double> TeacherValues(StudyMetric metric) => Pick(metric, r => r.TeacherScores);

    /// <summary>What the teacher's queries cost on average: fit and labels.</summary>
    public (double Circuits, double Shots, double Depth, double TwoQubitGates) Cost => Records.Count == 0
        ? default
        : (Mean(r => r.Circuits), Mean(r => r.Shots), Records.Values.Max(r => (double)r.Ledger.Total.Depth), Mean(r => r.TwoQubitGates));

    private double Mean(Func<RunCost, long> of) => Records.Values.Average(r => (double)of(r.Ledger.Total));

    private Dictionary<string, double> Pick(StudyMetric metric, Func<RunRecord, RunScores?> scores) => Records
        .Select(r => (r.Key, Value: scores(r.Value)?.Metrics.GetValueOrDefault(metric.Key)))
        .Where(r => r.Value is not null)
        .ToDictionary(r => r.Key, r => r.Value!.Value);
}

/// <summary>A condition against one of its controls, unit by unit: a unit is a fold (the mean over its seeds) where recordings are left out in turn, else a seed.</summary>
/// <param name="Condition">The condition's key; empty for the mean over all quantum conditions.</param>
/// <param name="Control">The control's role.</param>
/// <param name="Benefit">
/// Mean benefit over units with its 95 % interval; positive is better. Student's t over seeds; over folds with Nadeau and Bengio's correction (Machine Learning 52, 2003), for their training recordings overlap.
/// </param>
/// <param name="Bootstrap">The percentile interval of the paired bootstrap over units.</param>
/// <param name="Units">Units in which both have a value.</param>
/// <param name="PValue">Wilcoxon's signed-rank test, two-sided; null when all differences are zero.</param>
/// <param name="Holm">The p-value after Holm's correction over its family.</param>
public sealed record StudyComparison(string Condition, string Control, Interval Benefit, Interval Bootstrap, int Units, double? PValue, double? Holm)
{
    /// <summary>The test (condition or shift) that a comparison over several conditions is about; empty for the question itself.</summary>
    public string Test { get; init; } = string.Empty;
}

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
    private static readonly BootstrapOptions Resampling = new() { Resamples = 2000, Seed = 1 };

    /// <summary>The level of all tests.</summary>
    public const double Level = 0.05;

    /// <summary>The plan.</summary>
    public required StudyPlan Plan { get; init; }

    /// <summary>The metric that decides.</summary>
    public required StudyMetric Metric { get; init; }

    /// <summary>Every condition.</summary>
    public required IReadOnlyList<ConditionResult> Results { get; init; }

    /// <summary>The mean over all quantum conditions, judged as recorded, against each of the four controls: the question itself, one family.</summary>
    public required IReadOnlyList<StudyComparison> Overall { get; init; }

    /// <summary>The same against the study's further controls: a family of its own.</summary>
    public required IReadOnlyList<StudyComparison> Further { get; init; }

    /// <summary>The mean over all quantum conditions on each other test (conditions, shifts) against each control: a family of its own.</summary>
    public required IReadOnlyList<StudyComparison> ByTest { get; init; }

    /// <summary>What each axis does by itself, from the base cell; families of their own.</summary>
    public required IReadOnlyList<AxisLevel> Axes { get; init; }

    /// <summary>Every condition with a quantum teacher against each control: the last family.</summary>
    public required IReadOnlyList<StudyComparison> Comparisons { get; init; }

    /// <summary>The answer.</summary>
    public required StudyVerdict Verdict { get; init; }

    /// <summary>How far the study is.</summary>
    public required StudyStatus Status { get; init; }

    private Dictionary<string, ConditionResult> ByKey { get; init; } = [];

    /// <summary>The result of that key.</summary>
    public ConditionResult Result(string key) => ByKey[key];

    /// <summary>The label budgets, in words.</summary>
    public IReadOnlyList<string> LabelBudgets => field ??= [.. Plan.Conditions.Select(c => c.Labels).Where(l => l.Length > 0).Distinct()];

    /// <summary>Whether units are folds (of at least one of the data) rather than seeds.</summary>
    public bool HasFolds => Plan.Folds.Values.Any(f => f > 0);

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
        ConditionResult[] asRecorded = [.. quantum.Where(q => q.Condition.TestKind == TestKind.AsRecorded)];
        string[] roles = [.. StudyRole.Controls, .. quantum.SelectMany(q => q.Condition.Controls.Keys).Distinct().Except(StudyRole.Controls)];
        StudyComparison[] overall = [.. roles.Select(control => Over(asRecorded, control, byKey, plan, metric) is { } c ? c with { Control = control } : null).OfType<StudyComparison>()];
        IEnumerable<StudyComparison> byTest =
            from tests in quantum.Where(q => q.Condition.TestKind != TestKind.AsRecorded).GroupBy(q => q.Condition.Test)
            from control in roles
            let c = Over([.. tests], control, byKey, plan, metric)
            where c is not null
            select c with { Control = control, Test = tests.Key };
        StudyComparison[] comparisons =
        [
            .. from r in results
               where r.Condition.Role is StudyRole.Quantum or StudyRole.NoEntanglement && r.Records.Count > 0
               from control in roles
               where r.Condition.Controls.ContainsKey(control)
               let benefits = ByUnit(Benefits(r, byKey[r.Condition.Controls[control]], metric))
               select Compare(r.Condition.Key, control, [.. benefits.OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => b.Value)], Correction(plan, r.Condition.Data)),
        ];
        IReadOnlyList<StudyComparison> core = Correct([.. overall.Where(c => StudyRole.Controls.Contains(c.Control))]);
        return new StudyAnalysis
        {
            Plan = plan,
            Metric = metric,
            Results = results,
            ByKey = byKey,
            Overall = core,
            Further = Correct([.. overall.Where(c => !StudyRole.Controls.Contains(c.Control))]),
            ByTest = Correct([.. byTest]),
            Axes = StudyAxes.Of(plan, results, pairs => Over([.. pairs], plan, metric)),
            Comparisons = Correct(comparisons),
            Verdict = Judge(core),
            Status = status,
        };
    }

    /// <summary>Values by unit: of each fold the mean over its seeds, or of each seed its own.</summary>
    internal static IReadOnlyDictionary<string, double> ByUnit(IReadOnlyDictionary<string, double> values) =>
        values.GroupBy(v => v.Key.Split('/')[0]).ToDictionary(g => g.Key, g => g.Average(v => v.Value));

    /// <summary>
    /// The share of variance that folds add to the mean's by sharing training recordings: test over training size (Nadeau and Bengio 2003, eq. 5); with one part for testing and one for
    /// validation that is 1 / (folds − 2). 0 without folds.
    /// </summary>
    internal static double Correction(StudyPlan plan, string data) => plan.Folds.GetValueOrDefault(data) is > 2 and var folds ? 1.0 / (folds - 2) : 0;

    /// <summary>The mean benefit over many conditions: in each of the data and each unit over those of its conditions that are complete, then over units.</summary>
    private static StudyComparison? Over(IEnumerable<ConditionResult> conditions, string control, Dictionary<string, ConditionResult> byKey, StudyPlan plan, StudyMetric metric) =>
        Over([.. conditions.Where(q => q.Condition.Controls.ContainsKey(control)).Select(q => (q, byKey[q.Condition.Controls[control]]))], plan, metric);

    /// <summary>The same for conditions each with what it is compared with; null when there are none.</summary>
    private static StudyComparison? Over(IReadOnlyList<(ConditionResult Condition, ConditionResult Other)> pairs, StudyPlan plan, StudyMetric metric)
    {
        var units = new List<double>();
        var corrections = new List<double>();
        foreach (IGrouping<string, (ConditionResult Condition, ConditionResult Other)> data in pairs.GroupBy(p => p.Condition.Condition.Data))
        {
            double[] shared = SharedUnits(data.Select(p => ByUnit(Benefits(p.Condition, p.Other, metric))));
            units.AddRange(shared);
            if (shared.Length > 0)
            {
                corrections.Add(Correction(plan, data.Key));
            }
        }

        return pairs.Count > 0 ? Compare(string.Empty, string.Empty, [.. units], corrections.Count == 0 ? 0 : corrections.Average() / corrections.Count) : null;
    }

    /// <summary>The mean with its 95 % interval by Student's t; no interval from fewer than two.</summary>
    /// <param name="values">The values.</param>
    /// <param name="correction">Added to 1/n where values share training data: see <see cref="Correction"/>.</param>
    public static Interval Mean(IReadOnlyCollection<double> values, double correction = 0)
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

        double half = StudentT.InvCDF(0, 1, n - 1, 0.975) * Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (n - 1) * ((1.0 / n) + correction));
        return new Interval(mean, mean - half, mean + half, 0.95, 0);
    }

    /// <summary>The least p-value that Wilcoxon's test can give with so many units.</summary>
    public static double LeastPValue(int units) => Math.Min(1, Math.Pow(2, 1 - units));

    // Only whole conditions, those with as many units as any: else one unit's mean would be over other conditions than the next one's.
    private static double[] SharedUnits(IEnumerable<IReadOnlyDictionary<string, double>> conditions)
    {
        IReadOnlyDictionary<string, double>[] each = [.. conditions.Where(c => c.Count > 0)];
        int most = each.Select(c => c.Count).DefaultIfEmpty().Max();
        IReadOnlyDictionary<string, double>[] whole = [.. each.Where(c => c.Count == most)];
        return whole.Length == 0 ? [] : [.. whole[0].Keys.Where(u => whole.All(w => w.ContainsKey(u))).Order(StringComparer.Ordinal).Select(u => whole.Average(w => w[u]))];
    }

    /// <summary>The mean benefit of some conditions over one of their controls, without a correction for other comparisons; null when none has that control.</summary>
    internal StudyComparison? Pool(IEnumerable<ConditionResult> conditions, string control) => Over(conditions, control, ByKey, Plan, Metric);

    /// <summary>The mean of a metric over some conditions: in each of the data and each unit over those conditions that are complete, then over units.</summary>
    internal Interval PoolMetric(IEnumerable<ConditionResult> conditions, StudyMetric metric)
    {
        var units = new List<double>();
        var corrections = new List<double>();
        foreach (IGrouping<string, ConditionResult> data in conditions.GroupBy(c => c.Condition.Data))
        {
            double[] shared = SharedUnits(data.Select(c => c.Units(metric)));
            units.AddRange(shared);
            if (shared.Length > 0)
            {
                corrections.Add(Correction(Plan, data.Key));
            }
        }

        return Mean(units, corrections.Count == 0 ? 0 : corrections.Average() / corrections.Count);
    }

    /// <summary>The metric of a result with its interval over units.</summary>
    internal Interval MeanOf(ConditionResult r, StudyMetric metric) => Mean([.. r.Units(metric).Values], Correction(Plan, r.Condition.Data));

    private static Dictionary<string, double> Benefits(ConditionResult result, ConditionResult control, StudyMetric metric)
    {
        IReadOnlyDictionary<string, double> a = result.Values(metric), b = control.Values(metric);
        return a.Where(v => b.ContainsKey(v.Key)).ToDictionary(v => v.Key, v => metric.Benefit(v.Value, b[v.Key]));
    }

    private static StudyComparison Compare(string condition, string control, double[] benefits, double correction) =>
        new(condition, control, Mean(benefits, correction), QDistill.Metrics.Bootstrap.Mean(benefits, Resampling), benefits.Length, WilcoxonSignedRank.Test(benefits).PValue, null);

    internal static IReadOnlyList<StudyComparison> Correct(IReadOnlyList<StudyComparison> family)
    {
        // Without any difference there is nothing to reject: such a comparison stays in the family with p = 1.
        double[] adjusted = HolmCorrection.Adjust([.. family.Select(c => c.PValue ?? 1)]);
        return [.. family.Select((c, i) => c with { Holm = c.Units > 0 ? adjusted[i] : null })];
    }

    private static StudyVerdict Judge(IReadOnlyList<StudyComparison> overall)
    {
        if (overall.All(c => c.Units == 0))
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
