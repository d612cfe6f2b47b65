namespace QDistill.Onboard.Tests;

public class LatencyMonitorTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void The_window_gives_percentiles_rate_and_misses_of_the_total()
    {
        var monitor = new LatencyMonitor(new LatencyOptions { MaxAllowed = 90 * Ms, MaxPeriod = 15 * Ms });
        for (int i = 1; i <= 100; i++)
        {
            monitor.Record(new StageTimes { Inference = i * Ms / 2, Queue = i * Ms / 2 }, i * 10 * Ms);
        }

        monitor.Refresh(1000 * Ms);
        Assert.Equal(100, monitor.Window.Count);
        Assert.Equal(50 * Ms, monitor.Window.P50, 0.005 * 50 * Ms);
        Assert.Equal(99 * Ms, monitor.Window.P99, 0.005 * 99 * Ms);
        Assert.Equal(100 * Ms, monitor.Window.Max);
        Assert.Equal(100, monitor.Window.Rate, 6);
        Assert.Equal(10, monitor.Window.DeadlineMisses);
        Assert.Equal(10, monitor.DeadlineMisses);
        Assert.Equal(0, monitor.PeriodMisses);
        monitor.Record(default, (1000 + 16) * Ms);
        Assert.Equal(1, monitor.PeriodMisses);
    }

    // Autoware's rule: over the allowed time is a warning; for longer than the acceptable delay nothing but that is an error.
    [Fact]
    public void One_late_answer_is_a_warning_and_nothing_but_late_ones_for_too_long_an_error()
    {
        var monitor = new LatencyMonitor(new LatencyOptions { MaxAllowed = 10 * Ms, MaxConsecutiveDelay = 500 * Ms });
        Assert.Equal(LatencyState.NoneYet, At(0));
        Answer(0, 5);
        Assert.Equal(LatencyState.InTime, At(1));
        Answer(10, 11);
        Answer(20, 5);
        Assert.Equal(LatencyState.Late, At(21)); // the late one lies between two evaluations
        Assert.Equal(LatencyState.InTime, At(30));
        for (int t = 40; t <= 510; t += 10)
        {
            Answer(t, 11);
            Assert.Equal(LatencyState.Late, At(t));
        }

        Answer(521, 11); // the last one in time was at 20 ms
        Assert.Equal(LatencyState.LateForTooLong, At(521));
        Assert.Equal(LatencyState.LateForTooLong, At(900)); // silent since, and still
        Answer(910, 9);
        Assert.Equal(LatencyState.InTime, At(1000 + 1));

        void Answer(int at, int latency) => monitor.Record(new StageTimes { Inference = latency * Ms }, at * Ms);

        LatencyState At(int now)
        {
            monitor.Refresh(now * Ms);
            return monitor.State;
        }
    }

    [Fact]
    public void A_node_that_stops_answering_is_late_by_its_period()
    {
        var monitor = new LatencyMonitor(new LatencyOptions { MaxPeriod = 100 * Ms });
        monitor.Record(default, 0);
        monitor.Refresh(90 * Ms);
        Assert.Equal(LatencyState.InTime, monitor.State);
        monitor.Refresh(110 * Ms);
        Assert.Equal(LatencyState.Late, monitor.State);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var monitor = new LatencyMonitor(new LatencyOptions { Capacity = 100 });
        monitor.Record(default, 0);
        monitor.Refresh(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < 10_000; i++)
        {
            monitor.Record(new StageTimes { Inference = i }, i * Ms);
            if (i % 100 == 0)
            {
                monitor.Refresh(i * Ms);
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
