using QDistill.Configuration;
using QDistill.Distillation.Training;
using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>
/// A small convolutional network for features that are the pixels of an image, row by row: 3×3 convolutions that keep the size, each followed by the activation and 2×2 maximum pooling, then hidden layers.
/// Its feature map, for attention transfer, is the first convolution's before pooling.
/// </summary>
public sealed class CnnStudent : StudentNetwork
{
    private readonly Conv2d[] convolutions;
    private readonly Linear[] layers;
    private readonly int rows;
    private readonly int columns;

    /// <summary>Creates a freshly initialised student.</summary>
    /// <exception cref="UserErrorException">The image has another number of pixels than there are features, or is too small for the poolings.</exception>
    public CnnStudent(int features, int outputs, StudentSpec spec, ulong seed)
        : base(nameof(CnnStudent), spec)
    {
        (rows, columns) = (spec.Image[0], spec.Image[1]);
        if (rows * columns != features)
        {
            throw new UserErrorException($"a cnn student of {rows}×{columns} pixels needs {rows * columns} features, but the data have {features}", null, "set student.image to the data's rows and columns, or choose another kind");
        }

        int shrink = 1 << spec.Channels.Count;
        if (rows < shrink || columns < shrink)
        {
            throw new UserErrorException($"an image of {rows}×{columns} pixels cannot be halved {spec.Channels.Count} times", null, "name fewer channels");
        }

        var rng = new Philox(seed, MlpStudent.InitialisationStream);
        convolutions = new Conv2d[spec.Channels.Count];
        int width = 1;
        for (int i = 0; i < convolutions.Length; i++)
        {
            convolutions[i] = nn.Conv2d(width, spec.Channels[i], 3L, padding: 1L);
            register_module($"convolution{i}", convolutions[i]);
            Fill(convolutions[i].weight, Bound(spec.Activation, false, width * 9), ref rng);
            Fill(convolutions[i].bias!, 0, ref rng);
            width = spec.Channels[i];
        }

        int[] sizes = [width * (rows / shrink) * (columns / shrink), .. spec.Hidden, outputs];
        layers = new Linear[sizes.Length - 1];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = nn.Linear(sizes[i], sizes[i + 1]);
            register_module($"layer{i}", layers[i]);
            Fill(layers[i].weight, Bound(spec.Activation, i + 1 == layers.Length, sizes[i]), ref rng);
            Fill(layers[i].bias!, 0, ref rng);
        }
    }

    /// <inheritdoc/>
    public override long HiddenWidth => layers[^1].weight.shape[1];

    /// <inheritdoc/>
    public override long GuidedWidth => layers[0].weight.shape[1];

    /// <inheritdoc/>
    public override StudentPass Pass(Tensor input)
    {
        Tensor x = input.reshape(-1, 1, rows, columns);
        Tensor? map = null;
        foreach (Conv2d convolution in convolutions)
        {
            Tensor a = Activate(Spec.Activation, convolution.forward(x));
            map ??= a;
            x = nn.functional.max_pool2d(a, 2);
        }

        Tensor flat = x.flatten(1), guided = flat;
        for (int i = 0; i + 1 < layers.Length; i++)
        {
            flat = Activate(Spec.Activation, layers[i].forward(flat));
        }

        return new StudentPass(layers[^1].forward(flat), flat, guided, map);
    }

    /// <inheritdoc/>
    public override Sequential ToSequential()
    {
        List<(string, nn.Module<Tensor, Tensor>)> parts = [("image", nn.Unflatten(1, [1, rows, columns]))];
        for (int i = 0; i < convolutions.Length; i++)
        {
            parts.Add(($"convolution{i}", convolutions[i]));
            parts.Add(($"convolution_activation{i}", ActivationModule(Spec.Activation)));
            parts.Add(($"pool{i}", nn.MaxPool2d(2L)));
        }

        parts.Add(("flatten", nn.Flatten()));
        for (int i = 0; i < layers.Length; i++)
        {
            parts.Add(($"layer{i}", layers[i]));
            if (i + 1 < layers.Length)
            {
                parts.Add(($"activation{i}", ActivationModule(Spec.Activation)));
            }
        }

        return nn.Sequential([.. parts]);
    }
}
