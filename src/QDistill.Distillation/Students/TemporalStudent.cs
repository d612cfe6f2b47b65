using QDistill.Configuration;
using QDistill.Distillation.Training;
using QDistill.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace QDistill.Distillation.Students;

/// <summary>
/// Convolutions along time over the last w windows: [b, d · w] (each feature's w values together, oldest first) to [b, d, w], convolutions of width 3 that keep the length, each followed by the
/// activation, and a linear layer on all that is left.
/// </summary>
public sealed class TemporalStudent : StudentNetwork
{
    private const int Kernel = 3;
    private readonly int features;
    private readonly Conv1d[] convolutions;
    private readonly Linear head;

    /// <summary>Creates a freshly initialised student.</summary>
    public TemporalStudent(int features, int outputs, StudentSpec spec, ulong seed)
        : base(nameof(TemporalStudent), spec)
    {
        this.features = features;
        var rng = new Philox(seed, MlpStudent.InitialisationStream);
        convolutions = new Conv1d[spec.Channels.Count];
        int width = features;
        for (int i = 0; i < convolutions.Length; i++)
        {
            convolutions[i] = nn.Conv1d(width, spec.Channels[i], Kernel, padding: Kernel / 2);
            register_module($"convolution{i}", convolutions[i]);
            Fill(convolutions[i].weight, Bound(spec.Activation, false, width * Kernel), ref rng);
            Fill(convolutions[i].bias!, 0, ref rng);
            width = spec.Channels[i];
        }

        head = nn.Linear((long)width * spec.Window, outputs);
        register_module("head", head);
        Fill(head.weight, Bound(spec.Activation, true, (long)width * spec.Window), ref rng);
        Fill(head.bias!, 0, ref rng);
    }

    /// <inheritdoc/>
    public override int Window => Spec.Window;

    /// <inheritdoc/>
    public override long HiddenWidth => head.weight.shape[1];

    /// <inheritdoc/>
    public override long GuidedWidth => (long)Spec.Channels[0] * Window;

    /// <inheritdoc/>
    public override StudentPass Pass(Tensor input)
    {
        Tensor x = input.reshape(-1, features, Window), guided = x;
        for (int i = 0; i < convolutions.Length; i++)
        {
            x = Activate(Spec.Activation, convolutions[i].forward(x));
            guided = i == 0 ? x.flatten(1) : guided;
        }

        Tensor flat = x.flatten(1);
        return new StudentPass(head.forward(flat), flat, guided, null);
    }

    /// <summary>The layers after the input has the shape [b, d, w].</summary>
    public override Sequential ToSequential()
    {
        var parts = new List<(string, nn.Module<Tensor, Tensor>)>();
        for (int i = 0; i < convolutions.Length; i++)
        {
            parts.Add(($"convolution{i}", convolutions[i]));
            parts.Add(($"activation{i}", ActivationModule(Spec.Activation)));
        }

        parts.Add(("flatten", nn.Flatten()));
        parts.Add(("head", head));
        return nn.Sequential([.. parts]);
    }
}
