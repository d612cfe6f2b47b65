namespace QDistill.Numerics.Tests;

public class LatencyTests
{
    [Fact]
    public void Percentiles_are_within_the_promised_error_of_the_sorted_values()
    {
        var rng = new Philox(1);
        var histogram = new LatencyHistogram();
        long[] values = [.. Enumerable.Range(0, 20_000).Select(_ => (long)Math.Exp(rng.NextDouble(0, 28)))]; // 1 ns to 24 minutes
        foreach (long v in values)
        {
            histogram.Record(v);
        }

        Array.Sort(values);
        foreach (double q in new[] { 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1 })
        {
            long exact = values[(int)Math.Ceiling(q * values.Length) - 1];
            Assert.InRange(histogram.Percentile(q), exact * (1 - 0.004), exact * (1 + 0.004));
        }

        Assert.Equal(values[0], histogram.Min);
        Assert.Equal(values[^1], histogram.Max);
        Assert.Equal(values.Average(), histogram.Mean, 1e-3 * values.Average() * 1e-6);
        double deviation = Math.Sqrt(values.Average(v => Math.Pow(v - values.Average(), 2)));
        Assert.Equal(1, histogram.StandardDeviation / deviation, 1e-9);
    }

    [Fact]
    public void Small_durations_are_exact()
    {
        var histogram = new LatencyHistogram();
        for (int i = 0; i <= 255; i++)
        {
            histogram.Record(i);
        }

        Assert.Equal(127, histogram.Percentile(0.5));
        Assert.Equal(0, histogram.Percentile(0));
        Assert.Equal(255, histogram.Percentile(1));
    }

    [Fact]
    public void Jitter_survives_a_large_common_delay()
    {
        var histogram = new LatencyHistogram();
        for (int i = 0; i < 1000; i++)
        {
            histogram.Record(3_000_000_000_000 + (i % 2 == 0 ? 1 : -1));
        }

        Assert.Equal(1, histogram.StandardDeviation, 1e-12);
    }

    [Fact]
    public void Added_histograms_equal_one_that_recorded_all()
    {
        var rng = new Philox(2);
        LatencyHistogram a = new(), b = new(), all = new();
        for (int i = 0; i < 1000; i++)
        {
            long v = rng.NextInt(1_000_000) - 10;
            (i % 3 == 0 ? a : b).Record(v);
            all.Record(v);
        }

        a.Add(b);
        Assert.Equal(all.Summarize(), a.Summarize());
        Assert.Equal(all.Steps(), a.Steps());
        Assert.Equal(all.Negative, a.Negative);
        a.Reset();
        Assert.Equal(default, a.Summarize());
        Assert.Empty(a.Steps());
    }

    [Fact]
    public void Steps_tile_the_range_and_hold_their_durations()
    {
        long[] probes = [0, 1, 255, 256, 257, 511, 512, 1023, 1024, 123_456_789, (1L << 42) - 1];
        foreach (long v in probes)
        {
            var histogram = new LatencyHistogram();
            histogram.Record(v);
            (long low, long width, long count) = Assert.Single(histogram.Steps());
            Assert.InRange(v, low, low + width - 1);
            Assert.Equal(1, count);
        }

        var beyond = new LatencyHistogram();
        beyond.Record(long.MaxValue);
        Assert.Equal(long.MaxValue, beyond.Max);
        Assert.Equal(long.MaxValue, beyond.Percentile(0.5));
    }

    [Theory]
    [InlineData(1000, 50)]
    [InlineData(40, 1000)]
    public void A_sliding_window_equals_the_statistics_of_what_it_still_holds(int capacity, int spanMs)
    {
        var rng = new Philox(3);
        var sliding = new SlidingLatency(capacity, spanMs * 1_000_000L, deadlineNanoseconds: 800_000);
        List<(long Stamp, long Latency)> all = [];
        long stamp = 0;
        for (int i = 0; i < 600; i++)
        {
            stamp += 500_000 + rng.NextInt(1_000_000);
            all.Add((stamp, rng.NextInt(1_000_000)));
            sliding.Record(stamp, all[^1].Latency);
            (long Stamp, long Latency)[] held = [.. all.Where(r => stamp - r.Stamp <= spanMs * 1_000_000L).TakeLast(capacity)];
            if (i % 50 != 49)
            {
                continue;
            }

            var expected = new LatencyHistogram();
            foreach ((_, long latency) in held)
            {
                expected.Record(latency);
            }

            long covered = held[^1].Stamp - held[0].Stamp;
            Assert.Equal(
                expected.Summarize() with { Span = covered, Rate = (held.Length - 1) * 1e9 / covered, DeadlineMisses = held.Count(r => r.Latency > 800_000) },
                sliding.Summarize());
        }
    }

    [Fact]
    public void A_clock_that_jumps_back_starts_a_new_window()
    {
        var sliding = new SlidingLatency(10, 1_000_000_000);
        sliding.Record(5_000_000_000, 10);
        sliding.Record(1_000_000_000, 20);
        Assert.Equal(1, sliding.Count);
        Assert.Equal(20, sliding.Summarize().Max);
    }

    [Fact]
    public void Recording_and_summarising_allocate_nothing()
    {
        var histogram = new LatencyHistogram();
        var sliding = new SlidingLatency(100, 1_000_000_000);
        Work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Work()
        {
            for (int i = 0; i < 1000; i++)
            {
                histogram.Record(i * 977);
                sliding.Record(i * 1000, i * 977);
            }

            Assert.True(histogram.Summarize().P99 >= sliding.Summarize().P50 / 2);
        }
    }
}
