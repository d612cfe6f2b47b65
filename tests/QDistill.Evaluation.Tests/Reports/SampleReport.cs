using QDistill.Evaluation.Reports;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Evaluation.Tests.Reports;

/// <summary>A replay of two bags with everything in it, made of seeded numbers.</summary>
internal static class SampleReport
{
    public const string Hostile = "</script><script>injected=1</script>\"'&<img src=x onerror=injected=2>";

    public static ReplayReport Create(string student = "Student", int windows = 2400)
    {
        var rng = new Philox(20);
        double[] times = [.. Enumerable.Range(0, windows / 2).Select(i => i * 0.1)];
        double[][] contacts = [[0.187 * times[^1], 0.508 * times[^1], 0.794 * times[^1]], [0.335 * times[^1], 0.74 * times[^1]]];
        bool[] y = new bool[windows];
        int[] groups = new int[windows];
        double[] latent = new double[windows];
        for (int i = 0; i < windows; i++)
        {
            int bag = i / times.Length;
            double t = times[i % times.Length], left = contacts[bag].Where(c => c >= t).Select(c => c - t).DefaultIfEmpty(99).Min();
            y[i] = left <= 2;
            groups[i] = bag;
            latent[i] = (i % times.Length == 0 ? 0 : 0.9 * latent[i - 1]) + (0.45 * rng.NextGaussian());
            latent[i] = Math.Clamp(latent[i], -3, 3);
        }

        double[] Score(double gain, double shift, double noise) =>
            [.. y.Select((v, i) => Logit.Sigmoid((gain * ((v ? 1.6 : -2.2) + latent[i] + (noise * rng.NextGaussian()))) + shift))];

        BootstrapOptions bootstrap = new() { Resamples = 200, BlockLength = 40, Groups = groups };
        (string Key, string Name, double[] P)[] predictors =
        [
            ("student", student, Score(1.5, 0.3, 0.4)), ("teacher", "Quantum teacher", Score(1.3, 0.1, 0.6)), ("no_teacher", "No teacher", Score(2.6, 0, 1.0)),
            ("classical_teacher", "Classical teacher", Score(1.5, 0, 0.5)), ("ttc_rule", "Time-to-collision rule", Score(0.8, 0.4, 1.8)),
        ];
        RiskTimeline Timeline(double[] p, int bag) => new()
        {
            StampsNs = [.. times.Select(t => (long)(t * 1e9))],
            Risk = p[(bag * times.Length)..((bag + 1) * times.Length)],
            Hazards = [.. contacts[bag].Select(c => new HazardEvent((long)(c * 1e9)))],
        };
        LatencyHistogram inference = new(), total = new();
        for (int i = 0; i < windows; i++)
        {
            long run = (long)(60_000 * Math.Exp(0.25 * rng.NextGaussian()));
            inference.Record(run);
            total.Record(run + (long)(110_000 * Math.Exp(0.4 * rng.NextGaussian())));
        }

        return new ReplayReport
        {
            Meta = new ReplayMeta
            {
                Bags = ["out/bags/held_out_1", "out/bags/held_out_2"],
                Model = "out/demo/model/student.onnx",
                ModelId = "b9d2f1c0",
                Robot = "robots/simulated_agv.yaml",
                HorizonS = 2,
                Command = "./qdistill replay out/bags/held_out_1 out/bags/held_out_2 --model out/demo/model/student.onnx --report report.html",
                Versions = new Dictionary<string, string> { ["qdistill"] = "0.1.0", ["onnxruntime"] = "1.30.0" },
                Facts = new Dictionary<string, string> { ["Teacher"] = "vqc, 6 qubits × 3 layers", ["Circuits, shots"] = "14,400, 1,843,200", ["Calibration"] = "temperature, T = 1.42, fitted on validation bags" },
                IntervalMethod = "Beneath each value its 95 % interval: 200 block-bootstrap resamples of 40 consecutive windows, none across bags.",
            },
            Predictors =
            [
                .. predictors.Select(p => PredictorResult.Compute(p.Key, p.Name, p.P, y, bootstrap) with
                {
                    Operational = OperationalMetrics.Compute([Timeline(p.P, 0), Timeline(p.P, 1)]),
                }),
            ],
            Strips =
            [
                .. Enumerable.Range(0, 2).Select(bag => new RiskStrip
                {
                    Bag = $"held_out_{bag + 1}",
                    DurationS = times[^1],
                    ContactsS = contacts[bag],
                    HazardIntervalsS = RiskStrip.Intervals(times, y.AsSpan(bag * times.Length, times.Length)),
                    Series = [.. predictors.Where(p => p.Key is "student" or "ttc_rule").Select(p => new RiskSeries(p.Name, times, p.P[(bag * times.Length)..((bag + 1) * times.Length)]))],
                }),
            ],
            Latency = [("inference", inference), ("total", total)],
            Notes = ["14 windows were left out because the lidar was stale.", "In one contact the lidar saw free space ahead: a low obstacle that no predictor here could foresee."],
        };
    }
}
