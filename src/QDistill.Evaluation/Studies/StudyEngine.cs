using System.Diagnostics;
using System.Runtime.ExceptionServices;
using QDistill.Configuration;

namespace QDistill.Evaluation.Studies;

/// <summary>What a call of <see cref="StudyEngine.Run"/> did.</summary>
/// <param name="Status">How far the study is now.</param>
/// <param name="Finished">Runs finished by this call.</param>
/// <param name="Failed">Runs that failed in this call.</param>
/// <param name="Remaining">Runs of this shard still to do.</param>
/// <param name="TeachersFitted">Teachers fitted by this call.</param>
/// <param name="Seconds">Wall-clock time [s].</param>
/// <param name="OutOfTime">Whether the budget of seconds ended it.</param>
/// <param name="DroppedBytes">Bytes of a cut-off last line that an earlier, killed call had left.</param>
public sealed record StudyOutcome(StudyStatus Status, int Finished, int Failed, int Remaining, int TeachersFitted, double Seconds, bool OutOfTime, long DroppedBytes);

/// <summary>How a study is run.</summary>
public sealed record StudyRunOptions
{
    /// <summary>Runs side by side; 0 for one for each processor.</summary>
    public int Jobs { get; init; }

    /// <summary>Which part of the study.</summary>
    public StudyShard Shard { get; init; } = StudyShard.Whole;

    /// <summary>Told the fraction of the bags read.</summary>
    public IProgress<double>? Reading { get; init; }

    /// <summary>Told the fraction of the runs done.</summary>
    public IProgress<double>? Running { get; init; }

    /// <summary>Told sentences for people: a run that failed, what a resumed study found.</summary>
    public Action<string>? Note { get; init; }
}

/// <summary>
/// Runs what a study's folder does not hold yet. Runs go side by side on threads, each with one thread of torch; a run's numbers depend on its specification alone,
/// so neither order nor number of jobs changes them. A kill loses at most the runs in flight.
/// </summary>
public static class StudyEngine
{
    /// <summary>Runs a study, or goes on with it.</summary>
    /// <exception cref="UserErrorException">The study cannot be planned, or its folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; finished runs are kept.</exception>
    public static StudyOutcome Run(StudySpec study, StudyFolder folder, StudyRunOptions options, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        using RunStore store = RunStore.Open(folder.RunsPath);
        if (store.Dropped > 0)
        {
            options.Note?.Invoke($"{folder.RunsPath}: a cut-off last line ({store.Dropped} bytes) was dropped; its run is done again");
        }

        IReadOnlyList<StudyData> data = StudyData.LoadAll(study, Path.Combine(folder.CachePath, "bags"), options.Jobs > 0 ? options.Jobs : Environment.ProcessorCount, options.Reading, cancellation);
        StudyPlan plan = StudyPlan.Create(study, data);
        AtomicOutput.WriteText(folder.StudyPath, study.Text);
        AtomicOutput.WriteText(folder.PlanPath, plan.ToJson());
        IReadOnlyList<RunSpec> mine = plan.Of(options.Shard);
        List<RunSpec> open = [.. mine.Where(r => store.Find(r.Id) is not { Error: null })];
        if (open.Count < mine.Count)
        {
            options.Note?.Invoke($"{mine.Count - open.Count} of {mine.Count} runs are there already");
        }

        var teachers = new TeacherCache(folder.CachePath);
        var executor = new RunExecutor(data.DistinctBy(d => d.Hash).ToDictionary(d => d.Hash), teachers);
        var queue = new RunQueue(open);
        int jobs = Math.Min(options.Jobs > 0 ? options.Jobs : Environment.ProcessorCount, Math.Max(1, open.Count));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        int finished = 0, failed = 0, outOfTime = 0;
        Exception? failure = null;
        TorchSharp.torch.set_num_threads(1);
        Thread[] workers = [.. Enumerable.Range(0, jobs).Select(j => new Thread(Work) { Name = $"study {j}", IsBackground = true })];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        cancellation.ThrowIfCancellationRequested();
        return new StudyOutcome(
            folder.Status(), finished, failed, open.Count - finished - failed, teachers.Fitted, Stopwatch.GetElapsedTime(start).TotalSeconds, outOfTime != 0, store.Dropped);

        void Work()
        {
            try
            {
                TorchSharp.torch.set_num_threads(1);
                while (!stop.IsCancellationRequested)
                {
                    if (study.Budget.MaxSeconds > 0 && Stopwatch.GetElapsedTime(start).TotalSeconds >= study.Budget.MaxSeconds)
                    {
                        outOfTime = queue.IsEmpty ? outOfTime : 1;
                        return;
                    }

                    if (queue.Take() is not { } run)
                    {
                        return;
                    }

                    RunRecord record;
                    try
                    {
                        record = executor.Run(run, stop.Token);
                    }
                    finally
                    {
                        queue.Done(run);
                    }

                    store.Append(record);
                    if (record.Error is null)
                    {
                        Interlocked.Increment(ref finished);
                    }
                    else
                    {
                        Interlocked.Increment(ref failed);
                        options.Note?.Invoke($"run {run.Id[..12]} failed: {record.Error}");
                    }

                    options.Running?.Report((double)(finished + failed) / open.Count);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                stop.Cancel();
            }
        }
    }

    /// <summary>Hands out runs in order, but prefers one whose teacher and student nobody is busy with: two workers would only wait for each other.</summary>
    private sealed class RunQueue(List<RunSpec> open)
    {
        private readonly Lock guard = new();
        private readonly List<(RunSpec Run, string? Key)> waiting = [.. open.Select(r => (r, BusyKey(r)))];
        private readonly List<string> busy = [];

        public bool IsEmpty
        {
            get
            {
                lock (guard)
                {
                    return waiting.Count == 0;
                }
            }
        }

        public RunSpec? Take()
        {
            lock (guard)
            {
                if (waiting.Count == 0)
                {
                    return null;
                }

                int free = waiting.FindIndex(w => w.Key is null || !busy.Contains(w.Key));
                (RunSpec run, string? key) = waiting[Math.Max(0, free)];
                waiting.RemoveAt(Math.Max(0, free));
                if (key is not null)
                {
                    busy.Add(key);
                }

                return run;
            }
        }

        public void Done(RunSpec run)
        {
            lock (guard)
            {
                busy.Remove(BusyKey(run) ?? string.Empty);
            }
        }

        private static string? BusyKey(RunSpec run) => run.Recipe.Length == 0 ? null : run.TeacherKey ?? run.StudentKey;
    }
}
