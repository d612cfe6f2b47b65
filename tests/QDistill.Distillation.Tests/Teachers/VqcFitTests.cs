using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Features;
using QDistill.Metrics;
using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Teachers;

public class VqcFitTests
{
    internal static readonly TeacherSpec Small = TeacherSpec.Default with { Qubits = 4, Layers = 2, Features = 4, Starts = 1, Epochs = 60, Labels = 150, LearningRate = 0.05 };

    [Theory]
    [InlineData("reuploading", "hardware-efficient")]
    [InlineData("iqp", "strongly-entangling")]
    [InlineData("reuploading-scaled", "no-entanglement")]
    public void The_gradient_equals_finite_differences_in_every_parameter_group(string encoding, string ansatz)
    {
        const int Qubits = 3, Windows = 7, Outputs = 2;
        const double Decay = 0.05;
        Circuit circuit = TeacherCircuit.Build(encoding, ansatz, Qubits, 2, 3);
        using var engine = new StateVector(circuit, Observable.EachZ(Qubits));
        var rng = new Philox(2);
        double[] z = [.. Enumerable.Range(0, Windows * 3).Select(_ => rng.NextGaussian())];
        Truth[] truth = [.. Enumerable.Range(0, Windows * Outputs).Select(i => (Truth)(i % 3))];
        var problem = new VqcProblem(engine, new Ledger(), z, truth, Windows, Outputs, Decay);
        VqcParameters p = VqcParameters.Random(circuit, Qubits, Outputs, 8);
        foreach (ref double v in p.Values.AsSpan())
        {
            v += 0.1 * rng.NextGaussian();
        }

        // The loss as its definition says, from logits alone.
        double Loss()
        {
            double[] logits = problem.Logits(p);
            double sum = 0;
            for (int i = 0; i < logits.Length; i++)
            {
                double s = 1 / (1 + Math.Exp(-logits[i]));
                sum -= truth[i] == Truth.Hazard ? Math.Log(s) : truth[i] == Truth.Safe ? Math.Log(1 - s) : 0;
            }

            return (sum / truth.Count(t => t != Truth.Unknown)) + (Decay / 2 * p.HeadWeight.ToArray().Sum(w => w * w));
        }

        double[] gradient = new double[p.Values.Length];
        problem.Gradient(p, gradient);
        const double Step = 1e-5;
        for (int i = 0; i < gradient.Length; i++)
        {
            double at = p.Values[i];
            p.Values[i] = at + Step;
            double up = Loss();
            p.Values[i] = at - Step;
            double down = Loss();
            p.Values[i] = at;
            Assert.Equal((up - down) / (2 * Step), gradient[i], 1e-8);
        }

        Assert.Contains(gradient.AsSpan(p.Weights, p.Inputs).ToArray(), g => Math.Abs(g) > 1e-3); // scales
        Assert.Contains(gradient.AsSpan(p.Weights + p.Inputs, p.Inputs).ToArray(), g => Math.Abs(g) > 1e-3); // shifts
    }

    [Fact]
    public void A_fitted_teacher_beats_a_linear_guess_on_windows_it_never_saw_and_is_calibrated()
    {
        TeacherDataset training = Synthetic.Table(1500, 1), validation = Synthetic.Table(800, 2), test = Synthetic.Table(2000, 3);
        using var backend = new StateVectorBackend();
        var progress = new List<double>();
        ITeacher teacher = TeacherFitting.Fit(training, validation, Small with { Epochs = 120, Features = 6 }, backend, new Recorder(progress));
        bool[] y = Synthetic.Collisions(test, out int[] known);
        TeacherAnswers answers = teacher.Answer(test.Features, 0);
        BinaryMetrics m = BinaryMetrics.Compute([.. known.Select(i => (double)answers.Probabilities[2 * i])], y);
        Assert.InRange(m.Auroc!.Value, 0.8, 1);
        Assert.InRange(m.Ece!.Value, 0, 0.08);
        // Features and the stopping point are chosen for the collision output; the constraint's is fitted along with it.
        BinaryMetrics constraint = BinaryMetrics.Compute(
            [.. Enumerable.Range(0, test.Count).Select(i => (double)answers.Probabilities[(2 * i) + 1])], [.. Enumerable.Range(0, test.Count).Select(i => test.Truth[(2 * i) + 1] == Truth.Hazard)]);
        Assert.InRange(constraint.Auroc!.Value, 0.6, 1);
        Assert.True(backend.Ledger.Circuits > 2000);
        Assert.Equal(progress.Order(), progress);
        Assert.All(answers.Variances, v => Assert.Equal(0, v));
    }

    [Fact]
    public void The_same_seed_gives_the_same_teacher_on_any_number_of_threads()
    {
        TeacherDataset training = Synthetic.Table(600, 1), validation = Synthetic.Table(700, 2);
        int[] labelled = LabelBudget.Choose(training, 120, 1);
        string Fit(int threads, ulong seed = 1)
        {
            using var backend = new StateVectorBackend(new StateVectorOptions { Threads = threads });
            return VqcFit.Fit(training, labelled, validation, Small with { Epochs = 15, Starts = 2, Seed = seed }, backend, simulator: new StateVectorOptions { Threads = threads }).ToYaml();
        }

        string one = Fit(1);
        Assert.Equal(one, Fit(4));
        Assert.Equal(one, Fit(3));
        Assert.NotEqual(one, Fit(1, seed: 2));
    }

    [Fact]
    public void A_fit_that_is_cancelled_ends_at_once()
    {
        TeacherDataset data = Synthetic.Table(300);
        using var backend = new StateVectorBackend();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => TeacherFitting.Fit(data, data, Small, backend, null, stop.Token));
    }

    [Fact]
    public void Nothing_to_fit_on_is_one_sentence()
    {
        TeacherDataset data = Synthetic.Table(300);
        using var backend = new StateVectorBackend();
        Assert.Contains("no validation window", Assert.Throws<UserErrorException>(() => TeacherFitting.Fit(data, data.Select([]), Small, backend)).Message);
        Assert.Contains("no labelled window", Assert.Throws<UserErrorException>(() => VqcFit.Fit(data, [], data, Small, backend)).Message);
    }

    [Fact]
    public void The_classical_control_learns_the_same_problem()
    {
        TeacherDataset training = Synthetic.Table(1500, 1), validation = Synthetic.Table(800, 2), test = Synthetic.Table(2000, 3);
        using var backend = new StateVectorBackend();
        using var teacher = (MlpTeacher)TeacherFitting.Fit(training, validation, TeacherSpec.ClassicalDefault with { Labels = 150, Starts = 2, Epochs = 60 }, backend);
        bool[] y = Synthetic.Collisions(test, out int[] known);
        TeacherAnswers answers = teacher.Answer(test.Features, 0);
        Assert.InRange(BinaryMetrics.Compute([.. known.Select(i => (double)answers.Probabilities[2 * i])], y).Auroc!.Value, 0.75, 1);
        Assert.Equal(0, backend.Ledger.Circuits);
    }

    private sealed class Recorder(List<double> into) : IProgress<double>
    {
        public void Report(double value) => into.Add(value);
    }
}
