using System.Globalization;
using QDistill.Configuration;
using QDistill.Evaluation.Reports;
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
        SignalSection.Write(page.Section("Signals and conditions"), a);
        CostSection.Write(page.Section("Benefit and quantum cost"), a);
        if (RobustnessSection.Applies(a))
        {
            RobustnessSection.Write(page.Section("Robustness"), a);
        }

        CalibrationSection.Write(page.Section("Calibration"), a);
        ModelSection.Operation(page.Section("What the operator sees"), a);
        ModelSection.Size(page.Section("Size and latency"), a);
        ModelSection.Teachers(page.Section("The teachers themselves"), a);
        SignalSection.Differences(page.Section("Differences"), a);
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
            : $"The quantum teacher does not help{(IsTooSmall(a) ? $", as far as so few {Unit(a)} can tell" : string.Empty)}: over all conditions its students are not significantly better ({a.Metric.Name}) than students without any teacher.";
    }

    private static bool IsTooSmall(StudyAnalysis a) => a.Overall.Count * StudyAnalysis.LeastPValue(Units(a)) >= StudyAnalysis.Level;

    private static int Units(StudyAnalysis a) => a.Overall.Select(c => c.Units).DefaultIfEmpty().Max();

    private static string Unit(StudyAnalysis a) => a.HasFolds ? "folds" : "seeds";

    /// <summary>What a reader must know before believing the numbers.</summary>
    public static IReadOnlyList<string> Notes(StudyAnalysis a)
    {
        int units = Units(a);
        var notes = new List<string>();
        if (IsTooSmall(a))
        {
            notes.Add(FormattableString.Invariant(
                $"With {units} {Unit(a)} and {a.Overall.Count} controls no corrected p-value can be below {Math.Min(1, a.Overall.Count * StudyAnalysis.LeastPValue(units)):G2}: \"not significant\" says here that the study is too small, not that there is no difference."));
        }

        if (a.Status.Open + a.Status.Failed > 0)
        {
            int whole = a.Results.Count(r => r.Condition.Role == StudyRole.Quantum && r.IsComplete), all = a.Results.Count(r => r.Condition.Role == StudyRole.Quantum);
            notes.Add(FormattableString.Invariant(
                $"{a.Status.Open} of {a.Status.Runs} runs are still to do and {a.Status.Failed} failed: this page is about the others, {whole} of {all} quantum conditions being complete. Runs that leave the first entry of fewer axes were done first."));
        }

        notes.AddRange(a.Status.Errors.Select(e => $"Failed: {e}"));
        notes.Add(a.HasFolds
            ? "Recordings are left out in turn, so the intervals speak of other drives of the same robots; they are widened for the training recordings that folds share (Nadeau and Bengio 2003). Wilcoxon's test takes folds as independent and is a little too confident for it."
            : "Seeds change which windows are labelled, the teacher's and the student's first weights, the order of batches and the shots; the recordings stay. The intervals say nothing about other drives.");
        return notes;
    }

    /// <summary>A short name that tells a condition from others of the same page.</summary>
    internal static string Short(StudyAnalysis a, StudyCondition c, bool recipe = true) => string.Join(", ", new[]
    {
        a.Plan.Data.Count > 1 ? c.Data : null,
        c.Teacher,
        c.Backend.Length > 0 ? c.Backend : null,
        recipe && c.Recipe.Length > 0 ? c.Recipe : null,
        c.Labels.Length > 0 && a.LabelBudgets.Count > 1 ? c.Labels : null,
        c.TestKind == TestKind.AsRecorded ? null : c.Test,
    }.Where(p => p is not null));

    private static void Answer(ReportSection section, StudyAnalysis a)
    {
        section.Text(Verdict(a));
        section.KeyFigures(a.Overall.Select(c => new KeyFigure(
            $"{a.Metric.Name} gained over {StudyRole.Words(c.Control)}",
            Signed(c.Benefit.Estimate),
            null,
            c.Benefit.Low is null ? null : $"{Signed(c.Benefit.Low)} to {Signed(c.Benefit.High)}; p = {P(c.Holm)}")));
        section.Text($"Each figure is the mean over all conditions with a quantum teacher, judged as recorded, {(a.HasFolds ? "fold by fold" : "seed by seed")}, with its 95 % interval over {Unit(a)} (Student's t). p: Wilcoxon's signed-rank test over {Unit(a)}, two-sided, corrected by Holm over the controls.");
        if (a.Further.Count > 0)
        {
            var table = new ReportTable(
                $"{a.Metric.Name} gained over further controls; p corrected by Holm over them.",
                new ReportColumn("Over", null, false), new ReportColumn("Benefit", "95 % interval"), new ReportColumn("Paired bootstrap", "95 % interval"), new ReportColumn("Units"), new ReportColumn("p, Holm"));
            foreach (StudyComparison c in a.Further)
            {
                table.Add(StudyRole.Words(c.Control), Benefit(c), Interval(c.Bootstrap) ?? ReportCell.Missing, ReportCell.Count(c.Units), P(c.Holm));
            }

            section.Table(table);
        }

        section.Notes(Notes(a));
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

    /// <summary>A benefit with its interval beneath, bold where it is significantly above 0.</summary>
    internal static ReportCell Benefit(StudyComparison? c) => c is null || c.Units == 0
        ? ReportCell.Missing
        : new ReportCell(Signed(c.Benefit.Estimate), Interval(c.Benefit), c.Holm < StudyAnalysis.Level && c.Benefit.Estimate > 0);

    internal static string? Interval(Interval i) => i.Low is null ? null : $"{Signed(i.Low)} to {Signed(i.High)}";

    internal static string Signed(double? value) => value is { } v ? v.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture) : ReportCell.Missing;

    internal static string P(double? value) => value is { } v ? v < 0.001 ? "< 0.001" : v.ToString("F3", CultureInfo.InvariantCulture) : ReportCell.Missing;
}
