using System.Text.Json;
using System.Text.Json.Serialization;

namespace QDistill.Evaluation.Studies;

/// <summary>What asking a quantum teacher cost, without times: those vary, these do not.</summary>
/// <param name="Circuits">Circuits run.</param>
/// <param name="Shots">Shots taken; 0 when exact.</param>
/// <param name="Depth">The greatest circuit depth.</param>
/// <param name="TwoQubitGates">Two-qubit gates over all circuits.</param>
public sealed record RunCost(long Circuits, long Shots, int Depth, long TwoQubitGates)
{
    /// <summary>Nothing.</summary>
    public static RunCost None { get; } = new(0, 0, 0, 0);

    /// <summary>Both together.</summary>
    public RunCost Plus(RunCost other) => new(Circuits + other.Circuits, Shots + other.Shots, Math.Max(Depth, other.Depth), TwoQubitGates + other.TwoQubitGates);
}

/// <summary>The ledger of a run.</summary>
/// <param name="Fit">Fitting the teacher (shared by all runs with this teacher).</param>
/// <param name="Label">Labelling the training windows (shared by all recipes).</param>
public sealed record RunLedger(RunCost Fit, RunCost Label)
{
    /// <summary>Fit and labels together.</summary>
    [JsonIgnore]
    public RunCost Total => Fit.Plus(Label);
}

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Count">Windows.</param>
/// <param name="Positives">Hazards among them.</param>
/// <param name="Mean">Mean prediction; null when empty.</param>
public sealed record RunBin(int Count, int Positives, double? Mean);

/// <summary>What a predictor did on the test recordings.</summary>
public sealed record RunScores
{
    /// <summary>Metrics by key; null where the data cannot give one.</summary>
    public required IReadOnlyDictionary<string, double?> Metrics { get; init; }

    /// <summary>Equal-width reliability bins.</summary>
    public required IReadOnlyList<RunBin> Reliability { get; init; }

    /// <summary>The risk among the most confident share of windows, at coverages 0.05, 0.10, …, 1.</summary>
    public required IReadOnlyList<double> RiskCoverage { get; init; }
}

/// <summary>One finished run: a line of <c>runs.jsonl</c>.</summary>
public sealed record RunRecord
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The run's id: SHA-256 of its canonical configuration.</summary>
    public required string Id { get; init; }

    /// <summary>The configuration.</summary>
    public required RunSpec Config { get; init; }

    /// <summary>The seed, again, for readers of the line.</summary>
    public ulong Seed => Config.Seed;

    /// <summary>Why the run could not be done, as a sentence; null when it was.</summary>
    public string? Error { get; init; }

    /// <summary>What the teacher's queries cost.</summary>
    public RunLedger Ledger { get; init; } = new(RunCost.None, RunCost.None);

    /// <summary>The scores; null when the run failed.</summary>
    public RunScores? Scores { get; init; }

    /// <summary>The teacher's own scores, asked as it was for labels; null without a teacher.</summary>
    public RunScores? TeacherScores { get; init; }

    /// <summary>The fitted teacher's id; empty without a teacher.</summary>
    public string TeacherId { get; init; } = string.Empty;

    /// <summary>The student's trainable numbers; 0 for the rule.</summary>
    public long Parameters { get; init; }

    /// <summary>Floating-point operations of one prediction: a multiplication and an addition for each weight; 0 for the rule.</summary>
    public long Flops { get; init; }

    /// <summary>Size of the student as ONNX, contract included; 0 for the rule.</summary>
    public long ModelBytes { get; init; }

    /// <summary>
    /// Measured once for each shape of student on the machine that ran it: <c>paced_p50_us</c>, <c>paced_p99_us</c> (asked at 100 Hz) and, where RAPL is readable,
    /// <c>energy_j</c> of a prediction. Absent entries are not available. Not part of what must repeat.
    /// </summary>
    public IReadOnlyDictionary<string, double> Machine { get; init; } = new Dictionary<string, double>();

    /// <summary>The epoch kept.</summary>
    public int BestEpoch { get; init; }

    /// <summary>
    /// Seconds by stage: <c>total</c>; <c>student</c> (waiting for the trained student; short when another test had it trained already), of its making <c>labels</c> and
    /// <c>train</c>; <c>judge</c>. Not part of what must repeat.
    /// </summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>();

    /// <summary>Versions of what ran.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <summary>The line, without its end.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The line without timings, measurements and versions: what must be equal whenever the run is repeated.</summary>
    public string ToRepeatableJson() => (this with { Timings = new Dictionary<string, double>(), Machine = new Dictionary<string, double>(), Versions = new Dictionary<string, string>() }).ToJson();

    /// <summary>Reads a line; null when it is not a whole one.</summary>
    public static RunRecord? FromJson(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunRecord>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
