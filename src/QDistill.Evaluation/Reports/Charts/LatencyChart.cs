using QDistill.Numerics;

namespace QDistill.Evaluation.Reports.Charts;

/// <summary>The distribution of latencies on a logarithmic scale, with its percentiles.</summary>
public static class LatencyChart
{
    private const double StepsPerOctave = 6;

    /// <summary>Draws a histogram.</summary>
    /// <param name="title">What was timed.</param>
    /// <param name="histogram">The latencies; at least one.</param>
    /// <param name="width">Width of the figure.</param>
    /// <exception cref="ArgumentException">Nothing was recorded.</exception>
    public static ReportChart Create(string title, LatencyHistogram histogram, ChartWidth width = ChartWidth.Full)
    {
        if (histogram.Count == 0)
        {
            throw new ArgumentException($"the latency chart '{title}' has nothing to draw: no latency was recorded");
        }

        var counts = new SortedDictionary<int, long>();
        foreach ((long low, long wide, long count) in histogram.Steps())
        {
            int bin = (int)Math.Floor(Math.Log2(Math.Max(low + ((wide - 1) / 2.0), 1)) * StepsPerOctave);
            counts[bin] = counts.GetValueOrDefault(bin) + count;
        }

        (double scale, string unit) = Unit(histogram.Percentile(0.5));
        var bins = new ChartData("latency", "low_" + unit, "high_" + unit, "count");
        foreach ((int bin, long count) in counts)
        {
            bins.Add(Math.Pow(2, bin / StepsPerOctave) * scale, Math.Pow(2, (bin + 1) / StepsPerOctave) * scale, count);
        }

        LatencySummary s = histogram.Summarize();
        var marks = new ChartData("percentiles", "name", "value_" + unit, "row");
        (string Name, long Value)[] rules = [("p50", s.P50), ("p95", s.P95), ("p99", s.P99), ("max", s.Max)];
        for (int i = 0; i < rules.Length; i++)
        {
            marks.Add(rules[i].Name, Math.Max(rules[i].Value, 1) * scale, i);
        }

        string shown = unit == "us" ? "µs" : unit;
        string words = string.Join(", ", rules.Select(r => $"{r.Name} {(r.Value * scale).ToString("G4", System.Globalization.CultureInfo.InvariantCulture)} {shown}"));
        return new ReportChart
        {
            Title = title,
            Description = $"Latency distribution of {s.Count} records: {words}.",
            Width = width,
            Height = 230,
            Data = [bins, marks],
            Spec = Ink.Spec($$"""
                {
                  "width": "container", "height": 180,
                  "layer": [
                    {
                      "name": "latency", "data": {"name": "latency"},
                      "mark": {"type": "rect", "color": "{{Ink.Series(0)}}", "opacity": 0.5},
                      "encoding": {
                        "x": {"field": "low_{{unit}}", "type": "quantitative", "scale": {"type": "log", "nice": false}, "title": "latency [{{shown}}]", "axis": {"grid": false, "tickCount": 6, "format": "~s"} },
                        "x2": {"field": "high_{{unit}}"},
                        "y": {"field": "count", "type": "quantitative", "title": "records", "axis": {"tickCount": 4, "format": "~s"} },
                        "y2": {"datum": 0},
                        "tooltip": [{"field": "low_{{unit}}", "title": "from [{{shown}}]", "format": ".4"}, {"field": "high_{{unit}}", "title": "to", "format": ".4"}, {"field": "count", "title": "records"}]
                      }
                    },
                    {
                      "name": "percentiles", "data": {"name": "percentiles"},
                      "mark": {"type": "rule", "color": "{{Ink.Main}}", "strokeWidth": 1},
                      "encoding": {"x": {"field": "value_{{unit}}", "type": "quantitative"} }
                    },
                    {
                      "name": "labels", "data": {"name": "percentiles"},
                      "mark": {"type": "text", "align": "left", "dx": 4, "baseline": "top", "fontSize": 12, "color": "{{Ink.Main}}"},
                      "encoding": {
                        "x": {"field": "value_{{unit}}", "type": "quantitative"},
                        "y": {"value": {"expr": "2 + 15 * datum.row"} },
                        "text": {"field": "name"}
                      }
                    }
                  ]
                }
                """),
        };
    }

    private static (double Scale, string Unit) Unit(long median) => median < 1_000_000 ? (1e-3, "us") : median < 1_000_000_000 ? (1e-6, "ms") : (1e-9, "s");
}
