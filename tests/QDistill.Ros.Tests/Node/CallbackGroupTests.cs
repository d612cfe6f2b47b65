using System.Collections.Concurrent;
using QDistill.Msgs.StdSrvs;
using Int32 = QDistill.Msgs.StdMsgs.Int32;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

/// <summary>Several executor threads: which callbacks may overlap, that none waits for itself, and how a spin ends while some run.</summary>
public sealed class CallbackGroupTests
{
    private static readonly SubscriptionOptions None = new();

    [Fact]
    public void Callbacks_of_a_reentrant_subscription_overlap_each_with_a_message_of_its_own()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 3).CreateNode("n");
        using var meeting = new Barrier(3);
        var met = new ConcurrentBag<int>();
        QoSProfile all = QoSProfile.Default with { History = HistoryPolicy.KeepAll };
        node.CreateSubscription<Int32>("t", all, m =>
        {
            if (meeting.SignalAndWait(TestNodes.Patience))
            {
                met.Add(m.Data);
            }
        }, None with { CallbackGroup = node.CreateCallbackGroup(CallbackGroupType.Reentrant) });
        Publisher<Int32> publisher = node.CreatePublisher<Int32>("t", all);
        TestNodes.AwaitMatched(publisher);
        using var spin = new ServiceTests.Spinning(node.Context);
        for (int i = 0; i < 30; i++)
        {
            publisher.Publish(new Int32 { Data = i });
        }

        TestNodes.Await(() => met.Count == 30, "ten times three callbacks have met");
        Assert.Equal(Enumerable.Range(0, 30), met.Order());
    }

    [Fact]
    public void Callbacks_of_a_mutually_exclusive_group_never_overlap_and_stay_in_order_on_any_number_of_threads()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 4).CreateNode("n");
        CallbackGroup group = node.CreateCallbackGroup(CallbackGroupType.MutuallyExclusive);
        int inside = 0, overlaps = 0, ticks = 0;
        var got = new List<int>();
        QoSProfile all = QoSProfile.Default with { History = HistoryPolicy.KeepAll };
        void Guarded(Action action)
        {
            overlaps += Interlocked.Increment(ref inside) - 1;
            action();
            Interlocked.Decrement(ref inside);
        }

        node.CreateSubscription<Int32>("t", all, m => Guarded(() => got.Add(m.Data)), None with { CallbackGroup = group });
        node.CreateTimer(TimeSpan.FromMilliseconds(1), () => Guarded(() => ticks++), Clock.Steady, group);
        Publisher<Int32> publisher = node.CreatePublisher<Int32>("t", all);
        TestNodes.AwaitMatched(publisher);
        using (new ServiceTests.Spinning(node.Context))
        {
            for (int i = 0; i < 1000; i++)
            {
                publisher.Publish(new Int32 { Data = i });
            }

            TestNodes.Await(() => Volatile.Read(ref ticks) > 10 && got.Count == 1000, "all messages and some ticks came");
        }

        Assert.Equal(0, overlaps);
        Assert.Equal(Enumerable.Range(0, 1000), got);
    }

    [Fact]
    public void Callbacks_of_two_groups_overlap_and_those_of_the_default_group_do_not()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 2).CreateNode("n");
        using var meeting = new Barrier(2);
        int met = 0, alone = 0, inside = 0, overlaps = 0;
        foreach (CallbackGroup group in new[] { node.CreateCallbackGroup(CallbackGroupType.MutuallyExclusive), node.CreateCallbackGroup(CallbackGroupType.MutuallyExclusive) })
        {
            Timer? timer = null;
            timer = node.CreateTimer(TimeSpan.FromMilliseconds(1), () =>
            {
                timer!.Cancel();
                Interlocked.Add(ref met, meeting.SignalAndWait(TestNodes.Patience) ? 1 : 0);
            }, Clock.Steady, group);
        }

        for (int i = 0; i < 2; i++)
        {
            node.CreateTimer(TimeSpan.FromMilliseconds(1), () =>
            {
                overlaps += Interlocked.Increment(ref inside) - 1;
                Thread.Yield();
                alone++;
                Interlocked.Decrement(ref inside);
            });
        }

        using (new ServiceTests.Spinning(node.Context))
        {
            TestNodes.Await(() => Volatile.Read(ref met) == 2 && Volatile.Read(ref alone) > 20, "the groups met");
        }

        Assert.Equal(0, overlaps);
    }

    [Fact]
    public void With_one_thread_reentrant_callbacks_run_one_after_the_other_as_in_ros()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        CallbackGroup group = node.CreateCallbackGroup(CallbackGroupType.Reentrant);
        var threads = new HashSet<int>();
        int ticks = 0;
        for (int i = 0; i < 3; i++)
        {
            node.CreateTimer(TimeSpan.Zero, () =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                ticks++;
            }, Clock.Steady, group);
        }

        Assert.True(node.Context.SpinUntil(() => ticks > 10, TestNodes.Patience));
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
    }

    [Fact]
    public void Callbacks_may_block_on_services_of_their_own_node_even_when_all_threads_do()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 2).CreateNode("n");
        CallbackGroup reentrant = node.CreateCallbackGroup(CallbackGroupType.Reentrant);
        node.CreateService<SetBool, SetBool.Request, SetBool.Response>("inner", (request, response) => response.Success = request.Data);

        // A service that calls a service, from within a callback that calls it.
        var toInner = node.CreateClient<SetBool, SetBool.Request, SetBool.Response>("inner");
        node.CreateService<SetBool, SetBool.Request, SetBool.Response>(
            "outer", (request, response) => response.Success = toInner.Call(request, TestNodes.Patience).Success, group: reentrant);
        var toOuter = node.CreateClient<SetBool, SetBool.Request, SetBool.Response>("outer");
        int answers = 0;
        node.CreateSubscription<Int32>("t", QoSProfile.KeepLast(20), _ =>
        {
            if (toOuter.Call(new SetBool.Request { Data = true }, TestNodes.Patience).Success)
            {
                Interlocked.Increment(ref answers);
            }
        }, None with { CallbackGroup = reentrant });
        Publisher<Int32> publisher = node.CreatePublisher<Int32>("t", QoSProfile.KeepLast(20));
        TestNodes.AwaitMatched(publisher);
        using var spin = new ServiceTests.Spinning(node.Context);
        for (int i = 0; i < 8; i++)
        {
            publisher.Publish(new Int32());
        }

        TestNodes.Await(() => Volatile.Read(ref answers) == 8, "all eight were answered");
    }

    [Fact]
    public void Blocking_on_a_service_of_the_own_mutually_exclusive_group_is_refused_at_once_and_awaiting_it_works()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 2).CreateNode("n");
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>("s", (_, response) => response.Success = true);
        var client = node.CreateClient<Trigger, Trigger.Request, Trigger.Response>("s");
        Exception? refused = null;
        bool? answer = null, sameGroup = null;
        Timer? timer = null;
        timer = node.CreateTimer(TimeSpan.Zero, async () =>
        {
            timer!.Cancel();
            refused = Record.Exception(() => client.Call(new Trigger.Request(), TestNodes.Patience));
            bool success = (await client.CallAsync(new Trigger.Request(), TestNodes.Patience)).Success;
            sameGroup = CallbackGroup.Current == node.DefaultCallbackGroup;
            answer = success;
        });
        using (new ServiceTests.Spinning(node.Context))
        {
            TestNodes.Await(() => answer is not null, "the call was answered");
        }

        Assert.True(answer);
        Assert.True(sameGroup);
        Assert.Contains("own mutually exclusive callback group", Assert.IsType<InvalidOperationException>(refused).Message);
    }

    [Fact]
    public void Disposing_the_context_waits_for_running_callbacks_and_cancels_their_calls()
    {
        using var ros = new TestNodes();
        RosContext context = Threads(ros, 3);
        Node node = context.CreateNode("n");
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>("mute", _ => new TaskCompletionSource<Trigger.Response>().Task);
        var client = node.CreateClient<Trigger, Trigger.Request, Trigger.Response>("mute");
        CallbackGroup reentrant = node.CreateCallbackGroup(CallbackGroupType.Reentrant);
        using var entered = new CountdownEvent(2);
        int ended = 0;
        Exception? cancelled = null;
        for (int i = 0; i < 2; i++)
        {
            bool calls = i == 0;
            int entries = 0;
            node.CreateTimer(TimeSpan.FromMilliseconds(1), () =>
            {
                // A reentrant timer goes on calling while its first call runs.
                if (Interlocked.Increment(ref entries) > 1)
                {
                    return;
                }

                entered.Signal();
                if (calls)
                {
                    cancelled = Record.Exception(() => client.Call(new Trigger.Request(), TimeSpan.FromMinutes(5)));
                }
                else
                {
                    context.ShutdownToken.WaitHandle.WaitOne(TestNodes.Patience);
                    Thread.Sleep(50);
                }

                Interlocked.Increment(ref ended);
            }, Clock.Steady, reentrant);
        }

        var spin = new Thread(() => context.Spin());
        spin.Start();
        Assert.True(entered.Wait(TestNodes.Patience));
        TestNodes.Await(() => client.PendingCount == 1, "the call is under way");
        context.Dispose();
        Assert.Equal(2, ended);
        Assert.IsAssignableFrom<OperationCanceledException>(cancelled);
        Assert.True(spin.Join(TestNodes.Patience));
    }

    [Fact]
    public void A_callback_on_an_executor_thread_may_dispose_its_context()
    {
        using var ros = new TestNodes();
        RosContext context = Threads(ros, 2);
        Node node = context.CreateNode("n");
        Publisher<String> publisher = node.CreatePublisher<String>("t");
        int after = 0;
        node.CreateTimer(TimeSpan.Zero, () =>
        {
            context.Dispose();
            Interlocked.Increment(ref after);
        });
        context.Spin();
        Assert.Equal(1, after);
        Assert.True(publisher.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => context.SpinOnce(TimeSpan.Zero));
    }

    [Fact]
    public void An_exception_on_an_executor_thread_leaves_spin_when_that_is_the_policy()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 2).CreateNode("n");
        node.CreateTimer(TimeSpan.Zero, () => throw new InvalidOperationException("mine"));
        Assert.Equal("mine", Assert.Throws<InvalidOperationException>(() => node.Context.Spin()).Message);
    }

    [Fact]
    public void What_was_queued_when_a_spin_stopped_runs_in_the_next_one()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 2).CreateNode("n");
        CallbackGroup group = node.CreateCallbackGroup(CallbackGroupType.MutuallyExclusive);
        using var running = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var got = new List<int>();
        node.CreateSubscription<Int32>("first", null, _ =>
        {
            running.Set();
            go.Wait(TestNodes.Patience);
        }, None with { CallbackGroup = group });
        node.CreateSubscription<Int32>("second", null, m => got.Add(m.Data), None with { CallbackGroup = group });
        Publisher<Int32> first = node.CreatePublisher<Int32>("first"), second = node.CreatePublisher<Int32>("second");
        TestNodes.AwaitMatched(first);
        TestNodes.AwaitMatched(second);
        var spin = new Thread(() => node.Context.Spin());
        spin.Start();
        first.Publish(new Int32());
        Assert.True(running.Wait(TestNodes.Patience));
        second.Publish(new Int32 { Data = 7 });
        Thread.Sleep(20);
        node.Context.Stop();
        go.Set();
        Assert.True(spin.Join(TestNodes.Patience));
        Assert.True(node.Context.SpinUntil(() => got.Count == 1, TestNodes.Patience));
        Assert.Equal([7], got);
    }

    [Fact]
    public void A_slow_callback_lets_only_as_much_wait_as_its_history_holds()
    {
        using var ros = new TestNodes();
        Node node = Threads(ros, 2).CreateNode("n");
        using var running = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var got = new List<int>();
        node.CreateSubscription<Int32>("t", QoSProfile.KeepLast(3), m =>
        {
            running.Set();
            go.Wait(TestNodes.Patience);
            got.Add(m.Data);
        });
        Publisher<Int32> publisher = node.CreatePublisher<Int32>("t", QoSProfile.KeepLast(3));
        TestNodes.AwaitMatched(publisher);
        using (new ServiceTests.Spinning(node.Context))
        {
            publisher.Publish(new Int32 { Data = -1 });
            Assert.True(running.Wait(TestNodes.Patience));
            for (int i = 0; i < 100; i++)
            {
                publisher.Publish(new Int32 { Data = i });
                Thread.Yield();
            }

            Assert.InRange(node.DefaultCallbackGroup.Waiting.Count, 0, 3);
            go.Set();
            TestNodes.Await(() => got.Count >= 4, "the last messages came");
        }

        Assert.Equal([-1, 97, 98, 99], got);
    }

    [Fact]
    public void A_group_of_another_node_is_refused_with_both_names()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        Node one = context.CreateNode("one"), two = context.CreateNode("two");
        CallbackGroup foreign = one.CreateCallbackGroup(CallbackGroupType.Reentrant);
        ArgumentException e = Assert.Throws<ArgumentException>(() => two.CreateTimer(TimeSpan.Zero, () => { }, Clock.Steady, foreign));
        Assert.Contains("'/one'", e.Message);
        Assert.Contains("'/two'", e.Message);
    }

    private static RosContext Threads(TestNodes ros, int count) => ros.Open(o => o with { ExecutorThreads = count });
}
