using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

public class StudyPlanTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(40)]
    public void Shards_hold_every_run_exactly_once_and_never_part_a_teacher(int count)
    {
        StudyPlan plan = Plan();
        IReadOnlyList<RunSpec>[] parts = [.. Enumerable.Range(1, count).Select(i => plan.Of(new StudyShard(i, count)))];
        Assert.Equal(plan.Runs.Select(r => r.Id).Order(StringComparer.Ordinal), parts.SelectMany(p => p).Select(r => r.Id).Order(StringComparer.Ordinal));
        foreach (IGrouping<string?, (string? Key, int Part)> teacher in parts.SelectMany((p, i) => p.Select(r => (Key: r.TeacherKey, Part: i))).Where(r => r.Key is not null).GroupBy(r => r.Key))
        {
            Assert.Single(teacher.Select(r => r.Part).Distinct());
        }

        // As even as groups allow: no two shards differ by more than the largest group.
        int largest = plan.Runs.GroupBy(r => r.TeacherKey ?? r.Id).Max(g => g.Count());
        Assert.True(parts.Max(p => p.Count) - parts.Min(p => p.Count) <= largest);
    }

    [Fact]
    public void A_plan_reads_back_to_itself_and_shards_alike()
    {
        using var folder = new TempDirectory();
        StudyPlan plan = Plan();
        File.WriteAllText(folder["plan.json"], plan.ToJson());
        StudyPlan read = StudyPlan.Load(folder["plan.json"]);
        Assert.Equal(plan.ToJson(), read.ToJson());
        Assert.Equal(plan.Of(new StudyShard(2, 3)).Select(r => r.Id), read.Of(new StudyShard(2, 3)).Select(r => r.Id));
    }

    [Fact]
    public void Runs_that_leave_fewer_first_entries_come_first_and_each_student_is_judged_on_all_tests_in_a_row()
    {
        StudyPlan plan = Planned("seeds: 3");
        Dictionary<string, StudyCondition> of = [];
        foreach (StudyCondition c in plan.Conditions)
        {
            foreach (string id in c.Runs.Values)
            {
                of.TryAdd(id, c);
            }
        }

        int Left(RunSpec r) => (of[r.Id].Recipe is "b" ? 1 : 0) + (of[r.Id].Backend is "sampled 8 shots" ? 1 : 0) + (of[r.Id].Teacher.Contains('2', StringComparison.Ordinal) ? 1 : 0);
        int[] left = [.. plan.Runs.Select(Left)];
        Assert.Equal(left.Order(), left);
        Assert.Equal([0, 1, 2, 3], left.Distinct());
        string[] students = [.. plan.Runs.Select(r => r.StudentKey)];
        Assert.Equal(students.Distinct().Count(), 1 + Enumerable.Range(1, students.Length - 1).Count(i => students[i] != students[i - 1]));
        Assert.Equal(2 * students.Distinct().Count(), plan.Runs.Count); // as recorded and under the one condition
    }

    [Fact]
    public void A_condition_comes_on_all_data_in_a_row_and_other_recipes_before_other_back_ends()
    {
        StudyPlan plan = Planned("seeds: 2", more: "lab");
        Dictionary<string, StudyCondition> of = plan.Conditions.Where(c => c.Role == StudyRole.Quantum).SelectMany(c => c.Runs.Values.Select(id => (id, c))).ToDictionary(p => p.id, p => p.c);
        (string Data, string Cell)[] quantum = [.. plan.Runs.Where(r => of.ContainsKey(r.Id)).Select(r => of[r.Id]).Select(c => (c.Data, $"{c.Recipe} {c.Backend} {c.Teacher}"))];
        string[] cells = [.. quantum.Select(q => q.Cell).Distinct()];
        Assert.Equal(cells.SelectMany(c => Enumerable.Repeat(c, 8)), quantum.Select(q => q.Cell)); // 2 data × 2 seeds × 2 tests
        Assert.Equal(["b statevector vqc 1 layers", "a statevector vqc 2 layers", "a sampled 8 shots vqc 1 layers", "b sampled 8 shots vqc 1 layers"], cells[1..5]);
    }

    [Fact]
    public void Paired_replicates_take_each_fold_with_a_seed_of_its_own_and_crossed_ones_take_all()
    {
        Assert.Equal(["1/1", "2/2", "3/3"], Planned("seeds: 3\nreplicates: paired", folds: true).Conditions[^1].Runs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(9, Planned("seeds: 3", folds: true).Conditions[^1].Runs.Count);
        Assert.Contains("cannot go in pairs with the 3 folds", Assert.Throws<Configuration.UserErrorException>(() => Planned("seeds: 2\nreplicates: paired", folds: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_of_labels_is_one_of_the_windows_whose_truth_is_known()
    {
        StudySpec spec = TinyStudy.Parse(TinyStudy.Text.Replace("labels: [60]", "labels: [60]\nlabel_fractions: [0.05, 1]", StringComparison.Ordinal));
        Assert.Equal(["60 labels", "5 % of the labels", "100 % of the labels"], spec.Labels.Select(l => l.Name));
        Assert.Equal([60, 50, 1000], spec.Labels.Select(l => l.Of(1000)));
    }

    /// <summary>The plan of a study on windows made up for it: two circuits, two back ends, two recipes.</summary>
    private static StudyPlan Planned(string keys, bool folds = false, params string[] more)
    {
        string split = folds ? "recordings: [1, 2, 3], folds: 3" : "training: [1], validation: [2], test: [3]";
        StudySpec spec = TinyStudy.Parse($$$$"""
            name: p
            data: [{name: agv, robot: simulated_agv, simulate: { {{{{split}}}} } }]
            teachers: [{name: vqc, kind: vqc, encoding: reuploading, ansatz: hardware-efficient, qubits: 2, features: 2, grid: {layers: [1, 2]}}]
            backends: [{backend: statevector}, {backend: sampled, shots: [8]}]
            recipes: {a: {signals: {soft_weight: 1}}, b: {signals: {soft_weight: 1, hard_weight: 1}}}
            labels: [6]
            {{{{keys}}}}
            """);
        StudyRecording Recording(string name, float at)
        {
            Features.Truth[] truth = [.. Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? Features.Truth.Safe : Features.Truth.Hazard)];
            return new StudyRecording
            {
                Name = name,
                Table = new Distillation.Data.TeacherDataset("s", ["x", "y"], ["collision"], [name], [.. Enumerable.Range(0, 10).Select(i => (long)i)], new int[10], [.. Enumerable.Repeat(at, 20)], truth),
                Due = [.. Enumerable.Range(0, 10).Select(i => (long)i)],
                Undisturbed = 10,
            };
        }

        StudyData Split(int fold, string name = "agv") => new()
        {
            Name = name,
            Fold = fold,
            Folds = folds ? 3 : 0,
            Hash = $"{name} {fold}",
            Training = Recording("t", fold).Table,
            Validation = Recording("v", fold).Table,
            Tests = [TestSet.AsRecorded([Recording("r", fold)], null), TestSet.Shifted("other", [Recording("o", fold + 0.5f)], null)],
            TtcThreshold = 0.5,
        };
        return StudyPlan.Create(spec, folds ? [Split(1), Split(2), Split(3)] : [Split(0), .. more.Select((name, i) => Split(10 + i, name))]);
    }

    private static StudyPlan Plan() => new()
    {
        Name = "p",
        Metric = "auroc",
        Data = new Dictionary<string, string> { ["d"] = "some" },
        Conditions = [],
        Runs =
        [
            .. from seed in Enumerable.Range(1, 5)
               from teacher in (string[])["", "a", "b", "c"]
               from shots in teacher.Length == 0 ? (int[])[0] : [0, 32, 128]
               from recipe in (string[])["r", "s"]
               select new RunSpec { Code = "c", Data = "d", Predictor = "student", Teacher = teacher, Shots = shots, Recipe = recipe, Labels = 10, Seed = (ulong)seed },
        ],
    };
}
