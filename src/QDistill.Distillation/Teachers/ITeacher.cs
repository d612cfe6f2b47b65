using QDistill.Distillation.Data;

namespace QDistill.Distillation.Teachers;

/// <summary>A fitted teacher: maps feature windows to probabilities of collision and of each constraint's violation.</summary>
public interface ITeacher
{
    /// <summary>A short id: the first 12 hex digits of the SHA-256 of its file.</summary>
    string Id { get; }

    /// <summary><c>vqc</c> or <c>mlp</c>.</summary>
    string Kind { get; }

    /// <summary>The id of the feature schema it was fitted on.</summary>
    string SchemaId { get; }

    /// <summary>Names of its outputs: <c>collision</c>, then the constraints.</summary>
    IReadOnlyList<string> OutputNames { get; }

    /// <summary>Names of its observables, in the order of the expectations; empty for classical teachers.</summary>
    IReadOnlyList<string> ObservableNames { get; }

    /// <summary>The teacher's file as text.</summary>
    string ToYaml();

    /// <summary>Answers n windows.</summary>
    /// <param name="features">Raw features [n, d] in schema order; NaN where not valid.</param>
    /// <param name="firstWindow">The running index of the first window: shot noise of window i depends on the seed and i alone, so that an interrupted labelling resumes with the same labels.</param>
    /// <param name="cancellation">Stops the work.</param>
    TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, CancellationToken cancellation = default);
}
