namespace QDistill.Inference;

/// <summary>What a model does with features that are missing (NaN).</summary>
public enum MissingFeatures
{
    /// <summary>The graph puts the feature's training mean in its place.</summary>
    Mean,

    /// <summary>The prediction is refused.</summary>
    Refuse,
}

/// <summary>One constraint whose violation a model predicts.</summary>
/// <param name="Name">The constraint's name in robot.yaml.</param>
/// <param name="Signal">The feature that it limits; empty when it is none.</param>
/// <param name="Operator">Violated when the signal is beyond the limit in this sense: <c>&gt;</c>, <c>&gt;=</c>, <c>&lt;</c> or <c>&lt;=</c>.</param>
/// <param name="Limit">The limit [<paramref name="Unit"/>].</param>
/// <param name="Unit">The unit of signal and limit, SI.</param>
/// <param name="Horizon">Within how many seconds.</param>
/// <param name="Threshold">The probability from which the model's maker would raise an alarm, in [0, 1].</param>
public sealed record ConstraintContract(string Name, string Signal, string Operator, double Limit, string Unit, double Horizon, double Threshold = 0.5);

/// <summary>How the network's logits z became the probabilities of the outputs: sigmoid(z / temperature + bias), by output.</summary>
/// <param name="Method">The fit's name: <c>none</c>, <c>temperature</c>, <c>platt</c>.</param>
/// <param name="Temperatures">One per output: collision, then the constraints; all positive.</param>
/// <param name="Biases">One per output.</param>
public sealed record CalibrationContract(string Method, IReadOnlyList<double> Temperatures, IReadOnlyList<double> Biases)
{
    /// <summary>No calibration of <paramref name="outputs"/> outputs.</summary>
    public static CalibrationContract None(int outputs) => new("none", [.. Enumerable.Repeat(1.0, outputs)], [.. Enumerable.Repeat(0.0, outputs)]);
}

/// <summary>The energy scores between which validation windows lie but for a given share.</summary>
/// <param name="Low">The least: below it the network is surer of itself than it ever was on familiar data.</param>
/// <param name="High">The greatest: above it the network has no opinion (Liu et al. 2020 call that out of distribution).</param>
/// <param name="Tail">The share of validation windows beyond each end, in [0, 0.5).</param>
public sealed record EnergyContract(double Low, double High, double Tail);

/// <summary>The teacher whose knowledge the model carries, and what asking it cost.</summary>
/// <param name="Id">The teacher's id; <c>none</c> for a student that had none.</param>
/// <param name="Backend">The back end that answered: <c>statevector</c>, <c>sampled</c>, <c>qsharp</c> …; empty for classical teachers.</param>
/// <param name="Ledger">Counts by name: circuits, shots, depth, two_qubit_gates, seconds, estimated_price.</param>
public sealed record TeacherContract(string Id, string Backend, IReadOnlyDictionary<string, double> Ledger)
{
    /// <summary>A student that learnt from labels alone.</summary>
    public static TeacherContract None { get; } = new("none", string.Empty, new Dictionary<string, double>());
}

/// <summary>
/// What a model promises and needs: it travels inside the ONNX file (metadata_props) and is checked before the model flies.
/// </summary>
public sealed record ModelContract
{
    /// <summary>SHA-256 (64 hex digits) of the ordered feature schema the model was trained on.</summary>
    public required string SchemaId { get; init; }

    /// <summary>The features' names, in the order of the input's columns.</summary>
    public required IReadOnlyList<string> FeatureNames { get; init; }

    /// <summary>How far ahead a collision is foretold [s].</summary>
    public required double Horizon { get; init; }

    /// <summary>The constraints, in the order of <c>violation_probability</c>'s columns.</summary>
    public IReadOnlyList<ConstraintContract> Constraints { get; init; } = [];

    /// <summary>The collision probability from which the model's maker would raise an alarm, in [0, 1].</summary>
    public double CollisionThreshold { get; init; } = 0.5;

    /// <summary>What happens to features that are missing (NaN).</summary>
    public MissingFeatures Missing { get; init; } = MissingFeatures.Mean;

    /// <summary>The least value of each feature in training; empty when not recorded.</summary>
    public IReadOnlyList<float> TrainingLow { get; init; } = [];

    /// <summary>The greatest value of each feature in training; empty when not recorded.</summary>
    public IReadOnlyList<float> TrainingHigh { get; init; } = [];

    /// <summary>The range of the energy score (see <see cref="RiskModel.EnergyName"/>) on validation windows; null when not recorded.</summary>
    public EnergyContract? EnergyRange { get; init; }

    /// <summary>How logits became probabilities; null when not recorded.</summary>
    public CalibrationContract? Calibration { get; init; }

    /// <summary>The teacher and its cost.</summary>
    public TeacherContract Teacher { get; init; } = TeacherContract.None;

    /// <summary>SHA-256 of each recording that training used, by name.</summary>
    public IReadOnlyDictionary<string, string> DataHashes { get; init; } = new Dictionary<string, string>();

    /// <summary>The versions of what made the model, by component (qdistill, libtorch …).</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();
}
