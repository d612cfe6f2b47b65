using System.Globalization;
using QDistill.Configuration;
using QDistill.Evaluation.Reports.Charts;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Evaluation.Reports;

/// <summary>Lays a <see cref="ReplayReport"/> out as one page.</summary>
public static class ReplayReportPage
{
    private static readonly (BinaryMetric Metric, string Name, bool HigherIsBetter)[] Columns =
    [
        (BinaryMetric.Auroc, "AUROC", true),
        (BinaryMetric.Auprc, "AUPRC", true),
        (BinaryMetric.F1, "F1", true),
        (BinaryMetric.Brier, "Brier", false),
        (BinaryMetric.Nll, "NLL", false),
        (BinaryMetric.Ece, "ECE", false),
    ];

    /// <summary>Writes the page whole.</summary>
    /// <exception cref="UserErrorException">The file cannot be written, or a chart library is not installed.</exception>
    /// <exception cref="ArgumentException">The report has no predictor.</exception>
    public static void Write(string path, ReplayReport report) => Build(report).Write(path);

    /// <summary>The page's content.</summary>
    /// <exception cref="ArgumentException">The report has no predictor.</exception>
    public static HtmlReport Build(ReplayReport report)
    {
        if (report.Predictors.Count == 0)
        {
            throw new ArgumentException("a replay report needs at least one predictor");
        }

        ReplayMeta meta = report.Meta;
        var page = new HtmlReport
        {
            Title = "Replay of " + (meta.Bags.Count == 1 ? Short(meta.Bags[0]) : $"{meta.Bags.Count} bags"),
            Subtitle = $"{Short(meta.Model)} on {Short(meta.Robot)}, contact within {Plain(meta.HorizonS)} s",
            Command = meta.Command,
            Footer = meta.Versions.Count > 0 ? string.Join(" · ", meta.Versions.Select(v => $"{v.Key} {v.Value}")) : null,
        };
        Summary(page.Section("Summary"), report);
        if (report.Acceptance.Count > 0)
        {
            AcceptanceReport.Fill(page.Section("Acceptance"), report.Acceptance);
        }

        if (report.Strips.Count > 0)
        {
            ReportSection time = page.Section("Risk over time");
            foreach (RiskStrip strip in report.Strips)
            {
                time.Chart(RiskStripChart.Create(strip));
            }
        }

        if (report.Predictors.Any(p => p.Operational is not null))
        {
            Operation(page.Section("Alarms and contacts"), report);
        }

        Ranking(page.Section("Ranking"), report);
        if (report.Predictors.Any(p => p.Metrics.Ece is not null))
        {
            Calibration(page.Section("Calibration"), report);
        }

        if (report.Latency.Count > 0)
        {
            Latency(page.Section("Latency"), report);
        }

        Provenance(page.Section("Provenance"), meta);
        return page;
    }

    private static void Summary(ReportSection section, ReplayReport report)
    {
        PredictorResult first = report.Predictors[0];
        BinaryMetrics m = first.Metrics;
        List<KeyFigure> key =
        [
            Figure("AUROC", BinaryMetric.Auroc),
            Figure("Calibration error", BinaryMetric.Ece),
            Figure("Brier score", BinaryMetric.Brier),
        ];
        if (first.Operational is { } o)
        {
            key.Add(new KeyFigure("Contacts warned of", $"{o.Contacts - o.MissedContacts} of {o.Contacts}", null, o.MedianLeadTime is { } lead ? $"median lead {Plain(Math.Round(lead, 2))} s" : null));
            key.Add(new KeyFigure("False alarms", ReportCell.Format(o.FalseAlarmsPerHour, 1), "per h", $"{o.FalseAlarms} in {Plain(Math.Round(o.MonitoredHours * 60, 1))} min"));
        }

        if (report.Latency.Count > 0)
        {
            (string stage, LatencyHistogram histogram) = report.Latency[^1];
            key.Add(new KeyFigure($"Latency p99, {stage}", Plain(Significant(histogram.Percentile(0.99) / 1e3)), "µs", $"median {Plain(Significant(histogram.Percentile(0.5) / 1e3))} µs"));
        }

        section.KeyFigures(key);
        section.Text($"{first.Name} over {m.Count.ToString("N0", CultureInfo.InvariantCulture)} windows, {m.Positives.ToString("N0", CultureInfo.InvariantCulture)} of them ({ReportCell.Format(100 * m.Prevalence, 1)} %) before a contact.");
        if (report.Notes.Count > 0)
        {
            section.Notes(report.Notes);
        }

        var table = new ReportTable(
            $"All predictors on the same windows; F1 at its predictor's threshold. {report.Meta.IntervalMethod ?? "No intervals were made."} The best of each column is bold, whether or not the difference is more than chance.",
            [new ReportColumn("Predictor", null, false), .. Columns.Select(c => new ReportColumn(c.Name, c.HigherIsBetter ? "higher is better" : "lower is better")), new ReportColumn("Threshold")]);
        double?[] best = [.. Columns.Select(c => c.HigherIsBetter ? report.Predictors.Max(p => p.Metrics.Get(c.Metric)) : report.Predictors.Min(p => p.Metrics.Get(c.Metric)))];
        foreach (PredictorResult p in report.Predictors)
        {
            table.Add(
            [
                p.Name,
                .. Columns.Select((c, i) => ReportCell.WithInterval(p.Metrics.Get(c.Metric), p.Value(c.Metric), 3, report.Predictors.Count > 1 && p.Metrics.Get(c.Metric) is { } v && v == best[i])),
                ReportCell.Number(p.Metrics.Threshold, 2),
            ]);
        }

        section.Table(table);

        KeyFigure Figure(string label, BinaryMetric metric)
        {
            Interval v = first.Value(metric);
            return new KeyFigure(label, ReportCell.Format(v.Estimate, 3), null, v.Low is null ? null : $"{ReportCell.Format(v.Low, 3)} to {ReportCell.Format(v.High, 3)}");
        }
    }

    private static void Operation(ReportSection section, ReplayReport report)
    {
        var table = new ReportTable(
            "Counted over alarms and contacts, not windows. An alarm is false when it touches neither the time before nor the time just after a contact; lead times are of warned contacts only.",
            new ReportColumn("Predictor", null, false),
            new ReportColumn("Contacts"),
            new ReportColumn("Missed"),
            new ReportColumn("Median lead", "s"),
            new ReportColumn("Least lead", "s"),
            new ReportColumn("Median time to alarm", "s"),
            new ReportColumn("False alarms"),
            new ReportColumn("False alarms", "per hour"));
        foreach (PredictorResult p in report.Predictors)
        {
            if (p.Operational is { } o)
            {
                table.Add(
                    p.Name,
                    ReportCell.Count(o.Contacts),
                    ReportCell.Count(o.MissedContacts),
                    ReportCell.Number(o.MedianLeadTime, 2),
                    ReportCell.Number(o.LeadTimes.Count > 0 ? o.LeadTimes.Min() : null, 2),
                    ReportCell.Number(o.MedianTimeToAlarm, 2),
                    ReportCell.Count(o.FalseAlarms),
                    ReportCell.Number(o.FalseAlarmsPerHour, 1));
            }
        }

        section.Table(table);
    }

    private static void Ranking(ReportSection section, ReplayReport report)
    {
        if (report.Predictors.All(p => p.Metrics.Auroc is null))
        {
            section.Text("Ranking is undefined: the windows hold only one class.");
            return;
        }

        section.Chart(RocChart.Roc([.. report.Predictors.Select(p => (p.Name, p.Curve, p.Metrics.Auroc))]));
        section.Chart(RocChart.PrecisionRecall([.. report.Predictors.Select(p => (p.Name, p.Curve, p.Metrics.Auprc))]));
        if (report.Predictors.Count > 1)
        {
            section.Chart(Comparison(report, BinaryMetric.Auroc, "AUROC", "Higher is better; bars start at 0.5, a blind predictor.", 0.5));
            section.Chart(Comparison(report, BinaryMetric.Auprc, "Average precision", "Higher is better; bars start at the base rate.", report.Predictors[0].Metrics.Prevalence ?? 0));
            section.Chart(Comparison(report, BinaryMetric.Ece, "Expected calibration error", "Lower is better.", 0));
        }
    }

    private static void Calibration(ReportSection section, ReplayReport report)
    {
        PredictorResult[] shown = [.. report.Predictors.Where(p => p.Metrics.Ece is not null)];
        section.Text("Observed frequency against predicted probability, with 95 % Wilson intervals as if windows were independent (they are not: the true ones are wider). The dotted diagonal is perfect calibration; the bars count the windows.");
        foreach (PredictorResult p in shown)
        {
            section.Chart(ReliabilityChart.Create(p.Name, p.Reliability, p.Metrics.Ece, Index(p)));
        }

        var table = new ReportTable(
            "Calibration errors and Murphy's parts of the Brier score: reliability − resolution + uncertainty, up to what binning leaves over.",
            new ReportColumn("Predictor", null, false),
            new ReportColumn("ECE", "equal width"),
            new ReportColumn("ECE", "equal mass"),
            new ReportColumn("Maximum error"),
            new ReportColumn("Reliability", "lower is better"),
            new ReportColumn("Resolution", "higher is better"),
            new ReportColumn("Uncertainty", "of the data"),
            new ReportColumn("AURC", "lower is better"));
        foreach (PredictorResult p in shown)
        {
            table.Add(
                p.Name,
                ReportCell.Number(p.Metrics.Ece),
                ReportCell.Number(p.Metrics.EceEqualMass),
                ReportCell.Number(p.Metrics.Mce),
                ReportCell.Number(p.Metrics.BrierDecomposition?.Reliability, 4),
                ReportCell.Number(p.Metrics.BrierDecomposition?.Resolution, 4),
                ReportCell.Number(p.Metrics.BrierDecomposition?.Uncertainty, 4),
                ReportCell.Number(p.Aurc, 4));
        }

        section.Table(table);
        if (shown.Any(p => p.Probabilities.Length > 0))
        {
            section.Text("How the scores of the two classes lie, each class normalised by itself; the dashed line is the threshold.");
            foreach (PredictorResult p in shown.Where(p => p.Probabilities.Length > 0))
            {
                section.Chart(ScoreDistributionChart.Create(p.Name, p.Probabilities, p.Truth, p.Metrics.Threshold));
            }
        }

        int Index(PredictorResult p) => report.Predictors.Index().First(i => ReferenceEquals(i.Item, p)).Index;
    }

    private static void Latency(ReportSection section, ReplayReport report)
    {
        var table = new ReportTable(
            "Microseconds. Jitter is the standard deviation. Percentiles come from a histogram and are within 0.4 % of the recorded value.",
            new ReportColumn("Stage", null, false),
            new ReportColumn("Records"),
            new ReportColumn("p50", "µs"),
            new ReportColumn("p95", "µs"),
            new ReportColumn("p99", "µs"),
            new ReportColumn("Maximum", "µs"),
            new ReportColumn("Jitter", "µs"));
        foreach ((string stage, LatencyHistogram histogram) in report.Latency)
        {
            LatencySummary s = histogram.Summarize();
            table.Add(
                stage,
                ReportCell.Count(s.Count),
                ReportCell.Number(s.P50 / 1e3, 1),
                ReportCell.Number(s.P95 / 1e3, 1),
                ReportCell.Number(s.P99 / 1e3, 1),
                ReportCell.Number(s.Max / 1e3, 1),
                ReportCell.Number(s.Jitter / 1e3, 1));
        }

        section.Table(table);
        foreach ((string stage, LatencyHistogram histogram) in report.Latency.Where(l => l.Histogram.Count > 0))
        {
            section.Chart(LatencyChart.Create(Capital(stage), histogram, report.Latency.Count > 1 ? ChartWidth.Half : ChartWidth.Full));
        }
    }

    private static void Provenance(ReportSection section, ReplayMeta meta)
    {
        var table = new ReportTable("What was judged, and with what.", new ReportColumn("Item", null, false), new ReportColumn("Value", null, false));
        table.Add("Bags", string.Join(", ", meta.Bags)).Add("Model", meta.Model);
        if (meta.ModelId is not null)
        {
            table.Add("Model id", meta.ModelId);
        }

        table.Add("Robot", meta.Robot).Add("Horizon", $"{Plain(meta.HorizonS)} s");
        foreach ((string label, string text) in meta.Facts)
        {
            table.Add(label, text);
        }

        section.Table(table);
    }

    private static ReportChart Comparison(ReplayReport report, BinaryMetric metric, string name, string direction, double baseline) =>
        ComparisonChart.Create(name, direction, [.. report.Predictors.Select(p => (p.Name, p.Value(metric)))], baseline);

    // The last part of a path; "bag" alone says too little.
    private static string Short(string path)
    {
        string trimmed = path.TrimEnd('/');
        string name = Path.GetFileName(trimmed);
        string parent = Path.GetFileName(Path.GetDirectoryName(trimmed) ?? string.Empty);
        return name.Length == 0 ? path : name is "bag" or "bags" or "student.onnx" or "model" && parent.Length > 0 ? $"{parent}/{name}" : name;
    }

    private static string Capital(string word) => word.Length > 0 ? char.ToUpperInvariant(word[0]) + word[1..] : word;

    private static string Plain(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static double Significant(double value) => double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
