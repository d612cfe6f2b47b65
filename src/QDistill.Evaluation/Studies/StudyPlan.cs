using System.Text.Json;
using QDistill.Configuration;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Quantum;

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
        _ => "time-to-collision rule",
    };
}

/// <summary>One cell of the study: its names, and one run for each seed.</summary>
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

    /// <summary>The label budget; 0 for the rule.</summary>
    public int Labels { get; init; }

    /// <summary>The run's id for each seed.</summary>
    public required IReadOnlyDictionary<ulong, string> Runs { get; init; }

    /// <summary>For each control role the key of the condition to compare with.</summary>
    public IReadOnlyDictionary<string, string> Controls { get; init; } = new Dictionary<string, string>();
}

/// <summary>A study worked out: every condition with its controls, and every run once.</summary>
public sealed record StudyPlan
{
    private static readonly SignalSpec HardOnly = new(HardWeight: 1, SoftWeight: 0, SoftTemperature: 1, ExpectationsWeight: 0);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The study's name.</summary>
    public required string Name { get; init; }

    /// <summary>The key of the metric that decides.</summary>
    public required string Metric { get; init; }

    /// <summary>What the data are, by name.</summary>
    public required IReadOnlyDictionary<string, string> Data { get; init; }

    /// <summary>The conditions.</summary>
    public required IReadOnlyList<StudyCondition> Conditions { get; init; }

    /// <summary>The runs, each once.</summary>
    public required IReadOnlyList<RunSpec> Runs { get; init; }

    /// <summary>Works a study out on data already read.</summary>
    /// <exception cref="UserErrorException">A circuit cannot be built, or the plan is larger than the budget.</exception>
    internal static StudyPlan Create(StudySpec study, IReadOnlyList<StudyData> data)
    {
        var builder = new Builder(study);
        foreach (StudyData d in data)
        {
            builder.Add(d);
        }

        return study.Budget.MaxRuns == 0 || builder.Runs.Count <= study.Budget.MaxRuns
            ? new StudyPlan
            {
                Name = study.Name,
                Metric = study.Metric.Key,
                Data = data.ToDictionary(d => d.Name, d => d.Describe),
                Conditions = builder.Conditions,
                Runs = builder.Runs,
            }
            : throw new UserErrorException($"the study has {builder.Runs.Count} runs, more than its budget of {study.Budget.MaxRuns}", study.Name, "raise budget.max_runs or shorten an axis");
    }

    /// <summary>The runs of one shard, in the plan's order. Groups that share a teacher go, largest first, to the shard with least runs.</summary>
    public IReadOnlyList<RunSpec> Of(StudyShard shard)
    {
        if (shard.Count == 1)
        {
            return Runs;
        }

        int[] load = new int[shard.Count];
        var mine = new HashSet<string>(StringComparer.Ordinal);
        foreach (IGrouping<string, RunSpec> group in Runs.GroupBy(r => r.TeacherKey ?? r.Id).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
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

    /// <summary>Puts conditions together; those with the same runs are one.</summary>
    private sealed class Builder(StudySpec study)
    {
        private readonly Dictionary<string, StudyCondition> bySignature = new(StringComparer.Ordinal);
        private readonly HashSet<string> known = new(StringComparer.Ordinal);

        public List<StudyCondition> Conditions { get; } = [];

        public List<RunSpec> Runs { get; } = [];

        public void Add(StudyData data)
        {
            string? ttc = data.TtcRule is null ? null : Condition(data, StudyRole.TtcRule, "time-to-collision rule", null, null, 0, _ => Spec(data) with { Predictor = "ttc_rule" });
            foreach (int labels in study.Labels)
            {
                foreach (NamedRecipe recipe in study.Recipes)
                {
                    var controls = new Dictionary<string, string>();
                    void Control(string role, string? key)
                    {
                        if (key is not null)
                        {
                            controls[role] = key;
                        }
                    }

                    Control(StudyRole.TtcRule, ttc);
                    Control(StudyRole.NoTeacher, NoTeacher(data, recipe, labels));
                    if (!NeedsTeacher(recipe.Recipe))
                    {
                        continue; // The labels alone: that is the control itself.
                    }

                    Control(StudyRole.Classical, Classical(data, recipe, labels, new NamedTeacher("classical teacher", study.ClassicalTeacher), controls));
                    foreach (NamedTeacher teacher in study.Teachers)
                    {
                        if (!teacher.Spec.IsQuantum)
                        {
                            Classical(data, recipe, labels, teacher, controls);
                            continue;
                        }

                        foreach (BackendSpec backend in study.Backends)
                        {
                            Quantum(data, recipe, labels, teacher, backend, controls);
                        }
                    }
                }
            }
        }

        private static bool NeedsTeacher(Recipe recipe) => recipe.NeedsTeacher;

        private static RunSpec Spec(StudyData data) => new() { Code = CodeVersion.Current, Data = data.Hash, Predictor = "student" };

        // Few windows make few steps an epoch: the control gets as many optimiser steps, not as many epochs.
        private string NoTeacher(StudyData data, NamedRecipe recipe, int labels)
        {
            OptimiserSpec o = recipe.Recipe.Optimiser;
            int stretch = Math.Max(1, Steps(data.Training.Count) / Steps(Math.Min(labels, data.Training.Count)));
            Recipe alone = recipe.Recipe with { Signals = HardOnly, Optimiser = o with { Epochs = o.Epochs * stretch, Patience = o.Patience * stretch } };
            return Condition(data, StudyRole.NoTeacher, "no teacher", null, recipe.Name, labels, seed => Spec(data) with
            {
                Recipe = (alone with { Labels = labels, Seed = seed }).ToYaml(), Labels = labels, Seed = seed,
            });

            int Steps(int windows) => (windows + o.Batch - 1) / o.Batch;
        }

        // A classical teacher has no observables; a recipe that asks for nothing else would be the control without a teacher.
        private string? Classical(StudyData data, NamedRecipe recipe, int labels, NamedTeacher teacher, IReadOnlyDictionary<string, string> controls)
        {
            Recipe fitting = recipe.Recipe with { Signals = recipe.Recipe.Signals with { ExpectationsWeight = 0 } };
            return !NeedsTeacher(fitting) ? null : Condition(data, StudyRole.Classical, teacher.Name, null, recipe.Name, labels, seed => Spec(data) with
            {
                Teacher = (teacher.Spec with { Labels = labels, Seed = seed }).ToYaml(),
                Recipe = (fitting with { Labels = labels, Seed = seed }).ToYaml(),
                Labels = labels,
                Seed = seed,
            }, Only(controls, StudyRole.NoTeacher, StudyRole.TtcRule));
        }

        private void Quantum(StudyData data, NamedRecipe recipe, int labels, NamedTeacher teacher, BackendSpec backend, IReadOnlyDictionary<string, string> controls)
        {
            TeacherSpec disentangled = Disentangled(teacher, data.Training.FeatureCount);
            bool isControl = disentangled == teacher.Spec;
            string bare = Vqc(isControl ? teacher.Name : $"{teacher.Name}, no entanglement", disentangled, StudyRole.NoEntanglement, controls);
            if (!isControl)
            {
                Vqc(teacher.Name, teacher.Spec, StudyRole.Quantum, new Dictionary<string, string>(controls) { [StudyRole.NoEntanglement] = bare });
            }

            string Vqc(string name, TeacherSpec spec, string role, IReadOnlyDictionary<string, string> against) => Condition(data, role, name, backend, recipe.Name, labels, seed => Spec(data) with
            {
                Teacher = (spec with { Labels = labels, Seed = seed }).ToYaml(),
                Backend = backend.Kind,
                Shots = backend.Shots,
                Noise = backend.Noise,
                MitigateReadout = backend.MitigateReadout,
                Recipe = (recipe.Recipe with { Labels = labels, Seed = seed }).ToYaml(),
                Labels = labels,
                Seed = seed,
            }, against);
        }

        // The same circuit without entangling gates: the ansatz first, then, where the encoding entangles too, angles in its place.
        private static TeacherSpec Disentangled(NamedTeacher teacher, int features)
        {
            TeacherSpec spec = teacher.Spec;
            int room = Math.Min(spec.Features == 0 ? int.MaxValue : spec.Features, Math.Min(FeatureEncoding.Get(spec.Encoding).MaxFeatures(spec.Qubits), features));
            int asked = spec.Features == 0 ? room : Math.Min(spec.Features, features);
            if (Entangles(spec, asked))
            {
                spec = spec with { Ansatz = "no-entanglement" };
                if (Entangles(spec, asked))
                {
                    spec = spec with { Encoding = "angle", Features = Math.Min(room, 4 * spec.Qubits) };
                }
            }

            return spec;
        }

        private static bool Entangles(TeacherSpec spec, int features) =>
            spec.Encoding == "amplitude" || TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, features).TwoQubitGates > 0;

        private static Dictionary<string, string> Only(IReadOnlyDictionary<string, string> controls, params string[] roles) => controls.Where(c => roles.Contains(c.Key)).ToDictionary();

        private string Condition(
            StudyData data, string role, string teacher, BackendSpec? backend, string? recipe, int labels, Func<ulong, RunSpec> run, IReadOnlyDictionary<string, string>? controls = null)
        {
            RunSpec[] runs = [.. study.Seeds.Select(run)];
            string signature = string.Join(' ', runs.Select(r => r.Id));

            // The control without a teacher is the same work for all recipes of one student; it stays one condition for each recipe, so that tables have no holes.
            string named = $"{signature} {data.Name} {recipe}";
            if (bySignature.TryGetValue(named, out StudyCondition? same))
            {
                return same.Key;
            }

            foreach (RunSpec r in runs.Where(r => known.Add(r.Id)))
            {
                Runs.Add(r);
            }

            var condition = new StudyCondition
            {
                Key = string.Join(" | ", new[] { data.Name, teacher, backend?.Name, recipe, labels > 0 ? $"{labels} labels" : null }.Where(p => p is not null)),
                Role = role,
                Data = data.Name,
                Teacher = teacher,
                Backend = backend?.Name ?? string.Empty,
                Shots = backend?.Shots ?? 0,
                Recipe = recipe ?? string.Empty,
                Labels = labels,
                Runs = study.Seeds.Zip(runs).ToDictionary(p => p.First, p => p.Second.Id),
                Controls = controls ?? new Dictionary<string, string>(),
            };
            if (Conditions.Any(c => c.Key == condition.Key))
            {
                throw new UserErrorException($"two conditions are called '{condition.Key}'", study.Name, "give teachers and back ends names of their own");
            }

            bySignature[named] = condition;
            Conditions.Add(condition);
            return condition.Key;
        }
    }
}
