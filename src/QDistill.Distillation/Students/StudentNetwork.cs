using QDistill.Configuration;
using QDistill.Distillation.Training;
using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>What a student computes on the way to its logits: everything that a signal may look at.</summary>
/// <param name="Logits">[b, k]</param>
/// <param name="Hidden">The last hidden layer [b, h].</param>
/// <param name="Guided">The first hidden layer [b, g], or a flattened feature map: where hints arrive.</param>
/// <param name="FeatureMap">[b, c, rows, columns], or null.</param>
public readonly record struct StudentPass(Tensor Logits, Tensor Hidden, Tensor Guided, Tensor? FeatureMap);

/// <summary>
/// A student: normalised features [b, d] (or [b, d · w] for one that sees w windows) to logits [b, k], collision first. Weights start from Philox, not from torch's global generator, so that trainings
/// side by side on several threads repeat exactly.
/// </summary>
public abstract class StudentNetwork : nn.Module<Tensor, Tensor>
{
    /// <summary>Creates the module.</summary>
    protected StudentNetwork(string name, StudentSpec spec)
        : base(name) => Spec = spec;

    /// <summary>What it was made from.</summary>
    public StudentSpec Spec { get; }

    /// <summary>Windows it sees at once; 1 but for temporal students.</summary>
    public virtual int Window => 1;

    /// <summary>Width of <see cref="StudentPass.Hidden"/>.</summary>
    public abstract long HiddenWidth { get; }

    /// <summary>Width of <see cref="StudentPass.Guided"/>.</summary>
    public virtual long GuidedWidth => HiddenWidth;

    /// <summary>The number of trainable numbers.</summary>
    public long ParameterCount => parameters().Sum(p => p.numel());

    /// <summary>Weight matrices and kernels that pruning may thin.</summary>
    internal virtual IReadOnlyList<Parameter> Prunable => [.. parameters().Where(p => p.ndim > 1)];

    /// <summary>A forward run with all that signals may look at.</summary>
    public abstract StudentPass Pass(Tensor input);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Pass(input).Logits;

    /// <summary>The same layers as a sequence, for export. It shares the layers: dispose the student, not the sequence.</summary>
    /// <exception cref="UserErrorException">There is a circuit in it.</exception>
    public virtual Sequential ToSequential()
    {
        Spec.RequireExportable();
        throw new UserErrorException($"a student of kind '{Spec.Kind}' has no form as a sequence of layers");
    }

    /// <summary>Makes the student of a specification.</summary>
    /// <param name="features">d.</param>
    /// <param name="outputs">k.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="seed">The seed of its first weights.</param>
    /// <exception cref="UserErrorException">The specification does not fit the features.</exception>
    public static StudentNetwork Create(int features, int outputs, StudentSpec spec, ulong seed) => spec.Kind switch
    {
        "temporal" => new TemporalStudent(features, outputs, spec, seed),
        "cnn" => new CnnStudent(features, outputs, spec, seed),
        "hybrid" => new HybridStudent(features, outputs, spec, seed),
        "quanvolutional" => new QuanvolutionalStudent(features, outputs, spec, seed),
        "quantum" => new QuantumStudent(features, outputs, spec, seed),
        _ => new MlpStudent(features, outputs, spec, seed),
    };

    /// <summary>Fills a parameter uniformly in ±bound.</summary>
    protected static void Fill(Tensor parameter, double bound, ref Philox rng)
    {
        float[] values = new float[parameter.numel()];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)rng.NextDouble(-bound, bound);
        }

        using IDisposable noGrad = no_grad();
        using Tensor fresh = tensor(values).reshape(parameter.shape);
        parameter.copy_(fresh);
    }

    /// <summary>The bound of He's (for relu) or Glorot's uniform start by fan-in.</summary>
    protected static double Bound(string activation, bool last, long fanIn) => Math.Sqrt((activation == "relu" && !last ? 6.0 : 3.0) / fanIn);

    /// <summary>Applies an activation by name.</summary>
    protected static Tensor Activate(string activation, Tensor z) => activation switch
    {
        "tanh" => nn.functional.tanh(z),
        "gelu" => nn.functional.gelu(z),
        _ => nn.functional.relu(z),
    };

    /// <summary>An activation as a module.</summary>
    protected static nn.Module<Tensor, Tensor> ActivationModule(string activation) => activation switch
    {
        "tanh" => nn.Tanh(),
        "gelu" => nn.GELU(),
        _ => nn.ReLU(),
    };
}
