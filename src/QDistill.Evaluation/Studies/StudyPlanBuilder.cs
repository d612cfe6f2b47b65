using QDistill.Configuration;
using QDistill.Distillation.Controls;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;

namespace QDistill.Evaluation.Studies;

/// <summary>Puts a study's conditions together: each over all folds and seeds, judged on every test; those with the same runs are one.</summary>
internal sealed class StudyPlanBuilder(StudySpec study)
{
    private readonly Dictionary<string, StudyCondition> bySignature = new(StringComparer.Ordinal);
    private readonly List<RunSpec> runs = [];
    private readonly Dictionary<string, Turn> turns = new(StringComparer.Ordinal);
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private int place;

    public List<StudyCondition> Conditions { get; } = [];

    /// <summary>
    /// Every run once. Runs that leave the first entry of fewer axes come first. Of those that leave one, other recipes begin and other back ends, which cost most, end; of those that leave more, recipes
    /// with other back ends begin, back end by back end: which signal is worth its shots is the question. Controls beyond the four are always last. Each condition comes on all data in a row. So what an
    /// unfinished study has, it has on all data, and one axis at a time before anything else.
    /// </summary>
    public IReadOnlyList<RunSpec> Runs => [.. runs.OrderBy(r => turns[r.Id])];

    /// <summary>Adds all conditions on the splits of one of the data: one, or one for each fold.</summary>
    public void Add(IReadOnlyList<StudyData> splits)
    {
        place = 0;
        string? ttc = splits.All(d => d.Tests[0].TtcRule is not null)
            ? Condition(splits, new Cell(StudyRole.TtcRule, StudyRole.Words(StudyRole.TtcRule), null, string.Empty, null), (d, _, _) => Spec(d) with { Predictor = "ttc_rule" })
            : null;
        foreach (LabelSpec labels in study.Labels)
        {
            foreach (NamedRecipe recipe in study.Recipes.Where(r => IsPlanned(labels, r)))
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
                Control(StudyRole.NoTeacher, NoTeacher(splits, recipe, labels));
                if (!recipe.Recipe.NeedsTeacher)
                {
                    if (recipe.Recipe.Signals.SelfWeight > 0)
                    {
                        Alone(splits, StudyRole.NoTeacher, $"no teacher, {recipe.Name}", recipe.Recipe, recipe.Name, labels);
                    }

                    continue; // The labels alone: that is the control itself.
                }

                Control(StudyRole.Classical, Classical(splits, recipe, labels, new NamedTeacher("classical teacher", study.ClassicalTeacher), controls));
                foreach (NamedTeacher teacher in study.Teachers)
                {
                    if (!teacher.Spec.IsQuantum)
                    {
                        Classical(splits, recipe, labels, teacher, controls);
                        continue;
                    }

                    foreach (BackendSpec backend in study.Backends.Where(b => IsPlanned(labels, recipe, teacher, b) && CanTell(teacher.Spec, b.Kind, recipe.Recipe)))
                    {
                        // Controls beyond the four are for the first teacher and back end: with every one they would outnumber what they control.
                        bool first = teacher == study.Teachers[0] && backend == study.Backends[0];
                        Quantum(splits, recipe, labels, teacher, backend, first ? Further(splits, recipe, labels, teacher, backend, controls) : controls);
                    }
                }
            }
        }
    }

    /// <summary>Whether other label budgets than the first are varied together with so many other axes.</summary>
    private bool IsPlanned(LabelSpec labels, NamedRecipe recipe, NamedTeacher? teacher = null, BackendSpec? backend = null) =>
        labels == study.Labels[0] || Departures(new Cell(string.Empty, string.Empty, backend, recipe.Name, labels, teacher?.Name)) <= study.Limits.Labels;

    /// <summary>Whether a teacher, asked so, can tell what a recipe needs; what it cannot is no condition.</summary>
    private static bool CanTell(TeacherSpec teacher, string backend, Recipe recipe) => (recipe.Details & ~teacher.Tells(backend)) == TeacherDetails.None;

    private static RunSpec Spec(StudyData data) => new() { Code = CodeVersion.Current, Data = data.Hash, Predictor = "student" };

    private string NoTeacher(IReadOnlyList<StudyData> splits, NamedRecipe recipe, LabelSpec labels) =>
        Alone(splits, StudyRole.NoTeacher, StudyRole.Words(StudyRole.NoTeacher), Control.Get("no_teacher").Recipe(recipe.Recipe), recipe.Name, labels);

    // Few windows make few steps an epoch: students without a teacher get as many optimiser steps, not as many epochs.
    private string Alone(IReadOnlyList<StudyData> splits, string role, string name, Recipe recipe, string recipeName, LabelSpec labels)
    {
        OptimiserSpec o = recipe.Optimiser;
        return Condition(splits, new Cell(role, name, null, recipeName, labels, role == StudyRole.NoTeacher ? null : role), (d, n, seed) =>
        {
            int stretch = Math.Max(1, Steps(d.Training.Count) / Steps(Math.Min(n, d.Training.Count)));
            Recipe alone = recipe with { Optimiser = o with { Epochs = o.Epochs * stretch, Patience = o.Patience * stretch } };
            return Spec(d) with { Recipe = (alone with { Labels = n, Seed = seed }).ToYaml(), Labels = n, Seed = seed };
        });

        int Steps(int windows) => (windows + o.Batch - 1) / o.Batch;
    }

    // What a classical teacher cannot tell is left out; a recipe of which nothing remains would be the control without a teacher.
    private string? Classical(IReadOnlyList<StudyData> splits, NamedRecipe recipe, LabelSpec labels, NamedTeacher teacher, IReadOnlyDictionary<string, string> controls)
    {
        Recipe fitting = Control.Get("classical_teacher").Recipe(recipe.Recipe);
        return !fitting.NeedsTeacher || !fitting.Signals.TrainsOutputs || !CanTell(teacher.Spec, "none", fitting)
            ? null
            : Taught(splits, new Cell(StudyRole.Classical, teacher.Name, null, recipe.Name, labels), teacher.Spec, fitting, Only(controls, StudyRole.NoTeacher, StudyRole.TtcRule));
    }

    /// <summary>The study's further controls of one condition, beside the four.</summary>
    private Dictionary<string, string> Further(
        IReadOnlyList<StudyData> splits, NamedRecipe recipe, LabelSpec labels, NamedTeacher teacher, BackendSpec backend, IReadOnlyDictionary<string, string> controls)
    {
        var all = new Dictionary<string, string>(controls);
        foreach (Control control in study.FurtherControls.Where(c => c.Applies(recipe.Recipe, teacher.Spec)))
        {
            string role = StudyRole.Of(control);
            Recipe changed = control.Recipe(recipe.Recipe);
            if (!control.NeedsTeacher)
            {
                all[role] = Alone(splits, role, StudyRole.Words(role), changed, recipe.Name, labels);
                continue;
            }

            TeacherSpec other = control.Teacher(teacher.Spec, splits[0].Training.FeatureCount);
            BackendSpec? asked = other.IsQuantum ? backend : null;
            if (changed.NeedsTeacher && CanTell(other, asked?.Kind ?? "none", changed))
            {
                all[role] = Taught(splits, new Cell(role, StudyRole.Words(role), asked, recipe.Name, labels, role), other, changed, Only(controls, StudyRole.NoTeacher, StudyRole.TtcRule));
            }
        }

        return all;
    }

    private void Quantum(IReadOnlyList<StudyData> splits, NamedRecipe recipe, LabelSpec labels, NamedTeacher teacher, BackendSpec backend, IReadOnlyDictionary<string, string> controls)
    {
        Control bare = Control.Get("no_entanglement");
        TeacherSpec disentangled = bare.Applies(recipe.Recipe, teacher.Spec) ? bare.Teacher(teacher.Spec, splits[0].Training.FeatureCount) : teacher.Spec;
        if (disentangled == teacher.Spec)
        {
            // A circuit that never entangles is the control itself; one that cannot be taken apart has none.
            string role = bare.Applies(recipe.Recipe, teacher.Spec) ? StudyRole.NoEntanglement : StudyRole.Quantum;
            Taught(splits, new Cell(role, teacher.Name, backend, recipe.Name, labels, teacher.Name), teacher.Spec, recipe.Recipe, controls);
            return;
        }

        string key = Taught(splits, new Cell(StudyRole.NoEntanglement, $"{teacher.Name}, no entanglement", backend, recipe.Name, labels, teacher.Name), disentangled, recipe.Recipe, controls);
        Taught(
            splits, new Cell(StudyRole.Quantum, teacher.Name, backend, recipe.Name, labels, teacher.Name), teacher.Spec, recipe.Recipe, new Dictionary<string, string>(controls) { [StudyRole.NoEntanglement] = key });
    }

    private string Taught(IReadOnlyList<StudyData> splits, Cell cell, TeacherSpec teacher, Recipe recipe, IReadOnlyDictionary<string, string> controls) => Condition(splits, cell, (d, n, seed) =>
    {
        TeacherTransform transform = teacher.Transform.Reference is { } r ? teacher.Transform with { Reference = r with { Labels = n, Seed = seed } } : teacher.Transform;
        return Spec(d) with
        {
            Teacher = (teacher with { Labels = n, Seed = seed, Transform = transform }).ToYaml(),
            Backend = cell.Backend?.Kind ?? "none",
            Shots = cell.Backend?.Shots ?? 0,
            Noise = cell.Backend?.Noise ?? string.Empty,
            MitigateReadout = cell.Backend?.MitigateReadout ?? false,
            ZeroNoise = cell.Backend?.ZeroNoise ?? string.Empty,
            Recipe = (recipe with { Labels = n, Seed = seed }).ToYaml(),
            Labels = n,
            Seed = seed,
        };
    }, controls);

    private static Dictionary<string, string> Only(IReadOnlyDictionary<string, string> controls, params string[] roles) => controls.Where(c => roles.Contains(c.Key)).ToDictionary();

    /// <summary>Adds a condition as recorded and on every other test, and returns the key of the one as recorded.</summary>
    private string Condition(IReadOnlyList<StudyData> splits, Cell cell, Func<StudyData, int, ulong, RunSpec> run, IReadOnlyDictionary<string, string>? controls = null)
    {
        (string Replicate, StudyData Data, RunSpec Run)[] runs =
        [
            .. from seed in study.Seeds.Select((s, i) => (Value: s, Index: i))
               from d in splits
               where d.Fold == 0 || !study.PairedReplicates || seed.Index % d.Folds == d.Fold - 1
               let n = cell.Labels?.Of(d.KnownTraining) ?? 0
               select (d.Fold > 0 ? FormattableString.Invariant($"{d.Fold}/{seed.Value}") : FormattableString.Invariant($"{seed.Value}"), d, run(d, n, seed.Value)),
        ];

        int leaves = Departures(cell);
        Turn turn = TurnOf(cell, leaves);

        // The control without a teacher is the same work for all recipes of one student; it stays one condition for each recipe, so that tables have no holes.
        string signature = $"{string.Join(' ', runs.Select(r => r.Run.Id))} {splits[0].Name} {cell.Recipe}";
        if (bySignature.TryGetValue(signature, out StudyCondition? same))
        {
            foreach ((_, _, RunSpec r) in runs)
            {
                turns[r.Id] = Earlier(turns[r.Id], turn);
            }

            return same.Key;
        }

        IReadOnlyList<TestSet> tests = leaves <= study.Limits.Tests ? splits[0].Tests : [splits[0].Tests[0]];
        RunSpec Judged(StudyData d, RunSpec r, int test) => test == 0 ? r : r with { Test = d.Tests[test].Hash, Condition = d.Tests[test].Condition };
        foreach ((_, StudyData d, RunSpec r) in runs)
        {
            for (int t = 0; t < tests.Count; t++)
            {
                RunSpec judged = Judged(d, r, t);
                if (!turns.TryGetValue(judged.Id, out Turn before))
                {
                    this.runs.Add(judged);
                    before = turn;
                }

                turns[judged.Id] = Earlier(before, turn);
            }
        }

        string key = string.Join(" | ", new[] { splits[0].Name, cell.Teacher, cell.Backend?.Name, cell.Recipe.Length > 0 ? cell.Recipe : null, cell.Labels?.Name }.Where(p => p is not null));
        for (int t = 0; t < tests.Count; t++)
        {
            string suffix = t == 0 ? string.Empty : $" | {tests[t].Name}";
            if (!keys.Add(key + suffix))
            {
                throw new UserErrorException($"two conditions are called '{key + suffix}'", study.Name, "give teachers and back ends names of their own");
            }

            var condition = new StudyCondition
            {
                Key = key + suffix,
                Role = cell.Role,
                Data = splits[0].Name,
                Teacher = cell.Teacher,
                Backend = cell.Backend?.Name ?? string.Empty,
                Shots = cell.Backend?.Shots ?? 0,
                Recipe = cell.Recipe,
                Labels = cell.Labels?.Name ?? string.Empty,
                Test = tests[t].Name,
                TestBase = tests[t].BaseName,
                Strength = tests[t].Strength,
                TestKind = tests[t].Kind,
                Runs = runs.ToDictionary(r => r.Replicate, r => Judged(r.Data, r.Run, t).Id),
                Controls = (controls ?? new Dictionary<string, string>()).Where(c => keys.Contains(c.Value + suffix)).ToDictionary(c => c.Key, c => c.Value + suffix),
            };
            Conditions.Add(condition);
            if (t == 0)
            {
                bySignature[signature] = condition;
            }
        }

        return key;
    }

    private int Departures(Cell cell)
    {
        int at = 0;
        at += cell.Labels is not null && cell.Labels != study.Labels[0] ? 1 : 0;
        at += OtherRecipe(cell) ? 1 : 0;
        at += OtherBackend(cell) ? 1 : 0;
        at += cell.Axis is not null && cell.Axis != study.Teachers[0].Name ? 1 : 0;
        return at;
    }

    private bool OtherRecipe(Cell cell) => cell.Recipe.Length > 0 && cell.Recipe != study.Recipes[0].Name;

    private bool OtherBackend(Cell cell) => cell.Backend is not null && cell.Backend != study.Backends[0];

    private Turn TurnOf(Cell cell, int leaves)
    {
        bool isFurther = cell.Role == cell.Axis, backend = OtherBackend(cell);
        int kind = isFurther ? 3 : backend == leaves > 1 ? 0 : 1;
        return new Turn((8 * leaves) + (OtherRecipe(cell) ? 0 : 4) + kind, backend ? IndexOf(cell.Backend!) : 0, place++);
    }

    private int IndexOf(BackendSpec backend) => Enumerable.Range(0, study.Backends.Count).First(i => study.Backends[i] == backend);

    private static Turn Earlier(Turn a, Turn b) => a.CompareTo(b) <= 0 ? a : b;

    /// <summary>The names of a cell of the study; <c>Axis</c> is the teacher of the study's axis that it belongs to, or a further control's role, which comes after the four.</summary>
    private sealed record Cell(string Role, string Teacher, BackendSpec? Backend, string Recipe, LabelSpec? Labels, string? Axis = null);

    /// <summary>When a run comes: by what it leaves, by its back end, by its condition's place within its data.</summary>
    private readonly record struct Turn(int Group, int Backend, int Place) : IComparable<Turn>
    {
        public int CompareTo(Turn other) => (Group, Backend, Place).CompareTo((other.Group, other.Backend, other.Place));
    }
}
