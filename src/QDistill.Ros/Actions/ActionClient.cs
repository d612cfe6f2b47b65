using QDistill.Msgs.ActionMsgs;

namespace QDistill.Ros;

/// <summary>Sends goals to an action's server. Replies, feedback and status are received while the context spins; in a callback, await instead of blocking.</summary>
/// <typeparam name="TAction">The generated action class.</typeparam>
/// <typeparam name="TGoal">Its goal class.</typeparam>
/// <typeparam name="TResult">Its result class.</typeparam>
/// <typeparam name="TFeedback">Its feedback class.</typeparam>
public sealed class ActionClient<TAction, TGoal, TResult, TFeedback> : ActionEndpoint, IGoalSender<TResult>
    where TAction : IAction<TGoal, TResult, TFeedback>
    where TGoal : class, IMessage<TGoal>, new()
    where TResult : class, IMessage<TResult>, new()
    where TFeedback : class, IMessage<TFeedback>, new()
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    private readonly Client<ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoal, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalResponse> sendGoal;
    private readonly Client<CancelGoal, CancelGoal.Request, CancelGoal.Response> cancelGoal;
    private readonly Client<ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResult, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse> getResult;
    private readonly Subscription<ActionMessages<TAction, TGoal, TResult, TFeedback>.FeedbackMessage> feedback;
    private readonly Subscription<GoalStatusArray> status;
    private readonly Lock gate = new();
    private readonly Dictionary<GoalId, Tracked> goals = [];

    internal ActionClient(Node node, string name, ActionQoS qos)
        : base(node, name, TAction.Type)
    {
        // The topics first: once the services answer, the server has heard of these, too, and no feedback is lost.
        feedback = node.CreateSubscription<ActionMessages<TAction, TGoal, TResult, TFeedback>.FeedbackMessage>(name + Below + "feedback", qos.FeedbackTopic, (m, _) => OnFeedback(m));
        status = node.CreateSubscription<GoalStatusArray>(name + Below + "status", qos.StatusTopic, (m, _) => OnStatus(m));
        sendGoal = node.CreateClient<ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoal, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalResponse>(
            name + Below + "send_goal", qos.GoalService);
        cancelGoal = node.CreateClient<CancelGoal, CancelGoal.Request, CancelGoal.Response>(name + Below + "cancel_goal", qos.CancelService);
        getResult = node.CreateClient<ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResult, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultRequest, ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse>(
            name + Below + "get_result", qos.ResultService);
        node.Context.GraphChanged += OnGraphChanged;
        node.Add(this);
    }

    /// <summary>Whether a server is there with all three services and both topics.</summary>
    public bool IsServerReady =>
        !IsDisposed && sendGoal.IsServiceReady && cancelGoal.IsServiceReady && getResult.IsServiceReady && feedback.MatchedCount > 0 && status.MatchedCount > 0;

    /// <summary>Waits until <see cref="IsServerReady"/>; needs no spinning.</summary>
    /// <returns>False on time-out.</returns>
    public async Task<bool> WaitForServerAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Clock.SteadyNow + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Node.Context.ShutdownToken);
        while (!IsServerReady)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (Clock.SteadyNow >= end)
            {
                return false;
            }

            await Task.Delay(Poll, both.Token).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Waits for the server and sends it a goal.</summary>
    /// <param name="goal">What is asked for.</param>
    /// <param name="onFeedback">Called on the spinning thread with every feedback of this goal, also with what comes before the reply; the instance is reused between calls.</param>
    /// <param name="timeout">For server and reply; null: no limit.</param>
    /// <param name="cancellation">Gives up waiting for the reply; the goal may then have been accepted all the same.</param>
    /// <returns>The accepted goal, or null when the server has refused it.</returns>
    /// <exception cref="TimeoutException">No server or no reply in time.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the context shut down.</exception>
    public async Task<ClientGoalHandle<TResult>?> SendGoalAsync(TGoal goal, Action<TFeedback>? onFeedback = null, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        TimeSpan limit = timeout ?? Timeout.InfiniteTimeSpan;
        long start = Clock.SteadyNow;
        if (!IsServerReady && !await WaitForServerAsync(limit, cancellation).ConfigureAwait(false))
        {
            throw new TimeoutException($"no server of the action '{Name}' came within {limit.TotalSeconds:G3} s");
        }

        GoalId id = GoalId.New();
        var request = new ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalRequest { Goal = goal };
        id.CopyTo(request.GoalId);
        var tracked = new Tracked(onFeedback);
        lock (gate)
        {
            goals.Add(id, tracked);
        }

        bool accepted = false;
        try
        {
            TimeSpan? left = timeout is null ? null : limit - TimeSpan.FromTicks((Clock.SteadyNow - start) / TimeSpan.NanosecondsPerTick);
            ActionMessages<TAction, TGoal, TResult, TFeedback>.SendGoalResponse reply = await sendGoal.CallAsync(request, left, cancellation).ConfigureAwait(false);
            accepted = reply.Accepted;
            return accepted ? Track(tracked, new ClientGoalHandle<TResult>(this, id, reply.Stamp.ToNanoseconds())) : null;
        }
        finally
        {
            if (!accepted)
            {
                Forget(id);
            }
        }
    }

    /// <summary>Asks the server to cancel all goals, whoever sent them.</summary>
    public Task<CancelResult> CancelAllGoalsAsync(TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        ((IGoalSender<TResult>)this).CancelAsync(GoalId.Zero, 0, timeout, cancellation);

    /// <summary>Asks the server to cancel all goals accepted at or before a time, ns on the server's clock.</summary>
    public Task<CancelResult> CancelGoalsBeforeAsync(long stamp, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        ((IGoalSender<TResult>)this).CancelAsync(GoalId.Zero, stamp, timeout, cancellation);

    async Task<CancelResult> IGoalSender<TResult>.CancelAsync(GoalId id, long stamp, TimeSpan? timeout, CancellationToken cancellation)
    {
        var request = new CancelGoal.Request();
        id.CopyTo(request.GoalInfo.GoalId);
        request.GoalInfo.Stamp.SetNanoseconds(stamp);
        CancelGoal.Response reply = await cancelGoal.CallAsync(request, timeout, cancellation).ConfigureAwait(false);
        return new CancelResult(
            (CancelReturnCode)reply.ReturnCode, [.. reply.GoalsCanceling.ToArray().Select(g => (GoalId.From(g.GoalId), g.Stamp.ToNanoseconds()))]);
    }

    async Task<GoalResult<TResult>> IGoalSender<TResult>.RequestResultAsync(ClientGoalHandle<TResult> handle)
    {
        var request = new ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultRequest();
        handle.GoalId.CopyTo(request.GoalId);
        var lost = new CancellationTokenSource();
        Tracked? tracked;
        lock (gate)
        {
            if (!goals.TryGetValue(handle.GoalId, out tracked))
            {
                goals.Add(handle.GoalId, tracked = new Tracked(null));
            }

            tracked.Lost = lost;
        }

        try
        {
            // It was there when the goal was accepted; waiting for another would be in vain.
            if (!getResult.IsServiceReady)
            {
                throw Gone(handle.GoalId);
            }

            ActionMessages<TAction, TGoal, TResult, TFeedback>.GetResultResponse reply = await getResult.CallAsync(request, null, lost.Token).ConfigureAwait(false);
            if (tracked.OnFeedback is not null)
            {
                await FeedbackServedAsync().ConfigureAwait(false);
            }

            var end = (GoalStatus)reply.Status;
            handle.Update(end);
            return new GoalResult<TResult>(handle.GoalId, end, reply.Result);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !Node.Context.IsShutdown)
        {
            throw Gone(handle.GoalId);
        }
        finally
        {
            Forget(handle.GoalId);
        }
    }

    private protected override void Close()
    {
        Node.Context.GraphChanged -= OnGraphChanged;
        sendGoal.Dispose();
        cancelGoal.Dispose();
        getResult.Dispose();
        feedback.Dispose();
        status.Dispose();
    }

    private ClientGoalHandle<TResult> Track(Tracked tracked, ClientGoalHandle<TResult> handle)
    {
        GoalStatus heard;
        lock (gate)
        {
            tracked.Handle = new WeakReference<ClientGoalHandle<TResult>>(handle);
            heard = tracked.Heard;
        }

        // The status may have been quicker than the reply.
        if (heard != GoalStatus.Unknown)
        {
            handle.Update(heard);
        }

        return handle;
    }

    private void Forget(GoalId id)
    {
        lock (gate)
        {
            if (goals.Remove(id, out Tracked? tracked))
            {
                tracked.Lost = null;
            }
        }
    }

    private void ForgetUnlessAwaited(GoalId id)
    {
        lock (gate)
        {
            if (goals.TryGetValue(id, out Tracked? tracked) && tracked.Lost is null)
            {
                goals.Remove(id);
            }
        }
    }

    private ActionServerLostException Gone(GoalId id) => new($"the server of the action '{Name}' has gone before it gave the result of goal {id}");

    // Feedback that came before the result but is not served yet goes first.
    private async Task FeedbackServedAsync()
    {
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Node.Context.Post(served.SetResult);
        try
        {
            await served.Task.WaitAsync(Node.Context.ShutdownToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The result is here all the same.
        }
    }

    private void OnFeedback(ActionMessages<TAction, TGoal, TResult, TFeedback>.FeedbackMessage message)
    {
        Action<TFeedback>? callback;
        lock (gate)
        {
            callback = goals.TryGetValue(GoalId.From(message.GoalId), out Tracked? tracked) ? tracked.OnFeedback : null;
        }

        callback?.Invoke(message.Feedback);
    }

    private void OnStatus(GoalStatusArray message)
    {
        foreach (Msgs.ActionMsgs.GoalStatus entry in message.StatusList)
        {
            ClientGoalHandle<TResult>? handle = null;
            GoalId id = GoalId.From(entry.GoalInfo.GoalId);
            var now = (GoalStatus)entry.Status;
            bool ended = false;
            lock (gate)
            {
                if (goals.TryGetValue(id, out Tracked? tracked))
                {
                    ended = tracked.Handle is not null && !now.IsActive() && tracked.Heard != now;
                    tracked.Heard = now;
                    tracked.Handle?.TryGetTarget(out handle);
                }
            }

            handle?.Update(now);
            if (ended)
            {
                Node.Context.Post(() => ForgetUnlessAwaited(id));
            }
        }
    }

    // Whoever waits for a result when the server is gone would wait for ever.
    private void OnGraphChanged()
    {
        lock (gate)
        {
            if (goals.Count == 0 || goals.Values.All(g => g.Lost is null) || getResult.IsServiceReady)
            {
                return;
            }

            foreach (Tracked tracked in goals.Values)
            {
                _ = tracked.Lost?.CancelAsync();
                tracked.Lost = null;
            }
        }
    }

    /// <summary>A goal under way: known from before it is sent until its result is here.</summary>
    private sealed class Tracked(Action<TFeedback>? onFeedback)
    {
        public Action<TFeedback>? OnFeedback { get; } = onFeedback;

        public WeakReference<ClientGoalHandle<TResult>>? Handle { get; set; }

        public GoalStatus Heard { get; set; }

        public CancellationTokenSource? Lost { get; set; }
    }
}
