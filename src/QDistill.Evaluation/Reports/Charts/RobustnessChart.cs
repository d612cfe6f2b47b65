namespace QDistill.Evaluation.Reports.Charts;

/// <summary>One point of a robustness curve.</summary>
/// <param name="Predictor">Whose curve.</param>
/// <param name="Strength">How strongly the sensors were disturbed; 0 is not at all.</param>
/// <param name="Value">The metric.</param>
/// <param name="Low">Lower limit; null for none.</param>
/// <param name="High">Upper limit; null for none.</param>
public sealed record RobustnessPoint(string Predictor, double Strength, double Value, double? Low, double? High);

/// <summary>A metric against the strength of a disturbance, one line for each predictor, with intervals.</summary>
public static class RobustnessChart
{
    /// <summary>Draws the curves.</summary>
    /// <param name="condition">The disturbance.</param>
    /// <param name="metric">The metric's name.</param>
    /// <param name="points">The points, in any order.</param>
    public static ReportChart Create(string condition, string metric, IReadOnlyList<RobustnessPoint> points)
    {
        string[] names = [.. points.Select(p => p.Predictor).Distinct()];
        double spread = points.Select(p => p.Strength).DefaultIfEmpty().Max() * 0.012;
        var data = new ChartData("robustness", "predictor", "strength", "drawn_at", "value", "low", "high");
        foreach (RobustnessPoint p in points)
        {
            // Intervals of several predictors at one strength would lie on each other.
            data.Add(p.Predictor, p.Strength, p.Strength + (spread * (Array.IndexOf(names, p.Predictor) - ((names.Length - 1) / 2.0))), p.Value, p.Low, p.High);
        }

        // By the values, not by their intervals: those of a few recordings would leave nothing to see of the curves.
        double least = points.Select(p => p.Value).DefaultIfEmpty().Min(), most = points.Select(p => p.Value).DefaultIfEmpty().Max(), room = Math.Max(0.05, most - least);
        string scale = $$"""{"domain": [{{Ink.Json(least - room)}}, {{Ink.Json(most + room)}}], "zero": false, "nice": false}""";
        return new ReportChart
        {
            Title = $"{metric} against {condition}",
            Description = $"{metric} as recorded and at the greatest strength of '{condition}': " + string.Join("; ", names.Select(n =>
            {
                RobustnessPoint[] of = [.. points.Where(p => p.Predictor == n).OrderBy(p => p.Strength)];
                return FormattableString.Invariant($"{n} {of[0].Value:F3} and {of[^1].Value:F3}");
            })) + ".",
            Caption = "A flat line is robust. Bars are 95 % intervals, set a little apart so that they can be told; long ones go on beyond the frame.",
            Height = 340,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "width": "@width", "height": 240, "data": {"name": "robustness"},
                  "encoding": {
                    "x": {"field": "drawn_at", "type": "quantitative", "title": "strength", "axis": {"tickCount": 5} },
                    {{Ink.SeriesChannels(names, "predictor")}}
                  },
                  "layer": [
                    {
                      "name": "intervals", "transform": [{"filter": "isValid(datum.low)"}],
                      "mark": {"type": "rule", "strokeWidth": 1, "opacity": 0.5, "strokeDash": [1, 0], "clip": true},
                      "encoding": {"y": {"field": "low", "type": "quantitative", "scale": {{scale}} }, "y2": {"field": "high"}, "strokeDash": {"value": [1, 0]} }
                    },
                    {
                      "name": "curves", "mark": {"type": "line", "strokeWidth": 1.8},
                      "encoding": {"y": {"field": "value", "type": "quantitative", "title": {{Ink.Json(metric)}}, "scale": {{scale}} } }
                    },
                    {
                      "name": "points", "mark": {"type": "point", "filled": true, "size": 36, "opacity": 1, "strokeDash": [1, 0]},
                      "encoding": {
                        "y": {"field": "value", "type": "quantitative", "scale": {{scale}} }, "strokeDash": {"value": [1, 0]},
                        "tooltip": [{"field": "predictor"}, {"field": "strength"}, {"field": "value", "format": ".4f"}, {"field": "low", "format": ".4f"}, {"field": "high", "format": ".4f"}]
                      }
                    }
                  ]
                }
                """),
        };
    }
}
