using QDistill.Metrics;

namespace QDistill.Evaluation.Reports.Charts;

/// <summary>ROC and precision–recall curves of several predictors on the same windows.</summary>
public static class RocChart
{
    private const int PointsPerCurve = 400;

    /// <summary>The ROC curves, with the diagonal of a blind predictor.</summary>
    /// <param name="curves">Name, curve and AUROC of each predictor; curves without both classes are left out.</param>
    public static ReportChart Roc(IReadOnlyList<(string Name, RocCurve Curve, double? Auroc)> curves)
    {
        var data = new ChartData("roc", "predictor", "point", "false_positive_rate", "true_positive_rate", "threshold");
        foreach ((string name, RocCurve curve, _) in curves.Where(c => c.Auroc is not null))
        {
            int point = 0;
            foreach (RocPoint p in curve.Thinned(PointsPerCurve))
            {
                data.Add(name, point++, p.FalsePositiveRate, p.TruePositiveRate, p.Threshold);
            }
        }

        return new ReportChart
        {
            Title = "ROC",
            Description = "ROC curves. " + Words(curves, "AUROC"),
            Caption = "Hazards found against false alarms among safe windows, over all thresholds. The dotted diagonal is a blind predictor.",
            Width = ChartWidth.Half,
            Height = 340,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "width": "container", "height": 300,
                  "layer": [
                    {
                      "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
                      "mark": {"type": "line", "color": "{{Ink.Muted}}", "strokeDash": [1, 4], "strokeWidth": 1},
                      "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"} }
                    },
                    {
                      "name": "roc", "data": {"name": "roc"},
                      "mark": {"type": "line", "strokeWidth": 2},
                      "encoding": {
                        "x": {"field": "false_positive_rate", "type": "quantitative", "title": "false positive rate", "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.2, 0.4, 0.6, 0.8, 1]} },
                        "y": {"field": "true_positive_rate", "type": "quantitative", "title": "true positive rate", "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.2, 0.4, 0.6, 0.8, 1]} },
                        "order": {"field": "point", "type": "quantitative"},
                        {{Ink.SeriesChannels(Names(curves), "predictor")}}
                      }
                    }
                  ]
                }
                """),
        };
    }

    /// <summary>The precision–recall curves (steps, as average precision sums them), with the base rate of a blind predictor.</summary>
    /// <param name="curves">Name, curve and average precision of each predictor; curves without both classes are left out.</param>
    public static ReportChart PrecisionRecall(IReadOnlyList<(string Name, RocCurve Curve, double? Auprc)> curves)
    {
        var data = new ChartData("pr", "predictor", "point", "recall", "precision", "threshold");
        double rate = 0;
        foreach ((string name, RocCurve curve, _) in curves.Where(c => c.Auprc is not null))
        {
            List<RocPoint> points = Thinned(curve.Points);
            data.Add(name, 0, 0.0, points[0].Confusion.Precision, null); // the first step starts at recall 0
            int point = 1;
            foreach (RocPoint p in points)
            {
                data.Add(name, point++, p.Confusion.Recall, p.Confusion.Precision, p.Threshold);
                rate = (p.Confusion.TruePositives + p.Confusion.FalseNegatives) / (double)p.Confusion.Count;
            }
        }

        return new ReportChart
        {
            Title = "Precision and recall",
            Description = $"Precision–recall curves. {Words(curves, "average precision")} Base rate {ReportCell.Format(rate, 3)}.",
            Caption = "How many alarms are right against how many hazards are found. The dotted line is the base rate, the precision of a blind predictor.",
            Width = ChartWidth.Half,
            Height = 340,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "width": "container", "height": 300,
                  "layer": [
                    {
                      "data": {"values": [{"y": {{Ink.Json(rate)}} }]},
                      "mark": {"type": "rule", "color": "{{Ink.Muted}}", "strokeDash": [1, 4], "strokeWidth": 1},
                      "encoding": {"y": {"field": "y", "type": "quantitative"} }
                    },
                    {
                      "name": "pr", "data": {"name": "pr"},
                      "mark": {"type": "line", "strokeWidth": 2, "interpolate": "step-before"},
                      "encoding": {
                        "x": {"field": "recall", "type": "quantitative", "title": "recall", "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.2, 0.4, 0.6, 0.8, 1]} },
                        "y": {"field": "precision", "type": "quantitative", "title": "precision", "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.2, 0.4, 0.6, 0.8, 1]} },
                        "order": {"field": "point", "type": "quantitative"},
                        {{Ink.SeriesChannels(Names(curves), "predictor")}}
                      }
                    }
                  ]
                }
                """),
        };
    }

    // Points where recall rises (precision is undefined at the first, and between them the step shows nothing), then every k-th.
    private static List<RocPoint> Thinned(IReadOnlyList<RocPoint> points)
    {
        List<RocPoint> rising = [];
        for (int i = 1; i < points.Count; i++)
        {
            if (points[i].Confusion.TruePositives > points[i - 1].Confusion.TruePositives)
            {
                rising.Add(points[i]);
            }
        }

        int step = (rising.Count + PointsPerCurve - 1) / PointsPerCurve;
        return step <= 1 ? rising : [.. rising.Where((_, i) => i % step == 0 || i == rising.Count - 1)];
    }

    private static string[] Names(IReadOnlyList<(string Name, RocCurve Curve, double? Area)> curves) => [.. curves.Select(c => c.Name)];

    private static string Words(IReadOnlyList<(string Name, RocCurve Curve, double? Area)> curves, string area) =>
        string.Join("; ", curves.Select(c => $"{c.Name}: {area} {(c.Area is null ? "undefined, a class is absent" : ReportCell.Format(c.Area, 3))}")) + ".";
}
