using System.Threading.Channels;

namespace QDistill.Cli.Launch;

/// <summary>
/// Runs the processes of a launch as <c>ros2 launch</c> does: prefixed output, lifecycle bring-up, respawn, an end in order. All decisions are taken one after the
/// other on one thread, from a queue of what has happened.
/// </summary>
internal sealed class LaunchRun : IDisposable
{
    private const int Interrupt = 2, Kill = 9, Terminate = 15;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RespawnDelay = TimeSpan.FromSeconds(2);
    private readonly Channel<Action> happened = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly IReadOnlyList<LaunchedProcess> wanted;
    private readonly bool autoStart;
    private readonly TextWriter output = TextWriter.Synchronized(Console.Out);
    private readonly TextWriter errors = TextWriter.Synchronized(Console.Error);
    private readonly List<RunningProcess> running = [];
    private readonly HashSet<string> active = [];
    private readonly LifecycleBringUp? bringUp;
    private int waiting;
    private bool stopping;

    /// <summary>Prepares a run.</summary>
    /// <param name="wanted">The processes.</param>
    /// <param name="autoStart">Whether lifecycle nodes are configured and activated.</param>
    public LaunchRun(IReadOnlyList<LaunchedProcess> wanted, bool autoStart)
    {
        this.wanted = wanted;
        this.autoStart = autoStart;
        string[] nodes = [.. wanted.Where(p => p.LifecycleNode is not null).Select(p => p.LifecycleNode!)];
        bringUp = nodes.Length > 0 ? new LifecycleBringUp(nodes, (node, state) => Post(() => Entered(node, state))) : null;
    }

    /// <summary>The label of the first process that failed, and how; null: none did.</summary>
    public (int Number, string What)? Failure { get; private set; }

    /// <summary>Starts everything and stays until all has ended.</summary>
    /// <param name="cancellation">A signal from the user: everything is ended in order.</param>
    public void Run(CancellationToken cancellation)
    {
        using CancellationTokenRegistration interrupted = cancellation.Register(() => Post(() =>
        {
            Say("WARNING", "launch", "user interrupted with ctrl-c (SIGINT)");

            // At a terminal Ctrl-C has reached the children as well, and a second signal would end them at once.
            Stop(signal: Console.IsInputRedirected);
        }));
        for (int i = 0; i < wanted.Count; i++)
        {
            if (!wanted[i].WaitsForActive)
            {
                Start(i);
            }
        }

        while (running.Count > 0 || waiting > 0)
        {
            happened.Reader.ReadAsync().AsTask().GetAwaiter().GetResult()();
        }
    }

    /// <summary>Ends what still runs.</summary>
    public void Dispose()
    {
        foreach (RunningProcess process in running)
        {
            process.Signal(Kill);
            process.Dispose();
        }

        bringUp?.Dispose();
    }

    private void Post(Action action) => happened.Writer.TryWrite(action);

    private void Say(string level, string who, string what) => output.WriteLine($"[{level}] [{who}]: {what}");

    private void Start(int index)
    {
        LaunchedProcess launched = wanted[index];
        var process = new RunningProcess(launched, $"{launched.Name}-{index + 1}", output, errors);
        running.Add(process);
        Say("INFO", process.Label, $"process started with pid [{process.Id}]");
        process.Ended.ContinueWith(ended => Post(() => End(process, index, ended.Result)), TaskScheduler.Default);
        if (launched.LifecycleNode is { } node && bringUp is not null)
        {
            active.Remove(node);
            bringUp.Forget(node);
            if (autoStart)
            {
                bringUp.RunAsync(node, process.Life.Token).ContinueWith(
                    done => Post(() => BroughtUp(process, index, done.IsCompletedSuccessfully ? done.Result : null, done.Exception?.InnerException)),
                    process.Life.Token,
                    TaskContinuationOptions.NotOnCanceled,
                    TaskScheduler.Default);
            }
        }
    }

    private void BroughtUp(RunningProcess process, int index, string? refused, Exception? problem)
    {
        if (stopping)
        {
            return;
        }

        if (refused is null && problem is null)
        {
            Say("INFO", "launch", $"{process.Label} is active");
            return;
        }

        string what = problem is null ? $"refused to {refused} ({process.LastLine})" : $"could not be brought up ({problem.Message.TrimEnd('.')})";
        Say("ERROR", "launch", $"{process.Label} {what}");
        Failure ??= (index + 1, $"{process.Label} {what}");
        Stop(signal: true);
    }

    private void Entered(string node, string state)
    {
        if (state != "active")
        {
            active.Remove(node);
            return;
        }

        active.Add(node);
        if (stopping || wanted.Any(p => p.LifecycleNode is { } other && !active.Contains(other)))
        {
            return;
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            if (wanted[i].WaitsForActive && running.TrueForAll(r => r.Launched != wanted[i]))
            {
                Start(i);
            }
        }
    }

    private void End(RunningProcess process, int index, int exitCode)
    {
        running.Remove(process);
        if (exitCode == 0)
        {
            Say("INFO", process.Label, $"process has finished cleanly [pid {process.Id}]");
        }
        else
        {
            Say("ERROR", process.Label, $"process has died [pid {process.Id}, exit code {(exitCode > 128 ? 128 - exitCode : exitCode)}, cmd '{string.Join(' ', process.Launched.Command)}'].");
        }

        // A program that is asked to end may say so by its exit code.
        if (exitCode != 0 && !(stopping && exitCode == Terminal.ExitCode.Interrupted))
        {
            Failure ??= (index + 1, $"{process.Label} ended with exit code {exitCode} ({process.LastLine})");
        }

        process.Dispose();
        if (stopping)
        {
            return;
        }

        if (process.Launched.Respawn)
        {
            After(RespawnDelay, () =>
            {
                if (!stopping)
                {
                    Start(index);
                }
            });
        }
        else if (process.Launched.EndsAll || wanted.Any(p => p.WaitsForActive && p != process.Launched && running.TrueForAll(r => r.Launched != p)))
        {
            // The last one, or one without which the rest would wait for ever.
            Stop(signal: true);
        }
    }

    private void Stop(bool signal)
    {
        if (stopping)
        {
            return;
        }

        stopping = true;
        foreach (RunningProcess process in running.AsEnumerable().Reverse())
        {
            if (signal)
            {
                Say("INFO", process.Label, $"sending signal 'SIGINT' to process[{process.Label}]");
                process.Signal(Interrupt);
            }

            Escalate(process, "SIGINT", "SIGTERM", Terminate);
        }
    }

    private void Escalate(RunningProcess process, string sent, string next, int signal) => After(Grace, () =>
    {
        if (!running.Contains(process))
        {
            return;
        }

        Say("ERROR", process.Label, $"process[{process.Label}] failed to terminate '{Grace.TotalSeconds}' seconds after receiving '{sent}', escalating to '{next}'");
        Failure ??= (wanted.ToList().IndexOf(process.Launched) + 1, $"{process.Label} did not end after {sent}");
        process.Signal(signal);
        if (signal == Terminate)
        {
            Escalate(process, next, "SIGKILL", Kill);
        }
    });

    private void After(TimeSpan delay, Action action)
    {
        bool counts = !stopping;
        waiting += counts ? 1 : 0;
        Task.Delay(delay).ContinueWith(
            _ => Post(() =>
            {
                waiting -= counts ? 1 : 0;
                action();
            }),
            TaskScheduler.Default);
    }
}
