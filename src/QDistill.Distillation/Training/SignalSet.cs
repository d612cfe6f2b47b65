using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Signals;
using QDistill.Distillation.Students;

namespace QDistill.Distillation.Training;

/// <summary>The signals of one stage, made from its weights.</summary>
internal sealed class SignalSet : IDisposable
{
    private SignalSet(List<ISignal> signals) => Signals = signals;

    /// <summary>The terms with a weight above 0, in the order of the recipe's keys.</summary>
    public IReadOnlyList<ISignal> Signals { get; }

    /// <summary>Makes the signals.</summary>
    /// <param name="spec">Weights and settings.</param>
    /// <param name="network">The student.</param>
    /// <param name="teacher">The teacher's answers, or null.</param>
    /// <param name="hasEarlier">Whether an earlier generation's answers are there.</param>
    /// <param name="seed">The seed of heads and projections.</param>
    public static SignalSet Create(SignalSpec spec, StudentNetwork network, TeacherAnswers? teacher, bool hasEarlier, ulong seed)
    {
        var signals = new List<ISignal>();
        long hidden = network.HiddenWidth;
        Add(spec.HardWeight, () => new HardSignal(spec.HardWeight, spec.LabelSmoothing));
        Add(hasEarlier ? spec.SelfWeight : 0, () => new SelfSignal(spec.SelfWeight, spec.SelfTemperature));
        if (teacher is { } t)
        {
            Add(spec.SoftWeight, () => new SoftSignal(spec.SoftWeight, spec.SoftTemperature));
            Add(spec.LogitsWeight, () => new LogitSignal(spec.LogitsWeight));
            Add(t.ObservableCount > 0 ? spec.ExpectationsWeight : 0, () => new ExpectationSignal(spec.ExpectationsWeight, hidden, t.ObservableCount, seed));
            Add(spec.StatesWeight, () => new StateSignal(spec.StatesWeight, hidden, t.StateCount, spec.StatesGroups, seed));
            Add(spec.DistanceWeight, () => new DistanceSignal(spec.DistanceWeight));
            Add(spec.AngleWeight, () => new AngleSignal(spec.AngleWeight));
            Add(spec.KernelWeight, () =>
            {
                (float[] rows, int width) = t.Representation();
                return new KernelSignal(spec.KernelWeight, spec.Kernel, rows, width, seed);
            });
            Add(spec.CkaWeight, () => new AlignmentSignal(spec.CkaWeight));
            Add(spec.HintWeight, () => new HintSignal(spec.HintWeight, network.GuidedWidth, t.Features.Length > 0 ? t.FeatureCount : t.Representation().Width, seed));
            Add(spec.AttentionWeight, () => new AttentionSignal(spec.AttentionWeight, t.FeatureShape));
            Add(spec.GradientsWeight, () => new GradientSignal(spec.GradientsWeight));
        }

        return new SignalSet(signals);

        void Add(double weight, Func<ISignal> create)
        {
            if (weight > 0)
            {
                signals.Add(create());
            }
        }
    }

    /// <summary>Refuses a table that lacks what the signals need.</summary>
    /// <exception cref="UserErrorException">Names the term, what is missing and how to get it.</exception>
    public static void RequireAnswers(SignalSpec spec, TeacherDataset data)
    {
        if (!spec.NeedsTeacher)
        {
            return;
        }

        string bags = string.Join(", ", data.Bags);
        if (data.Teacher is not { } teacher)
        {
            string term = spec.TeacherTerms.First(t => t.Weight > 0).Name;
            throw new UserErrorException($"the recipe has a term '{term}', but the bags hold no teacher's labels", bags, $"label them first with 'qdistill label', or set {term}_weight to 0");
        }

        TeacherDetails missing = spec.Details & ~teacher.Details;

        // A teacher without feature maps gives hints by its expectations.
        if (spec.AttentionWeight == 0)
        {
            missing &= ~TeacherDetails.Features;
        }

        if (missing != TeacherDetails.None)
        {
            string detail = TeacherDetailNames.Of(missing)[0], term = detail == "features" ? "attention" : detail;
            throw new UserErrorException(
                $"the recipe has a term '{term}', but the bags' labels hold no {detail}", bags, $"label them again with 'qdistill label --details {string.Join(' ', TeacherDetailNames.Of(missing))}' and a teacher that has them, or set {term}_weight to 0");
        }

        if (spec.AttentionWeight > 0 && teacher.FeatureShape.Count != 3)
        {
            throw new UserErrorException("the recipe has a term 'attention', but the teacher's feature map has no rows and columns", bags, "use a quanvolutional teacher, or set attention_weight to 0");
        }

        if (teacher.InputGradients.Length > 0 && spec.GradientsWeight > 0 && teacher.GradientCount != data.OutputCount * data.FeatureCount)
        {
            throw new UserErrorException($"the labels hold {teacher.GradientCount} gradients for each window, not {data.OutputCount} × {data.FeatureCount}", bags, "label the bags again");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ISignal signal in Signals)
        {
            (signal as IDisposable)?.Dispose();
        }
    }
}
