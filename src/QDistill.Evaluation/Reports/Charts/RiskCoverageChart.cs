namespace QDistill.Evaluation.Reports.Charts;

/// <summary>Risk–coverage curves: the error rate among the most confident share of windows.</summary>
public static class RiskCoverageChart
{
    /// <summary>Draws one curve for each predictor.</summary>
    /// <param name="curves">Name and points (coverage, risk) of each.</param>
    public static ReportChart Create(IReadOnlyList<(string Name, IReadOnlyList<(double Coverage, double Risk)> Points)> curves)
    {
        var data = new ChartData("risk_coverage", "predictor", "coverage", "risk");
        foreach ((string name, IReadOnlyList<(double, double)> points) in curves)
        {
            foreach ((double coverage, double risk) in points)
            {
                data.Add(name, coverage, risk);
            }
        }

        return new ReportChart
        {
            Title = "Risk and coverage",
            Description = "Error rate when only the most confident share of windows is decided, at half and at full coverage: " + string.Join("; ", curves.Where(c => c.Points.Count > 0).Select(c =>
                FormattableString.Invariant($"{c.Name} {c.Points.MinBy(p => Math.Abs(p.Coverage - 0.5)).Risk:F3} and {c.Points[^1].Risk:F3}"))) + ".",
            Caption = "A predictor that knows when it does not know has a low curve that rises late.",
            Height = 360,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "width": "@width", "height": 280, "data": {"name": "risk_coverage"},
                  "layer": [
                    {
                      "name": "curves", "mark": {"type": "line", "strokeWidth": 1.8},
                      "encoding": {
                        "x": {"field": "coverage", "type": "quantitative", "scale": {"domain": [0, 1]}, "title": "coverage"},
                        "y": {"field": "risk", "type": "quantitative", "title": "error rate among covered windows"},
                        {{Ink.SeriesChannels([.. curves.Select(c => c.Name)], "predictor")}},
                        "tooltip": [{"field": "predictor"}, {"field": "coverage", "format": ".2f"}, {"field": "risk", "format": ".4f"}]
                      }
                    }
                  ]
                }
                """),
        };
    }
}
