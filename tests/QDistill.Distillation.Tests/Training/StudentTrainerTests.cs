using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Metrics;
using TorchSharp;

namespace QDistill.Distillation.Tests.Training;

public class StudentTrainerTests
{
    private static readonly TeacherDataset Training = Taught(1200, 1), Validation = Synthetic.Table(800, 2);

    private static readonly Recipe Quick = Recipe.Default with
    {
        Student = new StudentSpec([16, 8], "tanh"),
        Optimiser = Recipe.Default.Optimiser with { Epochs = 12, Batch = 128 },
    };

    [Fact]
    public void The_same_seed_gives_the_same_student_alone_beside_others_and_on_several_threads()
    {
        float[] alone = Weights(Quick);
        float[][] beside = new float[4][];
        Parallel.For(0, 4, i => beside[i] = Weights(i == 3 ? Quick with { Seed = 2 } : Quick));
        Assert.Equal(alone, beside[0]);
        Assert.Equal(alone, beside[1]);
        Assert.Equal(alone, beside[2]);
        Assert.NotEqual(alone, beside[3]);

        int before = torch.get_num_threads();
        torch.set_num_threads(before == 1 ? 4 : 1);
        try
        {
            Assert.Equal(alone, Weights(Quick));
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void The_best_epoch_is_kept_and_patience_ends_the_training()
    {
        // Few labels, no teacher and a large step: it overfits soon.
        Recipe recipe = Quick with
        {
            Signals = new SignalSpec(1, 0, 1, 0),
            Optimiser = new OptimiserSpec(0.03, 0, Epochs: 200, Batch: 20, Patience: 8),
        };
        int[] labelled = LabelBudget.Choose(Training, 60, 1);
        using TrainedStudent student = StudentTrainer.Train(Training, Validation, recipe, labelled);
        EpochReport best = student.History.MinBy(e => e.ValidationNll)!;
        Assert.Equal(best.Epoch, student.BestEpoch);
        Assert.Equal(student.BestEpoch + 8, student.History.Count);
        Assert.True(student.History[^1].ValidationNll > best.ValidationNll + 0.01, "it did not overfit, so the test says nothing");

        float[] logits = student.Logits(Validation.Features);
        bool[] y = Synthetic.Collisions(Validation, out int[] known);
        double nll = known.Select((row, i) => Math.Log(1 + Math.Exp(y[i] ? -logits[2 * row] : logits[2 * row]))).Average();
        Assert.Equal(best.ValidationNll, nll, 1e-5);
    }

    [Fact]
    public void Only_the_truth_of_labelled_windows_is_used()
    {
        int[] labelled = LabelBudget.Choose(Training, 60, 1);
        var few = labelled.ToHashSet();
        TeacherDataset lies = Synthetic.WithCollision(Training, i => few.Contains(i) ? Training.Truth[2 * i] : Training.Truth[2 * i] == Truth.Safe ? Truth.Hazard : Truth.Safe);
        Assert.Equal(Weights(Quick, Training, labelled), Weights(Quick, lies, labelled));
        Assert.NotEqual(Weights(Quick, Training, null), Weights(Quick, lies, null));
    }

    [Fact]
    public void A_student_learns_from_soft_labels_alone()
    {
        Recipe recipe = Quick with { Signals = new SignalSpec(0, 1, 2, 0), Optimiser = Quick.Optimiser with { Epochs = 40 } };
        using TrainedStudent student = StudentTrainer.Train(Training, Validation, recipe);
        float[] logits = student.Logits(Training.Features);
        // It copies its teacher: p = σ(2 sin 1.5 x0).
        double error = Enumerable.Range(0, Training.Count).Average(i => Math.Abs((1 / (1 + Math.Exp(-logits[2 * i]))) - Training.Teacher!.Probabilities[2 * i]));
        Assert.InRange(error, 0, 0.08);
    }

    [Fact]
    public void The_expectations_term_changes_the_student()
    {
        SignalSpec without = Quick.Signals with { ExpectationsWeight = 0 };
        Assert.NotEqual(Weights(Quick), Weights(Quick with { Signals = without }));
        // A teacher without observables has nothing to say there.
        TeacherDataset classical = Training.WithTeacher(Synthetic.Answers(Training, observables: 0));
        Assert.Equal(Weights(Quick with { Signals = without }, classical), Weights(Quick, classical));
    }

    [Fact]
    public void What_cannot_be_trained_on_is_one_clear_sentence()
    {
        TeacherDataset bare = Training.WithoutTeacher();
        Assert.Contains("has a term 'soft', but the bags hold no teacher's labels", Refused(bare, Validation, Quick));
        Assert.Contains("has a term 'expectations', but", Refused(bare, Validation, Quick with { Signals = new SignalSpec(1, 0, 1, 0.5) }));
        Assert.Contains("the training table holds no window", Refused(Training.Select([]), Validation, Quick));
        Assert.Contains("the validation table holds no window", Refused(Training, Validation.Select([]), Quick));
        Assert.Contains("hold no collision", Refused(Training, Synthetic.WithCollision(Validation, _ => Truth.Safe), Quick));
        Assert.Contains("hold nothing but collisions", Refused(Training, Synthetic.WithCollision(Validation, _ => Truth.Hazard), Quick));
        Assert.Contains("hold no window of known truth", Refused(Training, Synthetic.WithCollision(Validation, _ => Truth.Unknown), Quick));
        Recipe hard = Quick with { Signals = new SignalSpec(1, 0, 1, 0) };
        Assert.Contains("no window's truth may be used", Assert.Throws<UserErrorException>(() => StudentTrainer.Train(bare, Validation, hard, [])).Message);
        Assert.Contains("diverged", Refused(Training, Validation, hard with { Optimiser = hard.Optimiser with { LearningRate = 1e30 } }));
    }

    [Fact]
    public void A_cancelled_training_ends()
    {
        using var stop = new CancellationTokenSource();
        int epochs = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => StudentTrainer.Train(Training, Validation, Quick with { Optimiser = Quick.Optimiser with { Epochs = 10_000, Patience = 10_000 } }, null, new Reporter(() =>
        {
            if (++epochs == 3)
            {
                stop.Cancel();
            }
        }), stop.Token));
        Assert.Equal(3, epochs);
    }

    [Fact]
    public void Calibration_mends_an_overconfident_student_and_thresholds_maximise_F1()
    {
        Recipe recipe = Quick with { Signals = new SignalSpec(1, 0, 1, 0), Optimiser = new OptimiserSpec(0.02, 0, 60, 20, 60), Calibration = "platt" };
        int[] labelled = LabelBudget.Choose(Training, 80, 1);
        using DistilledStudent student = DistilledStudent.Distill(Training, Validation, recipe, labelled);
        TeacherDataset test = Synthetic.Table(3000, 9);
        bool[] y = Synthetic.Collisions(test, out int[] known);
        float[] p = student.Probabilities(test.Features), raw = student.Student.Logits(test.Features);
        double Nll(Func<int, double> q) => BinaryMetrics.Compute([.. known.Select(q)], y).Nll!.Value;
        Assert.True(Nll(i => p[2 * i]) < Nll(i => 1 / (1 + Math.Exp(-raw[2 * i]))));
        Assert.All(student.Thresholds, t => Assert.InRange(t, 0.01, 0.99));

        bool[] yv = Synthetic.Collisions(Validation, out int[] rows);
        float[] pv = student.Probabilities(Validation.Features);
        double F1(double t)
        {
            int tp = rows.Where((r, i) => pv[2 * r] >= t && yv[i]).Count(), fp = rows.Where((r, i) => pv[2 * r] >= t && !yv[i]).Count(), fn = yv.Count(v => v) - tp;
            return 2.0 * tp / ((2 * tp) + fp + fn);
        }

        double best = Enumerable.Range(1, 99).Max(t => F1(t / 100.0));
        Assert.InRange(F1(student.Thresholds[0]), best - 0.02, 1);
    }

    private static TeacherDataset Taught(int n, ulong seed)
    {
        TeacherDataset data = Synthetic.Table(n, seed);
        return data.WithTeacher(Synthetic.Answers(data));
    }

    private static string Refused(TeacherDataset training, TeacherDataset validation, Recipe recipe) =>
        Assert.Throws<UserErrorException>(() => StudentTrainer.Train(training, validation, recipe)).Message;

    private static float[] Weights(Recipe recipe, TeacherDataset? training = null, int[]? labelled = null)
    {
        using TrainedStudent student = StudentTrainer.Train(training ?? Training, Validation, recipe, labelled);
        return [.. ((Distillation.Students.MlpStudent)student.Network).Layers.SelectMany(l => l.weight.detach().reshape(-1).data<float>().ToArray().Concat(l.bias!.detach().data<float>().ToArray()))];
    }

    private sealed class Reporter(Action action) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => action();
    }
}
