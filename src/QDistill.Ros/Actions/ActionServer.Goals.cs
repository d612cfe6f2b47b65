using Microsoft.Extensions.Logging;
using QDistill.Msgs.ActionMsgs;

namespace QDistill.Ros;

/// <content>The life of a goal: execution, cancellation, end, expiry.</content>
public sealed partial class ActionServer<TAction, TGoal, TResult, TFeedback>
{
    void IGoalOwner<TGoal, TResult, TFeedback>.Execute(ServerGoal<TGoal, TResult, TFeedback> goal, ServerGoalHandle<TGoal, TResult, TFeedback> handle)
    {
        lock (gate)
        {
            // One that was cancelled before it began is executed all the same: somebody has to wind it up.
            if (goal.Status != GoalStatus.Canceling || goal.IsStarted)
            {
                goal.Status = goal.Status.After(GoalEvent.Execute);
            }
        }

        PublishStatus();
        Start(goal, handle);
    }

    void IGoalOwner<TGoal, TResult, TFeedback>.End(ServerGoal<TGoal, TResult, TFeedback> goal, GoalEvent how, TResult result)
    {
        lock (gate)
        {
            End(goal, goal.Status.After(how), result);
        }

        goal.Ended.TrySetResult((goal.Status, goal.Result!));
    }

    void IGoalOwner<TGoal, TResult, TFeedback>.Drop(ServerGoal<TGoal, TResult, TFeedback> goal)
    {
        lock (gate)
        {
            if (!goal.Status.IsActive())
            {
                return;
            }

            End(goal, GoalStatus.Canceled, new TResult());
        }

        _ = goal.Cancellation.CancelAsync();
        goal.Ended.TrySetResult((goal.Status, goal.Result!));
    }

    // Called under the lock; the status goes out before the result.
    private void End(ServerGoal<TGoal, TResult, TFeedback> goal, GoalStatus last, TResult result)
    {
        goal.Result = result;
        goal.EndStamp = Node.Clock.Now;
        goal.Status = last;
        if (!IsDisposed)
        {
            PublishStatus();
            SetExpiry();
        }
    }

    private void Start(ServerGoal<TGoal, TResult, TFeedback> goal, ServerGoalHandle<TGoal, TResult, TFeedback> handle)
    {
        goal.IsStarted = true;
        Task execution = Task.Run(() => RunAsync(goal, handle));
        lock (gate)
        {
            executions.Add(execution);
        }

        _ = execution.ContinueWith(
            done =>
            {
                lock (gate)
                {
                    executions.Remove(done);
                }
            },
            TaskScheduler.Default);
    }

    private async Task RunAsync(ServerGoal<TGoal, TResult, TFeedback> goal, ServerGoalHandle<TGoal, TResult, TFeedback> handle)
    {
        try
        {
            await callbacks.Execute(handle, goal.Cancellation.Token).ConfigureAwait(false);
            if (handle.IsActive && !IsDisposed)
            {
                Node.Logger.LogWarning("Action '{Name}': the execution of goal {Id} returned without a result; the goal is cancelled", Name, goal.Id);
            }
        }
        catch (OperationCanceledException) when (goal.Cancellation.IsCancellationRequested)
        {
            // Wound up on request: dropping the handle makes it cancelled.
        }
        catch (Exception e)
        {
            Node.Logger.LogError(e, "Action '{Name}': error raised in execute callback of goal {Id}: {Message}", Name, goal.Id, e.Message);
            lock (gate)
            {
                // Unless the execution has ended the goal before it threw.
                if (goal.Status is GoalStatus.Executing or GoalStatus.Canceling)
                {
                    End(goal, GoalStatus.Aborted, new TResult());
                }
            }

            goal.Ended.TrySetResult((goal.Status, goal.Result!));
        }

        handle.Dispose();
    }

    // rcl_action_process_cancel_request: one goal by its id; all; all accepted at or before a stamp; these and one more by its id.
    private void OnCancel(CancelGoal.Request request, CancelGoal.Response response)
    {
        GoalId id = GoalId.From(request.GoalInfo.GoalId);
        long stamp = request.GoalInfo.Stamp.ToNanoseconds();
        ServerGoal<TGoal, TResult, TFeedback>[] wanted;
        lock (gate)
        {
            if (id != GoalId.Zero && stamp == 0)
            {
                wanted = [.. goals.Where(g => g.Id == id)];
                if (wanted.Length == 0 || !wanted[0].Status.IsCancelable())
                {
                    response.ReturnCode = wanted.Length == 0 ? CancelGoal.Response.ERROR_UNKNOWN_GOAL_ID : CancelGoal.Response.ERROR_GOAL_TERMINATED;
                    return;
                }
            }
            else
            {
                long latest = id == GoalId.Zero && stamp == 0 ? long.MaxValue : stamp;
                wanted = [.. goals.Where(g => g.Status.IsCancelable() && (g.Stamp <= latest || g.Id == id))];
            }
        }

        var agreed = new List<ServerGoal<TGoal, TResult, TFeedback>>();
        foreach (ServerGoal<TGoal, TResult, TFeedback> goal in wanted)
        {
            if (AgreesToCancel(goal))
            {
                agreed.Add(goal);
                CopyInfo(goal, response.GoalsCanceling.AddNew());
            }
        }

        if (agreed.Count > 0)
        {
            PublishStatus();
        }
        else if (wanted.Length > 0)
        {
            response.ReturnCode = CancelGoal.Response.ERROR_REJECTED;
        }

        foreach (ServerGoal<TGoal, TResult, TFeedback> goal in agreed)
        {
            _ = goal.Cancellation.CancelAsync();
        }
    }

    private bool AgreesToCancel(ServerGoal<TGoal, TResult, TFeedback> goal)
    {
        ServerGoalHandle<TGoal, TResult, TFeedback>? handle = null;
        if (goal.Handle?.TryGetTarget(out handle) != true)
        {
            return false;
        }

        try
        {
            if (callbacks.Cancel is { } ask && ask(handle!) == CancelResponse.Reject)
            {
                return false;
            }
        }
        catch (Exception e)
        {
            Node.Logger.LogError(e, "Action '{Name}': the cancel callback failed, the request is refused: {Message}", Name, e.Message);
            return false;
        }

        lock (gate)
        {
            // It may have ended while the callback thought about it.
            if (!goal.Status.IsCancelable())
            {
                return false;
            }

            goal.Status = goal.Status.After(GoalEvent.CancelGoal);
            return true;
        }
    }

    private void Expire()
    {
        lock (gate)
        {
            long limit = options.ResultTimeout.Ticks * TimeSpan.NanosecondsPerTick, now = Node.Clock.Now;
            goals.RemoveAll(g => !g.Status.IsActive() && now - g.EndStamp >= limit);
            SetExpiry();
        }
    }

    // Called under the lock.
    private void SetExpiry()
    {
        if (options.ResultTimeout == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        long first = long.MaxValue;
        foreach (ServerGoal<TGoal, TResult, TFeedback> goal in goals)
        {
            first = goal.Status.IsActive() ? first : Math.Min(first, goal.EndStamp);
        }

        if (first == long.MaxValue)
        {
            expiry.Cancel();
            return;
        }

        TimeSpan left = options.ResultTimeout - TimeSpan.FromTicks((Node.Clock.Now - first) / TimeSpan.NanosecondsPerTick);
        expiry.Period = left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
    }
}
