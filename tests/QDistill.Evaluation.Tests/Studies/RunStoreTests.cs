using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

public class RunStoreTests
{
    [Fact]
    public void A_cut_off_last_line_is_dropped_wherever_it_was_cut_and_the_rest_is_kept()
    {
        using var folder = new TempDirectory();
        string path = folder["runs.jsonl"];
        using (RunStore store = RunStore.Open(path))
        {
            store.Append(Record(1));
            store.Append(Record(2));
        }

        byte[] whole = File.ReadAllBytes(path);
        int first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int cut = first; cut < whole.Length; cut += 7)
        {
            File.WriteAllBytes(path, whole[..cut]);
            using RunStore store = RunStore.Open(path);
            Assert.Equal(cut - first, store.Dropped);
            Assert.NotNull(store.Find(Record(1).Id));
            Assert.Null(store.Find(Record(2).Id));
            store.Append(Record(2));
        }

        Assert.Equal(whole, File.ReadAllBytes(path));
        File.WriteAllBytes(path, [.. whole, .. new byte[100], (byte)'\n']); // what a power cut may leave
        using (RunStore zeros = RunStore.Open(path))
        {
            Assert.Equal(101, zeros.Dropped);
        }

        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_damaged_line_in_the_middle_is_named()
    {
        using var folder = new TempDirectory();
        string path = folder["runs.jsonl"];
        File.WriteAllText(path, $"{Record(1).ToJson()}\nnonsense\n{Record(2).ToJson()}\n");
        string before = File.ReadAllText(path);
        UserErrorException e = Assert.Throws<UserErrorException>(() => RunStore.Open(path));
        Assert.Contains("runs.jsonl:2: is not a run's line", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(path));
    }

    [Fact]
    public void One_process_writes_while_others_read()
    {
        using var folder = new TempDirectory();
        string path = folder["runs.jsonl"];
        using RunStore store = RunStore.Open(path);
        store.Append(Record(1));
        Assert.Single(RunStore.Read(path));
        Assert.Contains("another 'study run'", Assert.Throws<UserErrorException>(() => RunStore.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_told_and_the_run_does_not_count_as_done()
    {
        // /dev/full refuses every write with ENOSPC.
        using var folder = new TempDirectory();
        File.CreateSymbolicLink(folder["runs.jsonl"], "/dev/full");
        using RunStore store = RunStore.Open(folder["runs.jsonl"]);
        UserErrorException e = Assert.Throws<UserErrorException>(() => store.Append(Record(1)));
        Assert.Contains("a finished run cannot be written (No space left on device", e.Message, StringComparison.Ordinal);
        Assert.Null(store.Find(Record(1).Id));
    }

    [Fact]
    public void Of_two_lines_of_one_run_the_last_counts()
    {
        using var folder = new TempDirectory();
        string path = folder["runs.jsonl"];
        File.WriteAllText(path, $"{(Record(1) with { Error = "no" }).ToJson()}\n{Record(1).ToJson()}\n");
        Assert.Null(Assert.Single(RunStore.Read(path)).Value.Error);
    }

    private static RunRecord Record(ulong seed)
    {
        var run = new RunSpec { Code = "c", Data = "d", Predictor = "student", Seed = seed };
        return new RunRecord { Id = run.Id, Config = run };
    }
}
