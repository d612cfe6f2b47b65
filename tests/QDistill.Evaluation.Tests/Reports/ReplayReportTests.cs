using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using QDistill.Configuration;
using QDistill.Evaluation.Reports;
using QDistill.Evaluation.Reports.Charts;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Evaluation.Tests.Reports;

public class ReplayReportTests
{
    [Fact]
    public void The_page_refers_to_nothing_outside_itself_and_escapes_what_it_is_given()
    {
        string html = ReplayReportPage.Build(SampleReport.Create(SampleReport.Hostile, windows: 400)).ToHtml();
        Assert.DoesNotContain("<script>injected", html);
        Assert.Contains("&lt;/script&gt;&lt;script&gt;injected=1", html);

        // Every reference of the page's own elements is a fragment or data; what stands in the scripts is text.
        string markup = Regex.Replace(html, "<script[^>]*>.*?</script>", string.Empty, RegexOptions.Singleline);
        Assert.DoesNotContain("<img", markup);
        Assert.All(Regex.Matches(markup, "(?:href|src)=\"([^\"]*)\""), m => Assert.Matches("^(#|data:)", m.Groups[1].Value));
        Assert.DoesNotContain("url(", markup);
        Assert.DoesNotContain("@import", markup);
        Assert.Contains("default-src 'none'", html);
        Assert.Contains("University of Washington Interactive Data Lab", html);
        Assert.InRange(html.Length, 800_000, 1_600_000);
    }

    [Fact]
    public void Elements_nest_and_ids_are_unique()
    {
        string html = ReplayReportPage.Build(SampleReport.Create(windows: 400)).ToHtml();
        string markup = Regex.Replace(html, "<(script|style)[^>]*>.*?</\\1>", string.Empty, RegexOptions.Singleline);
        var open = new Stack<string>();
        foreach (Match m in Regex.Matches(markup, "<(/?)([a-z0-9]+)[^>]*>"))
        {
            if (m.Groups[2].Value is "meta" or "link")
            {
                continue;
            }

            if (m.Groups[1].Value.Length == 0)
            {
                open.Push(m.Groups[2].Value);
            }
            else
            {
                Assert.Equal(open.Pop(), m.Groups[2].Value);
            }
        }

        Assert.Empty(open);
        string[] ids = [.. Regex.Matches(markup, " id=\"([^\"]*)\"").Select(m => m.Groups[1].Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(Regex.Matches(markup, "(?:href=\"#|aria-labelledby=\")([^\"]+)\""), m => Assert.Contains(m.Groups[1].Value, ids));
    }

    [Fact]
    public void Json_holds_every_metric_in_snake_case()
    {
        ReplayReport report = SampleReport.Create(windows: 400);
        JsonNode json = JsonNode.Parse(report.ToJson())!;
        Assert.Equal(["meta", "windows", "positives", "predictors", "latency", "notes"], json.AsObject().Select(p => p.Key));
        Assert.Equal(["student", "teacher", "no_teacher", "classical_teacher", "ttc_rule"], json["predictors"]!.AsObject().Select(p => p.Key));
        JsonNode student = json["predictors"]!["student"]!;
        BinaryMetrics m = report.Predictors[0].Metrics;
        Assert.Equal(m.Auroc, student["auroc"]!.GetValue<double>());
        Assert.Equal(m.Auprc, student["auprc"]!.GetValue<double>());
        Assert.Equal(m.F1, student["f1"]!.GetValue<double>());
        Assert.Equal(m.Brier, student["brier"]!.GetValue<double>());
        Assert.Equal(m.Nll, student["nll"]!.GetValue<double>());
        Assert.Equal(m.Ece, student["ece"]!.GetValue<double>());
        Assert.Equal(m.EceEqualMass, student["ece_equal_mass"]!.GetValue<double>());
        Assert.Equal(m.BrierDecomposition!.Value.Reliability, student["brier_decomposition"]!["reliability"]!.GetValue<double>());
        Assert.Equal(m.Confusion.TruePositives, student["confusion"]!["true_positives"]!.GetValue<long>());
        Assert.Equal(report.Predictors[0].Intervals[BinaryMetric.BalancedAccuracy].Low, student["intervals"]!["balanced_accuracy"]!["low"]!.GetValue<double>());
        Assert.Equal(report.Predictors[0].Operational!.FalseAlarmsPerHour, student["operational"]!["false_alarms_per_hour"]!.GetValue<double>());
        Assert.Equal(report.Latency[0].Histogram.Percentile(0.99) / 1e3, json["latency"]!["inference"]!["p99_us"]!.GetValue<double>());
        Assert.Equal("1.30.0", json["meta"]!["versions"]!["onnxruntime"]!.GetValue<string>());
        Assert.Equal(2, json["meta"]!["horizon_s"]!.GetValue<double>());
        Assert.All(Regex.Matches(report.ToJson(), "\"([A-Za-z0-9_ ,]+)\":").Select(k => k.Groups[1].Value).Except(report.Meta.Facts.Keys), k => Assert.Matches("^[a-z0-9_]+$", k));
    }

    [Fact]
    public void A_replay_without_a_contact_or_a_latency_still_makes_an_honest_page()
    {
        double[] p = [0.1, 0.2, 0.05];
        ReplayReport report = new()
        {
            Meta = new ReplayMeta { Bags = ["quiet/bag"], Model = "m.onnx", Robot = "r.yaml", HorizonS = 1.5, Command = "qdistill replay" },
            Predictors = [PredictorResult.Compute("student", "Student", p, [false, false, false], null)],
        };
        HtmlReport page = ReplayReportPage.Build(report);
        Assert.Equal("Replay of quiet/bag", page.Title);
        string html = page.ToHtml();
        Assert.Contains("Ranking is undefined: the windows hold only one class.", html);
        Assert.Null(JsonNode.Parse(report.ToJson())!["predictors"]!["student"]!["auroc"]);
        Assert.DoesNotContain("NaN", report.ToJson());
        Assert.Throws<ArgumentException>(() => ReplayReportPage.Build(report with { Predictors = [] }));
    }

    [Fact]
    public void Mere_scores_show_ranking_and_leave_calibration_out()
    {
        PredictorResult ttc = PredictorResult.Compute(
            "ttc_rule", "Rule", [-9, double.NegativeInfinity, -0.5], [false, false, true], null, new BinaryMetricsOptions { ScoresAreProbabilities = false, Threshold = -1 });
        ReplayReport report = new()
        {
            Meta = new ReplayMeta { Bags = ["a"], Model = "m", Robot = "r", HorizonS = 1, Command = "c" },
            Predictors = [ttc],
        };
        string html = ReplayReportPage.Build(report).ToHtml();
        Assert.DoesNotContain(">Calibration</h2>", html);
        Assert.Contains(">ROC</h3>", html);
        Assert.Null(JsonNode.Parse(report.ToJson())!["predictors"]!["ttc_rule"]!["ece"]);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_gives_one_clear_sentence()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["file"], string.Empty);
        UserErrorException e = Assert.Throws<UserErrorException>(
            () => new HtmlReport { Title = "t" }.Write(Path.Combine(folder["file"], "report.html")));
        Assert.Contains("report.html", e.Message);
    }

    [Fact]
    public void Chart_data_keep_seven_digits_and_turn_what_is_not_finite_into_null()
    {
        var data = new ChartData("d", "name", "value");
        data.Add("a \"b\", c", 1.0 / 3);
        data.Add(null, double.NaN);
        data.Add("x", 5L);
        Assert.Equal("""[["a \u0022b\u0022, c",0.3333333],[null,null],["x",5]]""", data.ToJson()["rows"]!.ToJsonString());
        Assert.Throws<ArgumentException>(() => data.Add("too few"));
    }

    [Fact]
    public void Long_strips_are_thinned_without_losing_their_peaks()
    {
        double[] t = [.. Enumerable.Range(0, 100_000).Select(i => i * 0.05)], risk = new double[t.Length];
        risk[33_333] = 0.97;
        risk[50_000] = double.NaN;
        ReportChart chart = RiskStripChart.Create(new RiskStrip { Bag = "long", DurationS = t[^1], Series = [new RiskSeries("s", t, risk)] });
        IReadOnlyList<object?[]> rows = chart.Data[0].Rows;
        Assert.InRange(rows.Count, 1000, 3002);
        Assert.Contains(rows, r => (double)r[2]! == 0.97);
        Assert.Contains(rows, r => double.IsNaN((double)r[2]!));
        Assert.Contains("thinned", chart.Caption);
    }

    [Fact]
    public void Hazard_intervals_follow_the_truth_and_break_at_gaps()
    {
        double[] t = [0, 0.1, 0.2, 0.3, 5, 5.1, 5.2];
        Assert.Equal([(0.1, 0.2), (5.0, 5.1)], RiskStrip.Intervals(t, [false, true, true, false, true, true, false]));
        Assert.Equal([(0.2, 0.3), (5.0, 5.2)], RiskStrip.Intervals(t, [false, false, true, true, true, true, true]));
        Assert.Empty(RiskStrip.Intervals([], []));
    }

    [Fact]
    public void An_empty_latency_histogram_is_refused_by_name() =>
        Assert.Contains("inference", Assert.Throws<ArgumentException>(() => LatencyChart.Create("inference", new LatencyHistogram())).Message);
}
