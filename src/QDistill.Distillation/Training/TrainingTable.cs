using QDistill.Distillation.Data;
using QDistill.Distillation.Signals;
using QDistill.Distillation.Students;
using QDistill.Features;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.Training;

/// <summary>All that a stage's signals look at, as tensors with one row for each training window; batches are rows of it. Belongs to the dispose scope it is made in.</summary>
internal sealed class TrainingTable
{
    private readonly Tensor x;
    private readonly Tensor truth;
    private readonly Tensor mask;
    private readonly int outputs;
    private readonly bool gradients;
    private readonly Tensor? probability;
    private readonly Tensor? expectations;
    private readonly Tensor? representation;
    private readonly Tensor? states;
    private readonly Tensor? features;
    private readonly Tensor? teacherGradients;
    private readonly Tensor? certainty;
    private readonly Tensor? self;

    /// <summary>Lays the tensors out that the signals need.</summary>
    /// <param name="x">Network inputs [n, d · w].</param>
    /// <param name="data">The windows.</param>
    /// <param name="labelled">Whose truth may be used; null for all.</param>
    /// <param name="normalisation">The scale of the inputs, for gradients.</param>
    /// <param name="signals">The stage's signals.</param>
    /// <param name="self">Probabilities of the earlier generation [n, k], or null.</param>
    public TrainingTable(Tensor x, TeacherDataset data, IReadOnlyCollection<int>? labelled, Normalisation normalisation, SignalSpec signals, float[]? self)
    {
        int n = data.Count, k = data.OutputCount, d = data.FeatureCount;
        this.x = x;
        outputs = k;
        (truth, mask) = TruthTensors(data, labelled, signals.ClassWeights == "balanced");
        this.self = self is null ? null : tensor(self, [n, k]);
        if (data.Teacher is not { } t || !signals.NeedsTeacher)
        {
            return;
        }

        probability = signals.SoftWeight > 0 || signals.LogitsWeight > 0 ? tensor(t.Probabilities, [n, k]) : null;
        expectations = signals.ExpectationsWeight > 0 && t.ObservableCount > 0 ? tensor(t.Expectations, [n, t.ObservableCount]) : null;
        if (signals.DistanceWeight > 0 || signals.AngleWeight > 0 || signals.KernelWeight > 0 || signals.CkaWeight > 0)
        {
            (float[] rows, int width) = t.Representation();
            representation = tensor(rows, [n, width]);
        }

        states = signals.StatesWeight > 0 ? tensor(t.States, [n, t.StateCount]) : null;
        if (signals.HintWeight > 0 || signals.AttentionWeight > 0)
        {
            (float[] rows, int width) = t.Features.Length > 0 ? (t.Features, t.FeatureCount) : t.Representation();
            features = tensor(rows, [n, width]);
        }

        if (signals.GradientsWeight > 0)
        {
            gradients = true;
            teacherGradients = tensor(t.InputGradients, [n, k, d]) * tensor(normalisation.Scale);
        }

        certainty = signals.ShotWeighting == "posterior" ? tensor(ShotCertainty.Weights(t), [n, 1]) : null;
    }

    /// <summary>Runs the student on these rows and puts the batch together.</summary>
    public SignalBatch Batch(StudentNetwork network, ReadOnlySpan<int> rows)
    {
        long[] index = new long[rows.Length];
        for (int i = 0; i < index.Length; i++)
        {
            index[i] = rows[i];
        }

        Tensor at = tensor(index), input = x.index_select(0, at);
        if (gradients)
        {
            input.requires_grad_();
        }

        StudentPass pass = network.Pass(input);
        return new SignalBatch(pass.Logits, pass.Hidden, probability?.index_select(0, at), expectations?.index_select(0, at), truth.index_select(0, at), mask.index_select(0, at))
        {
            Guided = pass.Guided,
            FeatureMap = pass.FeatureMap,
            InputGradients = gradients ? InputGradients(pass.Logits, input) : null,
            Representation = representation?.index_select(0, at),
            States = states?.index_select(0, at),
            TeacherFeatures = features?.index_select(0, at),
            TeacherGradients = teacherGradients?.index_select(0, at),
            SelfProbability = self?.index_select(0, at),
            Certainty = certainty?.index_select(0, at),
        };
    }

    // Rows do not influence each other, so the gradient of a sum over rows holds every row's own.
    private Tensor InputGradients(Tensor logits, Tensor input)
    {
        var each = new Tensor[outputs];
        for (int j = 0; j < outputs; j++)
        {
            each[j] = autograd.grad([logits.select(1, j).sum()], [input], create_graph: true)[0];
        }

        return stack(each, 1);
    }

    // A mask entry is the weight of its label: with balanced classes n/(2 n_class), by output.
    private static (Tensor Truth, Tensor Mask) TruthTensors(TeacherDataset data, IReadOnlyCollection<int>? labelled, bool balanced)
    {
        int k = data.OutputCount;
        float[] truth = new float[data.Truth.Length], mask = new float[data.Truth.Length];
        int[] rows = [.. labelled ?? (IEnumerable<int>)Enumerable.Range(0, data.Count)];
        for (int j = 0; j < k; j++)
        {
            int hazards = rows.Count(i => data.Truth[(i * k) + j] == Truth.Hazard), known = rows.Count(i => data.Truth[(i * k) + j] != Truth.Unknown);
            foreach (int i in rows)
            {
                Truth t = data.Truth[(i * k) + j];
                int alike = t == Truth.Hazard ? hazards : known - hazards;
                truth[(i * k) + j] = t == Truth.Hazard ? 1 : 0;
                mask[(i * k) + j] = t == Truth.Unknown ? 0 : balanced ? known / (2f * alike) : 1;
            }
        }

        return (tensor(truth).reshape(data.Count, k), tensor(mask).reshape(data.Count, k));
    }
}
