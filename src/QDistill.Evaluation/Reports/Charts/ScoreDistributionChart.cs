namespace QDistill.Evaluation.Reports.Charts;

/// <summary>How one predictor scores windows that led to a hazard and windows that did not.</summary>
public static class ScoreDistributionChart
{
    private const int Bins = 25;

    /// <summary>Two overlaid histograms, each normalised by its own class.</summary>
    /// <param name="name">The predictor.</param>
    /// <param name="p">Probabilities.</param>
    /// <param name="y">Truth.</param>
    /// <param name="threshold">The alarm threshold.</param>
    public static ReportChart Create(string name, ReadOnlySpan<double> p, ReadOnlySpan<bool> y, double threshold)
    {
        long[] safe = new long[Bins], hazard = new long[Bins];
        for (int i = 0; i < p.Length; i++)
        {
            (y[i] ? hazard : safe)[Math.Clamp((int)(p[i] * Bins), 0, Bins - 1)]++;
        }

        var data = new ChartData("scores", "truth", "low", "high", "count", "share");
        foreach ((string truth, long[] counts) in new[] { ("safe", safe), ("hazard", hazard) })
        {
            long all = counts.Sum();
            for (int k = 0; k < Bins; k++)
            {
                data.Add(truth, (double)k / Bins, (k + 1.0) / Bins, counts[k], all > 0 ? (double)counts[k] / all : null);
            }
        }

        return new ReportChart
        {
            Title = name,
            Description = $"Distribution of the scores of {name}: {safe.Sum()} safe windows and {hazard.Sum()} windows before a hazard.",
            Width = ChartWidth.Third,
            Height = 210,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "width": "container", "height": 150,
                  "layer": [
                    {
                      "name": "scores", "data": {"name": "scores"}, "transform": [{"filter": "datum.count > 0"}],
                      "mark": {"type": "bar", "opacity": 0.55, "binSpacing": 0.5},
                      "encoding": {
                        "x": {"field": "low", "type": "quantitative", "bin": {"binned": true}, "title": "predicted probability", "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.2, 0.4, 0.6, 0.8, 1], "grid": false} },
                        "x2": {"field": "high"},
                        "y": {"field": "share", "type": "quantitative", "stack": null, "title": "share of class", "axis": {"format": "%", "tickCount": 4} },
                        "color": {
                          "field": "truth", "type": "nominal", "scale": {"domain": ["safe", "hazard"], "range": ["{{Ink.Calm}}", "{{Ink.Alarm}}"]},
                          "legend": {"title": null, "orient": "top", "symbolType": "square"}
                        },
                        "tooltip": [{"field": "truth"}, {"field": "low", "format": ".2f"}, {"field": "high", "format": ".2f"}, {"field": "count", "title": "windows"}, {"field": "share", "format": ".1%"}]
                      }
                    },
                    {
                      "name": "threshold", "data": {"values": [{}]},
                      "mark": {"type": "rule", "color": "{{Ink.Main}}", "strokeDash": [4, 3], "strokeWidth": 1},
                      "encoding": {"x": {"datum": {{Ink.Json(threshold)}} } }
                    }
                  ]
                }
                """),
        };
    }
}
