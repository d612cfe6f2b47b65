using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>What a signal may look at for one batch; all tensors are float32 with b rows and belong to the trainer.</summary>
/// <param name="Logits">The student's logits [b, k].</param>
/// <param name="Hidden">The student's last hidden layer [b, h].</param>
/// <param name="TeacherProbability">The teacher's probabilities [b, k], or null without a teacher.</param>
/// <param name="Expectations">The teacher's expectation values [b, m], or null.</param>
/// <param name="Truth">Hindsight truth [b, k]: 1 hazard, 0 safe (0 also where unknown).</param>
/// <param name="TruthMask">1 where the truth is known and within the label budget, else 0 [b, k].</param>
public sealed record SignalBatch(Tensor Logits, Tensor Hidden, Tensor? TeacherProbability, Tensor? Expectations, Tensor Truth, Tensor TruthMask)
{
    /// <summary>The student's guided layer [b, g] (FitNets' word): its first hidden layer, or its flattened feature map.</summary>
    public Tensor? Guided { get; init; }

    /// <summary>The student's feature map [b, c, rows, columns]; null for students without one.</summary>
    public Tensor? FeatureMap { get; init; }

    /// <summary>Gradients of the student's logits by its normalised inputs [b, k, d], themselves differentiable; null unless a signal asks for them.</summary>
    public Tensor? InputGradients { get; init; }

    /// <summary>The teacher's representation for relational signals [b, e].</summary>
    public Tensor? Representation { get; init; }

    /// <summary>The teacher's basis-state probabilities [b, s].</summary>
    public Tensor? States { get; init; }

    /// <summary>The teacher's feature map [b, f], flattened.</summary>
    public Tensor? TeacherFeatures { get; init; }

    /// <summary>Gradients of the teacher's logits by the normalised inputs [b, k, d].</summary>
    public Tensor? TeacherGradients { get; init; }

    /// <summary>Probabilities of the student's own earlier generation [b, k].</summary>
    public Tensor? SelfProbability { get; init; }

    /// <summary>The weight of each window by the certainty of the teacher's answer [b, 1], with mean 1 over the table; null counts all alike.</summary>
    public Tensor? Certainty { get; init; }

    /// <summary>The mean of a term's entries [b, …], weighted by <see cref="Certainty"/> where there is one.</summary>
    internal Tensor Mean(Tensor each) => Certainty is null ? each.mean() : (each * Certainty).mean();
}

/// <summary>One term of the training loss.</summary>
public interface ISignal
{
    /// <summary>The term's name, as in a recipe's weight fields.</summary>
    string Name { get; }

    /// <summary>The weight that multiplies <see cref="Loss"/>.</summary>
    double Weight { get; }

    /// <summary>Trainable numbers of the signal's own (a projection head), which do not enter the student.</summary>
    IEnumerable<Parameter> Parameters { get; }

    /// <summary>The unweighted term, a scalar.</summary>
    Tensor Loss(SignalBatch batch);
}
