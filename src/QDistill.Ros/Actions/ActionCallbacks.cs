namespace QDistill.Ros;

/// <summary>What an action server asks its user. <see cref="Execute"/> runs on the thread pool; the others on the spinning thread, so they should answer quickly.</summary>
/// <typeparam name="TGoal">The action's goal class.</typeparam>
/// <typeparam name="TResult">Its result class.</typeparam>
/// <typeparam name="TFeedback">Its feedback class.</typeparam>
public sealed record ActionCallbacks<TGoal, TResult, TFeedback>
    where TGoal : class
    where TResult : class
    where TFeedback : class
{
    /// <summary>
    /// Does the work of one goal and ends it by <c>Succeed</c>, <c>Abort</c> or <c>Canceled</c>. When it throws the goal is aborted, when it returns without having
    /// ended the goal, or throws because its token was cancelled, the goal is cancelled; each with an empty result.
    /// </summary>
    public required Func<ServerGoalHandle<TGoal, TResult, TFeedback>, CancellationToken, Task> Execute { get; init; }

    /// <summary>Decides on a new goal; null accepts and executes. When it throws the goal is refused.</summary>
    public Func<GoalId, TGoal, GoalResponse>? Goal { get; init; }

    /// <summary>Decides on a request to cancel; null agrees. When it throws the request is refused.</summary>
    public Func<ServerGoalHandle<TGoal, TResult, TFeedback>, CancelResponse>? Cancel { get; init; }

    /// <summary>Told of every accepted goal before it is executed; with <see cref="GoalResponse.AcceptAndDefer"/> the place to keep the handle until its turn comes.</summary>
    public Action<ServerGoalHandle<TGoal, TResult, TFeedback>>? Accepted { get; init; }
}
