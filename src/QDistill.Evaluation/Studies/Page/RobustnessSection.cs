using QDistill.Evaluation.Reports;
using QDistill.Evaluation.Reports.Charts;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>The metric against the strength of each condition, and under each shift, for the quantum teacher's students and every control.</summary>
internal static class RobustnessSection
{
    public static bool Applies(StudyAnalysis a) => a.Results.Any(r => r.Condition.TestKind != TestKind.AsRecorded && r.Records.Count > 0);

    public static void Write(ReportSection section, StudyAnalysis a)
    {
        section.Text($"The same students judged on disturbed messages and on other recordings; none was trained on them. Strength 0 is as recorded. Each curve is the mean {a.Metric.Name} of all complete conditions of its kind, on the data that have the condition.");
        string[] roles = [.. new[] { StudyRole.Quantum }.Concat(StudyRole.Controls).Where(r => a.Results.Any(c => c.Condition.Role == r && c.Records.Count > 0))];
        foreach (IGrouping<string, ConditionResult> curve in a.Results.Where(r => r.Condition.TestKind == TestKind.Condition && r.Records.Count > 0).GroupBy(r => r.Condition.TestBase))
        {
            HashSet<string> data = [.. curve.Select(c => c.Condition.Data)];
            double[] strengths = [0, .. curve.Select(c => c.Condition.Strength).Distinct().Order()];
            var points = new List<RobustnessPoint>();
            foreach (string role in roles)
            {
                foreach (double s in strengths)
                {
                    IEnumerable<ConditionResult> these = a.Results.Where(r => r.Condition.Role == role && data.Contains(r.Condition.Data) && r.Records.Count > 0
                        && (s == 0 ? r.Condition.TestKind == TestKind.AsRecorded : r.Condition.TestBase == curve.Key && r.Condition.Strength == s));
                    Interval m = a.PoolMetric(these, a.Metric);
                    if (m.Estimate is { } v)
                    {
                        points.Add(new RobustnessPoint(StudyRole.Words(role), s, v, m.Low, m.High));
                    }
                }
            }

            section.Chart(RobustnessChart.Create(curve.Key, a.Metric.Name, points) with { Width = ChartWidth.Half });
        }

        string[] tests = [.. a.Plan.Conditions.Where(c => c.TestKind != TestKind.AsRecorded).Select(c => c.Test).Distinct()];
        string[] controls = [.. a.ByTest.Select(c => c.Control).Distinct()];
        var table = new ReportTable(
            $"{a.Metric.Name} gained under each condition and shift. p is not shown; bold is significant after Holm over the whole table.",
            [new ReportColumn("Test", null, false), .. controls.Select(c => new ReportColumn($"over {StudyRole.Words(c)}"))]);
        foreach (string test in tests)
        {
            table.Add([test, .. controls.Select(c => StudyReportPage.Benefit(a.ByTest.FirstOrDefault(b => b.Test == test && b.Control == c)))]);
        }

        section.Table(table);
        StudyMetric ood = StudyMetric.Further.First(m => m.Key == "ood_auroc"), left = StudyMetric.Further.First(m => m.Key == "availability");
        var told = new ReportTable(
            "How well the predictive entropy of a quantum teacher's student tells the test from what it knows (AUROC; 0.5 is not at all), and the share of windows that losses leave.",
            new ReportColumn("Test", null, false), new ReportColumn("OOD AUROC"), new ReportColumn("Windows left"));
        foreach (string test in tests)
        {
            ConditionResult[] these = [.. a.Results.Where(r => r.Condition.Role == StudyRole.Quantum && r.Condition.Test == test)];
            Interval entropy = a.PoolMetric(these, ood);
            told.Add(test, ReportCell.WithInterval(entropy.Estimate, entropy), ReportCell.Number(a.PoolMetric(these, left).Estimate));
        }

        section.Table(told);
    }
}
