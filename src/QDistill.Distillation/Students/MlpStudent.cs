using QDistill.Distillation.Training;
using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>A multilayer perceptron from normalised features [b, d] to logits [b, k]. Without hidden layers it is logistic regression.</summary>
public sealed class MlpStudent : StudentNetwork
{
    internal const ulong InitialisationStream = 0x494E_4954; // "INIT"
    private readonly Linear[] layers;
    private readonly string activation;

    /// <summary>Creates a freshly initialised student.</summary>
    public MlpStudent(int inputs, int outputs, StudentSpec spec, ulong seed)
        : base(nameof(MlpStudent), spec)
    {
        activation = spec.Activation;
        int[] sizes = [inputs, .. spec.Hidden, outputs];
        layers = new Linear[sizes.Length - 1];
        var rng = new Philox(seed, InitialisationStream);
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = nn.Linear(sizes[i], sizes[i + 1]);
            register_module($"layer{i}", layers[i]);
            Fill(layers[i].weight, Bound(activation, i + 1 == layers.Length, sizes[i]), ref rng);
            Fill(layers[i].bias!, 0, ref rng);
        }
    }

    /// <summary>The linear layers, first to last.</summary>
    public IReadOnlyList<Linear> Layers => layers;

    /// <summary>The activation between them: <c>relu</c>, <c>tanh</c> or <c>gelu</c>.</summary>
    public string Activation => activation;

    /// <summary>Units of the last hidden layer (the inputs for a linear student).</summary>
    public override long HiddenWidth => layers[^1].weight.shape[1];

    /// <inheritdoc/>
    public override long GuidedWidth => layers.Length > 1 ? layers[0].weight.shape[0] : HiddenWidth;

    /// <inheritdoc/>
    public override Sequential ToSequential()
    {
        var parts = new List<(string, nn.Module<Tensor, Tensor>)>();
        for (int i = 0; i < layers.Length; i++)
        {
            parts.Add(($"layer{i}", layers[i]));
            if (i + 1 < layers.Length)
            {
                parts.Add(($"activation{i}", ActivationModule(activation)));
            }
        }

        return nn.Sequential([.. parts]);
    }

    /// <inheritdoc/>
    public override StudentPass Pass(Tensor input)
    {
        Tensor x = input, guided = input;
        for (int i = 0; i + 1 < layers.Length; i++)
        {
            x = Activate(activation, layers[i].forward(x));
            guided = i == 0 ? x : guided;
        }

        return new StudentPass(layers[^1].forward(x), x, guided, null);
    }
}
