using QDistill.Distillation.Controls;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Evaluation.Conditions;

namespace QDistill.Evaluation.Studies;

/// <summary>Recordings of one robot, split by bag: training, validation and test never share one.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Robot">The robot file.</param>
/// <param name="Seconds">Length of each simulated run [s]; 0 for real bags.</param>
/// <param name="Training">Bags, or seeds of simulated runs.</param>
/// <param name="Validation">As <paramref name="Training"/>.</param>
/// <param name="Test">As <paramref name="Training"/>.</param>
public sealed record DataSpec(string Name, string Robot, double Seconds, IReadOnlyList<string> Training, IReadOnlyList<string> Validation, IReadOnlyList<string> Test)
{
    /// <summary>A data set that is no bag (see <see cref="DatasetFiles"/>); empty for bags.</summary>
    public string Dataset { get; init; } = string.Empty;

    /// <summary>The data set's folder.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>Recordings that folds leave out in turn.</summary>
    public IReadOnlyList<string> Recordings { get; init; } = [];

    /// <summary>How many folds; 0 when the split is given.</summary>
    public int Folds { get; init; }

    /// <summary>A condition that training, validation and test go through alike; null for none.</summary>
    public Condition? Condition { get; init; }

    /// <summary>Other recordings that every student is judged on too.</summary>
    public IReadOnlyList<ShiftSpec> Shifts { get; init; } = [];
}

/// <summary>A distribution shift: recordings of another robot, driver or world, judged by students that never saw the like.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Robot">The robot file; its features must be those of the data.</param>
/// <param name="Seconds">Length of each simulated run [s]; 0 for bags.</param>
/// <param name="Recordings">Bags, or seeds of simulated runs.</param>
public sealed record ShiftSpec(string Name, string Robot, double Seconds, IReadOnlyList<string> Recordings);

/// <summary>Conditions under which the test recordings of some data are judged again.</summary>
/// <param name="Data">Names of the data; empty for all that are bags.</param>
/// <param name="Condition">The condition.</param>
public sealed record ConditionSpec(IReadOnlyList<string> Data, Condition Condition);

/// <summary>How many windows are labelled: a number, or a share of those whose truth is known.</summary>
/// <param name="Count">The number; 0 when a share is given.</param>
/// <param name="Fraction">The share, in (0, 1].</param>
public sealed record LabelSpec(int Count, double Fraction)
{
    /// <summary>The name in tables.</summary>
    public string Name => Count > 0 ? FormattableString.Invariant($"{Count} labels") : FormattableString.Invariant($"{Fraction * 100:G6} % of the labels");

    /// <summary>The number of labels among so many windows of known truth.</summary>
    public int Of(int known) => Count > 0 ? Count : Math.Max(2, (int)Math.Round(Fraction * known));
}

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
/// <param name="ZeroNoise">How answers are extrapolated to zero noise, kind and scales; empty: not.</param>
public sealed record BackendSpec(string Name, string Kind, int Shots, string Noise = "", bool MitigateReadout = false, string ZeroNoise = "");

/// <summary>When a study stops.</summary>
/// <param name="MaxSeconds">No run is begun after so much wall-clock time [s]; 0 for no limit. A later call goes on.</param>
/// <param name="MaxRuns">A study of more runs is refused before it begins; 0 for no limit.</param>
public sealed record StudyBudget(double MaxSeconds, int MaxRuns);

/// <summary>Up to how many axes a condition may leave at their first entry and still be varied along a further one; unlimited by default.</summary>
/// <param name="Labels">For label budgets other than the first, which count themselves.</param>
/// <param name="Tests">For conditions and shifts: the others are judged as recorded only.</param>
public sealed record StudyLimits(int Labels, int Tests);

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
    public required IReadOnlyList<LabelSpec> Labels { get; init; }

    /// <summary>Conditions under which every student is judged again.</summary>
    public IReadOnlyList<ConditionSpec> Conditions { get; init; } = [];

    /// <summary>Seeds; what is compared is compared seed by seed.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>Whether folds and seeds go in pairs (the i-th seed with fold i, beginning anew after the last) instead of every seed in every fold.</summary>
    public bool PairedReplicates { get; init; }

    /// <summary>The classical control teacher.</summary>
    public required TeacherSpec ClassicalTeacher { get; init; }

    /// <summary>Controls beyond the four that are always there.</summary>
    public IReadOnlyList<Control> FurtherControls { get; init; } = [];

    /// <summary>What is not varied together with too much else.</summary>
    public StudyLimits Limits { get; init; } = new(int.MaxValue, int.MaxValue);

    /// <summary>When to stop.</summary>
    public required StudyBudget Budget { get; init; }

    /// <summary>The metric that decides.</summary>
    public required StudyMetric Metric { get; init; }

    /// <summary>The conditions of some data: those that name it, and of those that name none all for bags, and for a data set those of its own sensor.</summary>
    public IEnumerable<Condition> ConditionsOf(DataSpec data) => Conditions
        .Where(c => c.Data.Count > 0 ? c.Data.Contains(data.Name) : data.Dataset.Length == 0 || c.Condition.Sensors.All(s => s == DatasetFiles.SensorOf(data.Dataset)))
        .Select(c => c.Condition);
}
