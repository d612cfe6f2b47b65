using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using QDistill.Msgs.ExampleInterfaces;
using Client = QDistill.Ros.ActionClient<QDistill.Msgs.ExampleInterfaces.Fibonacci, QDistill.Msgs.ExampleInterfaces.Fibonacci.Goal, QDistill.Msgs.ExampleInterfaces.Fibonacci.Result, QDistill.Msgs.ExampleInterfaces.Fibonacci.Feedback>;
using Handle = QDistill.Ros.ClientGoalHandle<QDistill.Msgs.ExampleInterfaces.Fibonacci.Result>;
using Server = QDistill.Ros.ActionServer<QDistill.Msgs.ExampleInterfaces.Fibonacci, QDistill.Msgs.ExampleInterfaces.Fibonacci.Goal, QDistill.Msgs.ExampleInterfaces.Fibonacci.Result, QDistill.Msgs.ExampleInterfaces.Fibonacci.Feedback>;
using ServerHandle = QDistill.Ros.ServerGoalHandle<QDistill.Msgs.ExampleInterfaces.Fibonacci.Goal, QDistill.Msgs.ExampleInterfaces.Fibonacci.Result, QDistill.Msgs.ExampleInterfaces.Fibonacci.Feedback>;

namespace QDistill.Ros.Tests;

public sealed class ActionTests
{
    [Fact]
    public void A_goal_gives_feedback_then_its_result_also_within_one_context()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("both");
        var server = new GoldenActionServer(node);
        Client client = NewClient(node);
        var feedback = new List<int>();
        Handle handle = Send(client, 5, f => feedback.Add(f.Sequence.Count))!;
        GoalResult<Fibonacci.Result> result = Result(client, handle);
        Assert.Equal((GoalStatus.Succeeded, handle.GoalId), (result.Status, result.GoalId));
        Assert.Equal([0, 1, 1, 2, 3, 5], result.Result.Sequence.ToArray());
        Assert.Equal([3, 4, 5, 6], feedback);
        Assert.Equal(GoalStatus.Succeeded, handle.Status);
        Assert.Same(result.Result, Result(client, handle).Result); // asked for once

        var states = new List<GoalStatus>();
        Handle waiting = Send(client, 101)!;
        waiting.StatusChanged += states.Add;
        server.Release(waiting.GoalId);
        Assert.Equal([101], Result(client, waiting).Result.Sequence.ToArray());
        Assert.Equal(GoalStatus.Succeeded, states[^1]);
        Assert.Null(Send(client, -1));
        Assert.Equal(0, server.Server.ActiveGoalCount);
    }

    [Fact]
    public void Long_work_does_not_hold_up_the_spinning_thread_and_goals_run_side_by_side()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("server");
        using var meet = new Barrier(2);
        Server server = node.CreateActionServer<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>("fib", (handle, _) =>
        {
            // Blocks until the other goal is here, too: neither accepted nor executed if one waited for the other.
            bool met = meet.SignalAndWait(TestNodes.Patience);
            handle.Succeed(new Fibonacci.Result { Sequence = { met ? 1 : 0 } });
            return Task.CompletedTask;
        });
        using var spin = new ServiceTests.Spinning(node.Context);
        Client client = NewClient(ros.Node("client"));
        Handle first = Send(client, 1)!, second = Send(client, 2)!;
        Assert.Equal([1], Result(client, first).Result.Sequence.ToArray());
        Assert.Equal([1], Result(client, second).Result.Sequence.ToArray());
        Assert.NotNull(server);
    }

    [Fact]
    public void Cancellation_reaches_the_execution_by_its_token_and_by_every_rule_of_rcl()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("server");
        node.Clock.SetSimulated(true);
        var stamps = new Dictionary<GoalId, long>();
        long now = 1_000_000_000;
        node.Clock.SetTime(now);
        Server server = node.CreateActionServer<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>(
            "fib",
            new ActionCallbacks<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>
            {
                Goal = (id, _) =>
                {
                    node.Clock.SetTime(now += 1_000_000_000);
                    stamps[id] = now;
                    return GoalResponse.AcceptAndExecute;
                },
                Cancel = handle => handle.Goal.Order == 102 ? throw new InvalidOperationException("no answer") : CancelResponse.Accept,
                Execute = (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation),
            });
        using var spin = new ServiceTests.Spinning(node.Context);
        Client client = NewClient(ros.Node("client"));
        Handle a = Send(client, 1)!, b = Send(client, 2)!, c = Send(client, 3)!, d = Send(client, 102)!;

        // Accepted at or before b's stamp.
        CancelResult before = Cancel(client, client.CancelGoalsBeforeAsync(stamps[b.GoalId]));
        Assert.Equal(CancelReturnCode.None, before.ReturnCode);
        Assert.Equal([(a.GoalId, stamps[a.GoalId]), (b.GoalId, stamps[b.GoalId])], before.GoalsCanceling);
        Assert.Equal((GoalStatus.Canceled, GoalStatus.Canceled), (Result(client, a).Status, Result(client, b).Status));
        Assert.Equal(CancelReturnCode.GoalTerminated, Cancel(client, a.CancelAsync()).ReturnCode);
        Assert.Equal(CancelReturnCode.Rejected, Cancel(client, d.CancelAsync()).ReturnCode); // a callback that throws has not agreed
        Assert.Equal([c.GoalId], Cancel(client, client.CancelAllGoalsAsync()).GoalsCanceling.Select(g => g.Id));
        Assert.Equal(GoalStatus.Canceled, Result(client, c).Status);
        Assert.Equal(1, server.ActiveGoalCount);
    }

    [Fact]
    public void An_execution_that_throws_aborts_its_goal_and_one_that_just_returns_cancels_it()
    {
        using var ros = new TestNodes();
        var log = new Lines();
        Node node = ros.Open(o => o with { LoggerFactory = log }).CreateNode("both");
        _ = new GoldenActionServer(node);
        Client client = NewClient(node);
        Assert.Equal(GoalStatus.Aborted, Result(client, Send(client, 104)!).Status);
        Assert.Equal(GoalStatus.Canceled, Result(client, Send(client, 103)!).Status);
        TestNodes.Await(() => log.All.Any(l => l.Contains("error raised in execute callback", StringComparison.Ordinal) && l.Contains("boom", StringComparison.Ordinal)), "the error is logged");
        Assert.Contains(log.All, l => l.Contains("returned without a result", StringComparison.Ordinal));
    }

    [Fact]
    public void A_deferred_goal_is_cancelled_when_its_handle_is_dropped_and_wound_up_when_cancelled_before_it_began()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("both");
        var kept = new ConcurrentQueue<ServerHandle>();
        node.CreateActionServer<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>(
            "fib",
            new ActionCallbacks<Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>
            {
                Goal = (_, _) => GoalResponse.AcceptAndDefer,
                Accepted = handle =>
                {
                    if (handle.Goal.Order > 0)
                    {
                        kept.Enqueue(handle);
                    }
                },
                Execute = (handle, cancellation) =>
                {
                    handle.Canceled(new Fibonacci.Result { Sequence = { cancellation.IsCancellationRequested ? 1 : 0 } });
                    return Task.CompletedTask;
                },
            });
        Client client = NewClient(node);
        Task<GoalResult<Fibonacci.Result>> dropped = Send(client, 0)!.GetResultAsync();
        Assert.True(node.Context.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return dropped.IsCompleted;
            },
            TestNodes.Patience));
        Assert.Equal(GoalStatus.Canceled, client.Node.Context.SpinUntilComplete(dropped, TestNodes.Patience).Status);

        Handle waiting = Send(client, 1)!;
        Assert.True(node.Context.SpinUntil(() => !kept.IsEmpty, TestNodes.Patience));
        Assert.Equal(CancelReturnCode.None, Cancel(client, waiting.CancelAsync()).ReturnCode);
        Assert.True(kept.TryDequeue(out ServerHandle? handle));
        Assert.Equal(GoalStatus.Canceling, handle.Status);
        handle.Execute();
        Assert.Equal([1], Result(client, waiting).Result.Sequence.ToArray());
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => handle.Succeed(new Fibonacci.Result()));
        Assert.Equal("goal_handle attempted invalid transition from state CANCELED with event SUCCEED", e.Message);
        Assert.Throws<InvalidOperationException>(() => handle.PublishFeedback(new Fibonacci.Feedback()));
    }

    [Fact]
    public void A_result_is_kept_from_the_end_of_its_goal_for_the_time_out_however_long_the_goal_took()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("both");
        node.Clock.SetSimulated(true);
        node.Clock.SetTime(1_000_000_000);
        var server = new GoldenActionServer(node, TimeSpan.FromSeconds(10));
        Client client = NewClient(node);
        Handle handle = Send(client, 101)!;
        node.Clock.SetTime(101_000_000_000);
        server.Release(handle.GoalId);
        Assert.True(node.Context.SpinUntil(() => server.Server.ActiveGoalCount == 0, TestNodes.Patience));
        node.Clock.SetTime(110_000_000_000);
        node.Context.SpinUntil(() => false, TimeSpan.FromMilliseconds(5));
        Assert.Equal(1, server.Server.KnownGoalCount);
        Assert.Equal([101], Result(client, handle).Result.Sequence.ToArray());
        node.Clock.SetTime(111_000_000_001);
        Assert.True(node.Context.SpinUntil(() => server.Server.KnownGoalCount == 0, TestNodes.Patience));
        Assert.Equal(CancelReturnCode.UnknownGoalId, Cancel(client, handle.CancelAsync()).ReturnCode);
    }

    [Fact]
    public void Whoever_waits_for_a_result_is_told_when_the_server_goes()
    {
        using var ros = new TestNodes();
        Node server = ros.Open().CreateNode("server");
        var fib = new GoldenActionServer(server);
        var spin = new ServiceTests.Spinning(server.Context);
        Client client = NewClient(ros.Node("client"));
        Handle handle = Send(client, 101)!, later = Send(client, 101)!;
        Task<GoalResult<Fibonacci.Result>> result = handle.GetResultAsync();
        Assert.False(client.Node.Context.SpinUntil(() => result.IsCompleted, TimeSpan.FromMilliseconds(20)));
        Assert.Throws<TimeoutException>(() => client.Node.Context.SpinUntilComplete(handle.GetResultAsync(TimeSpan.FromMilliseconds(10)), TestNodes.Patience));
        spin.Dispose();
        fib.Server.Dispose();
        Task idle = fib.Server.WhenIdle();
        TestNodes.Await(() => idle.IsCompletedSuccessfully, "the executions were told");
        Assert.Throws<ActionServerLostException>(() => client.Node.Context.SpinUntilComplete(result, TestNodes.Patience));
        TestNodes.Await(() => !client.IsServerReady, "the server is gone");
        ActionServerLostException e = Assert.Throws<ActionServerLostException>(() => Result(client, later));
        Assert.Contains("'/fib'", e.Message);
        TimeoutException none = Assert.Throws<TimeoutException>(() => client.Node.Context.SpinUntilComplete(client.SendGoalAsync(new Fibonacci.Goal(), null, TimeSpan.FromMilliseconds(20)), TestNodes.Patience));
        Assert.Contains("no server of the action '/fib'", none.Message);
    }

    [Fact]
    public void The_action_and_its_services_are_types_in_use_and_names_are_renamed_as_a_whole()
    {
        using var ros = new TestNodes();
        Node node = ros.Open(o => o with { Remaps = new RemapRules([new RemapRule(null, "fib", "arm/count")]) }).CreateNode("server", "ns");
        var server = new GoldenActionServer(node);
        Assert.Equal("/ns/arm/count", server.Server.Name);
        Assert.Contains(node.GetServiceNamesAndTypes(), s => s.Name == "/ns/arm/count/_action/send_goal");
        Assert.Equal("example_interfaces/action/Fibonacci", node.FindTypeInUse(Fibonacci.Type.Hash)?.Name);
        Assert.Equal("example_interfaces/action/Fibonacci_SendGoal", node.FindTypeInUse(Fibonacci.SendGoal.Type.Hash)?.Name);
        server.Server.Dispose();
        Assert.Null(node.FindTypeInUse(Fibonacci.Type.Hash));
        Assert.Empty(node.GetServiceNamesAndTypes());
    }

    [Fact]
    public void An_id_is_read_and_written_as_hexadecimal_digits()
    {
        GoalId id = GoalId.New();
        Assert.True(GoalId.TryParse(id.ToString(), out GoalId again));
        Assert.Equal(id, again);
        Assert.False(GoalId.TryParse("xyz", out _));
        Assert.Equal(new string('0', 32), GoalId.Zero.ToString());
    }

    private static Client NewClient(Node node)
    {
        Client client = node.CreateActionClient<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>("/fib");
        TestNodes.Await(() => client.IsServerReady, "the action server is there");
        return client;
    }

    private static Handle? Send(Client client, int order, Action<Fibonacci.Feedback>? feedback = null) =>
        client.Node.Context.SpinUntilComplete(client.SendGoalAsync(new Fibonacci.Goal { Order = order }, feedback, TestNodes.Patience), TestNodes.Patience);

    private static GoalResult<Fibonacci.Result> Result(Client client, Handle handle) => client.Node.Context.SpinUntilComplete(handle.GetResultAsync(TestNodes.Patience), TestNodes.Patience);

    private static CancelResult Cancel(Client client, Task<CancelResult> answer) => client.Node.Context.SpinUntilComplete(answer, TestNodes.Patience);

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
