namespace QDistill.Evaluation.Reports.Charts;

/// <summary>One point of a benefit-against-cost chart.</summary>
/// <param name="Name">The condition.</param>
/// <param name="Series">What colours it, such as its recipe.</param>
/// <param name="Cost">Its cost, above 0.</param>
/// <param name="Benefit">Its mean benefit.</param>
/// <param name="Low">Lower limit; null for none.</param>
/// <param name="High">Upper limit; null for none.</param>
public sealed record BenefitPoint(string Name, string Series, double Cost, double Benefit, double? Low, double? High);

/// <summary>Benefit against cost on a logarithmic axis, with the Pareto front: the conditions that no cheaper one equals.</summary>
public static class BenefitCostChart
{
    /// <summary>The points that no other dominates (as cheap or cheaper, and better; or cheaper and as good), cheapest first.</summary>
    public static IReadOnlyList<BenefitPoint> ParetoFront(IReadOnlyList<BenefitPoint> points)
    {
        var front = new List<BenefitPoint>();
        double best = double.NegativeInfinity;
        foreach (BenefitPoint p in points.OrderBy(p => p.Cost).ThenByDescending(p => p.Benefit))
        {
            if (p.Benefit > best)
            {
                front.Add(p);
                best = p.Benefit;
            }
        }

        return front;
    }

    /// <summary>Draws the points, their intervals, the front and the line of no benefit.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="cost">What the horizontal axis counts, such as <c>shots</c>.</param>
    /// <param name="benefit">What the vertical axis is, such as <c>AUROC gained over no teacher</c>.</param>
    /// <param name="points">The points; those without cost are refused.</param>
    /// <exception cref="ArgumentException">A cost is not above 0.</exception>
    public static ReportChart Create(string title, string cost, string benefit, IReadOnlyList<BenefitPoint> points)
    {
        if (points.Any(p => !(p.Cost > 0)))
        {
            throw new ArgumentException("a logarithmic axis needs costs above 0");
        }

        IReadOnlyList<BenefitPoint> front = ParetoFront(points);
        string[] series = [.. points.Select(p => p.Series).Distinct()];
        var data = new ChartData("benefit", "condition", "series", "cost", "benefit", "low", "high", "pareto");
        foreach (BenefitPoint p in points)
        {
            data.Add(p.Name, p.Series, p.Cost, p.Benefit, p.Low, p.High, front.Contains(p));
        }

        string colour = $$"""{"field": "series", "type": "nominal", "scale": {"domain": {{Ink.Json(series)}}, "range": {{Ink.Json([.. series.Select((_, i) => Ink.Series(i))])}}}, "legend": {"title": null, "orient": "top", "columns": "@columns:200", "labelLimit": 190} }""";
        string x = $$"""{"field": "cost", "type": "quantitative", "title": {{Ink.Json(cost)}}, "scale": {"type": "log", "nice": true}, "axis": {"format": "~s", "tickCount": 6} }""";
        string tooltip = """[{"field": "condition"}, {"field": "cost", "format": ",.0f"}, {"field": "benefit", "format": "+.4f"}, {"field": "low", "format": "+.4f"}, {"field": "high", "format": "+.4f"}]""";
        return new ReportChart
        {
            Title = title,
            Description = $"{benefit} against {cost} of {points.Count} conditions. On the Pareto front, cheapest first: "
                + string.Join("; ", front.Select(p => FormattableString.Invariant($"{p.Name} ({p.Cost:G3}: {p.Benefit:+0.000;-0.000;0.000})"))) + ".",
            Caption = "Mean with its 95 % interval. Solid points lie on the Pareto front: nothing cheaper does as well. Below the dotted line the teacher does harm.",
            Height = 380,
            Data = [data],
            Spec = Ink.Spec($$"""
                {
                  "width": "@width", "height": 300, "data": {"name": "benefit"},
                  "encoding": {"x": {{x}} },
                  "layer": [
                    {
                      "name": "zero", "data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "color": "{{Ink.Muted}}", "strokeDash": [1, 4]},
                      "encoding": {"x": null, "y": {"field": "zero", "type": "quantitative"} }
                    },
                    {
                      "name": "front", "transform": [{"filter": "datum.pareto"}],
                      "mark": {"type": "line", "color": "{{Ink.Muted}}", "interpolate": "step-after", "strokeWidth": 1.2},
                      "encoding": {"y": {"field": "benefit", "type": "quantitative"} }
                    },
                    {
                      "name": "intervals", "transform": [{"filter": "isValid(datum.low)"}],
                      "mark": {"type": "rule", "strokeWidth": 1.2, "opacity": 0.6},
                      "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}, "color": {{colour}} }
                    },
                    {
                      "name": "points", "mark": {"type": "point", "filled": true, "size": 80},
                      "encoding": {
                        "y": {"field": "benefit", "type": "quantitative", "title": {{Ink.Json(benefit)}}, "axis": {"format": "+.2~f"} },
                        "color": {{colour}}, "opacity": {"condition": {"test": "datum.pareto", "value": 1}, "value": 0.4},
                        "tooltip": {{tooltip}}
                      }
                    }
                  ]
                }
                """),
        };
    }
}
