using QDistill.Metrics;

namespace QDistill.Evaluation.Reports.Charts;

/// <summary>One metric of several predictors as bars with their intervals.</summary>
public static class ComparisonChart
{
    /// <summary>Draws the bars from <paramref name="baseline"/>, in the order given.</summary>
    /// <param name="metric">Name of the metric, with its unit if it has one.</param>
    /// <param name="direction">Which way is better, as words.</param>
    /// <param name="values">Name and interval of each; those without an estimate keep their row and show nothing.</param>
    /// <param name="baseline">Where bars begin: what a blind predictor reaches (0.5 for AUROC), or 0.</param>
    public static ReportChart Create(string metric, string direction, IReadOnlyList<(string Name, Interval Value)> values, double baseline = 0)
    {
        var data = new ChartData("values", "predictor", "estimate", "low", "high", "colour");
        double low = baseline, high = baseline;
        for (int i = 0; i < values.Count; i++)
        {
            (string name, Interval v) = values[i];
            data.Add(name, v.Estimate, v.Low, v.High, Ink.Series(i));
            low = Math.Min(low, v.Low ?? v.Estimate ?? low);
            high = Math.Max(high, v.High ?? v.Estimate ?? high);
        }

        string x = $$"""{"type": "quantitative", "title": null, "scale": {"domain": [{{Ink.Json(low)}}, {{Ink.Json(high > low ? high : low + 1)}}], "nice": false, "zero": false}, "axis": {"tickCount": 4, "format": "~g"} }""";
        string y = """{"field": "predictor", "type": "nominal", "sort": null, "title": null, "axis": {"domain": false, "ticks": false, "labelLimit": 130, "labelFontSize": 12, "labelColor": "var(--ink)", "grid": false} }""";
        return new ReportChart
        {
            Title = metric,
            Description = $"{metric} ({direction}): " + string.Join("; ", values.Select(v =>
                $"{v.Name} {ReportCell.Format(v.Value.Estimate, 3)}" + (v.Value.Low is null ? string.Empty : $" ({ReportCell.Format(v.Value.Low, 3)} to {ReportCell.Format(v.Value.High, 3)})"))) + ".",
            Caption = direction,
            Width = ChartWidth.Third,
            Height = (34 * values.Count) + 26,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "width": "container", "height": {{34 * values.Count}}, "data": {"name": "values"},
                  "encoding": {"y": {{y}} },
                  "layer": [
                    {
                      "name": "bars", "transform": [{"filter": "isValid(datum.estimate)"}],
                      "mark": {"type": "bar", "opacity": 0.35, "height": 14},
                      "encoding": {
                        "x": {"field": "estimate", {{x[1..]}},
                        "x2": {"datum": {{Ink.Json(baseline)}} },
                        "color": {"field": "colour", "type": "nominal", "scale": null}
                      }
                    },
                    {
                      "name": "intervals", "transform": [{"filter": "isValid(datum.low)"}],
                      "mark": {"type": "rule", "strokeWidth": 2},
                      "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}, "color": {"field": "colour", "type": "nominal", "scale": null} }
                    },
                    {
                      "name": "estimates", "transform": [{"filter": "isValid(datum.estimate)"}],
                      "mark": {"type": "point", "filled": true, "size": 55, "opacity": 1},
                      "encoding": {
                        "x": {"field": "estimate", "type": "quantitative"}, "color": {"field": "colour", "type": "nominal", "scale": null},
                        "tooltip": [{"field": "predictor"}, {"field": "estimate", "format": ".4f"}, {"field": "low", "format": ".4f"}, {"field": "high", "format": ".4f"}]
                      }
                    },
                    {
                      "name": "labels", "transform": [{"filter": "isValid(datum.estimate)"}],
                      "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 12, "color": "{{Ink.Main}}"},
                      "encoding": {"x": {"value": {"expr": "width"} }, "text": {"field": "estimate", "format": ".3f"} }
                    }
                  ]
                }
                """),
        };
    }
}
