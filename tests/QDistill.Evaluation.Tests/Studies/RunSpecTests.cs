using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

public class RunSpecTests
{
    private static readonly RunSpec Sample = new()
    {
        Code = "c0de", Data = "da7a", Predictor = "student", Teacher = "kind: vqc\nseed: 3\n", Backend = "sampled", Shots = 128, Noise = "loss: 0\n",
        MitigateReadout = true, Recipe = "labels: 50\n", Labels = 50, Seed = 3,
    };

    // SHA-256 by sha256sum over the text above it: ids of stored studies must stay what they are.
    [Fact]
    public void The_canonical_form_and_its_hash_never_change()
    {
        Assert.Equal(
            """{"backend":"sampled","code":"c0de","data":"da7a","labels":50,"mitigate_readout":true,"noise":"loss: 0\n","predictor":"student","recipe":"labels: 50\n","seed":3,"shots":128,"teacher":"kind: vqc\nseed: 3\n"}""",
            Sample.Canonical());
        Assert.Equal("46747e9087c0177a5cddf977823f6ee9258c747572d6ce53162d6597fcfc3a64", Sample.Id);
        Assert.Equal(Sample.Id, (Sample with { Teacher = "kind: vqc\r\nseed: 3\r\n" }).Id);
    }

    [Fact]
    public void Every_field_changes_the_id_and_shared_work_has_shared_keys()
    {
        RunSpec[] others =
        [
            Sample with { Code = "x" }, Sample with { Data = "x" }, Sample with { Predictor = "x" }, Sample with { Teacher = "x" }, Sample with { Backend = "x" }, Sample with { Shots = 1 },
            Sample with { Noise = "x" }, Sample with { MitigateReadout = false }, Sample with { Recipe = "x" }, Sample with { Labels = 1 }, Sample with { Seed = 1 },
            Sample with { ZeroNoise = "linear:1,2,3" },
        ];
        Assert.Equal(others.Length + 1, others.Append(Sample).Select(r => r.Id).Distinct().Count());
        Assert.Equal(Sample.TeacherKey, (Sample with { Backend = "statevector", Shots = 0, Noise = "", MitigateReadout = false, Recipe = "x" }).TeacherKey);
        Assert.Equal(Sample.LabelsKey, (Sample with { Recipe = "x" }).LabelsKey);
        Assert.NotEqual(Sample.LabelsKey, (Sample with { Shots = 1 }).LabelsKey);
        Assert.NotEqual(Sample.TeacherKey, (Sample with { Data = "x" }).TeacherKey);
        Assert.Null((Sample with { Teacher = "" }).TeacherKey);
    }

    [Fact]
    public void A_line_reads_back_to_itself()
    {
        var record = new RunRecord { Id = Sample.Id, Config = Sample, Error = "it's \"so\"\nand <so>", Timings = new Dictionary<string, double> { ["total"] = 1.5 } };
        string line = record.ToJson();
        Assert.DoesNotContain('\n', line);
        Assert.Equal(line, RunRecord.FromJson(line)!.ToJson());
        Assert.Null(RunRecord.FromJson(line[..^1]));
    }
}
