using QDistill.Metrics;

namespace QDistill.Evaluation.Reports.Charts;

/// <summary>Risk over the time of one bag, with what really happened: contacts as rules, the time in which contact was near shaded.</summary>
public static class RiskStripChart
{
    private const int PointsPerSeries = 3000;

    /// <summary>Draws one bag: a detailed view and, beneath, an overview to brush.</summary>
    public static ReportChart Create(RiskStrip strip)
    {
        var risk = new ChartData("risk", "predictor", "time_s", "risk");
        bool thinned = false;
        foreach (RiskSeries series in strip.Series)
        {
            int[] kept = Thinned(series.Risk);
            thinned |= kept.Length < series.Risk.Count;
            foreach (int i in kept)
            {
                risk.Add(series.Predictor, Math.Round(series.TimesS[i], 4), series.Risk[i]);
            }
        }

        var contacts = new ChartData("contacts", "time_s");
        foreach (double t in strip.ContactsS)
        {
            contacts.Add(t);
        }

        var truth = new ChartData("truth", "from_s", "to_s");
        foreach ((double from, double to) in strip.HazardIntervalsS)
        {
            truth.Add(from, to);
        }

        string[] names = [.. strip.Series.Select(s => s.Predictor)];
        string main = Ink.Json($"datum.predictor === {Ink.Json(names.Length > 0 ? names[0] : string.Empty)}"); // the one under test stands out
        const string zoom = """{"domain": {"param": "brush"}, "nice": false}"""; // in every layer: Vega-Lite takes the last layer's word for it
        double end = Math.Max(strip.DurationS, 1e-3);
        string clock = end > 240 ? ", \"labelExpr\": \"floor(datum.value / 60) + ':' + format(datum.value % 60, '02')\"" : string.Empty;
        string title = end > 240 ? "time since start [min:s]" : "time since start [s]";
        return new ReportChart
        {
            Title = strip.Bag,
            Description = $"Risk over {ReportCell.Format(strip.DurationS, 1)} s of {strip.Bag} from {string.Join(", ", names)}; {strip.ContactsS.Count} contacts"
                + (strip.ContactsS.Count is > 0 and <= 12 ? " at " + string.Join(", ", strip.ContactsS.Select(t => ReportCell.Format(t, 1))) + " s." : "."),
            Caption = "Solid red rules are contacts; the shaded time is when the truth says that contact is near; the dashed rule is the alarm threshold. Drag over the lower strip to zoom, double-click to see all."
                + (thinned ? " Long series are thinned to their extremes." : string.Empty),
            Height = 290,
            Data = [risk, contacts, truth],
            Spec = Ink.Spec($$"""
                {
                  "spacing": 10,
                  "vconcat": [
                    {
                      "width": "@width", "height": 170,
                      "layer": [
                        {
                          "name": "span", "data": {"values": [{"t": 0}, {"t": {{Ink.Json(end)}} }]},
                          "mark": {"type": "tick", "opacity": 0, "clip": true},
                          "encoding": {"x": {"field": "t", "type": "quantitative", "scale": {{zoom}}} }
                        },
                        {
                          "name": "truth", "data": {"name": "truth"},
                          "mark": {"type": "rect", "color": "{{Ink.Alarm}}", "opacity": 0.13, "clip": true},
                          "encoding": {"x": {"field": "from_s", "type": "quantitative", "scale": {{zoom}}}, "x2": {"field": "to_s"} }
                        },
                        {
                          "name": "risk", "data": {"name": "risk"},
                          "mark": {"type": "line", "clip": true},
                          "encoding": {
                            "strokeWidth": {"condition": {"test": {{main}}, "value": 1.8}, "value": 1},
                            "opacity": {"condition": {"test": {{main}}, "value": 1}, "value": 0.7},
                            "x": {
                              "field": "time_s", "type": "quantitative", "title": null,
                              "scale": {{zoom}}, "axis": {"grid": false, "tickCount": 8{{clock}} }
                            },
                            "y": {"field": "risk", "type": "quantitative", "title": "risk", "scale": {"domain": [0, 1]}, "axis": {"values": [0, 0.5, 1], "minExtent": 34, "maxExtent": 34} },
                            {{Ink.SeriesChannels(names, "predictor", dashes: false)}}
                          }
                        },
                        {
                          "name": "threshold", "data": {"values": [{}]},
                          "mark": {"type": "rule", "color": "{{Ink.Main}}", "strokeDash": [4, 3], "strokeWidth": 1, "opacity": 0.7},
                          "encoding": {"y": {"datum": {{Ink.Json(strip.Threshold)}} } }
                        },
                        {
                          "name": "contacts", "data": {"name": "contacts"},
                          "mark": {"type": "rule", "color": "{{Ink.Alarm}}", "strokeWidth": 2, "clip": true},
                          "encoding": {
                            "x": {"field": "time_s", "type": "quantitative", "scale": {{zoom}}},
                            "tooltip": [{"field": "time_s", "title": "contact at [s]", "format": ".2f"}]
                          }
                        }
                      ]
                    },
                    {
                      "width": "@width", "height": 34,
                      "layer": [
                        {
                          "name": "overview", "data": {"name": "risk"}, "transform": [{"filter": {"field": "predictor", "equal": {{Ink.Json(names.Length > 0 ? names[0] : string.Empty)}} } }],
                          "params": [{"name": "brush", "select": {"type": "interval", "encodings": ["x"], "mark": {"fill": "{{Ink.Muted}}", "fillOpacity": 0.15, "stroke": "{{Ink.Muted}}"} } }],
                          "mark": {"type": "area", "color": "{{Ink.Series(0)}}", "opacity": 0.35},
                          "encoding": {
                            "x": {"field": "time_s", "type": "quantitative", "title": "{{title}}", "scale": {"domain": [0, {{Ink.Json(end)}}], "nice": false}, "axis": {"grid": false, "tickCount": 8{{clock}} } },
                            "y": {"field": "risk", "type": "quantitative", "title": null, "scale": {"domain": [0, 1]}, "axis": {"labels": false, "ticks": false, "grid": false, "minExtent": 34, "maxExtent": 34} }
                          }
                        },
                        {
                          "data": {"name": "contacts"},
                          "mark": {"type": "rule", "color": "{{Ink.Alarm}}", "strokeWidth": 1.5},
                          "encoding": {"x": {"field": "time_s", "type": "quantitative"} }
                        }
                      ]
                    }
                  ]
                }
                """),
        };
    }

    // Of each run of neighbours the lowest and the highest stay, so that no alarm vanishes from the picture.
    private static int[] Thinned(IReadOnlyList<double> values)
    {
        int n = values.Count;
        if (n <= PointsPerSeries)
        {
            return [.. Enumerable.Range(0, n)];
        }

        var kept = new SortedSet<int> { 0, n - 1 };
        int runs = PointsPerSeries / 2;
        for (int r = 0; r < runs; r++)
        {
            int from = (int)((long)r * n / runs), to = (int)((long)(r + 1) * n / runs), low = -1, high = -1;
            for (int i = from; i < to; i++)
            {
                if (double.IsNaN(values[i]))
                {
                    kept.Add(i); // a gap must stay a gap
                    continue;
                }

                low = low < 0 || values[i] < values[low] ? i : low;
                high = high < 0 || values[i] > values[high] ? i : high;
            }

            if (low >= 0)
            {
                kept.Add(low);
                kept.Add(high);
            }
        }

        return [.. kept];
    }
}
