using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using QDistill.Evaluation.Replay;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Evaluation.Reports;

/// <summary>Where the numbers of a replay come from.</summary>
public sealed record ReplayMeta
{
    /// <summary>The bags replayed, as given.</summary>
    public required IReadOnlyList<string> Bags { get; init; }

    /// <summary>The model: its path as given.</summary>
    public required string Model { get; init; }

    /// <summary>The model's id; null when it has none.</summary>
    public string? ModelId { get; init; }

    /// <summary>The robot description used.</summary>
    public required string Robot { get; init; }

    /// <summary>The prediction horizon [s].</summary>
    public required double HorizonS { get; init; }

    /// <summary>The command line that makes the report again.</summary>
    public required string Command { get; init; }

    /// <summary>Names and versions of what took part (qdistill, onnxruntime, …).</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <summary>Anything else worth stating, label → text (teacher, ledger, calibration, schema id).</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();

    /// <summary>How the intervals were drawn, as one sentence; null when there are none.</summary>
    public string? IntervalMethod { get; init; }
}

/// <summary>Everything one replay found: what the page shows and the JSON holds.</summary>
public sealed record ReplayReport
{
    /// <summary>Where the numbers come from.</summary>
    public required ReplayMeta Meta { get; init; }

    /// <summary>The predictors on the same windows, the one under test first.</summary>
    public required IReadOnlyList<PredictorResult> Predictors { get; init; }

    /// <summary>The bags over time.</summary>
    public IReadOnlyList<RiskStrip> Strips { get; init; } = [];

    /// <summary>Latency by stage, in the order to show (<c>inference</c>, <c>features</c>, <c>total</c>); empty when none was measured.</summary>
    public IReadOnlyList<(string Stage, LatencyHistogram Histogram)> Latency { get; init; } = [];

    /// <summary>What an acceptance test found, the predictor under test first; empty when none was asked for.</summary>
    public IReadOnlyList<AcceptanceVerdict> Acceptance { get; init; } = [];

    /// <summary>Sentences the reader must know: windows left out, classes absent, a cut-off bag.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    private static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // a file of its own, never pasted into HTML
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>
    /// The metrics as JSON, snake_case: <c>meta</c>, <c>windows</c>, <c>positives</c>, <c>predictors</c> (by key: every metric, null where undefined;
    /// <c>intervals</c>, <c>operational</c>, <c>reliability</c>), <c>latency</c> by stage [µs], <c>notes</c>, and <c>acceptance</c> by predictor where a test was asked for.
    /// </summary>
    public string ToJson()
    {
        var predictors = new JsonObject();
        foreach (PredictorResult p in Predictors)
        {
            JsonObject o = JsonSerializer.SerializeToNode(p.Metrics, Options)!.AsObject();
            o.Insert(0, "name", p.Name);
            o["aurc"] = p.Aurc;
            o["intervals"] = JsonSerializer.SerializeToNode(p.Intervals, Options);
            o["operational"] = JsonSerializer.SerializeToNode(p.Operational, Options);
            o["reliability"] = JsonSerializer.SerializeToNode(p.Reliability.Select(b => new { b.Low, b.High, b.Count, b.Positives, b.MeanPrediction, b.Observed }), Options);
            predictors[p.Key] = o;
        }

        var latency = new JsonObject();
        foreach ((string stage, LatencyHistogram histogram) in Latency)
        {
            LatencySummary s = histogram.Summarize();
            latency[stage] = new JsonObject
            {
                ["count"] = s.Count,
                ["p50_us"] = s.P50 / 1e3,
                ["p95_us"] = s.P95 / 1e3,
                ["p99_us"] = s.P99 / 1e3,
                ["max_us"] = s.Max / 1e3,
                ["mean_us"] = s.Mean / 1e3,
                ["jitter_us"] = s.Jitter / 1e3,
            };
        }

        var report = new JsonObject
        {
            ["meta"] = Meta(),
            ["windows"] = Predictors.Count > 0 ? Predictors[0].Metrics.Count : 0,
            ["positives"] = Predictors.Count > 0 ? Predictors[0].Metrics.Positives : 0,
            ["predictors"] = predictors,
            ["latency"] = latency,
            ["notes"] = new JsonArray([.. Notes.Select(n => (JsonNode)n)]),
        };
        if (Acceptance.Count > 0)
        {
            report["acceptance"] = AcceptanceReport.ToJson(Acceptance);
        }

        return report.ToJsonString(Options);

        // Names of packages and facts are the writer's own words: they keep their spelling.
        JsonNode Meta() => JsonSerializer.SerializeToNode(this.Meta, new JsonSerializerOptions(Options) { DictionaryKeyPolicy = null })!;
    }
}
