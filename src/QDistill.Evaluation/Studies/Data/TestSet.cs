using System.Security.Cryptography;
using QDistill.Distillation.Data;

namespace QDistill.Evaluation.Studies;

/// <summary>What kind of test a test set is.</summary>
public static class TestKind
{
    /// <summary>The data's own test recordings as they are.</summary>
    public const string AsRecorded = "as recorded";

    /// <summary>The same recordings, their messages disturbed.</summary>
    public const string Condition = "condition";

    /// <summary>Other recordings: another robot, driver or world.</summary>
    public const string Shift = "shift";
}

/// <summary>Recordings on which a trained student is judged: the data's own as they are, the same under a condition, or others (a distribution shift).</summary>
internal sealed class TestSet
{
    private TestSet(string name, string baseName, double strength, string kind, string condition, IReadOnlyList<StudyRecording> recordings, Replay.CalibratedTtcRule? rule)
    {
        (Name, BaseName, Strength, Kind, Condition, Recordings) = (name, baseName, strength, kind, condition, recordings);
        Table = TeacherDataset.Concat([.. recordings.Select(r => r.Table)]);
        TtcRule = rule is not null && recordings.All(r => r.Windows is { } w && w.TtcScore.Length == w.Count) ? [.. recordings.SelectMany(r => rule.Predict(r.Windows!))] : null;
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (StudyRecording r in recordings)
        {
            r.AddTo(sha, kind);
        }

        Hash = Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    /// <summary>The name in tables.</summary>
    public string Name { get; }

    /// <summary>The name without strength.</summary>
    public string BaseName { get; }

    /// <summary>The condition's strength; 0 as recorded.</summary>
    public double Strength { get; }

    /// <summary>See <see cref="TestKind"/>.</summary>
    public string Kind { get; }

    /// <summary>The condition's canonical text, or the shift's name; empty as recorded.</summary>
    public string Condition { get; }

    /// <summary>SHA-256 of everything that is judged.</summary>
    public string Hash { get; }

    /// <summary>The recordings, one after the other.</summary>
    public IReadOnlyList<StudyRecording> Recordings { get; }

    /// <summary>All windows, in the recordings' order.</summary>
    public TeacherDataset Table { get; }

    /// <summary>The calibrated time-to-collision rule at every window; null where the data do not carry it.</summary>
    public double[]? TtcRule { get; }

    public static TestSet AsRecorded(IReadOnlyList<StudyRecording> recordings, Replay.CalibratedTtcRule? rule) => new(TestKind.AsRecorded, TestKind.AsRecorded, 0, TestKind.AsRecorded, string.Empty, recordings, rule);

    public static TestSet Under(Conditions.Condition c, IReadOnlyList<StudyRecording> recordings, Replay.CalibratedTtcRule? rule) => new(c.Name, c.BaseName, c.Strength, TestKind.Condition, c.ToYaml(), recordings, rule);

    public static TestSet Shifted(string name, IReadOnlyList<StudyRecording> recordings, Replay.CalibratedTtcRule? rule) => new(name, name, 1, TestKind.Shift, $"shift: {name}\n", recordings, rule);
}
