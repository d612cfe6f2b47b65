using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Benchmarks;

/// <summary>Figures of the metrics room: what recording a latency costs onboard, and what resampling by counts saves.</summary>
internal static class MetricsBenchmarks
{
    private const int Windows = 10_000;

    public static void Run(BenchReport report)
    {
        var rng = new Philox(1);
        double[] p = new double[Windows];
        bool[] y = new bool[Windows];
        long[] latencies = new long[Windows];
        for (int i = 0; i < Windows; i++)
        {
            y[i] = rng.NextDouble() < 0.1;
            p[i] = Logit.Sigmoid(2 * (rng.NextGaussian() + (y[i] ? 1 : -1)));
            latencies[i] = (long)(80_000 * Math.Exp(0.3 * rng.NextGaussian()));
        }

        var histogram = new LatencyHistogram();
        var sliding = new SlidingLatency(1000, long.MaxValue);
        report.Time("record a latency (histogram)", "ns", () => { foreach (long v in latencies) histogram.Record(v); }, Windows);
        report.Time("record a latency (sliding window of 1000)", "ns", () => { foreach (long v in latencies) sliding.Record(1, v); }, Windows);
        report.Time("summarize a sliding window of 1000", "us", () => sliding.Summarize());
        report.Time("all metrics of 10,000 windows", "us", () => BinaryMetrics.Compute(p, y));

        // The peer is the plain bootstrap: draw the windows, sort them, compute. Both use the same number of threads.
        const int Resamples = 200;
        var options = new BootstrapOptions { Resamples = Resamples };
        report.Compare(
            "bootstrap of all metrics, per resample", "us", () => Bootstrap.Intervals(p, y, [], options),
            "plain resample and recompute", () => Parallel.For(0, Resamples, r => Plain(p, y, r)), Resamples, rounds: 7);
    }

    private static void Plain(double[] p, bool[] y, int resample)
    {
        var rng = new Philox(1, (ulong)resample);
        double[] q = new double[p.Length];
        bool[] x = new bool[p.Length];
        for (int i = 0; i < p.Length; i++)
        {
            int k = rng.NextInt(p.Length);
            (q[i], x[i]) = (p[k], y[k]);
        }

        BinaryMetrics.Compute(q, x);
    }
}
