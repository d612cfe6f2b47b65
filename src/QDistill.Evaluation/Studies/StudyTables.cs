using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Evaluation.Reports;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>Writes a study's report: <c>report.html</c>, <c>report.md</c>, <c>conditions.csv</c>, <c>differences.csv</c> and <c>runs.csv</c>.</summary>
public static class StudyTables
{
    /// <summary>Writes all files into a folder and returns their paths, the page first.</summary>
    /// <exception cref="UserErrorException">A file cannot be written, or the chart libraries are not installed.</exception>
    public static IReadOnlyList<string> Write(StudyAnalysis analysis, string folder, string command)
    {
        (string Name, string Text)[] files =
        [
            ("report.html", StudyReportPage.Build(analysis, command).ToHtml()),
            ("report.md", Markdown(analysis, command)),
            ("conditions.csv", Conditions(analysis)),
            ("differences.csv", Differences(analysis)),
            ("runs.csv", Runs(analysis)),
        ];
        foreach ((string name, string text) in files)
        {
            AtomicOutput.WriteText(Path.Combine(folder, name), text);
        }

        return [.. files.Select(f => Path.Combine(folder, f.Name))];
    }

    /// <summary>One row for each condition and metric: mean and interval over units, and cost.</summary>
    public static string Conditions(StudyAnalysis a)
    {
        var csv = new Csv(
            "role", "data", "test", "strength", "teacher", "backend", "shots", "recipe", "labels", "metric", "units", "mean", "low", "high", "circuits", "total_shots", "depth", "two_qubit_gates");
        foreach (ConditionResult r in a.Results.Where(r => r.Records.Count > 0))
        {
            foreach (StudyMetric metric in StudyMetric.All.Concat(StudyMetric.Further))
            {
                IReadOnlyDictionary<string, double> values = r.Units(metric);
                Interval m = a.MeanOf(r, metric);
                StudyCondition c = r.Condition;
                csv.Row(
                    c.Role, c.Data, c.Test, c.Strength, c.Teacher, c.Backend, c.Shots, c.Recipe, c.Labels, metric.Key, values.Count, m.Estimate, m.Low, m.High, r.Cost.Circuits, r.Cost.Shots, r.Cost.Depth, r.Cost.TwoQubitGates);
            }
        }

        return csv.ToString();
    }

    /// <summary>One row for each comparison: over all quantum conditions, with the condition <c>all</c>; each axis alone, with its name before the entry's; every condition by its key.</summary>
    public static string Differences(StudyAnalysis a)
    {
        var csv = new Csv("condition", "test", "control", "metric", "units", "benefit", "low", "high", "bootstrap_low", "bootstrap_high", "p_wilcoxon", "p_holm");
        foreach (StudyComparison c in a.Overall.Concat(a.Further).Concat(a.ByTest))
        {
            Row("all", c.Test.Length > 0 ? c.Test : TestKind.AsRecorded, c.Control, c);
        }

        foreach (AxisLevel l in a.Axes)
        {
            if (l.OverBase is { } gained)
            {
                Row($"{l.Axis} {l.Level}", TestKind.AsRecorded, l.Base, gained);
            }

            foreach ((string control, StudyComparison c) in l.OverControls)
            {
                Row($"{l.Axis} {l.Level}", TestKind.AsRecorded, control, c);
            }
        }

        foreach (StudyComparison c in a.Comparisons)
        {
            Row(c.Condition, a.Result(c.Condition).Condition.Test, c.Control, c);
        }

        return csv.ToString();

        void Row(string condition, string test, string control, StudyComparison c) => csv.Row(
            condition, test, control, a.Metric.Key, c.Units, c.Benefit.Estimate, c.Benefit.Low, c.Benefit.High, c.Bootstrap.Low, c.Bootstrap.High, c.PValue, c.Holm);
    }

    /// <summary>One row for each condition and replicate, with all metrics.</summary>
    public static string Runs(StudyAnalysis a)
    {
        string[] metrics = [.. a.Results.SelectMany(r => r.Records.Values).SelectMany(r => r.Scores?.Metrics.Keys ?? []).Distinct()];
        var csv = new Csv(
        [
            "id", "role", "data", "test", "strength", "teacher", "backend", "shots", "recipe", "labels", "replicate", .. metrics,
            "circuits", "total_shots", "depth", "two_qubit_gates", "parameters", "flops", "model_bytes", "paced_p50_us", "paced_p99_us", "energy_j", "seconds",
        ]);
        foreach (ConditionResult r in a.Results)
        {
            foreach ((string replicate, RunRecord run) in r.Records.OrderBy(s => s.Key, StringComparer.Ordinal))
            {
                StudyCondition c = r.Condition;
                RunCost cost = run.Ledger.Total;
                csv.Row(
                [
                    run.Id, c.Role, c.Data, c.Test, c.Strength, c.Teacher, c.Backend, c.Shots, c.Recipe, c.Labels, replicate, .. metrics.Select(m => (object?)run.Scores?.Metrics.GetValueOrDefault(m)),
                    cost.Circuits, cost.Shots, cost.Depth, cost.TwoQubitGates, run.Parameters, run.Flops, run.ModelBytes, Measured(run, "paced_p50_us"), Measured(run, "paced_p99_us"), Measured(run, "energy_j"), run.Timings.GetValueOrDefault("total"),
                ]);
            }
        }

        return csv.ToString();

        static object Measured(RunRecord run, string key) => run.Machine.TryGetValue(key, out double v) ? v : run.Parameters > 0 ? "not available" : string.Empty;
    }

    /// <summary>The page's answer and tables as Markdown.</summary>
    public static string Markdown(StudyAnalysis a, string command)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Study {a.Plan.Name}\n\n{StudyReportPage.Verdict(a)}\n\n");
        Comparisons(text, a, $"{a.Metric.Name} gained over", [.. a.Overall, .. a.Further], c => StudyRole.Words(c.Control));
        text.Append('\n').AppendJoin('\n', StudyReportPage.Notes(a).Select(n => $"- {Cell(n)}")).Append("\n\n");
        foreach (ReportTable table in SignalSection.Tables(a))
        {
            Table(text, table);
        }

        if (a.ByTest.Count > 0)
        {
            text.Append("## Other tests\n\n");
            Comparisons(text, a, $"{a.Metric.Name} gained on", a.ByTest, c => $"{c.Test}, over {StudyRole.Words(c.Control)}");
            text.Append('\n');
        }

        const int Most = 100;
        StudyComparison[] strongest = [.. a.Comparisons.OrderBy(c => c.PValue ?? 1).ThenByDescending(c => c.Benefit.Estimate).Take(Most)];
        text.Append(CultureInfo.InvariantCulture, $"## Differences in {a.Metric.Name}\n\n{(a.Comparisons.Count > Most ? $"The {Most} with the smallest p-values of {a.Comparisons.Count}; all are in differences.csv.\n\n" : string.Empty)}");
        Comparisons(text, a, "condition", strongest, c => $"{StudyReportPage.Short(a, a.Result(c.Condition).Condition)}, over {StudyRole.Words(c.Control)}");
        return text.Append(CultureInfo.InvariantCulture, $"\nMade by `{command}`.\n").ToString();
    }

    private static void Comparisons(StringBuilder text, StudyAnalysis a, string title, IReadOnlyList<StudyComparison> rows, Func<StudyComparison, string> name)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {title} | mean | 95 % interval | {(a.HasFolds ? "units" : "seeds")} | p | p (Holm) |\n|---|---:|---:|---:|---:|---:|\n");
        foreach (StudyComparison c in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(name(c))} | {StudyReportPage.Signed(c.Benefit.Estimate)} | {Range(c.Benefit)} | {c.Units} | {StudyReportPage.P(c.PValue)} | {StudyReportPage.P(c.Holm)} |\n");
        }
    }

    private static void Table(StringBuilder text, ReportTable table)
    {
        text.Append(CultureInfo.InvariantCulture, $"## {table.Caption.Split('.')[0]}\n\n| {string.Join(" | ", table.Columns.Select(c => Cell(c.Title)))} |\n|---|{string.Concat(table.Columns.Skip(1).Select(c => c.IsNumber ? "---:|" : "---|"))}\n");
        foreach (ReportCell[] row in table.Rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row.Select(c => Cell((c.Best ? $"**{c.Text}**" : c.Text) + (c.Detail is null ? string.Empty : $" ({c.Detail})"))))} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{table.Caption}\n\n");
    }

    private static string Range(Interval i) => i.Low is null ? ReportCell.Missing : $"{StudyReportPage.Signed(i.Low)} to {StudyReportPage.Signed(i.High)}";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    /// <summary>Comma-separated values as RFC 4180 has them.</summary>
    private sealed class Csv
    {
        private readonly StringBuilder text = new();

        public Csv(params string[] columns) => Row([.. columns]);

        public void Row(params object?[] values) => text.AppendJoin(',', values.Select(Field)).Append("\r\n");

        public override string ToString() => text.ToString();

        private static string Field(object? value)
        {
            string s = value is double d && !double.IsFinite(d) ? string.Empty : Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
            return s.AsSpan().ContainsAny(",\"\r\n") ? $"\"{s.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : s;
        }
    }
}
