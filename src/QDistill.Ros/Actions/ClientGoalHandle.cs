namespace QDistill.Ros;

/// <summary>How a goal ended.</summary>
/// <param name="GoalId">The goal.</param>
/// <param name="Status">Succeeded, canceled or aborted; unknown when the server has no such goal (any more).</param>
/// <param name="Result">The result; empty when the status is unknown.</param>
public sealed record GoalResult<TResult>(GoalId GoalId, GoalStatus Status, TResult Result);

/// <summary>The answer to a request to cancel.</summary>
/// <param name="ReturnCode">What the server says.</param>
/// <param name="GoalsCanceling">The goals whose cancellation was agreed to, with the time of their acceptance, ns.</param>
public sealed record CancelResult(CancelReturnCode ReturnCode, IReadOnlyList<(GoalId Id, long Stamp)> GoalsCanceling);

/// <summary>The server of an action went away before it had given the result.</summary>
/// <param name="message">The sentence.</param>
public sealed class ActionServerLostException(string message) : Exception(message);

/// <summary>A goal that a server has accepted, as its client sees it. All members are thread-safe; the event is raised on the spinning thread or on that which receives the result.</summary>
/// <typeparam name="TResult">The action's result class.</typeparam>
public sealed class ClientGoalHandle<TResult>
    where TResult : class
{
    private readonly IGoalSender<TResult> sender;
    private readonly Lock gate = new();
    private Task<GoalResult<TResult>>? result;
    private GoalStatus status = GoalStatus.Accepted;

    internal ClientGoalHandle(IGoalSender<TResult> sender, GoalId id, long stamp)
    {
        this.sender = sender;
        GoalId = id;
        Stamp = stamp;
    }

    /// <summary>Raised when the server tells of another state; after the end no more.</summary>
    public event Action<GoalStatus>? StatusChanged;

    /// <summary>The goal's UUID.</summary>
    public GoalId GoalId { get; }

    /// <summary>The time of acceptance that the reply told, ns; 0 from servers that do not say (rclcpp's and ours).</summary>
    public long Stamp { get; }

    /// <summary>The last state heard of.</summary>
    public GoalStatus Status
    {
        get
        {
            lock (gate)
            {
                return status;
            }
        }
    }

    /// <summary>Waits for the end. The result is asked for once, however often this is called; giving up waiting leaves the goal alone.</summary>
    /// <param name="timeout">Null: no limit.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="TimeoutException">The goal has not ended in time.</exception>
    /// <exception cref="ActionServerLostException">The server is gone.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the context shut down.</exception>
    public async Task<GoalResult<TResult>> GetResultAsync(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        Task<GoalResult<TResult>> asked;
        lock (gate)
        {
            asked = result ??= sender.RequestResultAsync(this);
        }

        try
        {
            return await asked.WaitAsync(timeout ?? Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!asked.IsCompleted)
        {
            throw new TimeoutException($"the goal {GoalId} of '{sender.Name}' has not ended within {timeout!.Value.TotalSeconds:G3} s");
        }
    }

    /// <summary>Asks the server to cancel the goal. Its end is told by the result, not by this.</summary>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public Task<CancelResult> CancelAsync(TimeSpan? timeout = null, CancellationToken cancellation = default) => sender.CancelAsync(GoalId, 0, timeout, cancellation);

    internal void Update(GoalStatus now)
    {
        lock (gate)
        {
            // Late news of the status topic must not bring an ended goal to life again.
            if (status == now || !status.IsActive())
            {
                return;
            }

            status = now;
        }

        StatusChanged?.Invoke(now);
    }
}

/// <summary>The client as its goals see it.</summary>
internal interface IGoalSender<TResult>
    where TResult : class
{
    string Name { get; }

    Task<GoalResult<TResult>> RequestResultAsync(ClientGoalHandle<TResult> handle);

    Task<CancelResult> CancelAsync(GoalId id, long stamp, TimeSpan? timeout, CancellationToken cancellation);
}
