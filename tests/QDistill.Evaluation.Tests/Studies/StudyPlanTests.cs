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
