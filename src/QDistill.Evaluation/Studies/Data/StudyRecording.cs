using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using QDistill.Distillation.Data;
using QDistill.Features;

namespace QDistill.Evaluation.Studies;

/// <summary>One recording of a study: what students see of it, and what they are judged by.</summary>
internal sealed record StudyRecording
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Features and truth.</summary>
    public required TeacherDataset Table { get; init; }

    /// <summary>When each window's prediction can be there [ns]: its stamp, or later when its last message came later.</summary>
    public required long[] Due { get; init; }

    /// <summary>Onsets of hazards [ns]; empty where the data have no events.</summary>
    public long[] Events { get; init; } = [];

    /// <summary>How far ahead the truth looks [s]; 0 for data without time.</summary>
    public double Horizon { get; init; }

    /// <summary>Windows without disturbance.</summary>
    public required int Undisturbed { get; init; }

    /// <summary>The recording's windows where it is a bag: what the time-to-collision rule reads.</summary>
    public FeatureWindows? Windows { get; init; }

    /// <summary>The truth of output 0 at each window.</summary>
    public Truth Collision(int i) => Table.Truth[i * Table.OutputCount];

    /// <summary>Windows with a hazard ahead.</summary>
    public int Hazards => Enumerable.Range(0, Table.Count).Count(i => Collision(i) == Truth.Hazard);

    /// <summary>A bag's recording.</summary>
    public static StudyRecording From(FeatureWindows w)
    {
        // A message cannot shape a prediction before it came; clocks that disagree by more than a second say nothing about delays.
        long[] due = w.Stamps.ToArray();
        for (int i = 0; i < due.Length; i++)
        {
            long delay = w.Receipts[i] - due[i];
            due[i] += delay is > 0 and < 1_000_000_000 ? delay : 0;
            due[i] = i > 0 ? Math.Max(due[i], due[i - 1]) : due[i];
        }

        return new StudyRecording
        {
            Name = w.Name,
            Table = WindowTable.From(w),
            Due = due,
            Events = [.. w.Events.Select(e => e.StartNs)],
            Horizon = w.Robot.Horizon,
            Undisturbed = w.UndisturbedCount,
            Windows = w,
        };
    }

    /// <summary>Adds everything that a run's numbers depend on to a hash.</summary>
    public void AddTo(IncrementalHash sha, string part)
    {
        sha.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{part} {Table.SchemaId} {string.Join(' ', Table.OutputNames)} {Table.Count} {Horizon:R} {Undisturbed}\n")));
        sha.AppendData(MemoryMarshal.AsBytes<long>(Table.Stamps));
        sha.AppendData(MemoryMarshal.AsBytes<long>(Due));
        sha.AppendData(MemoryMarshal.AsBytes<float>(Table.Features));
        sha.AppendData(MemoryMarshal.AsBytes<Truth>(Table.Truth));
        sha.AppendData(MemoryMarshal.AsBytes<long>(Events));
        if (Windows is not null)
        {
            sha.AppendData(MemoryMarshal.AsBytes(Windows.TtcScore));
        }
    }
}
