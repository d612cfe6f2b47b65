using System.Diagnostics;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Export;
using QDistill.Distillation.Training;
using QDistill.Inference;
using QDistill.Numerics;

namespace QDistill.Evaluation.Studies;

/// <summary>What a student costs to carry and to ask. Bytes and operations follow from its shape; times and energy belong to the machine that ran the study.</summary>
internal static class ModelCost
{
    private const int Paced = 100;
    private const double Rate = 100;
    private const string Rapl = "/sys/class/powercap/intel-rapl:0/energy_uj";

    /// <summary>Multiplications and additions of one prediction, for students of dense layers; 0 for others, whose weights are used more than once or not at all.</summary>
    public static long Operations(DistilledStudent student) =>
        student.Student.Network.Spec.Kind is "mlp" or "linear" ? student.Student.Network.parameters().Where(p => p.ndim > 1).Sum(p => 2 * p.numel()) : 0;

    /// <summary>The student as ONNX with its contract inside: what is deployed. Empty for students that have no such form (quantum ones).</summary>
    public static byte[] Export(DistilledStudent student, TeacherDataset training, double horizon)
    {
        try
        {
            return Serialize(student, training, horizon);
        }
        catch (UserErrorException)
        {
            return [];
        }
    }

    private static byte[] Serialize(DistilledStudent student, TeacherDataset training, double horizon)
    {
        int k = student.Calibration.Length / 2;
        float[] temperatures = [.. Enumerable.Range(0, k).Select(j => (float)(1 / student.Calibration[2 * j]))], biases = [.. Enumerable.Range(0, k).Select(j => (float)student.Calibration[(2 * j) + 1])];
        var graph = new StudentGraph(student.Student.Normalisation.Mean, student.Student.Normalisation.Scale, student.Student.Network.ToSequential(), temperatures, biases);
        return OnnxExporter.Serialize(graph, new ModelContract
        {
            SchemaId = training.SchemaId,
            FeatureNames = training.FeatureNames,
            Horizon = horizon > 0 ? horizon : 1,
            Constraints = [.. training.OutputNames.Skip(1).Select((n, j) => new ConstraintContract(n, training.FeatureNames[0], ">", 0, string.Empty, horizon > 0 ? horizon : 1, student.Thresholds[j + 1]))],
            CollisionThreshold = student.Thresholds[0],
        });
    }

    /// <summary>
    /// Latency of a prediction asked at 100 Hz [µs], as on a robot: a tight loop understates it many times. Also energy of a prediction [J] where the processor's counter
    /// (RAPL) can be read; otherwise that entry is left out, never guessed.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Measure(byte[] onnx, CancellationToken cancellation)
    {
        string path = Path.Combine(Path.GetTempPath(), $"qdistill-{Guid.NewGuid():N}.onnx");
        try
        {
            File.WriteAllBytes(path, onnx);
            using RiskModel model = RiskModel.Load(path);
            float[] x = new float[model.FeatureCount], violations = new float[model.ConstraintCount];
            var times = new LatencyHistogram();
            for (int i = 0; i < 20; i++)
            {
                model.Predict(x, violations, out _, out _);
            }

            long next = Stopwatch.GetTimestamp();
            for (int i = 0; i < Paced && !cancellation.IsCancellationRequested; i++)
            {
                next += (long)(Stopwatch.Frequency / Rate);
                double wait = (next - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
                if (wait > 0)
                {
                    Thread.Sleep(TimeSpan.FromMilliseconds(wait));
                }

                long start = Stopwatch.GetTimestamp();
                model.Predict(x, violations, out _, out _);
                times.Record((long)(Stopwatch.GetElapsedTime(start).TotalNanoseconds));
            }

            LatencySummary summary = times.Summarize();
            var measured = new Dictionary<string, double> { ["paced_p50_us"] = summary.P50 / 1000.0, ["paced_p99_us"] = summary.P99 / 1000.0 };
            if (Energy(model, x, violations) is { } joule)
            {
                measured["energy_j"] = joule;
            }

            return measured;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UserErrorException)
        {
            return new Dictionary<string, double>(); // Not measured is not a failed run.
        }
        finally
        {
            File.Delete(path);
        }
    }

    // The package's energy over a busy loop: an upper bound, for whatever else ran is in it.
    private static double? Energy(RiskModel model, float[] x, float[] violations)
    {
        const int Loop = 20_000;
        if (Joule() is not { } before)
        {
            return null;
        }

        for (int i = 0; i < Loop; i++)
        {
            model.Predict(x, violations, out _, out _);
        }

        return Joule() is { } after && after > before ? (after - before) / Loop : null;
    }

    private static double? Joule()
    {
        try
        {
            return long.Parse(File.ReadAllText(Rapl), System.Globalization.CultureInfo.InvariantCulture) * 1e-6;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
