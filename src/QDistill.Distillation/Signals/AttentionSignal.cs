using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Signals;

/// <summary>
/// Attention transfer (Zagoruyko, Komodakis, arXiv:1612.03928, eq. 2 with p = 2 on both): an attention map is the mean over channels of squared activations, flattened and divided by its norm; the term
/// is the squared distance of the two maps, averaged over windows. The student's map is averaged to the teacher's rows and columns first.
/// </summary>
/// <param name="weight">The term's weight.</param>
/// <param name="shape">The teacher's feature map: [channels, rows, columns].</param>
public sealed class AttentionSignal(double weight, IReadOnlyList<int> shape) : ISignal
{
    /// <inheritdoc/>
    public string Name => "attention";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Tensor Loss(SignalBatch batch)
    {
        Tensor student = batch.FeatureMap ?? throw new InvalidOperationException("the attention signal needs a student with a feature map");
        Tensor teacher = batch.TeacherFeatures ?? throw new InvalidOperationException("the attention signal needs a teacher's feature map");
        Tensor map = nn.functional.adaptive_avg_pool2d(student.square().mean([1], keepdim: true), [shape[1], shape[2]]);
        return (Normalised(map) - Normalised(teacher.reshape(-1, shape[0], shape[1], shape[2]).square().mean([1], keepdim: true))).square().sum(1).mean();
    }

    private static Tensor Normalised(Tensor map) => nn.functional.normalize(map.flatten(1), 2, 1);
}
