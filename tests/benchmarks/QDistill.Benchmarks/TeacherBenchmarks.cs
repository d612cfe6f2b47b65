using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Benchmarks;

/// <summary>What a label costs through the teacher's own path (feature scaling, circuit, head, calibration), and what a student costs.</summary>
internal static class TeacherBenchmarks
{
    private const int Features = 48;

    public static void Run(BenchReport report)
    {
        TeacherDataset data = Table(16_384);
        string folder = Directory.CreateTempSubdirectory("qdistill-bench").FullName;
        string file = Path.Combine(folder, "teacher.yaml");
        using (var fitting = new StateVectorBackend())
        {
            // 6 qubits, 3 re-uploading layers, 12 features: the default teacher. How well it is fitted does not change its cost.
            TeacherFile.Save(file, TeacherFitting.Fit(data.Select([.. Enumerable.Range(0, 1000)]), data.Select([.. Enumerable.Range(1000, 1000)]), TeacherSpec.Default with { Epochs = 5, Starts = 1 }, fitting));
        }

        Label(report, file, data, "statevector", 0, data.Count, 9);
        Label(report, file, data, "sampled", 1024, data.Count, 9);
        Label(report, file, data, "qsharp", 0, 2048, 5);

        TeacherDataset training = data.Select([.. Enumerable.Range(0, 2000)]), validation = data.Select([.. Enumerable.Range(2000, 1000)]);
        using var backend = new StateVectorBackend();
        training = training.WithTeacher(TeacherFile.Load(file, backend).Answer(training.Features, 0));
        // All 60 epochs, so that the figure does not depend on when the stopping rule would have ended it.
        Recipe recipe = Recipe.Default with { Optimiser = Recipe.Default.Optimiser with { Patience = 1000 } };
        report.Time("distilling an MLP on 2,000 windows, 60 epochs", "s", () => DistilledStudent.Distill(training, validation, recipe).Dispose(), rounds: 5);
        Directory.Delete(folder, recursive: true);
    }

    private static void Label(BenchReport report, string file, TeacherDataset data, string name, int shots, int windows, int rounds)
    {
        using ITeacherBackend backend = TeacherBackend.Create(name, new TeacherBackendOptions { Shots = shots, Seed = 1 });
        ITeacher teacher = TeacherFile.Load(file, backend);
        ReadOnlyMemory<float> features = data.Features.AsMemory(0, windows * data.FeatureCount);
        teacher.Answer(features, 0);
        double[] rate = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            teacher.Answer(features, 0);
            rate[i] = windows / System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        report.Add(new BenchRow(
            $"labels by {name}{(shots > 0 ? $", {shots} shots" : string.Empty)}, 6 qubits x 3 layers",
            "windows/s",
            BenchReport.Quantile(rate, 0.5),
            BenchReport.Quantile(rate, 0.75) - BenchReport.Quantile(rate, 0.25)));
    }

    private static TeacherDataset Table(int n)
    {
        var rng = new Philox(1);
        float[] x = new float[n * Features];
        Truth[] truth = new Truth[n * 3];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < Features; j++)
            {
                x[(i * Features) + j] = (float)rng.NextGaussian();
            }

            for (int j = 0; j < 3; j++)
            {
                truth[(i * 3) + j] = x[(i * Features) + j] * x[(i * Features) + j + 1] > 0.3 ? Truth.Hazard : Truth.Safe;
            }
        }

        return new TeacherDataset(
            new string('0', 64), [.. Enumerable.Range(0, Features).Select(j => $"bench.f{j}")], ["collision", "a", "b"], ["bench"], [.. Enumerable.Range(0, n).Select(i => (long)i)], new int[n], x, truth);
    }
}
