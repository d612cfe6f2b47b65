using Microsoft.Extensions.Logging;
using QDistill.Msgs.ActionMsgs;

namespace QDistill.Ros;

/// <summary>
/// Serves an action. Requests are answered on the spinning thread; every goal is executed by a task of its own on the thread pool, so that long work holds nobody up.
/// The rules are rcl_action's and rclcpp's, with three exceptions: a UUID that is still known is refused, an execution that throws aborts its goal, and results
/// expire by the time since the goal has ended (rclcpp: since it was accepted, which would lose the result of any goal longer than the time-out).
/// </summary>
/// <typeparam name="TAction">The generated action class.</typeparam>
/// <typeparam name="TGoal">Its goal class.</typeparam>
/// <typeparam name="TResult">Its result class.</typeparam>
/// <typeparam name="TFeedback">Its feedback class.</typeparam>
public sealed partial class ActionServer<TAction, TGoal, TResult, TFeedback> : ActionEndpoint, IGoalOwner<TGoal, TResult, TFeedback>
    where TAction : IAction<TGoal, TResult, TFeedback>
    where TGoal : class, IMessage<TGoal>, new()
    where TResult : class, IMessage<TResult>, new()
    where TFeedback : class, IMessage<TFeedback>, new()
{
    private readonly ActionServerOptions options;
    private readonly ActionCallbacks<TGoal, TResult, TFeedback> callbacks;
    private readonly Service<ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoal, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalResponse> sendGoal;
    private readonly Service<CancelGoal, CancelGoal.Request, CancelGoal.Response> cancelGoal;
    private readonly Service<ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResult, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse> getResult;
    private readonly Publisher<ActionMessages<TAction, TGoal, TResult, TFeedback>.FeedbackMessage> feedback;
    private readonly Publisher<GoalStatusArray> status;
    private readonly Timer expiry;

    // Guards the goals, their states and the order of status messages. In the order of acceptance.
    private readonly Lock gate = new();
    private readonly List<ServerGoal<TGoal, TResult, TFeedback>> goals = [];
    private readonly HashSet<Task> executions = [];

    internal ActionServer(Node node, string name, ActionCallbacks<TGoal, TResult, TFeedback> callbacks, ActionServerOptions options)
        : base(node, name, TAction.Type)
    {
        this.options = options;
        this.callbacks = callbacks;
        expiry = node.CreateTimer(TimeSpan.FromDays(1), Expire, node.Clock);
        expiry.Cancel();
        feedback = node.CreatePublisher<ActionMessages<TAction, TGoal, TResult, TFeedback>.FeedbackMessage>(name + Below + "feedback", options.FeedbackTopic);
        status = node.CreatePublisher<GoalStatusArray>(name + Below + "status", options.StatusTopic);
        getResult = node.CreateService<ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResult, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse>(
            name + Below + "get_result", OnGetResult, options.ResultService);
        cancelGoal = node.CreateService<CancelGoal, CancelGoal.Request, CancelGoal.Response>(name + Below + "cancel_goal", OnCancel, options.CancelService);
        sendGoal = node.CreateService<ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoal, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalResponse>(
            name + Below + "send_goal", OnSendGoal, options.GoalService);
        node.Add(this);
    }

    /// <summary>How many goals have not ended.</summary>
    public int ActiveGoalCount
    {
        get
        {
            lock (gate)
            {
                return goals.Count(g => g.Status.IsActive());
            }
        }
    }

    /// <summary>How many goals are known: those that have not ended, and those whose result has not expired.</summary>
    internal int KnownGoalCount
    {
        get
        {
            lock (gate)
            {
                return goals.Count;
            }
        }
    }

    /// <summary>Completes when the executions that run now have returned; for an orderly end: <see cref="ActionEndpoint.Dispose"/> cancels them, then await this.</summary>
    public Task WhenIdle()
    {
        lock (gate)
        {
            return Task.WhenAll(executions);
        }
    }

    void IGoalOwner<TGoal, TResult, TFeedback>.PublishFeedback(ServerGoal<TGoal, TResult, TFeedback> goal, TFeedback message)
    {
        if (!goal.Status.IsActive())
        {
            throw new InvalidOperationException($"the goal {goal.Id} has ended ({goal.Status}); no more feedback can be sent");
        }

        if (IsDisposed)
        {
            return;
        }

        var sent = new ActionMessages<TAction, TGoal, TResult, TFeedback>.FeedbackMessage { Feedback = message };
        goal.Id.CopyTo(sent.GoalId);
        Publish(feedback, sent);
    }

    private protected override void Close()
    {
        expiry.Dispose();
        sendGoal.Dispose();
        cancelGoal.Dispose();
        getResult.Dispose();
        ServerGoal<TGoal, TResult, TFeedback>[] active;
        lock (gate)
        {
            active = [.. goals.Where(g => g.Status.IsActive())];
        }

        foreach (ServerGoal<TGoal, TResult, TFeedback> goal in active)
        {
            _ = goal.Cancellation.CancelAsync();
        }

        feedback.Dispose();
        status.Dispose();
    }

    private void OnSendGoal(ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalRequest request, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalResponse response)
    {
        GoalId id = GoalId.From(request.GoalId);
        if (Find(id) is not null)
        {
            Node.Logger.LogWarning("Action '{Name}': a goal with the UUID {Id} is still known; the new one is refused", Name, id);
            return;
        }

        GoalResponse answer = Ask(id, request.Goal);
        if (answer == GoalResponse.Reject)
        {
            return;
        }

        // As from rclcpp's servers, the reply's stamp stays 0; the goal's own stands in the status array.
        response.Accepted = true;
        var goal = new ServerGoal<TGoal, TResult, TFeedback>(this, id, request.Goal, Node.Clock.Now);
        var handle = new ServerGoalHandle<TGoal, TResult, TFeedback>(goal);
        lock (gate)
        {
            goal.Status = answer == GoalResponse.AcceptAndExecute ? goal.Status.After(GoalEvent.Execute) : goal.Status;
            goals.Add(goal);
        }

        // The reply goes out first, then the status, then whatever the execution sends.
        Node.Context.Post(() =>
        {
            PublishStatus();
            try
            {
                callbacks.Accepted?.Invoke(handle);
            }
            finally
            {
                if (answer == GoalResponse.AcceptAndExecute)
                {
                    Start(goal, handle);
                }
            }
        });
    }

    private GoalResponse Ask(GoalId id, TGoal goal)
    {
        try
        {
            return callbacks.Goal?.Invoke(id, goal) ?? GoalResponse.AcceptAndExecute;
        }
        catch (Exception e)
        {
            Node.Logger.LogError(e, "Action '{Name}': the goal callback failed, the goal is refused: {Message}", Name, e.Message);
            return GoalResponse.Reject;
        }
    }

    private async Task<ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse> OnGetResult(ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultRequest request)
    {
        if (Find(GoalId.From(request.GoalId)) is not { } goal)
        {
            return new ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse();
        }

        (GoalStatus last, TResult result) = await goal.Ended.Task.ConfigureAwait(false);
        return new ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse { Status = (sbyte)last, Result = result };
    }

    private ServerGoal<TGoal, TResult, TFeedback>? Find(GoalId id)
    {
        lock (gate)
        {
            return goals.Find(g => g.Id == id);
        }
    }

    private void PublishStatus()
    {
        lock (gate)
        {
            var message = new GoalStatusArray();
            foreach (ServerGoal<TGoal, TResult, TFeedback> goal in goals)
            {
                Msgs.ActionMsgs.GoalStatus entry = message.StatusList.AddNew();
                CopyInfo(goal, entry.GoalInfo);
                entry.Status = (sbyte)goal.Status;
            }

            Publish(status, message);
        }
    }

    private void Publish<T>(Publisher<T> publisher, T message)
        where T : class, IMessage<T>, new()
    {
        try
        {
            publisher.Publish(message);
        }
        catch (ObjectDisposedException) when (IsDisposed)
        {
            // The server left while a goal was executed; nobody listens any more.
        }
        catch (TransportException e)
        {
            // A goal must end all the same, and whoever waits for its result get it.
            Node.Logger.LogError("Action '{Name}': '{Topic}' could not be published: {Reason}", Name, publisher.Topic, e.Message);
        }
    }

    private static void CopyInfo(ServerGoal<TGoal, TResult, TFeedback> goal, GoalInfo info)
    {
        goal.Id.CopyTo(info.GoalId);
        info.Stamp.SetNanoseconds(goal.Stamp);
    }
}
