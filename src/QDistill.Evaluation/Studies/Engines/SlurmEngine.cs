using System.Diagnostics;
using System.Globalization;
using System.Text;
using QDistill.Configuration;

namespace QDistill.Evaluation.Studies;

/// <summary>How a study is given to Slurm.</summary>
public sealed record SlurmOptions
{
    /// <summary>How many tasks the job array has.</summary>
    public required int Shards { get; init; }

    /// <summary>Processors of each task, and runs side by side in it.</summary>
    public int CpusPerTask { get; init; } = 1;

    /// <summary>Further <c>#SBATCH</c> options, such as <c>--partition=long</c>.</summary>
    public IReadOnlyList<string> SbatchOptions { get; init; } = [];

    /// <summary>The program and its first arguments by which a compute node starts <c>qdistill</c>.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>Whether to wait for the end and merge.</summary>
    public bool Wait { get; init; } = true;

    /// <summary>How often the queue is asked while waiting.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Told the fraction of the runs done.</summary>
    public IProgress<double>? Running { get; init; }
}

/// <summary>What a submission came to.</summary>
/// <param name="Job">Slurm's number of the job array.</param>
/// <param name="Script">The batch script.</param>
/// <param name="Status">The merged study; null when it was not waited for.</param>
public sealed record SlurmOutcome(string Job, string Script, StudyStatus? Status);

/// <summary>
/// Runs the same study as <see cref="StudyEngine"/> as a Slurm job array: each task does one shard into a folder of its own, which can be gone on with like any other; afterwards
/// all are merged. Study, data and program must be found under the same paths on every node.
/// </summary>
public static class SlurmEngine
{
    /// <summary>Submits, and unless told otherwise waits and merges.</summary>
    /// <exception cref="UserErrorException">Slurm is not installed, refuses the job, or a shard came to nothing; its log is named.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; so is the job, and finished runs are kept.</exception>
    public static SlurmOutcome Run(string studyFile, StudyFolder folder, SlurmOptions options, CancellationToken cancellation = default)
    {
        StudyFile.Load(studyFile); // Its faults are better met here than in a log.
        string script = Path.Combine(Path.GetFullPath(folder.Path), "slurm", "study.sbatch");
        AtomicOutput.WriteText(script, Script(studyFile, folder, options));
        string job = Command("sbatch", "--parsable", script).Split(';')[0].Trim();
        if (!options.Wait)
        {
            return new SlurmOutcome(job, script, null);
        }

        using (cancellation.Register(() => Command("scancel", job)))
        {
            while (IsQueued(job))
            {
                cancellation.WaitHandle.WaitOne(options.Poll);
                cancellation.ThrowIfCancellationRequested();
                Report(folder, options);
            }
        }

        StudyFolder[] shards = [.. Enumerable.Range(1, options.Shards).Select(i => new StudyFolder(ShardName.Folder(folder.Path, i)))];
        int dead = Array.FindIndex(shards, s => !File.Exists(s.PlanPath));
        if (dead >= 0)
        {
            string log = Log(folder, dead + 1);
            throw new UserErrorException($"shard {dead + 1} of job {job} came to nothing: {LastLine(log)}", log, "mend it and give the same command again; what other shards finished is kept");
        }

        return new SlurmOutcome(job, script, folder.Merge([.. shards.Select(s => s.Path)], again: true));
    }

    /// <summary>The batch script.</summary>
    public static string Script(string studyFile, StudyFolder folder, SlurmOptions options)
    {
        string path = Path.GetFullPath(folder.Path);
        var text = new StringBuilder("#!/bin/bash\n");
        text.Append(CultureInfo.InvariantCulture, $"#SBATCH --job-name=qdistill-study\n#SBATCH --array=1-{options.Shards}\n#SBATCH --cpus-per-task={options.CpusPerTask}\n");
        text.Append(CultureInfo.InvariantCulture, $"#SBATCH --chdir={path}\n#SBATCH --output={Path.Combine(path, "slurm", "shard-%a.log")}\n#SBATCH --open-mode=append\n");
        foreach (string option in options.SbatchOptions)
        {
            text.Append(CultureInfo.InvariantCulture, $"#SBATCH {option}\n");
        }

        IEnumerable<string> command = [.. options.Program, "study", "run", Path.GetFullPath(studyFile), "--output", path, "--shard", FormattableString.Invariant($"auto/{options.Shards}"), "--jobs", options.CpusPerTask.ToString(CultureInfo.InvariantCulture)];
        return text.Append("exec ").AppendJoin(' ', command.Select(Quote)).Append('\n').ToString();
    }

    private static string Log(StudyFolder folder, int shard) => Path.Combine(folder.Path, "slurm", FormattableString.Invariant($"shard-{shard}.log"));

    private static string LastLine(string log) => File.Exists(log) && File.ReadLines(log).LastOrDefault(l => l.Trim().Length > 0) is { } last ? last.Trim() : "it left no log";

    private static string Quote(string argument) => $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // Slurm forgets a job some time after its end; then it is no longer queued either.
    private static bool IsQueued(string job)
    {
        try
        {
            return Command("squeue", "--noheader", "--jobs", job, "--format", "%T").Trim().Length > 0;
        }
        catch (UserErrorException e) when (e.Message.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
    }

    private static void Report(StudyFolder folder, SlurmOptions options)
    {
        if (options.Running is null)
        {
            return;
        }

        int done = 0, all = 0;
        for (int i = 1; i <= options.Shards; i++)
        {
            var shard = new StudyFolder(ShardName.Folder(folder.Path, i));
            if (File.Exists(shard.PlanPath))
            {
                StudyStatus status = shard.Status();
                done += status.Done + status.Failed;
                all = status.Runs;
            }
        }

        if (all > 0)
        {
            options.Running.Report((double)done / all);
        }
    }

    private static string Command(string name, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new UserErrorException($"'{name}' refused: {errors.Result.Trim().ReplaceLineEndings("; ")}", null, "ask 'sinfo' whether the cluster is up");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new UserErrorException($"'{name}' cannot be started ({e.Message})", null, "install Slurm's client (Debian: slurm-client) on this machine, or leave --engine out", e);
        }
    }
}
