using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Msgs.DiagnosticMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Offline;

/// <summary>How an offline node enters the graph.</summary>
/// <param name="Name">Its name; null: its kind.</param>
/// <param name="Namespace">Its namespace; null for the root.</param>
/// <param name="Options">Parameters given, remappings, simulated time. The node is a full one in any case.</param>
public sealed record OfflineNodeStart(string? Name = null, string? Namespace = null, NodeOptions? Options = null);

/// <summary>
/// A full ROS node whose work is long: goals are accepted as they come and done one after the other (each wants all cores), with progress on
/// <c>~/debug/progress</c> and in the feedback, and <c>/diagnostics</c> once a second. What cannot be done aborts its goal with one sentence in the result.
/// </summary>
public abstract partial class OfflineNode : IDisposable
{
    /// <summary>How long the end of a cancelled run is waited for when the node goes.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim turn = new(1);
    private readonly Publisher<TaskProgress> progress;
    private readonly Publisher<DiagnosticArray> diagnostics;
    private readonly CancellationTokenSource ending = new();
    private readonly List<Task> own = [];
    private volatile GoalObserver? current;
    private volatile string lastFailure = string.Empty;
    private int succeeded;
    private int failed;
    private int waiting;

    private protected OfflineNode(RosContext context, string kind, IReadOnlyList<ParameterDescription> parameters, OfflineNodeStart start)
    {
        NodeOptions options = (start.Options ?? new NodeOptions()) with { StartParameterServices = true, EnableRosOut = true, EnableLoggerService = true };
        Node = context.CreateNode(start.Name ?? kind, start.Namespace, options);
        progress = Node.CreatePublisher<TaskProgress>("~/debug/progress");
        diagnostics = Node.CreatePublisher<DiagnosticArray>("/diagnostics");
        foreach (ParameterDescription p in CommonParameters.Concat(parameters))
        {
            Node.Parameters.Declare(p.Name, p.Default, p.Options());
        }

        Node.CreateTimer(TimeSpan.FromSeconds(1), PublishDiagnostics);
    }

    /// <summary>The parameters that every offline node has.</summary>
    internal static IReadOnlyList<ParameterDescription> CommonParameters { get; } =
    [
        new("progress_rate", 5.0, "progress and feedback messages per second, at most") { Range = (0.1, 50) },
    ];

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>One line that says what the node serves.</summary>
    public abstract string Summary { get; }

    /// <summary>Cancels what runs, waits until it has left what it had in order (so that it can be resumed), and leaves the graph.</summary>
    public void Dispose()
    {
        if (ending.IsCancellationRequested)
        {
            return;
        }

        ending.Cancel();
        if (!Task.WhenAll([EndServer(), .. own]).Wait(EndPatience))
        {
            Node.Logger.LogWarning("the run under way has not ended within {Seconds} s and is left behind", EndPatience.TotalSeconds);
        }

        Node.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Called on the working thread with every step of every stage and its fraction, however seldom progress is sent; for tests.</summary>
    internal Action<string, double>? Stepped { get; set; }

    /// <summary>An error in one sentence, in the words of goals instead of the command line's: <c>--max-cost</c> is <c>max_cost</c> here.</summary>
    internal static string Sentence(Exception e) =>
        e is UserErrorException ? CommandLineOption().Replace(e.Message, m => m.Groups[1].Value.Replace('-', '_')) : $"unexpected {e.GetType().Name}: {e.Message}";

    /// <summary>Ends the action server and tells when its executions have returned.</summary>
    private protected abstract Task EndServer();

    /// <summary>A goal's text, or else the parameter's.</summary>
    private protected string Text(string given, string parameter) => given.Length > 0 ? given : Node.Parameters.Get<string>(parameter);

    /// <summary>As <see cref="Text"/>; null when both are empty.</summary>
    private protected string? OptionalText(string given, string parameter) => Text(given, parameter) is { Length: > 0 } text ? text : null;

    /// <summary>As <see cref="Text"/>; both empty is an error.</summary>
    private protected string RequiredText(string given, string parameter) =>
        OptionalText(given, parameter) ?? throw new UserErrorException($"the goal's field '{parameter}' and the parameter '{parameter}' are both empty", null, "give one of them");

    /// <summary>A goal's list, or else the parameter's.</summary>
    private protected IReadOnlyList<string> Texts(Sequence<string> given, string parameter) =>
        given.Count > 0 ? given.ToArray() : [.. Node.Parameters.Get<string[]>(parameter).Where(t => t.Length > 0)];

    /// <summary>A goal's number, or else the parameter's.</summary>
    private protected ulong Number(ulong given, string parameter) => given > 0 ? given : (ulong)Node.Parameters.Get<long>(parameter);

    /// <summary>Does one goal's work when its turn comes, and ends the goal.</summary>
    /// <param name="handle">The goal.</param>
    /// <param name="cancellation">Its token.</param>
    /// <param name="work">The work, on a thread of its own.</param>
    /// <param name="refused">Makes the result of work that was not done, from the sentence.</param>
    /// <param name="feedback">Makes feedback.</param>
    /// <param name="cancelled">What is said of a goal that was cancelled.</param>
    private protected async Task DoAsync<TGoal, TResult, TFeedback>(
        ServerGoalHandle<TGoal, TResult, TFeedback> handle,
        CancellationToken cancellation,
        Func<GoalObserver, CancellationToken, TResult> work,
        Func<string, TResult> refused,
        Func<StageProgress, TFeedback> feedback,
        string cancelled)
        where TGoal : class
        where TResult : class
        where TFeedback : class
    {
        (TResult? result, string sentence) = await DoAsync(handle.GoalId.ToString(), work, p => handle.PublishFeedback(feedback(p)), cancellation).ConfigureAwait(false);
        if (result is not null)
        {
            handle.Succeed(result);
        }
        else if (handle.IsCanceling)
        {
            handle.Canceled(refused(cancelled));
        }
        else if (!ending.IsCancellationRequested)
        {
            handle.Abort(refused(sentence));
        }
    }

    /// <summary>Does the node's own work, not a goal's, when its turn comes.</summary>
    private protected void DoOwn<TResult>(string task, Func<GoalObserver, CancellationToken, TResult> work)
        where TResult : class => own.Add(DoAsync(task, work, _ => { }, ending.Token));

    private async Task<(TResult? Result, string Sentence)> DoAsync<TResult>(
        string task, Func<GoalObserver, CancellationToken, TResult> work, Action<StageProgress> feedback, CancellationToken cancellation)
        where TResult : class
    {
        var observer = new GoalObserver(Node, progress, task, Node.Parameters.Get<double>("progress_rate"), feedback, (stage, fraction) => Stepped?.Invoke(stage, fraction));
        bool mine = false;
        try
        {
            mine = await TakeTurn(observer, cancellation).ConfigureAwait(false);
            current = observer;
            TResult result = await Task.Factory.StartNew(() => work(observer, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            Interlocked.Increment(ref succeeded);
            lastFailure = string.Empty;
            return (result, string.Empty);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Node.Logger.LogInformation("{Task}: cancelled", task);
            return (null, "cancelled");
        }
        catch (Exception e)
        {
            string sentence = Sentence(e);
            Node.Logger.LogError(e is UserErrorException ? null : e, "{Task}: {Sentence}", task, sentence);
            Interlocked.Increment(ref failed);
            lastFailure = sentence;
            return (null, sentence);
        }
        finally
        {
            observer.End();
            if (mine)
            {
                current = null;
                turn.Release();
            }
        }
    }

    private async Task<bool> TakeTurn(GoalObserver observer, CancellationToken cancellation)
    {
        if (turn.CurrentCount == 0)
        {
            observer.Begin("waiting for the run before it");
        }

        Interlocked.Increment(ref waiting);
        try
        {
            await turn.WaitAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    [GeneratedRegex("--([a-z][a-z-]*)")]
    private static partial Regex CommandLineOption();

    private void PublishDiagnostics()
    {
        StageProgress? now = current?.Now;
        string failure = lastFailure;
        var message = new DiagnosticArray();
        message.Header.Stamp.SetNanoseconds(Node.Clock.Now);
        DiagnosticStatus status = message.Status.AddNew();
        status.Name = $"{Node.Name}: work";
        status.HardwareId = "qdistill";
        status.Level = failure.Length > 0 ? DiagnosticStatus.WARN : DiagnosticStatus.OK;
        status.Message = now is not null ? now.Stage : failure.Length > 0 ? "the last run failed: " + failure : "idle";
        foreach ((string key, string value) in new[]
        {
            ("succeeded", $"{Volatile.Read(ref succeeded)}"), ("failed", $"{Volatile.Read(ref failed)}"), ("waiting", $"{Volatile.Read(ref waiting)}"),
            ("fraction", FormattableString.Invariant($"{now?.Fraction ?? 0:F3}")),
        })
        {
            KeyValue pair = status.Values.AddNew();
            (pair.Key, pair.Value) = (key, value);
        }

        diagnostics.Publish(message);
    }
}
