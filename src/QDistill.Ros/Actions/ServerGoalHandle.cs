namespace QDistill.Ros;

/// <summary>
/// A goal that a server has accepted. All members are thread-safe. A handle that is disposed, or that nobody holds any more, before the goal has ended cancels the
/// goal, as in rclcpp.
/// </summary>
/// <typeparam name="TGoal">The action's goal class.</typeparam>
/// <typeparam name="TResult">Its result class.</typeparam>
/// <typeparam name="TFeedback">Its feedback class.</typeparam>
public sealed class ServerGoalHandle<TGoal, TResult, TFeedback> : IDisposable
    where TGoal : class
    where TResult : class
    where TFeedback : class
{
    private readonly ServerGoal<TGoal, TResult, TFeedback> goal;

    internal ServerGoalHandle(ServerGoal<TGoal, TResult, TFeedback> goal)
    {
        this.goal = goal;
        goal.Handle = new WeakReference<ServerGoalHandle<TGoal, TResult, TFeedback>>(this);
    }

    /// <summary>Cancels the goal when it has not ended.</summary>
    ~ServerGoalHandle() => ThreadPool.UnsafeQueueUserWorkItem(static g => g.Owner.Drop(g), goal, preferLocal: false);

    /// <summary>The goal's UUID.</summary>
    public GoalId GoalId => goal.Id;

    /// <summary>What is asked for.</summary>
    public TGoal Goal => goal.Request;

    /// <summary>When it was accepted, ns on the node's clock.</summary>
    public long Stamp => goal.Stamp;

    /// <summary>The state now.</summary>
    public GoalStatus Status => goal.Status;

    /// <summary>Whether it has not ended.</summary>
    public bool IsActive => Status.IsActive();

    /// <summary>Whether a cancellation was agreed to and the goal has not ended.</summary>
    public bool IsCanceling => Status == GoalStatus.Canceling;

    /// <summary>Cancelled when a cancellation is agreed to, and when the server is disposed.</summary>
    public CancellationToken Cancellation => goal.Cancellation.Token;

    /// <summary>Begins the execution of a deferred goal. When it was cancelled meanwhile the execution runs all the same, so that it can wind up, with its token cancelled.</summary>
    /// <exception cref="InvalidOperationException">The goal is being executed or has ended.</exception>
    public void Execute() => goal.Owner.Execute(goal, this);

    /// <summary>Sends feedback to whoever listens; ignored once the server is disposed.</summary>
    /// <exception cref="InvalidOperationException">The goal has ended.</exception>
    public void PublishFeedback(TFeedback feedback) => goal.Owner.PublishFeedback(goal, feedback);

    /// <summary>Ends the goal: done.</summary>
    /// <exception cref="InvalidOperationException">The goal is not being executed.</exception>
    public void Succeed(TResult result) => goal.Owner.End(goal, GoalEvent.Succeed, result);

    /// <summary>Ends the goal: given up.</summary>
    /// <exception cref="InvalidOperationException">The goal is not being executed.</exception>
    public void Abort(TResult result) => goal.Owner.End(goal, GoalEvent.Abort, result);

    /// <summary>Ends the goal: cancelled on request.</summary>
    /// <exception cref="InvalidOperationException">No cancellation was agreed to.</exception>
    public void Canceled(TResult result) => goal.Owner.End(goal, GoalEvent.Canceled, result);

    /// <summary>Drops the handle; a goal that has not ended is cancelled with an empty result.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        goal.Owner.Drop(goal);
    }
}

/// <summary>What the server keeps of a goal. The server does not hold the handle, so that it can be dropped.</summary>
internal sealed class ServerGoal<TGoal, TResult, TFeedback>(IGoalOwner<TGoal, TResult, TFeedback> owner, GoalId id, TGoal request, long stamp)
    where TGoal : class
    where TResult : class
    where TFeedback : class
{
    private volatile GoalStatus status = GoalStatus.Accepted;

    public IGoalOwner<TGoal, TResult, TFeedback> Owner { get; } = owner;

    public GoalId Id { get; } = id;

    public TGoal Request { get; } = request;

    public long Stamp { get; } = stamp;

    /// <summary>Written under the server's lock.</summary>
    public GoalStatus Status
    {
        get => status;
        set => status = value;
    }

    /// <summary>Set once, with the last state.</summary>
    public TResult? Result { get; set; }

    /// <summary>When it ended, ns on the node's clock.</summary>
    public long EndStamp { get; set; }

    /// <summary>Whether <see cref="IGoalOwner{TGoal, TResult, TFeedback}.Execute"/> was called.</summary>
    public bool IsStarted { get; set; }

    /// <summary>The last state and the result; get_result waits for it.</summary>
    public TaskCompletionSource<(GoalStatus Status, TResult Result)> Ended { get; } = new();

    public CancellationTokenSource Cancellation { get; } = new();

    public WeakReference<ServerGoalHandle<TGoal, TResult, TFeedback>>? Handle { get; set; }
}

/// <summary>The server as its goals see it.</summary>
internal interface IGoalOwner<TGoal, TResult, TFeedback>
    where TGoal : class
    where TResult : class
    where TFeedback : class
{
    void Execute(ServerGoal<TGoal, TResult, TFeedback> goal, ServerGoalHandle<TGoal, TResult, TFeedback> handle);

    void PublishFeedback(ServerGoal<TGoal, TResult, TFeedback> goal, TFeedback feedback);

    void End(ServerGoal<TGoal, TResult, TFeedback> goal, GoalEvent how, TResult result);

    void Drop(ServerGoal<TGoal, TResult, TFeedback> goal);
}
