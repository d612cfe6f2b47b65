using System.Diagnostics;
using ClockMessage = QDistill.Msgs.RosgraphMsgs.Clock;

namespace QDistill.Ros.Tests;

public sealed class SleepTests
{
    [Fact]
    public void A_sleep_on_real_time_never_ends_early()
    {
        foreach (Clock clock in new[] { Clock.System, Clock.Steady, new Clock(ClockType.Ros) })
        {
            long until = clock.Now + 12_300_000;
            Assert.True(clock.SleepUntil(until));
            Assert.True(clock.Now >= until);
        }

        Assert.True(Clock.Steady.SleepFor(TimeSpan.Zero));
        Assert.True(Clock.Steady.SleepUntil(0));
    }

    [Fact]
    public async Task On_simulated_time_the_clock_topic_ends_a_sleep_also_by_jumping_over_its_end()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("n", null, new NodeOptions { UseSimTime = true });
        Publisher<ClockMessage> clock = ros.Node("player").CreatePublisher<ClockMessage>("/clock");
        TestNodes.AwaitMatched(clock);
        using var spin = new ServiceTests.Spinning(node.Context);
        Task<bool> first = node.Clock.SleepForAsync(TimeSpan.FromSeconds(5));
        Task<bool> blocking = Task.Run(() => node.Clock.SleepUntil(8_000_000_000));
        foreach (long seconds in new[] { 1, 4 })
        {
            Publish(clock, seconds);
            TestNodes.Await(() => node.Clock.Now == seconds * 1_000_000_000, "the clock is received");
            Assert.False(first.IsCompleted);
        }

        Publish(clock, 100);
        Assert.True(await first.WaitAsync(TestNodes.Patience));
        Assert.True(await blocking.WaitAsync(TestNodes.Patience));
        Task<bool> backward = node.Clock.SleepUntilAsync(110_000_000_000);
        Publish(clock, 2);
        TestNodes.Await(() => node.Clock.Now == 2_000_000_000, "the clock is received");
        Assert.False(backward.IsCompleted);
        Publish(clock, 111);
        Assert.True(await backward.WaitAsync(TestNodes.Patience));
    }

    [Fact]
    public async Task A_sleep_ends_without_success_on_shutdown_and_when_the_source_of_time_changes()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("n");
        Task<bool> system = node.Clock.SleepForAsync(TimeSpan.FromHours(1));
        node.UseSimTime = true;
        Assert.False(await system.WaitAsync(TestNodes.Patience));
        Task<bool> simulated = node.Clock.SleepForAsync(TimeSpan.FromHours(1));
        node.UseSimTime = false;
        Assert.False(await simulated.WaitAsync(TestNodes.Patience));
        node.UseSimTime = true;
        Task<bool> async = node.Clock.SleepForAsync(TimeSpan.FromHours(1));
        Task<bool> blocking = Task.Run(() => node.Clock.SleepFor(TimeSpan.FromHours(1)));
        node.Context.Shutdown();
        Assert.False(await async.WaitAsync(TestNodes.Patience));
        Assert.False(await blocking.WaitAsync(TestNodes.Patience));
    }

    [Fact]
    public async Task A_cancelled_sleep_throws()
    {
        using var cancellation = new CancellationTokenSource();
        Task<bool> sleep = Clock.Steady.SleepForAsync(TimeSpan.FromHours(1), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sleep);
    }

    [Fact]
    public void A_callback_must_not_block_on_simulated_time_but_may_await_it()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("n", null, new NodeOptions { UseSimTime = true });
        Publisher<ClockMessage> clock = ros.Node("player").CreatePublisher<ClockMessage>("/clock");
        TestNodes.AwaitMatched(clock);
        Exception? refused = null;
        bool? slept = null;
        Timer? timer = null;
        timer = node.CreateTimer(TimeSpan.FromMilliseconds(1), async () =>
        {
            timer!.Cancel();
            refused = Record.Exception(() => node.Clock.SleepFor(TimeSpan.FromSeconds(1)));
            slept = await node.Clock.SleepForAsync(TimeSpan.FromSeconds(1));
        });
        Assert.True(node.Context.SpinUntil(() => refused is not null, TestNodes.Patience));
        Assert.Contains("await SleepUntilAsync", Assert.IsType<InvalidOperationException>(refused).Message);
        Publish(clock, 3);
        Assert.True(node.Context.SpinUntil(() => slept == true, TestNodes.Patience));
    }

    [Fact]
    public void With_several_executor_threads_callbacks_may_block_on_simulated_time()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open(o => o with { ExecutorThreads = 2 });
        Node node = context.CreateNode("n", null, new NodeOptions { UseSimTime = true });
        Publisher<ClockMessage> clock = ros.Node("player").CreatePublisher<ClockMessage>("/clock");
        TestNodes.AwaitMatched(clock);
        int started = 0, slept = 0;
        for (int i = 0; i < 3; i++)
        {
            Timer? timer = null;
            timer = node.CreateTimer(
                TimeSpan.FromMilliseconds(1),
                () =>
                {
                    timer!.Cancel();
                    Interlocked.Increment(ref started);
                    if (node.Clock.SleepUntil(5_000_000_000))
                    {
                        Interlocked.Increment(ref slept);
                    }
                },
                Clock.Steady,
                node.CreateCallbackGroup(CallbackGroupType.MutuallyExclusive));
        }

        using var spin = new ServiceTests.Spinning(context);
        TestNodes.Await(() => Volatile.Read(ref started) == 3, "more callbacks than threads sleep");
        Publish(clock, 6);
        TestNodes.Await(() => Volatile.Read(ref slept) == 3, "the clock ends their sleep");
    }

    private static void Publish(Publisher<ClockMessage> clock, long seconds)
    {
        var message = new ClockMessage();
        message.Clock_.SetNanoseconds(seconds * 1_000_000_000);
        clock.Publish(message);
    }
}
