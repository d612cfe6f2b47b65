using System.Text.Json;
using QDistill.Configuration;
using QDistill.Distillation.Controls;

namespace QDistill.Evaluation.Studies;

/// <summary>What a condition is in the comparison.</summary>
public static class StudyRole
{
    /// <summary>A student of a quantum teacher with entangling gates.</summary>
    public const string Quantum = "quantum";

    /// <summary>A student of a quantum teacher without entangling gates.</summary>
    public const string NoEntanglement = "no_entanglement";

    /// <summary>A student of a classical teacher.</summary>
    public const string Classical = "classical_teacher";

    /// <summary>A student of the labels alone.</summary>
    public const string NoTeacher = "no_teacher";

    /// <summary>A student of a classical teacher whose answers were degraded to the quantum teacher's accuracy.</summary>
    public const string EqualAccuracy = "equal_accuracy";

    /// <summary>The time-to-collision rule.</summary>
    public const string TtcRule = "ttc_rule";

    /// <summary>The controls, in the order of tables.</summary>
    public static IReadOnlyList<string> Controls { get; } = [NoTeacher, Classical, NoEntanglement, TtcRule];

    /// <summary>The role in words.</summary>
    public static string Words(string role) => role switch
    {
        Quantum => "quantum teacher",
        NoEntanglement => "no entanglement",
        Classical => "classical teacher",
        NoTeacher => "no teacher",
        TtcRule => "time-to-collision rule",
        EqualAccuracy => "classical teacher of equal accuracy",
        "kd_rkd" => "the same signals without the kernel",
        "rbf_kernel" => "Gaussian kernel of equal bandwidth",
        _ => role.Replace('_', ' '),
    };

    /// <summary>The role of a control from the registry: its name, but for the classical teacher, which is brought to the quantum one's accuracy there and is tuned here.</summary>
    internal static string Of(Control control) => control.Name == Classical ? EqualAccuracy : control.Name;
}

/// <summary>One cell of the study: its names, and one run for each seed, and fold if the data have folds.</summary>
public sealed record StudyCondition
{
    /// <summary>Its key: unique within the plan.</summary>
    public required string Key { get; init; }

    /// <summary>See <see cref="StudyRole"/>.</summary>
    public required string Role { get; init; }

    /// <summary>The data's name.</summary>
    public required string Data { get; init; }

    /// <summary>The teacher's name, or the role in words.</summary>
    public required string Teacher { get; init; }

    /// <summary>The back end's name; empty without one.</summary>
    public string Backend { get; init; } = string.Empty;

    /// <summary>Shots per window and measurement basis; 0 is exact or none.</summary>
    public int Shots { get; init; }

    /// <summary>The recipe's name; empty for the rule.</summary>
    public string Recipe { get; init; } = string.Empty;

    /// <summary>The label budget in words; empty for the rule.</summary>
    public string Labels { get; init; } = string.Empty;

    /// <summary>What it is judged on: <c>as recorded</c>, a condition with its strength, or a shift.</summary>
    public string Test { get; init; } = Studies.TestKind.AsRecorded;

    /// <summary>The same without strength.</summary>
    public string TestBase { get; init; } = Studies.TestKind.AsRecorded;

    /// <summary>The condition's strength; 0 as recorded.</summary>
    public double Strength { get; init; }

    /// <summary>See <see cref="TestKind"/>.</summary>
    public string TestKind { get; init; } = Studies.TestKind.AsRecorded;

    /// <summary>The run's id for each replicate: <c>seed</c>, or <c>fold/seed</c>.</summary>
    public required IReadOnlyDictionary<string, string> Runs { get; init; }

    /// <summary>For each control role the key of the condition to compare with.</summary>
    public IReadOnlyDictionary<string, string> Controls { get; init; } = new Dictionary<string, string>();
}

/// <summary>A study worked out: every condition with its controls, and every run once.</summary>
public sealed record StudyPlan
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The study's name.</summary>
    public required string Name { get; init; }

    /// <summary>The key of the metric that decides.</summary>
    public required string Metric { get; init; }

    /// <summary>What the data are, by name.</summary>
    public required IReadOnlyDictionary<string, string> Data { get; init; }

    /// <summary>How many folds each of the data has, by name; 0 for a split once and for all.</summary>
    public IReadOnlyDictionary<string, int> Folds { get; init; } = new Dictionary<string, int>();

    /// <summary>The conditions.</summary>
    public required IReadOnlyList<StudyCondition> Conditions { get; init; }

    /// <summary>The runs, each once.</summary>
    public required IReadOnlyList<RunSpec> Runs { get; init; }

    /// <summary>Works a study out on data already read.</summary>
    /// <exception cref="UserErrorException">A circuit cannot be built, or the plan is larger than the budget.</exception>
    internal static StudyPlan Create(StudySpec study, IReadOnlyList<StudyData> data)
    {
        var builder = new StudyPlanBuilder(study);
        IGrouping<string, StudyData>[] groups = [.. data.GroupBy(d => d.Name)];
        foreach (IGrouping<string, StudyData> splits in groups)
        {
            builder.Add([.. splits]);
        }

        IReadOnlyList<RunSpec> runs = builder.Runs;
        return study.Budget.MaxRuns == 0 || runs.Count <= study.Budget.MaxRuns
            ? new StudyPlan
            {
                Name = study.Name,
                Metric = study.Metric.Key,
                Data = groups.ToDictionary(g => g.Key, g => string.Join(" | ", g.Select(d => d.Fold > 0 ? $"fold {d.Fold}: {d.Describe}" : d.Describe))),
                Folds = groups.ToDictionary(g => g.Key, g => g.First().Folds),
                Conditions = builder.Conditions,
                Runs = runs,
            }
            : throw new UserErrorException($"the study has {runs.Count} runs, more than its budget of {study.Budget.MaxRuns}", study.Name, "raise budget.max_runs or shorten an axis");
    }

    /// <summary>The runs of one shard, in the plan's order. Groups that share a teacher or a student go, largest first, to the shard with least runs.</summary>
    public IReadOnlyList<RunSpec> Of(StudyShard shard)
    {
        if (shard.Count == 1)
        {
            return Runs;
        }

        int[] load = new int[shard.Count];
        var mine = new HashSet<string>(StringComparer.Ordinal);
        foreach (IGrouping<string, RunSpec> group in Runs.GroupBy(r => r.TeacherKey ?? r.StudentKey).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            int least = Array.IndexOf(load, load.Min());
            load[least] += group.Count();
            if (least == shard.Index - 1)
            {
                mine.UnionWith(group.Select(r => r.Id));
            }
        }

        return [.. Runs.Where(r => mine.Contains(r.Id))];
    }

    /// <summary>The plan as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads a plan.</summary>
    /// <exception cref="UserErrorException">The file is absent or is not a plan.</exception>
    public static StudyPlan Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<StudyPlan>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException("holds no study", Path.GetDirectoryName(path), "give the folder that 'qdistill study run' wrote", e);
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"is not a study's plan ({e.Message})", path, "run the study again into another folder", e);
        }
    }
}
