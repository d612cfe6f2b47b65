using QDistill.Metrics;

namespace QDistill.Evaluation.Reports.Charts;

/// <summary>The reliability diagram of one predictor: observed frequency against predicted probability, over a histogram of the predictions.</summary>
public static class ReliabilityChart
{
    /// <summary>Draws the bins; empty ones are left out of the upper part.</summary>
    /// <param name="name">The predictor.</param>
    /// <param name="bins">Equal-width bins, empty ones included.</param>
    /// <param name="ece">Its calibration error, for the description; null when undefined.</param>
    /// <param name="series">The predictor's series number, for its colour.</param>
    public static ReportChart Create(string name, IReadOnlyList<ReliabilityBin> bins, double? ece, int series)
    {
        var data = new ChartData("bins", "low", "high", "count", "positives", "mean_prediction", "observed", "observed_low", "observed_high");
        foreach (ReliabilityBin b in bins)
        {
            data.Add(b.Low, b.High, b.Count, b.Positives, b.MeanPrediction, b.Observed, b.ObservedInterval?.Low, b.ObservedInterval?.High);
        }

        string ink = Ink.Series(series);
        return new ReportChart
        {
            Title = name,
            Description = $"Reliability diagram of {name} over {bins.Sum(b => b.Count)} windows in {bins.Count(b => b.Count > 0)} filled bins; expected calibration error {ReportCell.Format(ece, 3)}.",
            Width = ChartWidth.Third,
            Height = 320,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "spacing": 8,
                  "vconcat": [
                    {
                      "width": "@width", "height": 200,
                      "layer": [
                        {
                          "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
                          "mark": {"type": "line", "color": "{{Ink.Muted}}", "strokeDash": [1, 4], "strokeWidth": 1},
                          "encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"} }
                        },
                        {
                          "name": "intervals", "data": {"name": "bins"}, "transform": [{"filter": "datum.count > 0"}],
                          "mark": {"type": "rule", "color": "{{ink}}", "strokeWidth": 1.2, "opacity": 0.6},
                          "encoding": {
                            "x": {"field": "mean_prediction", "type": "quantitative"},
                            "y": {"field": "observed_low", "type": "quantitative"}, "y2": {"field": "observed_high"}
                          }
                        },
                        {
                          "data": {"name": "bins"}, "transform": [{"filter": "datum.count > 0"}],
                          "mark": {"type": "line", "color": "{{ink}}", "strokeWidth": 1.5},
                          "encoding": {
                            "x": {"field": "mean_prediction", "type": "quantitative"}, "y": {"field": "observed", "type": "quantitative"}
                          }
                        },
                        {
                          "name": "points", "data": {"name": "bins"}, "transform": [{"filter": "datum.count > 0"}],
                          "mark": {"type": "point", "filled": true, "color": "{{ink}}", "size": 45, "opacity": 1},
                          "encoding": {
                            "x": {"field": "mean_prediction", "type": "quantitative", "title": null, "scale": {"domain": [0, 1]}, "axis": {"labels": false, "ticks": false, "values": [0, 0.2, 0.4, 0.6, 0.8, 1]} },
                            "y": {"field": "observed", "type": "quantitative", "title": "observed frequency", "scale": {"domain": [0, 1]}, "axis": {"tickCount": 6, "values": [0, 0.2, 0.4, 0.6, 0.8, 1]} },
                            "tooltip": [
                              {"field": "mean_prediction", "title": "predicted", "format": ".3f"}, {"field": "observed", "format": ".3f"},
                              {"field": "observed_low", "title": "95 % from", "format": ".3f"}, {"field": "observed_high", "title": "to", "format": ".3f"},
                              {"field": "count", "title": "windows"}
                            ]
                          }
                        }
                      ]
                    },
                    {
                      "name": "counts", "width": "@width", "height": 44, "data": {"name": "bins"}, "transform": [{"filter": "datum.count > 0"}],
                      "mark": {"type": "bar", "color": "{{ink}}", "opacity": 0.45, "binSpacing": 1},
                      "encoding": {
                        "x": {"field": "low", "type": "quantitative", "bin": {"binned": true}, "title": "predicted probability", "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.2, 0.4, 0.6, 0.8, 1], "grid": false} },
                        "x2": {"field": "high"},
                        "y": {"field": "count", "type": "quantitative", "title": "windows", "axis": {"tickCount": 2, "grid": false, "format": "~s"} },
                        "tooltip": [{"field": "low", "format": ".2f"}, {"field": "high", "format": ".2f"}, {"field": "count", "title": "windows"}, {"field": "positives"}]
                      }
                    }
                  ]
                }
                """),
        };
    }
}
