using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

public class SlurmEngineTests(TinyStudy study) : IClassFixture<TinyStudy>
{
    private static readonly Lock OneAtATime = new();

    [SlurmFact]
    public void A_job_array_gives_the_numbers_of_one_machine_and_goes_on_after_a_shard_was_lost()
    {
        lock (OneAtATime)
        {
            using SlurmCluster cluster = SlurmCluster.Start(out string reason) ?? throw new InvalidOperationException(reason);
            Environment.SetEnvironmentVariable("SLURM_CONF", cluster.ConfigPath);
            try
            {
                using var folder = new TempDirectory();
                var together = new StudyFolder(folder["together"]);
                SlurmOptions options = Options(2);
                SlurmOutcome outcome = SlurmEngine.Run(study.File_, together, options);
                Assert.Equal((TinyStudy.Runs, 0, 0), (outcome.Status!.Done, outcome.Status.Failed, outcome.Status.Open));
                Assert.Equal(TinyStudy.Repeatable(study.Whole), TinyStudy.Repeatable(together));
                Assert.All([1, 2], i => Assert.True(new FileInfo(Path.Combine(ShardName.Folder(together.Path, i), "runs.jsonl")).Length > 0));

                // A node that lost its disk: the same command does that shard again and merges anew.
                string lost = Path.Combine(ShardName.Folder(together.Path, 2), "runs.jsonl");
                int kept = File.ReadAllLines(lost).Length / 2;
                File.WriteAllLines(lost, File.ReadAllLines(lost)[..kept]);
                Assert.Equal(TinyStudy.Runs, SlurmEngine.Run(study.File_, together, options).Status!.Done);
                Assert.Equal(TinyStudy.Repeatable(study.Whole), TinyStudy.Repeatable(together));
            }
            finally
            {
                Environment.SetEnvironmentVariable("SLURM_CONF", null);
            }
        }
    }

    [Fact]
    public void The_script_starts_each_shard_by_the_contract_and_quotes_what_it_must()
    {
        string script = SlurmEngine.Script("/work/it's/study.yaml", new StudyFolder("/work/out"), Options(7) with { CpusPerTask = 3, SbatchOptions = ["--partition=long"], Program = ["/opt/qdistill"] });
        string[] lines = script.Split('\n');
        Assert.Equal("#!/bin/bash", lines[0]);
        Assert.Contains("#SBATCH --array=1-7", lines);
        Assert.Contains("#SBATCH --cpus-per-task=3", lines);
        Assert.Contains("#SBATCH --partition=long", lines);
        Assert.Contains("exec '/opt/qdistill' 'study' 'run' '/work/it'\\''s/study.yaml' '--output' '/work/out' '--shard' 'auto/7' '--jobs' '3'", lines);
    }

    [Fact]
    public void Without_a_scheduler_a_shard_cannot_number_itself()
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => ShardName.Resolve("auto/4", "out"));
        Assert.Contains("SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX", e.Message, StringComparison.Ordinal);
        Assert.Equal((new StudyShard(2, 4), "out"), ShardName.Resolve("2/4", "out"));
    }

    private static SlurmOptions Options(int shards) => new()
    {
        Shards = shards,
        Program = ["dotnet", typeof(StudyHost).Assembly.Location],
        Poll = TimeSpan.FromMilliseconds(300),
    };
}
