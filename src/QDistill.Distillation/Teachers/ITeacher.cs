using QDistill.Distillation.Data;

namespace QDistill.Distillation.Teachers;

/// <summary>A fitted teacher: maps feature windows to probabilities of collision and of each constraint's violation.</summary>
public interface ITeacher
{
    /// <summary>A short id: the first 12 hex digits of the SHA-256 of its file.</summary>
    string Id { get; }

    /// <summary>One of <see cref="TeacherKind.All"/>.</summary>
    string Kind { get; }

    /// <summary>The id of the feature schema it was fitted on.</summary>
    string SchemaId { get; }

    /// <summary>Names of its outputs: <c>collision</c>, then the constraints.</summary>
    IReadOnlyList<string> OutputNames { get; }

    /// <summary>Names of its observables, in the order of the expectations; empty for most classical teachers.</summary>
    IReadOnlyList<string> ObservableNames { get; }

    /// <summary>What it can tell beyond probabilities and expectations.</summary>
    TeacherDetails Details { get; }

    /// <summary>The shape of one window's feature map, where it has one: [f], or [channels, rows, columns].</summary>
    IReadOnlyList<int> FeatureShape { get; }

    /// <summary>The teacher's file as text.</summary>
    string ToYaml();

    /// <summary>Answers n windows.</summary>
    /// <param name="features">Raw features [n, d] in schema order; NaN where not valid.</param>
    /// <param name="firstWindow">The running index of the first window: shot noise of window i depends on the seed and i alone, so that an interrupted labelling resumes with the same labels.</param>
    /// <param name="details">What is wanted beyond probabilities and expectations.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="Configuration.UserErrorException">A detail was asked for that the teacher, or its back end, cannot give.</exception>
    TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, TeacherDetails details, CancellationToken cancellation = default);
}

/// <summary>What a teacher asks its back end for each window: what a run will cost.</summary>
/// <param name="Qubits">Qubits of its circuit.</param>
/// <param name="Circuits">Circuits for each window.</param>
public readonly record struct CircuitDemand(int Qubits, int Circuits);

/// <summary>Short forms of <see cref="ITeacher"/>'s questions.</summary>
public static class TeacherQuestions
{
    /// <summary>Whether it asks a circuit.</summary>
    public static bool IsQuantum(this ITeacher teacher) => TeacherKind.Get(teacher.Kind).IsQuantum;

    /// <summary>What it asks its back end for each window; null for a classical teacher.</summary>
    public static CircuitDemand? Demand(this ITeacher teacher) => teacher switch
    {
        VqcTeacher t => new CircuitDemand(t.Circuit.Qubits, 1),
        DressedTeacher t => t.PerWindow,
        KernelTeacher t => t.PerWindow,
        TransformedTeacher t => t.Inner.Demand(),
        _ => null,
    };

    /// <summary>Answers n windows without details.</summary>
    /// <inheritdoc cref="ITeacher.Answer"/>
    public static TeacherAnswers Answer(this ITeacher teacher, ReadOnlyMemory<float> features, long firstWindow, CancellationToken cancellation = default) =>
        teacher.Answer(features, firstWindow, TeacherDetails.None, cancellation);

    /// <summary>Refuses details that a teacher does not have.</summary>
    /// <exception cref="Configuration.UserErrorException">Names the detail and what the teacher has.</exception>
    public static void RequireDetails(this ITeacher teacher, TeacherDetails wanted)
    {
        TeacherDetails missing = wanted & ~teacher.Details;
        if (missing != TeacherDetails.None)
        {
            string has = teacher.Details == TeacherDetails.None ? "none" : string.Join(", ", TeacherDetailNames.Of(teacher.Details));
            throw new Configuration.UserErrorException($"the teacher {teacher.Id} ({teacher.Kind}) cannot tell {string.Join(" or ", TeacherDetailNames.Of(missing))}; of the details it has {has}", null, "leave the detail out, or choose another kind of teacher");
        }
    }
}
