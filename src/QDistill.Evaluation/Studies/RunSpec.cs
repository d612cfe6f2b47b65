using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace QDistill.Evaluation.Studies;

/// <summary>
/// Everything that a run's numbers follow from. Its id is the SHA-256 of its canonical form, so the same work has the same id in any study, however it is
/// named or ordered there, and is done once.
/// </summary>
public sealed record RunSpec
{
    /// <summary>The code's version.</summary>
    public required string Code { get; init; }

    /// <summary>SHA-256 of the data.</summary>
    public required string Data { get; init; }

    /// <summary><c>student</c> or <c>ttc_rule</c>.</summary>
    public required string Predictor { get; init; }

    /// <summary>The teacher's specification as YAML, budget and seed included; empty without a teacher.</summary>
    public string Teacher { get; init; } = string.Empty;

    /// <summary><c>statevector</c>, <c>sampled</c>, <c>noisy</c>, or <c>none</c> for a classical teacher or no teacher.</summary>
    public string Backend { get; init; } = "none";

    /// <summary>Shots per window and measurement basis; 0 is exact.</summary>
    public int Shots { get; init; }

    /// <summary>The noise model as canonical YAML; empty without noise.</summary>
    public string Noise { get; init; } = string.Empty;

    /// <summary>Whether read-out errors are inverted.</summary>
    public bool MitigateReadout { get; init; }

    /// <summary>How answers are extrapolated to zero noise, kind and scales; empty: not.</summary>
    public string ZeroNoise { get; init; } = string.Empty;

    /// <summary>The recipe as YAML, budget and seed included; empty for the rule.</summary>
    public string Recipe { get; init; } = string.Empty;

    /// <summary>The label budget; 0 for the rule.</summary>
    public int Labels { get; init; }

    /// <summary>The seed of everything random; 0 for the rule.</summary>
    public ulong Seed { get; init; }

    /// <summary>SHA-256 of what is judged, when that is not the data's own test as recorded; else empty.</summary>
    public string Test { get; init; } = string.Empty;

    /// <summary>The condition of that test as canonical YAML, or the shift's name; empty as recorded.</summary>
    public string Condition { get; init; } = string.Empty;

    /// <summary>SHA-256 of <see cref="Canonical()"/>, 64 hex digits.</summary>
    [JsonIgnore]
    public string Id => Hash(Canonical());

    /// <summary>What the fitted teacher depends on: shared by all runs that ask the same teacher; null without a teacher.</summary>
    [JsonIgnore]
    public string? TeacherKey => Teacher.Length == 0 ? null : Hash(Canonical(AsRecorded with { Predictor = "teacher", Backend = string.Empty, Shots = 0, Noise = string.Empty, MitigateReadout = false, ZeroNoise = string.Empty, Recipe = string.Empty }));

    /// <summary>What the teacher's answers depend on: shared by all recipes; null without a teacher.</summary>
    [JsonIgnore]
    public string? LabelsKey => Teacher.Length == 0 ? null : Hash(Canonical(AsRecorded with { Predictor = "labels", Recipe = string.Empty }));

    /// <summary>What the trained student depends on: shared by all tests that it is judged on.</summary>
    [JsonIgnore]
    public string StudentKey => AsRecorded.Id;

    /// <summary>The same run judged as recorded.</summary>
    [JsonIgnore]
    public RunSpec AsRecorded => this with { Test = string.Empty, Condition = string.Empty };

    /// <summary>The canonical form: JSON without white space, keys in alphabetical order, line ends as LF.</summary>
    public string Canonical() => Canonical(this);

    private static string Canonical(RunSpec run)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.Default }))
        {
            json.WriteStartObject();
            json.WriteString("backend", run.Backend);
            json.WriteString("code", run.Code);
            if (run.Test.Length > 0)
            {
                json.WriteString("condition", run.Condition.ReplaceLineEndings("\n"));
            }

            json.WriteString("data", run.Data);
            json.WriteNumber("labels", run.Labels);
            json.WriteBoolean("mitigate_readout", run.MitigateReadout);
            json.WriteString("noise", run.Noise.ReplaceLineEndings("\n"));
            json.WriteString("predictor", run.Predictor);
            json.WriteString("recipe", run.Recipe.ReplaceLineEndings("\n"));
            json.WriteNumber("seed", run.Seed);
            json.WriteNumber("shots", run.Shots);
            json.WriteString("teacher", run.Teacher.ReplaceLineEndings("\n"));
            if (run.Test.Length > 0)
            {
                json.WriteString("test", run.Test);
            }

            if (run.ZeroNoise.Length > 0)
            {
                json.WriteString("zero_noise", run.ZeroNoise);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
