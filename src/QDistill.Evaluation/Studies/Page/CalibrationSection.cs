using QDistill.Evaluation.Reports;
using QDistill.Evaluation.Reports.Charts;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>Calibration and risk–coverage of the study's first cell and its controls: chosen by its author's order before any result, not by the test recordings.</summary>
internal static class CalibrationSection
{
    public static void Write(ReportSection section, StudyAnalysis a)
    {
        IReadOnlyList<(string Name, ConditionResult[] Results)> shown = First(a);
        if (shown.Count == 0)
        {
            section.Text("No quantum condition has a finished run.");
            return;
        }

        section.Text("The first quantum condition of the study file on each of the data, beside its controls; it was not chosen by its results. All data, folds and seeds pooled.");
        StudyMetric[] columns = [.. StudyMetric.All, .. StudyMetric.Further.Where(m => m.Key is "ece_equal_mass" or "ece_classwise" or "brier_reliability" or "brier_resolution" or "conformal_coverage" or "conformal_set_size")];
        var table = new ReportTable(
            "Mean with the 95 % interval. Conformal sets are made for a coverage of 0.9 on the validation recordings; their coverage elsewhere is measured, not promised.",
            [new ReportColumn("Predictor", null, false), .. columns.Select(m => new ReportColumn(m.Name, m.Key == "conformal_coverage" ? "0.9 is right" : m.HigherIsBetter ? "higher is better" : "lower is better"))]);
        foreach ((string name, ConditionResult[] results) in shown)
        {
            bool once = !a.HasFolds && results[0].Condition.Role == StudyRole.TtcRule;
            table.Add([name, .. columns.Select(m => once ? StudyAnalysis.Mean([.. results[0].Values(m).Values.Take(1)]) : a.PoolMetric(results, m)).Select(m => ReportCell.WithInterval(m.Estimate, m))]);
        }

        section.Table(table);
        for (int i = 0; i < shown.Count; i++)
        {
            RunScores[] scores = Scores(shown[i].Results);
            section.Chart(ReliabilityChart.Create(shown[i].Name, Pool(scores), scores.Average(s => s.Metrics.GetValueOrDefault("ece")), i));
        }

        section.Chart(RiskCoverageChart.Create([.. shown.Select(s => (s.Name, Curve(Scores(s.Results))))]));
    }

    /// <summary>The first complete quantum condition of each of the data, judged as recorded, and each of its controls.</summary>
    public static IReadOnlyList<(string Name, ConditionResult[] Results)> First(StudyAnalysis a)
    {
        ConditionResult[] first = [.. a.Results.Where(r => r.Condition.Role == StudyRole.Quantum && r.Condition.TestKind == TestKind.AsRecorded && r.Records.Count > 0)
            .GroupBy(r => r.Condition.Data).Select(g => g.FirstOrDefault(r => r.IsComplete) ?? g.First())];
        if (first.Length == 0)
        {
            return [];
        }

        var shown = new List<(string, ConditionResult[])> { (StudyReportPage.Short(a, first[0].Condition with { Data = first.Length > 1 ? "all data" : first[0].Condition.Data }), first) };
        foreach (string control in StudyRole.Controls)
        {
            ConditionResult[] of = [.. first.Where(f => f.Condition.Controls.ContainsKey(control)).Select(f => a.Result(f.Condition.Controls[control])).Where(r => r.Records.Count > 0)];
            if (of.Length > 0)
            {
                shown.Add((StudyRole.Words(control), of));
            }
        }

        return shown;
    }

    private static RunScores[] Scores(ConditionResult[] results) => [.. results.SelectMany(r => r.Records.Values).Select(r => r.Scores).OfType<RunScores>()];

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
        RunScores[] drawn = [.. scores.Where(s => s.RiskCoverage.Count > 0)];
        int points = drawn.Length == 0 ? 0 : drawn.Min(s => s.RiskCoverage.Count);
        return [.. Enumerable.Range(0, points).Select(i => ((i + 1.0) / points, drawn.Average(s => s.RiskCoverage[i])))];
    }
}
