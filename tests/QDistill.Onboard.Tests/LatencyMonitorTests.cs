namespace QDistill.Onboard.Tests;

public class LatencyMonitorTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void The_window_gives_percentiles_rate_and_misses_of_the_total()
    {
        var monitor = new LatencyMonitor(new LatencyOptions { Deadline = 90 * Ms, Period = 15 * Ms });
        for (int i = 1; i <= 100; i++)
        {
            monitor.Record(new StageTimes { Inference = i * Ms / 2, Queue = i * Ms / 2 }, i * 10 * Ms);
        }

        monitor.Refresh();
        Assert.Equal(100, monitor.Window.Count);
        Assert.Equal(50 * Ms, monitor.Window.P50, 0.005 * 50 * Ms);
        Assert.Equal(99 * Ms, monitor.Window.P99, 0.005 * 99 * Ms);
        Assert.Equal(100 * Ms, monitor.Window.Max);
        Assert.Equal(100, monitor.Window.Rate, 6);
        Assert.Equal(10, monitor.Window.DeadlineMisses);
        Assert.Equal(2, monitor.Severity()); // 10 % against 1 % allowed
        Assert.Equal(0, monitor.PeriodMisses);
        monitor.Record(default, (1000 + 16) * Ms);
        Assert.Equal(1, monitor.PeriodMisses);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var monitor = new LatencyMonitor(new LatencyOptions { Capacity = 100 });
        monitor.Record(default, 0);
        monitor.Refresh();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < 10_000; i++)
        {
            monitor.Record(new StageTimes { Inference = i }, i * Ms);
            if (i % 100 == 0)
            {
                monitor.Refresh();
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
