namespace QDistill.Onboard;

/// <summary>One constraint that a model predicts the violation of.</summary>
/// <param name="Name">The constraint's name.</param>
/// <param name="Signal">The feature whose value it limits; empty when not known.</param>
/// <param name="Limit">The limit, in <paramref name="Unit"/>.</param>
/// <param name="Unit">The unit of signal and limit.</param>
/// <param name="Threshold">The probability at which the model's maker would raise an alarm.</param>
public sealed record PredictedConstraint(string Name, string Signal, float Limit, string Unit, float Threshold);

/// <summary>What the nodes must know of a model before they trust it: the part of its contract that concerns flight.</summary>
public sealed record RiskModelInfo
{
    /// <summary>What identifies the model (the beginning of its file's hash), as published with every prediction.</summary>
    public required string ModelId { get; init; }

    /// <summary>What people call it: the name of its folder, or of its file; empty when it has none.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Name and id, for logs.</summary>
    public string Title => Name.Length > 0 ? $"{Name} ({ModelId})" : ModelId;

    /// <summary>SHA-256 (hex) of the ordered feature schema it was trained on.</summary>
    public required string SchemaId { get; init; }

    /// <summary>The features' names, <c>group.name</c>, in order.</summary>
    public required IReadOnlyList<string> FeatureNames { get; init; }

    /// <summary>How far ahead a collision is foretold [s].</summary>
    public required float Horizon { get; init; }

    /// <summary>The constraints, in the order of the model's outputs.</summary>
    public IReadOnlyList<PredictedConstraint> Constraints { get; init; } = [];

    /// <summary>The collision probability at which the model's maker would raise an alarm.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>Whether features may be missing (NaN); else only a complete vector is judged.</summary>
    public bool AcceptsMissing { get; init; } = true;

    /// <summary>The least value of each feature in training; empty when not known.</summary>
    public IReadOnlyList<float> Low { get; init; } = [];

    /// <summary>The greatest value of each feature in training; empty when not known.</summary>
    public IReadOnlyList<float> High { get; init; } = [];

    /// <summary>The range of the energy score on familiar data; null when not known.</summary>
    public (float Low, float High)? EnergyRange { get; init; }
}

/// <summary>A loaded model, as the nodes see it.</summary>
public interface IRiskModel : IDisposable
{
    /// <summary>What it predicts, from what.</summary>
    RiskModelInfo Info { get; }

    /// <summary>The energy score of the last prediction, see <see cref="Inference.RiskModel.Energy"/>; NaN when the model gives none.</summary>
    float Energy => float.NaN;

    /// <summary>Predicts from one feature vector. Does not allocate.</summary>
    /// <param name="features">The values [d] in schema order; NaN where not valid.</param>
    /// <param name="violation">Receives the probability that each constraint is violated [c].</param>
    /// <param name="collision">The probability of a collision within the horizon.</param>
    /// <param name="uncertainty">The predictive entropy [nats].</param>
    /// <returns>False when the model gave no finite answer.</returns>
    bool Predict(ReadOnlySpan<float> features, Span<float> violation, out float collision, out float uncertainty);

    /// <summary>Runs once more on the last input, without any effect but that the next prediction finds warm caches. Does not allocate.</summary>
    void KeepWarm()
    {
    }

    /// <summary>Forgets earlier feature vectors, after a gap: for models that look at several.</summary>
    void Forget()
    {
    }
}
