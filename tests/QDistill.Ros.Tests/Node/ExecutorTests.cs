using System.Diagnostics;
using QDistill.Msgs.StdSrvs;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

public sealed class ExecutorTests
{
    [Fact]
    public void Callbacks_run_one_after_the_other_on_the_spinning_thread()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        var threads = new HashSet<int>();
        int inside = 0, overlaps = 0, messages = 0, ticks = 0;
        void Callback(ref int count)
        {
            overlaps += Interlocked.Increment(ref inside) - 1;
            threads.Add(Environment.CurrentManagedThreadId);
            count++;
            Interlocked.Decrement(ref inside);
        }

        node.CreateSubscription<String>("t", null, _ => Callback(ref messages));
        Publisher<String> publisher = node.CreatePublisher<String>("t");
        node.CreateTimer(TimeSpan.FromMilliseconds(1), () => Callback(ref ticks));
        var spin = new Thread(() => node.Context.Spin());
        spin.Start();
        for (int i = 0; i < 200; i++)
        {
            publisher.Publish(TestNodes.Text("x"));
            Thread.Yield();
        }

        TestNodes.Await(() => Volatile.Read(ref messages) > 0 && Volatile.Read(ref ticks) > 20, "callbacks run");
        node.Context.Stop();
        Assert.True(spin.Join(TestNodes.Patience));
        Assert.Equal(0, overlaps);
        Assert.Equal([spin.ManagedThreadId], threads);
    }

    [Fact]
    public void A_polling_spin_serves_messages_timers_and_posts_and_ends_when_told_to()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        RosContext context = node.Context;
        context.BusyPoll = TimeSpan.FromHours(1);
        int messages = 0, ticks = 0, posts = 0;
        node.CreateSubscription<String>("t", null, _ => messages++);
        Publisher<String> publisher = node.CreatePublisher<String>("t");
        node.CreateTimer(TimeSpan.FromMilliseconds(1), () => ticks++);
        var spin = new Thread(() => context.Spin());
        spin.Start();
        TestNodes.Await(() => Volatile.Read(ref ticks) > 3, "the timer");
        context.Post(() => posts++);
        TestNodes.Await(() => Volatile.Read(ref posts) > 0, "what was posted");
        TestNodes.Await(
            () =>
            {
                publisher.Publish(TestNodes.Text("x"));
                return Volatile.Read(ref messages) > 0;
            },
            "a message");
        context.Stop();
        Assert.True(spin.Join(TestNodes.Patience));
        Assert.Throws<ArgumentOutOfRangeException>(() => context.BusyPoll = TimeSpan.FromTicks(-1));
    }

    /// <summary>The poll lasts an hour and no timer ends it: a call that had to wait for its end would fail.</summary>
    [Fact]
    public void Service_calls_are_answered_while_a_spin_polls()
    {
        using var ros = new TestNodes();
        Node server = ros.Node("server"), caller = ros.Open().CreateNode("caller");
        server.Context.BusyPoll = TimeSpan.FromHours(1);
        int calls = 0;
        server.CreateService<Trigger, Trigger.Request, Trigger.Response>("now", (_, response) => response.Success = ++calls > 0);
        server.CreateService<Trigger, Trigger.Request, Trigger.Response>("later", async _ =>
        {
            await Task.Yield();
            return new Trigger.Response { Success = ++calls > 0 };
        });
        var spin = new Thread(() => server.Context.Spin());
        spin.Start();
        foreach (string name in new[] { "now", "later", "now", "later" })
        {
            using Client<Trigger, Trigger.Request, Trigger.Response> client = caller.CreateClient<Trigger, Trigger.Request, Trigger.Response>(name);
            Assert.True(caller.Context.SpinUntil(() => client.IsServiceReady, TestNodes.Patience));
            Assert.True(caller.Context.SpinUntilComplete(client.CallAsync(new Trigger.Request()), TestNodes.Patience).Success);
        }

        server.Context.Stop();
        Assert.True(spin.Join(TestNodes.Patience));
        Assert.Equal(4, calls);
    }

    /// <summary>Processor time tells the two apart: a thread that looks takes what it can get of it, one that sleeps next to none.</summary>
    [Fact]
    public void A_wait_looks_for_work_as_long_as_it_was_told_to_before_it_sleeps()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        double Wait()
        {
            double before = ThreadMilliseconds();
            context.SpinUntil(() => false, TimeSpan.FromMilliseconds(300));
            return ThreadMilliseconds() - before;
        }

        // Discovery still wakes it at first.
        context.SpinUntil(() => false, TimeSpan.FromMilliseconds(100));
        double asleep = Wait();
        context.BusyPoll = TimeSpan.FromMilliseconds(200);
        double polling = Wait();
        context.BusyPoll = TimeSpan.Zero;
        Assert.True(polling > (4 * asleep) + 2, $"polling took {polling} ms of a processor, sleeping {asleep} ms");
    }

    [Fact]
    public void Spin_ends_by_stop_from_a_callback_by_cancellation_and_by_shutdown()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        Node node = context.CreateNode("n");
        Timer timer = node.CreateTimer(TimeSpan.Zero, context.Stop);
        context.Spin();
        timer.Dispose();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        context.Spin(soon.Token);
        Assert.True(soon.IsCancellationRequested);
        node.CreateTimer(TimeSpan.FromMilliseconds(5), context.Shutdown);
        context.Spin();
        Assert.True(context.IsShutdown);
        context.Spin(); // returns at once
    }

    [Fact]
    public void An_exception_in_a_callback_is_logged_and_the_next_callback_runs()
    {
        using var ros = new TestNodes();
        using var log = new StringWriter();
        Node node = ros.Open(o => o with { CallbackExceptions = CallbackExceptionPolicy.LogAndContinue, LoggerFactory = new RosLoggerFactory(output: log) }).CreateNode("n");
        int calls = 0;
        node.CreateSubscription<String>("t", null, m =>
        {
            calls++;
            throw new InvalidOperationException($"no {m.Data}");
        });
        Publisher<String> publisher = node.CreatePublisher<String>("t");
        TestNodes.AwaitMatched(publisher);
        publisher.Publish(TestNodes.Text("one"));
        publisher.Publish(TestNodes.Text("two"));
        Assert.True(node.Context.SpinUntil(() => calls == 2, TestNodes.Patience));
        Assert.Contains("A callback for '/t' failed: no one", log.ToString());
        Assert.Contains("no two", log.ToString());
    }

    [Fact]
    public void An_exception_leaves_spin_when_that_is_the_policy()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        node.CreateTimer(TimeSpan.Zero, () => throw new InvalidOperationException("mine"));
        Assert.Equal("mine", Assert.Throws<InvalidOperationException>(() => node.Context.Spin()).Message);
        Assert.Throws<InvalidOperationException>(() => node.Context.SpinOnce(TimeSpan.Zero));
    }

    [Fact]
    public void Spinning_twice_at_once_or_from_a_callback_is_refused()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        Exception? nested = null;
        context.Post(() => nested = Record.Exception(() => context.SpinOnce(TimeSpan.Zero)));
        context.SpinOnce(TestNodes.Patience);
        Assert.Contains("callback", Assert.IsType<InvalidOperationException>(nested).Message);
    }

    [Fact]
    public void Spin_once_returns_after_its_timeout_when_nothing_happens()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        while (context.SpinOnce(TimeSpan.FromMilliseconds(1)))
        {
        }

        var time = Stopwatch.StartNew();
        Assert.False(context.SpinOnce(TimeSpan.FromMilliseconds(30)));
        Assert.True(time.ElapsedMilliseconds >= 29);
    }

    [Fact]
    public async Task Awaits_in_callbacks_come_back_to_the_spinning_thread()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        int before = 0, after = 0;
        context.Post(async () =>
        {
            before = Environment.CurrentManagedThreadId;
            await Task.Delay(5);
            after = Environment.CurrentManagedThreadId;
            context.Stop();
        });
        await Task.Run(() => context.Spin());
        Assert.NotEqual(0, before);
        Assert.Equal(before, after);
    }

    [Fact]
    public void Endpoints_and_timers_may_be_disposed_in_their_own_callbacks_and_from_other_threads()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        Node node = context.CreateNode("n");
        Publisher<String> publisher = node.CreatePublisher<String>("t", QoSProfile.TransientLocal);
        publisher.Publish(TestNodes.Text("x"));
        int calls = 0;
        Subscription<String>? own = null;
        own = node.CreateSubscription<String>("t", QoSProfile.TransientLocal, _ =>
        {
            calls++;
            own!.Dispose();
        });
        Timer? timer = null;
        int ticks = 0;
        timer = node.CreateTimer(TimeSpan.Zero, () =>
        {
            ticks++;
            timer!.Dispose();
        });
        var spin = new Thread(() => context.Spin());
        spin.Start();
        for (int i = 0; i < 100; i++)
        {
            using Subscription<String> s = node.CreateSubscription<String>("t", QoSProfile.TransientLocal, _ => { });
            publisher.Publish(TestNodes.Text("y"));
        }

        TestNodes.Await(() => Volatile.Read(ref calls) > 0 && Volatile.Read(ref ticks) > 0, "both ran");
        context.Stop();
        Assert.True(spin.Join(TestNodes.Patience));
        Assert.Equal((1, 1), (calls, ticks));
    }

    [Fact]
    public void Disposing_a_spinning_context_ends_the_spin_first()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        Node node = context.CreateNode("n");
        node.CreateTimer(TimeSpan.FromMilliseconds(1), () => { });
        Exception? error = null;
        var spin = new Thread(() => error = Record.Exception(() => context.Spin()));
        spin.Start();
        TestNodes.Await(() => context.Executor.SpinningThread is not null, "the spin has begun");
        context.Dispose();
        Assert.True(spin.Join(TestNodes.Patience));
        Assert.Null(error);
        Assert.Throws<ObjectDisposedException>(() => context.CreateNode("late"));
        Assert.Throws<ObjectDisposedException>(() => context.SpinOnce(TimeSpan.Zero));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_await_that_ends_after_its_context_is_gone_harms_nobody(int threads)
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open(o => o with { ExecutorThreads = threads });
        var awaited = new TaskCompletionSource();
        using var waiting = new ManualResetEventSlim();
        bool resumed = false;
        context.Post(async () =>
        {
            waiting.Set();
            await awaited.Task;
            resumed = true;
        });
        Task spin = Task.Run(() => context.Spin());
        Assert.True(waiting.Wait(TestNodes.Patience));
        context.Dispose();
        await spin;
        awaited.SetResult();
        context.Post(() => resumed = true);
        Assert.False(resumed);
    }

    private static double ThreadMilliseconds() =>
        double.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) / 1e6;
}
