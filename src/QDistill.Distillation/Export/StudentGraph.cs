using TorchSharp;

namespace QDistill.Distillation.Export;

/// <summary>
/// What a student computes, from raw features to probabilities: normalisation, network, calibration. The exporter writes exactly this, and
/// <see cref="Forward"/> is the same in TorchSharp.
/// </summary>
/// <param name="Mean">The features' training means [d].</param>
/// <param name="Scale">The features' training scales [d]; all positive.</param>
/// <param name="Network">From normalised features [batch, d] to logits [batch, 1 + c]: collision, then the constraints.</param>
/// <param name="Temperatures">By output, positive: a logit is divided by it.</param>
/// <param name="Biases">By output: added after that.</param>
public sealed record StudentGraph(IReadOnlyList<float> Mean, IReadOnlyList<float> Scale, TorchSharp.Modules.Sequential Network, IReadOnlyList<float> Temperatures, IReadOnlyList<float> Biases)
{
    /// <summary>Windows that the network sees at once: above 1 the model takes features [batch, w, d], oldest first, and the network [batch, d, w].</summary>
    public int Window { get; init; } = 1;

    /// <summary>Normalised network inputs [c, d · w] to calibrate 8-bit integers by; null writes 32-bit floats.</summary>
    public float[]? Int8Calibration { get; init; }

    /// <summary>The probabilities and the entropy for raw features [batch, d] (or [batch, w, d]) in 32-bit floats; a missing feature (NaN) counts as its mean.</summary>
    /// <returns>Collision [batch], violations [batch, c], entropy of the collision prediction [batch] in nats.</returns>
    public (torch.Tensor Collision, torch.Tensor Violation, torch.Tensor Uncertainty) Forward(torch.Tensor features)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable guard = torch.no_grad();
        torch.Tensor x = (features - torch.tensor(Mean.ToArray())) / torch.tensor(Scale.ToArray());
        torch.Tensor clean = x.nan_to_num();
        torch.Tensor z = (Network.call(Window > 1 ? clean.transpose(1, 2).contiguous() : clean) / torch.tensor(Temperatures.ToArray())) + torch.tensor(Biases.ToArray());
        torch.Tensor p = z.sigmoid();
        torch.Tensor z0 = z.select(1, 0), p0 = p.select(1, 0);
        torch.Tensor entropy = (p0 * torch.nn.functional.softplus(-z0)) + ((1 - p0) * torch.nn.functional.softplus(z0));
        return (p0.clone().MoveToOuterDisposeScope(), p.narrow(1, 1, p.shape[1] - 1).clone().MoveToOuterDisposeScope(), entropy.MoveToOuterDisposeScope());
    }
}
