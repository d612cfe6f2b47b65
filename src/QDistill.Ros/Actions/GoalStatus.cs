namespace QDistill.Ros;

/// <summary>The state of a goal, with the numbers of <c>action_msgs/msg/GoalStatus</c>.</summary>
public enum GoalStatus : sbyte
{
    /// <summary>The server does not know the goal: never accepted, or its result has expired.</summary>
    Unknown = 0,

    /// <summary>Accepted; its execution has not begun.</summary>
    Accepted = 1,

    /// <summary>Being executed.</summary>
    Executing = 2,

    /// <summary>Asked to cancel, and the server has agreed; the execution is winding up.</summary>
    Canceling = 3,

    /// <summary>Ended: done.</summary>
    Succeeded = 4,

    /// <summary>Ended: cancelled on request, or its handle was dropped.</summary>
    Canceled = 5,

    /// <summary>Ended: given up by the server.</summary>
    Aborted = 6,
}

/// <summary>The answer to a new goal.</summary>
public enum GoalResponse
{
    /// <summary>Refused.</summary>
    Reject = 1,

    /// <summary>Accepted; the execution begins at once.</summary>
    AcceptAndExecute = 2,

    /// <summary>Accepted; the execution begins when <see cref="ServerGoalHandle{TGoal, TResult, TFeedback}.Execute"/> is called.</summary>
    AcceptAndDefer = 3,
}

/// <summary>The answer to a request to cancel a goal.</summary>
public enum CancelResponse
{
    /// <summary>Refused; the goal goes on.</summary>
    Reject = 1,

    /// <summary>Agreed; the goal's cancellation token is cancelled.</summary>
    Accept = 2,
}

/// <summary>The outcome of a request to cancel, with the numbers of <c>action_msgs/srv/CancelGoal</c>.</summary>
public enum CancelReturnCode : sbyte
{
    /// <summary>Agreed to for at least one goal, or there was none to cancel.</summary>
    None = 0,

    /// <summary>The server refused for every goal.</summary>
    Rejected = 1,

    /// <summary>The server does not know the goal.</summary>
    UnknownGoalId = 2,

    /// <summary>The goal has ended, or is being cancelled already.</summary>
    GoalTerminated = 3,
}

/// <summary>What happens to a goal, with rcl_action's words.</summary>
internal enum GoalEvent
{
    Execute,
    CancelGoal,
    Succeed,
    Abort,
    Canceled,
}

/// <summary>rcl_action's goal state machine.</summary>
internal static class GoalStateMachine
{
    public static bool IsActive(this GoalStatus status) => status is GoalStatus.Accepted or GoalStatus.Executing or GoalStatus.Canceling;

    public static bool IsCancelable(this GoalStatus status) => status is GoalStatus.Accepted or GoalStatus.Executing;

    /// <summary>The state after the event.</summary>
    /// <exception cref="InvalidOperationException">The event is not allowed in this state.</exception>
    public static GoalStatus After(this GoalStatus status, GoalEvent happened) => (status, happened) switch
    {
        (GoalStatus.Accepted, GoalEvent.Execute) => GoalStatus.Executing,
        (GoalStatus.Accepted or GoalStatus.Executing, GoalEvent.CancelGoal) => GoalStatus.Canceling,
        (GoalStatus.Executing or GoalStatus.Canceling, GoalEvent.Succeed) => GoalStatus.Succeeded,
        (GoalStatus.Executing or GoalStatus.Canceling, GoalEvent.Abort) => GoalStatus.Aborted,
        (GoalStatus.Canceling, GoalEvent.Canceled) => GoalStatus.Canceled,
        _ => throw new InvalidOperationException($"goal_handle attempted invalid transition from state {status.ToString().ToUpperInvariant()} with event {Name(happened)}"),
    };

    private static string Name(GoalEvent happened) => happened == GoalEvent.CancelGoal ? "CANCEL_GOAL" : happened.ToString().ToUpperInvariant();
}
