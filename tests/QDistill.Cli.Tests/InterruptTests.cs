using System.Diagnostics;
using QDistill.Bags;

namespace QDistill.Cli.Tests;

/// <summary>Signals half-way: exit code 130, nothing half-written appears, and labelling goes on where it ended.</summary>
[Collection(nameof(SmallFlow))]
public sealed class InterruptTests(SmallFlow flow) : IDisposable
{
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Simulating_ends_in_order_and_leaves_no_half_bag(string signal)
    {
        using CommandLine run = CommandLine.Begin("simulate", "--output", folder["run"], "--seconds", "100000");
        WaitFor(() => Directory.GetFileSystemEntries(folder.Path).Length > 0);
        run.Signal(signal);
        Run ended = run.Wait();
        Assert.Equal(130, ended.ExitCode);
        Assert.Equal("qdistill: interrupted; what was finished is kept.", ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("KILL", 137)]
    public void Labelling_that_was_cut_off_resumes_to_the_labels_of_a_whole_run(string signal, int code)
    {
        string bag = folder["long"];
        CommandLine.Run("simulate", "--output", bag, "--seconds", "450", "--seed", "3").Succeeded();
        string[] label = ["label", bag, "--teacher", flow.Teacher, "--backend", "sampled", "--shots", "4096", "--threads", "1", "--output"];
        CommandLine.Run([.. label, folder["whole"]]).Succeeded();

        string part = folder[".cut.part"];
        using (CommandLine run = CommandLine.Begin([.. label, folder["cut"]]))
        {
            WaitFor(() => run.HasEnded || (Directory.Exists(part) && Directory.GetFiles(part).Sum(f => new FileInfo(f).Length) > 0));
            run.Signal(signal);
            int ended = run.Wait().ExitCode;
            if (ended == 0)
            {
                // The machine labelled faster than a signal travels: then there is nothing to resume, and the labels must be whole.
                Assert.Equal(Messages(folder["whole"]), Messages(folder["cut"]));
                return;
            }

            Assert.Equal(code, ended);
        }

        Assert.False(Path.Exists(folder["cut"]));
        CommandLine.Run([.. label, folder["cut"], "--resume"]).Succeeded();
        Assert.False(Path.Exists(part));
        Assert.Equal(Messages(folder["whole"]), Messages(folder["cut"]));
    }

    [Fact]
    public void Resuming_with_other_settings_is_refused()
    {
        string bag = folder["long"];
        CommandLine.Run("simulate", "--output", bag, "--seconds", "450", "--seed", "3").Succeeded();
        string[] label = ["label", bag, "--teacher", flow.Teacher, "--output", folder["cut"], "--backend", "sampled"];
        using (CommandLine run = CommandLine.Begin([.. label, "--shots", "100000", "--threads", "1"]))
        {
            string part = folder[".cut.part"];
            WaitFor(() => run.HasEnded || (Directory.Exists(part) && Directory.GetFiles(part).Sum(f => new FileInfo(f).Length) > 0));
            run.Signal("KILL");
            Assert.NotEqual(0, run.Wait().ExitCode);
        }

        Assert.Contains("begun with other settings (shots: 100000 then, shots: 64 now)", CommandLine.Run([.. label, "--shots", "64", "--resume"]).Errors);
        Assert.False(Path.Exists(folder["cut"]));
    }

    [Fact]
    public void Checking_a_bag_answers_an_interrupt_at_once()
    {
        string bag = folder["long"];
        CommandLine.Run("simulate", "--output", bag, "--seconds", "900").Succeeded();
        using CommandLine run = CommandLine.Begin("bag", "check", bag);
        Thread.Sleep(200);
        run.Signal("INT");
        Assert.Contains(run.Wait().ExitCode, (int[])[0, 130]);
    }

    private static void WaitFor(Func<bool> done)
    {
        long start = Stopwatch.GetTimestamp();
        while (!done())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "nothing happened");
            Thread.Sleep(2);
        }
    }

    // Everything but the ledger, whose seconds are of this run's clock.
    private static string[] Messages(string bag)
    {
        var all = new List<string>();
        using BagReader reader = BagReader.Open(bag);
        while (reader.Read(out BagMessage m))
        {
            if (m.Topic.Type.StartsWith("qdistill_msgs", StringComparison.Ordinal))
            {
                all.Add($"{m.Topic.Name} {m.LogTime} {Convert.ToHexString(m.Data)}");
            }
        }

        Assert.True(all.Count > 8000, $"{all.Count} messages");
        return [.. all];
    }
}
