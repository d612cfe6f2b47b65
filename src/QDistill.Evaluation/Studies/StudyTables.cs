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

    /// <summary>One row for each condition and metric: mean and interval over seeds, and cost.</summary>
    public static string Conditions(StudyAnalysis a)
    {
        var csv = new Csv("role", "data", "teacher", "backend", "shots", "recipe", "labels", "metric", "seeds", "mean", "low", "high", "circuits", "total_shots");
        foreach (ConditionResult r in a.Results)
        {
            foreach (StudyMetric metric in StudyMetric.All)
            {
                IReadOnlyDictionary<ulong, double> values = r.Values(metric);
                Interval m = StudyAnalysis.Mean([.. values.Values]);
                StudyCondition c = r.Condition;
                csv.Row(c.Role, c.Data, c.Teacher, c.Backend, c.Shots, c.Recipe, c.Labels, metric.Key, values.Count, m.Estimate, m.Low, m.High, r.Cost.Circuits, r.Cost.Shots);
            }
        }

        return csv.ToString();
    }

    /// <summary>One row for each comparison; those over all quantum conditions first, with the condition <c>all</c>.</summary>
    public static string Differences(StudyAnalysis a)
    {
        var csv = new Csv("condition", "control", "metric", "seeds", "benefit", "low", "high", "p_wilcoxon", "p_holm");
        foreach (StudyComparison c in a.Overall.Concat(a.Comparisons))
        {
            csv.Row(c.Condition.Length == 0 ? "all" : c.Condition, c.Control, a.Metric.Key, c.Seeds, c.Benefit.Estimate, c.Benefit.Low, c.Benefit.High, c.PValue, c.Holm);
        }

        return csv.ToString();
    }

    /// <summary>One row for each condition and seed, with all metrics.</summary>
    public static string Runs(StudyAnalysis a)
    {
        string[] metrics = [.. a.Results.SelectMany(r => r.Records.Values).SelectMany(r => r.Scores?.Metrics.Keys ?? []).Distinct()];
        var csv = new Csv(["id", "role", "data", "teacher", "backend", "shots", "recipe", "labels", "seed", .. metrics, "circuits", "total_shots", "seconds"]);
        foreach (ConditionResult r in a.Results)
        {
            foreach ((ulong seed, RunRecord run) in r.Records.OrderBy(s => s.Key))
            {
                StudyCondition c = r.Condition;
                csv.Row(
                [
                    run.Id, c.Role, c.Data, c.Teacher, c.Backend, c.Shots, c.Recipe, c.Labels, seed, .. metrics.Select(m => (object?)run.Scores?.Metrics.GetValueOrDefault(m)),
                    run.Ledger.Total.Circuits, run.Ledger.Total.Shots, run.Timings.GetValueOrDefault("total"),
                ]);
            }
        }

        return csv.ToString();
    }

    /// <summary>The page's answer and tables as Markdown.</summary>
    public static string Markdown(StudyAnalysis a, string command)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Study {a.Plan.Name}\n\n{StudyReportPage.Verdict(a)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"| {a.Metric.Name} gained over | mean | 95 % interval | seeds | p (Holm) |\n|---|---:|---:|---:|---:|\n");
        foreach (StudyComparison c in a.Overall)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {StudyRole.Words(c.Control)} | {StudyReportPage.Signed(c.Benefit.Estimate)} | {Range(c.Benefit)} | {c.Seeds} | {StudyReportPage.P(c.Holm)} |\n");
        }

        text.Append('\n').AppendJoin('\n', StudyReportPage.Notes(a).Select(n => $"- {Cell(n)}")).Append("\n\n## Conditions\n\n");
        StudyMetric[] columns = [.. new[] { a.Metric }.Concat(StudyMetric.All).DistinctBy(m => m.Key)];
        text.Append(CultureInfo.InvariantCulture, $"| condition | seeds | {string.Join(" | ", columns.Select(c => c.Name))} | shots |\n|---|---:|{string.Concat(Enumerable.Repeat("---:|", columns.Length + 1))}\n");
        foreach (ConditionResult r in a.Results)
        {
            IEnumerable<string> cells = columns.Select(m => ReportCell.Format(StudyAnalysis.Mean([.. r.Values(m).Values]).Estimate, 3));
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(StudyReportPage.Short(a, r.Condition))} | {r.Records.Count} | {string.Join(" | ", cells)} | {r.Cost.Shots:N0} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n## Differences in {a.Metric.Name}\n\n| condition | against | benefit | 95 % interval | seeds | p | p (Holm) |\n|---|---|---:|---:|---:|---:|---:|\n");
        foreach (StudyComparison c in a.Comparisons)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Cell(StudyReportPage.Short(a, a.Result(c.Condition).Condition))} | {StudyRole.Words(c.Control)} | {StudyReportPage.Signed(c.Benefit.Estimate)} | {Range(c.Benefit)} | {c.Seeds} | {StudyReportPage.P(c.PValue)} | {StudyReportPage.P(c.Holm)} |\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nMade by `{command}`.\n").ToString();
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
