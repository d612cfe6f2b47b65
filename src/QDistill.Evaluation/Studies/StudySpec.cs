using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;

namespace QDistill.Evaluation.Studies;

/// <summary>Recordings of one robot, split by bag: training, validation and test never share one.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Robot">The robot file.</param>
/// <param name="Seconds">Length of each simulated run [s]; 0 for real bags.</param>
/// <param name="Training">Bags, or seeds of simulated runs.</param>
/// <param name="Validation">As <paramref name="Training"/>.</param>
/// <param name="Test">As <paramref name="Training"/>.</param>
public sealed record DataSpec(string Name, string Robot, double Seconds, IReadOnlyList<string> Training, IReadOnlyList<string> Validation, IReadOnlyList<string> Test);

/// <summary>A teacher with its name in tables; its label budget and seed come from the study's axes.</summary>
/// <param name="Name">The name.</param>
/// <param name="Spec">How it is fitted.</param>
public sealed record NamedTeacher(string Name, TeacherSpec Spec);

/// <summary>A recipe with its name in tables; its label budget and seed come from the study's axes.</summary>
/// <param name="Name">The name.</param>
/// <param name="Recipe">The recipe.</param>
public sealed record NamedRecipe(string Name, Recipe Recipe);

/// <summary>How a quantum teacher is asked.</summary>
/// <param name="Name">The name in tables.</param>
/// <param name="Kind"><c>statevector</c>, <c>sampled</c> or <c>noisy</c>.</param>
/// <param name="Shots">Shots per window and measurement basis; 0 is exact.</param>
/// <param name="Noise">The noise model as canonical YAML, for <c>noisy</c>; else empty.</param>
/// <param name="MitigateReadout">Whether read-out errors are inverted.</param>
public sealed record BackendSpec(string Name, string Kind, int Shots, string Noise = "", bool MitigateReadout = false);

/// <summary>When a study stops.</summary>
/// <param name="MaxSeconds">No run is begun after so much wall-clock time [s]; 0 for no limit. A later call goes on.</param>
/// <param name="MaxRuns">A study of more runs is refused before it begins; 0 for no limit.</param>
public sealed record StudyBudget(double MaxSeconds, int MaxRuns);

/// <summary>A study file: the axes whose product is run, and the controls' settings. Read by <see cref="StudyFile"/>.</summary>
public sealed record StudySpec
{
    /// <summary>The study's name.</summary>
    public required string Name { get; init; }

    /// <summary>The file's text.</summary>
    public required string Text { get; init; }

    /// <summary>The recordings.</summary>
    public required IReadOnlyList<DataSpec> Data { get; init; }

    /// <summary>The teachers under test.</summary>
    public required IReadOnlyList<NamedTeacher> Teachers { get; init; }

    /// <summary>How quantum teachers are asked.</summary>
    public required IReadOnlyList<BackendSpec> Backends { get; init; }

    /// <summary>The recipes.</summary>
    public required IReadOnlyList<NamedRecipe> Recipes { get; init; }

    /// <summary>Label budgets.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Seeds; what is compared is compared seed by seed.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>The classical control teacher.</summary>
    public required TeacherSpec ClassicalTeacher { get; init; }

    /// <summary>When to stop.</summary>
    public required StudyBudget Budget { get; init; }

    /// <summary>The metric that decides.</summary>
    public required StudyMetric Metric { get; init; }
}
