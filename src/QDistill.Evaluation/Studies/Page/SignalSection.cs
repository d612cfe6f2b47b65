using QDistill.Evaluation.Reports;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>Which signal, asked how, helps under which condition: tables of benefits, of the metric itself, and every paired difference.</summary>
internal static class SignalSection
{
    private const int Differing = 60;

    public static void Write(ReportSection section, StudyAnalysis a)
    {
        section.Text($"What a student gains in {a.Metric.Name} by its quantum teacher: the mean over all data, circuits and back ends, with its 95 % interval. The best signal of each column is bold, whether or not that is more than chance.");
        foreach (ReportTable table in Tables(a))
        {
            section.Table(table);
        }
    }

    /// <summary>The section's tables, which the Markdown file has too.</summary>
    public static IReadOnlyList<ReportTable> Tables(StudyAnalysis a) => [.. OneAxis(a), Signals(a), .. Axes(a), .. Metrics(a)];

    public static void Differences(ReportSection section, StudyAnalysis a)
    {
        StudyComparison[] shown = [.. a.Comparisons.OrderBy(c => c.PValue ?? 1).ThenByDescending(c => Math.Abs(c.Benefit.Estimate ?? 0)).Take(Differing)];
        section.Text($"Benefit in {a.Metric.Name} of each quantum condition over its own controls (same recordings, labels, recipe and seed), positive is better. p by Wilcoxon's signed-rank test; the last column is corrected by Holm over all {a.Comparisons.Count} comparisons{(shown.Length < a.Comparisons.Count ? $", of which the {shown.Length} with the smallest p-values are here and all in differences.csv" : string.Empty)}.");
        var table = new ReportTable(
            "Paired differences.",
            new ReportColumn("Condition", null, false), new ReportColumn("Against", null, false), new ReportColumn("Benefit", "95 % interval"), new ReportColumn("Paired bootstrap", "95 % interval"),
            new ReportColumn(a.HasFolds ? "Units" : "Seeds"), new ReportColumn("p"), new ReportColumn("p, Holm"));
        foreach (StudyComparison c in shown)
        {
            table.Add(
                StudyReportPage.Short(a, a.Result(c.Condition).Condition),
                StudyRole.Words(c.Control),
                StudyReportPage.Benefit(c),
                StudyReportPage.Interval(c.Bootstrap) ?? ReportCell.Missing,
                ReportCell.Count(c.Units),
                StudyReportPage.P(c.PValue),
                StudyReportPage.P(c.Holm));
        }

        section.Table(table);
    }

    // The part of an unfinished study that is complete first: one table for each axis, everything else at its first entry.
    private static IEnumerable<ReportTable> OneAxis(StudyAnalysis a)
    {
        foreach (IGrouping<string, AxisLevel> axis in a.Axes.GroupBy(l => l.Axis))
        {
            string[] controls = [.. StudyRole.Controls.Where(c => axis.Any(l => l.OverControls.ContainsKey(c)))];
            var table = new ReportTable(
                $"{char.ToUpperInvariant(axis.Key[0])}{axis.Key[1..]} alone. {a.Metric.Name} gained by each entry while every other axis keeps its first, judged as recorded, pooled over the data; 95 % interval, and p by Wilcoxon's test with Holm's correction over the column.",
                [new ReportColumn(axis.Key, null, false), new ReportColumn($"over {axis.First().Base}"), .. controls.Select(c => new ReportColumn($"over {StudyRole.Words(c)}")), new ReportColumn("Data", "complete on"), new ReportColumn(a.HasFolds ? "Units" : "Seeds")]);
            foreach (AxisLevel l in axis)
            {
                table.Add(
                [
                    l.Level,
                    Tested(l.OverBase),
                    .. controls.Select(c => Tested(l.OverControls.GetValueOrDefault(c))),
                    ReportCell.Count(l.Data),
                    ReportCell.Count((l.OverBase ?? l.OverControls.Values.FirstOrDefault())?.Units),
                ]);
            }

            yield return table;
        }

        static ReportCell Tested(StudyComparison? c)
        {
            ReportCell cell = StudyReportPage.Benefit(c);
            return c is { Units: > 0 } ? cell with { Detail = $"{(cell.Detail is null ? string.Empty : $"{cell.Detail}; ")}p = {StudyReportPage.P(c.Holm)}" } : cell;
        }
    }

    // Rows: signals; columns: tests. Each cell is the benefit over the student without a teacher, which had the same test.
    private static ReportTable Signals(StudyAnalysis a)
    {
        string[] recipes = [.. a.Plan.Conditions.Where(c => c.Role == StudyRole.Quantum).Select(c => c.Recipe).Distinct()];
        string[] tests = [.. a.Plan.Conditions.Where(c => c.Role == StudyRole.Quantum).Select(c => c.Test).Distinct()];
        recipes = [.. recipes.Where(r => Quantum(a).Any(q => q.Condition.Recipe == r))]; // those that an unfinished study has come to
        StudyComparison?[][] cells = [.. recipes.Select(r => tests.Select(t => a.Pool(Quantum(a).Where(q => q.Condition.Recipe == r && q.Condition.Test == t), StudyRole.NoTeacher)).ToArray())];
        var table = new ReportTable(
            $"{a.Metric.Name} gained over no teacher, by signal and test. The interval beneath is over {(a.HasFolds ? "folds" : "seeds")}, not corrected for the number of cells.",
            [new ReportColumn("Signal", null, false), .. tests.Select(t => new ReportColumn(t))]);
        for (int i = 0; i < recipes.Length; i++)
        {
            int row = i;
            table.Add([recipes[i], .. cells[i].Select((c, j) => StudyReportPage.Benefit(c) with { Best = c?.Benefit.Estimate is { } v && cells.All(o => o[j]?.Benefit.Estimate is not { } w || v >= w) })]);
        }

        return table;
    }

    // What each axis does by itself: all else pooled.
    private static IEnumerable<ReportTable> Axes(StudyAnalysis a)
    {
        (string Name, Func<StudyCondition, string> Of)[] axes = [("Back end", c => c.Backend), ("Teacher", c => c.Teacher), ("Label budget", c => c.Labels), ("Data", c => c.Data)];
        foreach ((string name, Func<StudyCondition, string> of) in axes)
        {
            string[] levels = [.. Quantum(a).Select(q => of(q.Condition)).Distinct()];
            if (levels.Length < 2)
            {
                continue;
            }

            string[] controls = [.. StudyRole.Controls.Where(c => Quantum(a).Any(q => q.Condition.Controls.ContainsKey(c)))];
            var table = new ReportTable(
                $"{a.Metric.Name} gained by {char.ToLowerInvariant(name[0])}{name[1..]}, judged as recorded. All signals and everything else pooled; intervals not corrected for the number of cells.",
                [new ReportColumn(name, null, false), .. controls.Select(c => new ReportColumn($"over {StudyRole.Words(c)}")), new ReportColumn("Conditions", "complete")]);
            foreach (string level in levels)
            {
                ConditionResult[] these = [.. Quantum(a).Where(q => of(q.Condition) == level && q.Condition.TestKind == TestKind.AsRecorded)];
                table.Add([level, .. controls.Select(c => StudyReportPage.Benefit(a.Pool(these, c))), ReportCell.Count(these.Count(t => t.IsComplete))]);
            }

            yield return table;
        }
    }

    // The metric itself, signal by signal: rows are predictors, controls among them.
    private static IEnumerable<ReportTable> Metrics(StudyAnalysis a)
    {
        foreach (IGrouping<(string Data, string Labels), ConditionResult> group in a.Results.Where(r => r.Condition.Recipe.Length > 0 && r.Condition.TestKind == TestKind.AsRecorded && r.Records.Count > 0)
            .GroupBy(r => (r.Condition.Data, r.Condition.Labels)))
        {
            string[] recipes = [.. group.Select(r => r.Condition.Recipe).Distinct()];
            var rows = group.GroupBy(r => (r.Condition.Role, r.Condition.Teacher, r.Condition.Backend)).ToList();
            ConditionResult? rule = a.Results.FirstOrDefault(r => r.Condition.Role == StudyRole.TtcRule && r.Condition.Data == group.Key.Data && r.Condition.TestKind == TestKind.AsRecorded);
            Interval[][] means = [.. rows.Select(row => recipes.Select(recipe => row.FirstOrDefault(r => r.Condition.Recipe == recipe) is { } r ? a.MeanOf(r, a.Metric) : default).ToArray())];
            var table = new ReportTable(
                $"{a.Metric.Name} on {group.Key.Data} with {group.Key.Labels}. Mean with its 95 % interval ({(a.Metric.HigherIsBetter ? "higher" : "lower")} is better); the best of each column is bold.",
                [new ReportColumn("Teacher", null, false), new ReportColumn("Asked through", null, false), .. recipes.Select(r => new ReportColumn(r))]);
            for (int i = 0; i < rows.Count; i++)
            {
                bool control = rows[i].Key.Role is not (StudyRole.Quantum or StudyRole.NoEntanglement or StudyRole.NoTeacher);
                table.Add(
                [
                    control ? $"{rows[i].Key.Teacher} (control)" : rows[i].Key.Teacher,
                    rows[i].Key.Backend,
                    .. means[i].Select((m, j) => ReportCell.WithInterval(m.Estimate, m, 3, m.Estimate is { } v && means.All(o => o[j].Estimate is not { } w || a.Metric.Benefit(v, w) >= 0))),
                ]);
            }

            if (rule is { Records.Count: > 0 })
            {
                Interval m = a.HasFolds ? a.MeanOf(rule, a.Metric) : StudyAnalysis.Mean([.. rule.Values(a.Metric).Values.Take(1)]);
                table.Add(["time-to-collision rule", string.Empty, .. recipes.Select(_ => ReportCell.WithInterval(m.Estimate, m))]);
            }

            yield return table;
        }
    }

    private static IEnumerable<ConditionResult> Quantum(StudyAnalysis a) => a.Results.Where(r => r.Condition.Role == StudyRole.Quantum && r.Records.Count > 0);
}
