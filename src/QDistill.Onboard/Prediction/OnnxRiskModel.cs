using QDistill.Configuration;
using QDistill.Inference;

namespace QDistill.Onboard;

/// <summary>A student on ONNX Runtime, as the nodes see it.</summary>
public sealed class OnnxRiskModel : IRiskModel
{
    private readonly RiskModel model;

    private OnnxRiskModel(RiskModel model)
    {
        this.model = model;
        ModelContract contract = model.Contract;
        Info = new RiskModelInfo
        {
            ModelId = model.ModelId,
            Name = NameOf(model.Path),
            SchemaId = contract.SchemaId,
            FeatureNames = contract.FeatureNames,
            Horizon = (float)contract.Horizon,
            Constraints = [.. contract.Constraints.Select(c => new PredictedConstraint(c.Name, c.Signal, (float)c.Limit, c.Unit, (float)c.Threshold))],
            Threshold = (float)contract.CollisionThreshold,
            AcceptsMissing = contract.Missing == MissingFeatures.Mean,
            Low = contract.TrainingLow,
            High = contract.TrainingHigh,
            EnergyRange = contract.EnergyRange is { } e && model.HasEnergy ? ((float)e.Low, (float)e.High) : null,
        };
    }

    /// <inheritdoc/>
    public RiskModelInfo Info { get; }

    /// <summary>Loads, checks and warms a model.</summary>
    /// <param name="path">A model folder that holds <c>student.onnx</c>, or an ONNX file.</param>
    /// <param name="publicKey">The Ed25519 public key that it must be signed with; null: not checked.</param>
    /// <exception cref="UserErrorException">It is not a model that can be used; one sentence says why.</exception>
    public static IRiskModel Load(string path, byte[]? publicKey = null) => new OnnxRiskModel(RiskModel.Load(path, null, publicKey));

    /// <inheritdoc/>
    public float Energy => model.Energy;

    /// <inheritdoc/>
    public bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty) =>
        model.Predict(features, violation, out collision, out uncertainty) == InferenceStatus.Ok;

    /// <inheritdoc/>
    public void KeepWarm() => model.KeepWarm();

    /// <inheritdoc/>
    public void Forget() => model.ResetHistory();

    /// <inheritdoc/>
    public void Dispose() => model.Dispose();

    private static string NameOf(string path) =>
        (Path.GetFileName(path) == RiskModel.FileName ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) : Path.GetFileNameWithoutExtension(path)) ?? string.Empty;
}
