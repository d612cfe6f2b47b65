using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Teachers;

/// <summary>One fitted teacher, asked through different back ends.</summary>
public class TeacherBackendTests
{
    private static readonly TeacherDataset Data = Synthetic.Table(600, 1);
    private static readonly Lazy<string> Teacher = new(() => Fit(Data, VqcFitTests.Small with { Epochs = 10 }));

    [Fact]
    public void Sampled_answers_scatter_about_the_exact_ones_as_their_variance_says()
    {
        const int Shots = 256;
        using var exact = new StateVectorBackend();
        using var sampled = new SampledBackend(Shots, seed: 3);
        TeacherAnswers truth = Ask(exact, Data.Features, 0), noisy = Ask(sampled, Data.Features, 0);
        double sum = 0, squares = 0;
        int n = 0;
        for (int i = 0; i < truth.Expectations.Length; i++)
        {
            // The variance of a mean of ±1 outcomes, from the exact value.
            double variance = (1 - ((double)truth.Expectations[i] * truth.Expectations[i])) / Shots;
            if (variance * Shots < 0.02)
            {
                continue;
            }

            double z = (noisy.Expectations[i] - truth.Expectations[i]) / Math.Sqrt(variance);
            sum += z;
            squares += z * z;
            n++;
            Assert.InRange(noisy.Variances[i] / variance, 0.2, 2.5);
        }

        Assert.InRange(n, 2000, 2400);
        Assert.InRange(sum / Math.Sqrt(n), -4.5, 4.5);
        // Observables of one window share their shots, so the chi-square is a little wider than that of independent ones.
        Assert.InRange(squares / n, 1 - (8 * Math.Sqrt(2.0 / n)), 1 + (8 * Math.Sqrt(2.0 / n)));
    }

    [Fact]
    public void Sampled_answers_converge_with_the_square_root_of_the_shots()
    {
        using var exact = new StateVectorBackend();
        TeacherAnswers truth = Ask(exact, Data.Features, 0);
        double Rms(int shots)
        {
            using var sampled = new SampledBackend(shots, seed: 4);
            TeacherAnswers noisy = Ask(sampled, Data.Features, 0);
            return Math.Sqrt(truth.Probabilities.Zip(noisy.Probabilities, (a, b) => (double)(a - b) * (a - b)).Average());
        }

        Assert.InRange(Rms(64) / Rms(6400), 7, 14);
    }

    [Theory]
    [InlineData("statevector")]
    [InlineData("sampled")]
    public void An_answer_depends_on_the_window_alone_not_on_how_the_run_is_cut(string name)
    {
        using ITeacherBackend backend = TeacherBackend.Create(name, new TeacherBackendOptions { Seed = 9, Shots = name == "sampled" ? 100 : 0, Threads = 2 });
        TeacherDataset many = Synthetic.Table(5000, 3);
        TeacherAnswers whole = Ask(backend, many.Features, 0);
        int d = many.FeatureCount;
        foreach ((int first, int count) in ((int, int)[])[(0, 1), (1, 7), (64, 64), (1024, 1024), (4090, 12), (4999, 1)])
        {
            TeacherAnswers part = Ask(backend, many.Features[(first * d)..((first + count) * d)], first);
            int m = part.ObservableCount;
            Assert.Equal(whole.Expectations[(first * m)..((first + count) * m)].Select(BitConverter.SingleToInt32Bits), part.Expectations.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(whole.Probabilities[(first * 2)..((first + count) * 2)].Select(BitConverter.SingleToInt32Bits), part.Probabilities.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Fact]
    public void Missing_features_count_as_their_mean()
    {
        using var backend = new StateVectorBackend();
        float[] all = new float[6];
        Array.Fill(all, float.NaN);
        ITeacher teacher = Load(Teacher.Value, backend);
        TeacherAnswers missing = teacher.Answer(all, 0), mean = teacher.Answer(Normalisation.Fit(DataSplit.ByTime(Data, 2).Training).Mean, 0);
        Assert.Equal(mean.Probabilities, missing.Probabilities);
    }

    [DataFact("bags/neato/bags/test-bag")]
    public void QSharp_labels_a_real_bag_as_the_statevector_does()
    {
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "neato.yaml"));
        TeacherDataset data = WindowTable.From(FeatureWindows.FromBag(SharedData.PathOf("bags/neato/bags/test-bag"), robot));
        Assert.InRange(data.Count, 100, 2000);
        string yaml = Fit(data, TeacherSpec.Default with { Epochs = 5, Starts = 1 });
        using var ours = new StateVectorBackend();
        using var qsharp = new QSharpBackend();
        var a = (VqcTeacher)Load(yaml, ours);
        var b = (VqcTeacher)Load(yaml, qsharp);
        (double[] p, Evaluation e) = a.Query(data.Features, data.Count, 0);
        (double[] q, Evaluation f) = b.Query(data.Features, data.Count, 0);
        Assert.Equal(data.Count * data.OutputCount, p.Length);
        Assert.All(Enumerable.Range(0, p.Length), i => Assert.Equal(p[i], q[i], 1e-9));
        Assert.All(Enumerable.Range(0, e.Expectations.Length), i => Assert.Equal(e.Expectations[i], f.Expectations[i], 1e-9));
        Assert.True(p.Max() - p.Min() > 0.01, "the labels say nothing");

        TeacherAnswers x = a.Answer(data.Features, 0), y = b.Answer(data.Features, 0);
        Assert.Equal(x.Probabilities, y.Probabilities);
        Assert.All(Enumerable.Range(0, p.Length), i => Assert.Equal((float)p[i], x.Probabilities[i]));
    }

    [Fact]
    public void QSharps_shots_depend_on_seed_and_window_not_on_what_was_asked_before()
    {
        string yaml = Fit(Data, VqcFitTests.Small with { Qubits = 2, Layers = 1, Features = 2, Epochs = 5 });
        TeacherAnswers Answers(int seed, int threads, params int[] starts)
        {
            using ITeacherBackend backend = TeacherBackend.Create("qsharp", new TeacherBackendOptions { Shots = 6, Seed = (ulong)seed, Threads = threads });
            ITeacher teacher = Load(yaml, backend);
            return TeacherAnswers.Concat([.. starts.Select(s => teacher.Answer(Data.Features.AsMemory(s * 6, 64 * 6), s))]);
        }

        float[] whole = Answers(1, 1, 0, 64).Expectations;
        Assert.Equal(whole[128..], Answers(1, 2, 64).Expectations);
        Assert.NotEqual(whole[128..], Answers(2, 1, 64).Expectations);
        Assert.NotEqual(whole[..128], whole[128..]);
    }

    private static string Fit(TeacherDataset data, TeacherSpec spec)
    {
        using var backend = new StateVectorBackend();
        FittingSplit split = DataSplit.ByTime(data, 2);
        return TeacherFitting.Fit(split.Training, split.Validation, spec, backend).ToYaml();
    }

    private static TeacherAnswers Ask(ITeacherBackend backend, float[] features, long first) => Load(Teacher.Value, backend).Answer(features, first);

    private static ITeacher Load(string yaml, ITeacherBackend backend)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["t.yaml"], yaml);
        return TeacherFile.Load(folder["t.yaml"], backend);
    }
}
