using QDistill.Evaluation.Reports;
using QDistill.Metrics;

namespace QDistill.Evaluation.Studies;

/// <summary>What a robot and its operator get: warnings and misses, size and latency; and how good the teachers themselves are.</summary>
internal static class ModelSection
{
    private static readonly string[] Operational = ["miss_rate", "median_lead_time_s", "median_time_to_alarm_s", "false_alarms_per_hour"];

    public static void Operation(ReportSection section, StudyAnalysis a)
    {
        IReadOnlyList<(string Name, ConditionResult[] Results)> shown = CalibrationSection.First(a);
        ConditionResult[] timed = [.. shown.SelectMany(s => s.Results).Where(r => r.Records.Values.Any(v => v.Scores?.Metrics.GetValueOrDefault("contacts") > 0))];
        if (timed.Length == 0)
        {
            section.Text("The data hold no contacts over time, so there is nothing to count.");
            return;
        }

        section.Text("Counted over alarms and contacts, not over windows, at the threshold with the best F1 on the validation recordings, for the first quantum condition of the study file and its controls. Lead time is of the contacts that were warned of: read it beside the misses. A late message makes a late prediction.");
        StudyMetric[] columns = [.. StudyMetric.Further.Where(m => Operational.Contains(m.Key))];
        foreach (string data in timed.Select(r => r.Condition.Data).Distinct())
        {
            ConditionResult any = timed.First(r => r.Condition.Data == data);
            double contacts = any.Records.Values.Sum(r => r.Scores?.Metrics.GetValueOrDefault("contacts") ?? 0);
            var table = new ReportTable(
                $"{data}: {contacts:F0} contacts over all {(a.HasFolds ? "folds" : "seeds")} of a predictor. Mean with the 95 % interval.",
                [new ReportColumn("Predictor", null, false), .. columns.Select(m => new ReportColumn(m.Name, m.HigherIsBetter ? "higher is better" : "lower is better"))]);
            foreach ((string name, ConditionResult[] results) in shown)
            {
                if (results.FirstOrDefault(r => r.Condition.Data == data) is { } r)
                {
                    table.Add([name, .. columns.Select(m => a.MeanOf(r, m)).Select(m => ReportCell.WithInterval(m.Estimate, m, 2))]);
                }
            }

            section.Table(table);
        }
    }

    public static void Size(ReportSection section, StudyAnalysis a)
    {
        section.Text("Bytes of the student as ONNX with its contract, and operations of one prediction (a multiplication and an addition for each weight). Latency was measured once for each shape, asked at 100 Hz, on the machine and beside the work that ran the study; a tight loop would show a fraction of it. Energy is the processor's own counter (RAPL), where the system lets it be read.");
        var table = new ReportTable(
            "The students by shape.",
            new ReportColumn("Student", null, false), new ReportColumn("Parameters"), new ReportColumn("Operations", "one prediction"), new ReportColumn("Size", "bytes"),
            new ReportColumn("Paced p50", "µs"), new ReportColumn("Paced p99", "µs"), new ReportColumn("Energy", "µJ a prediction"), new ReportColumn("Runs"));
        foreach (IGrouping<(long Parameters, long Flops), (string Data, RunRecord Run)> shape in a.Results.SelectMany(r => r.Records.Values.Where(v => v.Parameters > 0).Select(v => (r.Condition.Data, v)))
            .DistinctBy(r => r.v.Id).GroupBy(r => (r.v.Parameters, r.v.Flops)).OrderBy(g => g.Key))
        {
            RunRecord[] of = [.. shape.Select(s => s.Run)];
            table.Add(
                string.Join(", ", shape.Select(s => s.Data).Distinct()),
                ReportCell.Count(shape.Key.Parameters), ReportCell.Count(shape.Key.Flops), ReportCell.Count((long)of.Average(r => r.ModelBytes)),
                ReportCell.Number(Measured(of, "paced_p50_us"), 1), ReportCell.Number(Measured(of, "paced_p99_us"), 1),
                Measured(of, "energy_j") is { } joule ? ReportCell.Number(joule * 1e6, 2) : "not available",
                ReportCell.Count(of.Length));
        }

        section.Table(table);
    }

    public static void Teachers(ReportSection section, StudyAnalysis a)
    {
        section.Text("The teachers judged on the same test windows, asked as they were for labels. A student can be better than its teacher: it sees every training window, the teacher's labels average out errors, and its calibration is fitted anew.");
        var table = new ReportTable(
            "Mean with the 95 % interval; the decision metrics at 0.5.",
            [new ReportColumn("Teacher", null, false), .. StudyMetric.All.Select(m => new ReportColumn(m.Name, m.HigherIsBetter ? "higher is better" : "lower is better"))]);
        foreach (ConditionResult r in a.Results.Where(r => r.Records.Values.Any(v => v.TeacherScores is not null)).DistinctBy(r => (r.Condition.Data, r.Condition.Teacher, r.Condition.Backend, r.Condition.Labels)))
        {
            table.Add([StudyReportPage.Short(a, r.Condition, recipe: false), .. StudyMetric.All.Select(m => StudyAnalysis.Mean([.. StudyAnalysis.ByUnit(r.TeacherValues(m)).Values], StudyAnalysis.Correction(a.Plan, r.Condition.Data))).Select(m => ReportCell.WithInterval(m.Estimate, m))]);
        }

        section.Table(table);
    }

    private static double? Measured(RunRecord[] runs, string key)
    {
        double[] of = [.. runs.Where(r => r.Machine.ContainsKey(key)).Select(r => r.Machine[key])];
        return of.Length == 0 ? null : of.Average();
    }
}
