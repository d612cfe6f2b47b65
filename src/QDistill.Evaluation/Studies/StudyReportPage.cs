using System.Globalization;
using QDistill.Configuration;
using QDistill.Evaluation.Reports;
using QDistill.Evaluation.Reports.Charts;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>Lays a study's analysis out as one page; the answer comes first, whichever it is.</summary>
public static class StudyReportPage
{
    /// <summary>The page's content.</summary>
    public static HtmlReport Build(StudyAnalysis a, string command)
    {
        var page = new HtmlReport
        {
            Title = $"Study {a.Plan.Name}",
            Subtitle = "Does a quantum teacher make a better student than what a robot could have without it?",
            Command = command,
            Footer = Versions(a),
        };
        Answer(page.Section("Answer"), a);
        Conditions(page.Section("Signals and conditions"), a);
        Differences(page.Section("Differences"), a);
        Cost(page.Section("Benefit and quantum cost"), a);
        Calibration(page.Section("Calibration"), a);
        Teachers(page.Section("The teachers themselves"), a);
        Provenance(page.Section("Provenance"), a);
        return page;
    }

    /// <summary>The answer in one sentence.</summary>
    public static string Verdict(StudyAnalysis a) => a.Verdict switch
    {
        StudyVerdict.Nothing => "No condition with a quantum teacher has a finished run and a control to compare with, so there is no answer yet.",
        StudyVerdict.DoesNotHelp => DoesNotHelp(a),
        StudyVerdict.NotBeyondClassical => $"The quantum teacher does not help beyond what is there without it: its students are better ({a.Metric.Name}) than students without a teacher, but not significantly better than those of the classical teacher or than the time-to-collision rule.",
        StudyVerdict.NotByEntanglement => $"The quantum teacher's students are better ({a.Metric.Name}) than the classical controls, but not significantly better than those of the same circuit without entanglement: nothing shows that what helps is quantum.",
        _ => $"The quantum teacher helps: over all conditions its students are significantly better ({a.Metric.Name}) than every control.",
    };

    // Not better, worse, and too few seeds to tell are three different answers.
    private static string DoesNotHelp(StudyAnalysis a)
    {
        StudyComparison? c = a.Overall.FirstOrDefault(o => o.Control == StudyRole.NoTeacher);
        return c is { Benefit.Estimate: < 0, Holm: < StudyAnalysis.Level }
            ? $"The quantum teacher does harm: over all conditions its students are significantly worse ({a.Metric.Name}) than students without any teacher."
            : $"The quantum teacher does not help{(IsTooSmall(a) ? ", as far as so few seeds can tell" : string.Empty)}: over all conditions its students are not significantly better ({a.Metric.Name}) than students without any teacher.";
    }

    private static bool IsTooSmall(StudyAnalysis a) => a.Overall.Count * StudyAnalysis.LeastPValue(Seeds(a)) >= StudyAnalysis.Level;

    private static int Seeds(StudyAnalysis a) => a.Overall.Select(c => c.Seeds).DefaultIfEmpty().Max();

    /// <summary>What a reader must know before believing the numbers.</summary>
    public static IReadOnlyList<string> Notes(StudyAnalysis a)
    {
        int seeds = Seeds(a);
        var notes = new List<string>();
        if (IsTooSmall(a))
        {
            notes.Add(FormattableString.Invariant(
                $"With {seeds} seeds and {a.Overall.Count} controls no corrected p-value can be below {Math.Min(1, a.Overall.Count * StudyAnalysis.LeastPValue(seeds)):G2}: \"not significant\" says here that the study is too small, not that there is no difference."));
        }

        if (a.Status.Open + a.Status.Failed > 0)
        {
            notes.Add(FormattableString.Invariant($"{a.Status.Open} of {a.Status.Runs} runs are still to do and {a.Status.Failed} failed: this page is about the others."));
        }

        notes.AddRange(a.Status.Errors.Select(e => $"Failed: {e}"));
        notes.Add("Seeds change which windows are labelled, the teacher's and the student's first weights, the order of batches and the shots; the recordings stay. The intervals say nothing about other drives.");
        return notes;
    }

    /// <summary>A short name that tells a condition from others of the same page.</summary>
    internal static string Short(StudyAnalysis a, StudyCondition c, bool recipe = true) => string.Join(", ", new[]
    {
        a.Plan.Data.Count > 1 ? c.Data : null,
        c.Teacher,
        c.Backend.Length > 0 ? c.Backend : null,
        recipe && c.Recipe.Length > 0 ? c.Recipe : null,
        c.Labels > 0 && a.Plan.Conditions.Select(o => o.Labels).Where(l => l > 0).Distinct().Count() > 1 ? $"{c.Labels} labels" : null,
    }.Where(p => p is not null));

    private static void Answer(ReportSection section, StudyAnalysis a)
    {
        section.Text(Verdict(a));
        section.KeyFigures(a.Overall.Select(c => new KeyFigure(
            $"{a.Metric.Name} gained over {StudyRole.Words(c.Control)}",
            Signed(c.Benefit.Estimate),
            null,
            c.Benefit.Low is null ? null : $"{Signed(c.Benefit.Low)} to {Signed(c.Benefit.High)}; p = {P(c.Holm)}")));
        section.Text("Each figure is the mean over all conditions with a quantum teacher, seed by seed, with its 95 % interval over seeds (Student's t). p: Wilcoxon's signed-rank test over seeds, two-sided, corrected by Holm over the controls.");
        section.Notes(Notes(a));
    }

    private static void Conditions(ReportSection section, StudyAnalysis a)
    {
        section.Text($"Mean {a.Metric.Name} over seeds ({(a.Metric.HigherIsBetter ? "higher" : "lower")} is better), its 95 % interval beneath; the best of each column is bold, whether or not that is more than chance.");
        foreach (IGrouping<(string Data, int Labels), ConditionResult> group in a.Results.Where(r => r.Condition.Recipe.Length > 0).GroupBy(r => (r.Condition.Data, r.Condition.Labels)))
        {
            string[] recipes = [.. group.Select(r => r.Condition.Recipe).Distinct()];
            var rows = group.GroupBy(r => (r.Condition.Role, r.Condition.Teacher, r.Condition.Backend)).ToList();
            ConditionResult? rule = a.Results.FirstOrDefault(r => r.Condition.Role == StudyRole.TtcRule && r.Condition.Data == group.Key.Data);
            var means = rows.Select(row => recipes.Select(recipe => row.FirstOrDefault(r => r.Condition.Recipe == recipe) is { } r ? StudyAnalysis.Mean([.. r.Values(a.Metric).Values]) : default).ToArray()).ToList();
            var table = new ReportTable(
                $"{group.Key.Data}, {group.Key.Labels} labelled windows.",
                [new ReportColumn("Teacher", null, false), new ReportColumn("Asked through", null, false), .. recipes.Select(r => new ReportColumn(r))]);
            for (int i = 0; i < rows.Count; i++)
            {
                table.Add(
                [
                    rows[i].Key.Role is StudyRole.Classical ? $"{rows[i].Key.Teacher} (control)" : rows[i].Key.Teacher,
                    rows[i].Key.Backend,
                    .. means[i].Select((m, j) => ReportCell.WithInterval(m.Estimate, m, 3, m.Estimate is { } v && means.All(o => o[j].Estimate is not { } w || a.Metric.Benefit(v, w) >= 0))),
                ]);
            }

            if (rule is not null)
            {
                Interval m = StudyAnalysis.Mean([.. rule.Values(a.Metric).Values.Take(1)]);
                table.Add(["time-to-collision rule", string.Empty, .. recipes.Select(_ => ReportCell.Number(m.Estimate))]);
            }

            section.Table(table);
        }
    }

    private static void Differences(ReportSection section, StudyAnalysis a)
    {
        section.Text($"Benefit in {a.Metric.Name} of each quantum condition over its own controls (same recordings, labels, recipe and seed), positive is better. p by Wilcoxon's signed-rank test over seeds; the last column is corrected by Holm over all {a.Comparisons.Count} rows.");
        var table = new ReportTable(
            "Paired differences.",
            new ReportColumn("Condition", null, false), new ReportColumn("Against", null, false), new ReportColumn("Benefit", "95 % interval"), new ReportColumn("Seeds"), new ReportColumn("p"), new ReportColumn("p, Holm"));
        foreach (StudyComparison c in a.Comparisons)
        {
            table.Add(
                Short(a, a.Result(c.Condition).Condition),
                StudyRole.Words(c.Control),
                new ReportCell(Signed(c.Benefit.Estimate), c.Benefit.Low is null ? null : $"{Signed(c.Benefit.Low)} to {Signed(c.Benefit.High)}", c.Holm < StudyAnalysis.Level && c.Benefit.Estimate > 0),
                ReportCell.Count(c.Seeds),
                P(c.PValue),
                P(c.Holm));
        }

        section.Table(table);
    }

    private static void Cost(ReportSection section, StudyAnalysis a)
    {
        section.Text("The cost of a condition is all that its teacher was asked: fitting (exact gradients, one circuit for each window and pass) and labelling the training windows once. Exact back ends take no shots, so only conditions with shots are in the first chart.");
        var points = new List<(BenefitPoint Point, double Shots)>();
        foreach (StudyComparison c in a.Comparisons.Where(c => c.Control == StudyRole.NoTeacher && c.Benefit.Estimate is not null))
        {
            ConditionResult r = a.Result(c.Condition);
            (double circuits, double shots) = r.Cost;
            points.Add((new BenefitPoint(Short(a, r.Condition), r.Condition.Recipe, circuits, c.Benefit.Estimate!.Value, c.Benefit.Low, c.Benefit.High), shots));
        }

        string benefit = $"{a.Metric.Name} gained over no teacher";
        BenefitPoint[] shotPoints = [.. points.Where(p => p.Shots > 0).Select(p => p.Point with { Cost = p.Shots })];
        if (shotPoints.Length > 0)
        {
            section.Chart(BenefitCostChart.Create("Benefit against shots", "shots", benefit, shotPoints));
        }

        BenefitPoint[] circuitPoints = [.. points.Select(p => p.Point).Where(p => p.Cost > 0)];
        if (circuitPoints.Length > 0)
        {
            section.Chart(BenefitCostChart.Create("Benefit against circuits", "circuits", benefit, circuitPoints));
        }

        var table = new ReportTable(
            "What the teacher of each quantum condition cost, mean over seeds.",
            new ReportColumn("Condition", null, false), new ReportColumn("Circuits"), new ReportColumn("Shots"), new ReportColumn("Depth"), new ReportColumn("Two-qubit gates", "one circuit"));
        foreach (ConditionResult r in a.Results.Where(r => r.Condition.Role is StudyRole.Quantum or StudyRole.NoEntanglement && r.Records.Count > 0)
            .DistinctBy(r => (r.Condition.Data, r.Condition.Teacher, r.Condition.Backend, r.Condition.Labels)))
        {
            RunCost label = r.Records.Values.First().Ledger.Label;
            table.Add(
                Short(a, r.Condition, recipe: false),
                ReportCell.Count((long)r.Cost.Circuits),
                ReportCell.Count((long)r.Cost.Shots),
                ReportCell.Count(label.Depth),
                ReportCell.Count(label.Circuits == 0 ? 0 : label.TwoQubitGates / label.Circuits));
        }

        section.Table(table);
    }

    private static void Calibration(ReportSection section, StudyAnalysis a)
    {
        ConditionResult? best = a.Results.Where(r => r.Condition.Role == StudyRole.Quantum && r.Values(a.Metric).Count > 0).MaxBy(r => a.Metric.Benefit(r.Values(a.Metric).Values.Average(), 0));
        if (best is null)
        {
            section.Text("No quantum condition has a finished run.");
            return;
        }

        section.Text($"The quantum condition with the best mean {a.Metric.Name} beside its controls, all seeds pooled. It was chosen by these same test recordings, so its figures are optimistic; its controls' are not.");
        List<(string Name, ConditionResult Result)> shown = [(Short(a, best.Condition), best), .. StudyRole.Controls.Where(best.Condition.Controls.ContainsKey).Select(c => (StudyRole.Words(c), a.Result(best.Condition.Controls[c])))];
        shown = [.. shown.Where(s => s.Result.Records.Values.Any(r => r.Scores is not null))];
        StudyMetric[] columns = [.. StudyMetric.All];
        var table = new ReportTable(
            "Mean over seeds with the 95 % interval.",
            [new ReportColumn("Predictor", null, false), .. columns.Select(m => new ReportColumn(m.Name, m.HigherIsBetter ? "higher is better" : "lower is better"))]);
        foreach ((string name, ConditionResult r) in shown)
        {
            bool rule = r.Condition.Role == StudyRole.TtcRule;
            table.Add([name, .. columns.Select(m => StudyAnalysis.Mean([.. rule ? r.Values(m).Values.Take(1) : r.Values(m).Values])).Select(m => ReportCell.WithInterval(m.Estimate, m))]);
        }

        section.Table(table);
        for (int i = 0; i < shown.Count; i++)
        {
            RunScores[] scores = [.. shown[i].Result.Records.Values.Select(r => r.Scores).OfType<RunScores>()];
            section.Chart(ReliabilityChart.Create(shown[i].Name, Pool(scores), scores.Average(s => s.Metrics.GetValueOrDefault("ece")), i));
        }

        section.Chart(RiskCoverageChart.Create([.. shown.Select(s => (s.Name, Curve([.. s.Result.Records.Values.Select(r => r.Scores).OfType<RunScores>()])))]));
    }

    private static IReadOnlyList<ReliabilityBin> Pool(RunScores[] scores)
    {
        int bins = scores.Max(s => s.Reliability.Count);
        return
        [
            .. Enumerable.Range(0, bins).Select(b =>
            {
                RunBin[] of = [.. scores.Where(s => s.Reliability.Count > b).Select(s => s.Reliability[b])];
                int count = of.Sum(o => o.Count);
                return new ReliabilityBin((double)b / bins, (b + 1.0) / bins, count, of.Sum(o => o.Positives), count == 0 ? null : of.Sum(o => o.Count * (o.Mean ?? 0)) / count);
            }),
        ];
    }

    private static IReadOnlyList<(double Coverage, double Risk)> Curve(RunScores[] scores)
    {
        int points = scores.Min(s => s.RiskCoverage.Count);
        return [.. Enumerable.Range(0, points).Select(i => ((i + 1.0) / points, scores.Average(s => s.RiskCoverage[i])))];
    }

    private static void Teachers(ReportSection section, StudyAnalysis a)
    {
        section.Text("The teachers judged on the same test windows, asked as they were for labels. A student can be better than its teacher: it sees every training window, the teacher's labels average out errors, and its calibration is fitted anew.");
        var table = new ReportTable(
            "Mean over seeds with the 95 % interval; the decision metrics at 0.5.",
            [new ReportColumn("Teacher", null, false), .. StudyMetric.All.Select(m => new ReportColumn(m.Name, m.HigherIsBetter ? "higher is better" : "lower is better"))]);
        foreach (ConditionResult r in a.Results.Where(r => r.Records.Values.Any(v => v.TeacherScores is not null)).DistinctBy(r => (r.Condition.Data, r.Condition.Teacher, r.Condition.Backend, r.Condition.Labels)))
        {
            table.Add([Short(a, r.Condition, recipe: false), .. StudyMetric.All.Select(m => StudyAnalysis.Mean([.. r.TeacherValues(m).Values])).Select(m => ReportCell.WithInterval(m.Estimate, m))]);
        }

        section.Table(table);
    }

    private static void Provenance(ReportSection section, StudyAnalysis a)
    {
        var table = new ReportTable("What was run.", new ReportColumn("Item", null, false), new ReportColumn("Value", null, false));
        foreach ((string name, string text) in a.Plan.Data)
        {
            table.Add($"data {name}", text);
        }

        table.Add("runs", $"{a.Status.Done} of {a.Status.Runs} done, {a.Status.Failed} failed");
        table.Add("computing time", FormattableString.Invariant($"{a.Status.Seconds:F0} s over all runs"));
        table.Add("code", string.Join(", ", a.Plan.Runs.Select(r => r.Code).Distinct()));
        section.Table(table);
        section.Text("Every run with its configuration, seed, ledger, metrics and versions is one line of runs.jsonl; the tables of this page are in the CSV and Markdown files beside it.");
    }

    private static string? Versions(StudyAnalysis a) =>
        a.Results.SelectMany(r => r.Records.Values).FirstOrDefault()?.Versions is { Count: > 0 } v ? string.Join(" · ", v.Select(p => $"{p.Key} {p.Value}")) : null;

    internal static string Signed(double? value) => value is { } v ? v.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture) : ReportCell.Missing;

    internal static string P(double? value) => value is { } v ? v < 0.001 ? "< 0.001" : v.ToString("F3", CultureInfo.InvariantCulture) : ReportCell.Missing;
}
