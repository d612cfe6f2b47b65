using System.Diagnostics;
using System.Text.Json.Nodes;
using QDistill.Evaluation.Reports;

namespace QDistill.Evaluation.Tests.Reports;

/// <summary>The page as a browser shows it: Debian's Chromium, driven by tests/browser/inspect.mjs.</summary>
public class BrowserTests
{
    [Fact]
    public void The_page_draws_all_its_data_by_itself_in_light_dark_print_and_on_a_narrow_screen()
    {
        using var folder = new TempDirectory();
        string path = folder["report.html"];
        ReplayReport report = SampleReport.Create(SampleReport.Hostile);
        ReplayReportPage.Write(path, report);
        JsonNode found = Inspect(path);

        Assert.Empty(found["console"]!.AsArray());
        Assert.Empty(found["errors"]!.AsArray());
        Assert.Empty(found["requests"]!.AsArray());
        Assert.Null(found["injected"]);
        Assert.Equal("Replay of 2 bags", found["title"]!.GetValue<string>());

        JsonNode[] figures = [.. found["figures"]!.AsArray().Select(f => f!)];
        Assert.Equal(2 + 2 + 3 + 5 + 5 + 2, figures.Length); // strips, ROC and PR, comparisons, reliability, distributions, latency
        Assert.All(figures, f =>
        {
            Assert.True(f["fits"]!.GetValue<bool>(), $"{f["title"]} does not fit its figure");
            Assert.Equal("img", f["role"]!.GetValue<string>());
            Assert.True(f["label"]!.GetValue<string>().Length > 40);
            Assert.True(f["tableRows"]!.AsArray().Count > 0);
        });

        // Marks drawn = data given.
        Assert.Equal(2, Marks(figures[0], "risk"));
        Assert.Equal(3, Marks(figures[0], "contacts"));
        Assert.Equal(3, Marks(figures[0], "truth"));
        Assert.Equal(1, Marks(figures[0], "threshold"));
        Assert.Equal(2, Marks(figures[1], "contacts"));
        Assert.Equal(5, Marks(figures[2], "roc"));
        Assert.Equal(5, Marks(figures[3], "pr"));
        Assert.Equal((5, 5, 5, 5), (Marks(figures[4], "bars"), Marks(figures[4], "intervals"), Marks(figures[4], "estimates"), Marks(figures[4], "labels")));
        for (int i = 0; i < 5; i++)
        {
            int filled = report.Predictors[i].Reliability.Count(b => b.Count > 0);
            Assert.Equal((filled, filled, filled), (Marks(figures[7 + i], "points"), Marks(figures[7 + i], "intervals"), Marks(figures[7 + i], "counts")));
            Assert.Equal((FilledScoreBins(report.Predictors[i]), 1), (Marks(figures[12 + i], "scores"), Marks(figures[12 + i], "threshold")));
        }

        Assert.Equal(4, Marks(figures[17], "percentiles"));
        Assert.Equal(4, Marks(figures[17], "labels"));
        JsonNode latencyRows = JsonNode.Parse(Download(found, "f18-latency.json"))!;
        Assert.Equal(latencyRows.AsArray().Count, Marks(figures[17], "latency"));
        Assert.Equal(2400, latencyRows.AsArray().Sum(r => r!["count"]!.GetValue<int>()));

        // Downloads hold the data, hostile names and all.
        Assert.StartsWith("predictor,time_s,risk\r\n\"</script>", Download(found, "f1-risk.csv"));
        Assert.Equal(2400, JsonNode.Parse(Download(found, "f1-risk.json"))!.AsArray().Count);
        Assert.Equal(SampleReport.Hostile, JsonNode.Parse(Download(found, "f1-risk.json"))![0]!["predictor"]!.GetValue<string>());

        Assert.Equal("rgb(255, 255, 255)", Colour("light", "paper"));
        Assert.Equal("rgb(20, 23, 28)", Colour("dark", "paper"));
        Assert.NotEqual(Colour("light", "line"), Colour("dark", "line"));
        Assert.NotEqual(Colour("light", "label"), Colour("dark", "label"));
        Assert.Equal(found["light"]!.ToJsonString(), found["print"]!.ToJsonString()); // paper is white even for a reader who prefers dark
        Assert.Equal(found["dark"]!.ToJsonString(), found["toggled"]!.ToJsonString());
        Assert.True(found["printHidden"]!.GetValue<bool>());
        Assert.True(found["brushed"]!.GetValue<bool>(), "brushing the overview did not zoom the strip");
        Assert.True(found["narrow"]!["page"]!.GetValue<int>() <= found["narrow"]!["screen"]!.GetValue<int>(), "the page scrolls sideways on a narrow screen");
        Assert.True(found["narrow"]!["charts"]!.GetValue<bool>());

        string Colour(string mode, string what) => found[mode]![what]!.GetValue<string>();
    }

    private static int FilledScoreBins(PredictorResult p) =>
        p.Probabilities.Zip(p.Truth).Select(w => (Math.Min(24, (int)(w.First * 25)), w.Second)).Distinct().Count();

    internal static int Marks(JsonNode figure, string name) => figure["marks"]![name]!.GetValue<int>();

    private static string Download(JsonNode found, string name) =>
        found["downloads"]!.AsArray().Single(d => d!["name"]!.GetValue<string>() == name)!["text"]!.GetValue<string>();

    internal static JsonNode Inspect(string page)
    {
        string script = Path.Combine(SharedData.Repository, "tests", "browser", "inspect.mjs");
        List<string> arguments = [script, page];
        if (Environment.GetEnvironmentVariable("QDISTILL_SCREENSHOTS") is { Length: > 0 } shots)
        {
            arguments.Add(Directory.CreateDirectory(shots).FullName);
            File.Copy(page, Path.Combine(shots, "report.html"), overwrite: true);
        }

        var start = new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process node = Process.Start(start)!;
        Task<string> output = node.StandardOutput.ReadToEndAsync(), error = node.StandardError.ReadToEndAsync();
        node.WaitForExit();
        Assert.True(node.ExitCode == 0, error.Result);
        return JsonNode.Parse(output.Result)!;
    }
}
