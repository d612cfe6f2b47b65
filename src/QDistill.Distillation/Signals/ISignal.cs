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
public sealed record SignalBatch(Tensor Logits, Tensor Hidden, Tensor? TeacherProbability, Tensor? Expectations, Tensor Truth, Tensor TruthMask);

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
