using QDistill.Distillation.Training;
using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>
/// A multilayer perceptron from normalised features [b, d] to logits [b, k] (collision, then constraints). Without hidden layers it is
/// logistic regression. Weights start from Philox (He/Glorot uniform by fan-in), not from torch's global generator, so that trainings side by
/// side on several threads repeat exactly.
/// </summary>
public sealed class MlpStudent : nn.Module<Tensor, Tensor>
{
    private const ulong InitialisationStream = 0x494E_4954; // "INIT"
    private readonly Linear[] layers;
    private readonly string activation;

    /// <summary>Creates a freshly initialised student.</summary>
    public MlpStudent(int inputs, int outputs, StudentSpec spec, ulong seed)
        : base(nameof(MlpStudent))
    {
        activation = spec.Activation;
        int[] sizes = [inputs, .. spec.Hidden, outputs];
        layers = new Linear[sizes.Length - 1];
        var rng = new Philox(seed, InitialisationStream);
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = nn.Linear(sizes[i], sizes[i + 1]);
            register_module($"layer{i}", layers[i]);
            double bound = Math.Sqrt((activation == "relu" && i + 1 < layers.Length ? 6.0 : 3.0) / sizes[i]);
            Fill(layers[i].weight, bound, ref rng);
            Fill(layers[i].bias!, 0, ref rng);
        }
    }

    /// <summary>The linear layers, first to last.</summary>
    public IReadOnlyList<Linear> Layers => layers;

    /// <summary>The activation between them: <c>relu</c>, <c>tanh</c> or <c>gelu</c>.</summary>
    public string Activation => activation;

    /// <summary>Units of the last hidden layer (the inputs for a linear student): the width of <see cref="Hidden"/>.</summary>
    public long HiddenWidth => layers[^1].weight.shape[1];

    /// <summary>The number of trainable numbers.</summary>
    public long ParameterCount => layers.Sum(l => l.weight.numel() + l.bias!.numel());

    /// <summary>The same layers as a sequence, for export. It shares the layers: dispose the student, not the sequence.</summary>
    public Sequential ToSequential()
    {
        var parts = new List<(string, nn.Module<Tensor, Tensor>)>();
        for (int i = 0; i < layers.Length; i++)
        {
            parts.Add(($"layer{i}", layers[i]));
            if (i + 1 < layers.Length)
            {
                parts.Add(($"activation{i}", activation switch
                {
                    "tanh" => nn.Tanh(),
                    "gelu" => nn.GELU(),
                    _ => nn.ReLU(),
                }));
            }
        }

        return nn.Sequential([.. parts]);
    }

    /// <summary>Logits [b, k] of normalised features [b, d].</summary>
    public override Tensor forward(Tensor input) => Logits(Hidden(input));

    /// <summary>The last hidden layer's activations [b, h].</summary>
    public Tensor Hidden(Tensor input)
    {
        Tensor x = input;
        for (int i = 0; i + 1 < layers.Length; i++)
        {
            Tensor z = layers[i].forward(x);
            x = activation switch
            {
                "tanh" => nn.functional.tanh(z),
                "gelu" => nn.functional.gelu(z),
                _ => nn.functional.relu(z),
            };
        }

        return x;
    }

    /// <summary>Logits [b, k] from the last hidden layer.</summary>
    public Tensor Logits(Tensor hidden) => layers[^1].forward(hidden);

    private static void Fill(Tensor parameter, double bound, ref Philox rng)
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
}
