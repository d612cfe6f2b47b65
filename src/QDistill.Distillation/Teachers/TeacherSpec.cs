using QDistill.Configuration;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>How a teacher is fitted: everything but the data. Read from a teacher file.</summary>
/// <param name="Kind"><c>vqc</c> (variational quantum classifier) or <c>mlp</c> (the classical control).</param>
/// <param name="Encoding">Name of the quantum encoding.</param>
/// <param name="Ansatz">Name of the ansatz.</param>
/// <param name="Qubits">Number of qubits.</param>
/// <param name="Layers">Layers of the ansatz.</param>
/// <param name="Features">How many of the schema's features the teacher sees (chosen on its labelled windows); 0 for all, as far as the encoding has room. An <c>mlp</c> sees all.</param>
/// <param name="Hidden">Hidden layers of an <c>mlp</c> teacher.</param>
/// <param name="Labels">How many labelled windows it may be fitted on.</param>
/// <param name="Starts">Random starts; the one with the least validation NLL is kept.</param>
/// <param name="Epochs">Full-batch Adam steps of each start at the most.</param>
/// <param name="LearningRate">Adam's step size.</param>
/// <param name="WeightDecay">L2 penalty on the output head (vqc) or on all weights (mlp).</param>
/// <param name="Seed">The seed of everything random.</param>
public sealed record TeacherSpec(
    string Kind,
    string Encoding,
    string Ansatz,
    int Qubits,
    int Layers,
    int Features,
    IReadOnlyList<int> Hidden,
    int Labels,
    int Starts,
    int Epochs,
    double LearningRate,
    double WeightDecay,
    ulong Seed)
{
    /// <summary>The quantum teacher used when none is given: 6 qubits, 3 re-uploading layers, 200 labelled windows.</summary>
    public static TeacherSpec Default { get; } = new(
        "vqc", "reuploading", "hardware-efficient", Qubits: 6, Layers: 3, Features: 12, Hidden: [], Labels: 200, Starts: 3, Epochs: 400, LearningRate: 0.01, WeightDecay: 1e-3, Seed: 1);

    /// <summary>The classical control of the same budget: an MLP.</summary>
    public static TeacherSpec ClassicalDefault { get; } = Default with { Kind = "mlp", Features = 0, Hidden = [32, 32], LearningRate = 3e-3, Epochs = 200 };

    /// <summary>Reads the specification's keys; keys left out keep their defaults.</summary>
    /// <exception cref="UserErrorException">A value is wrong.</exception>
    public static TeacherSpec Read(ConfigSection yaml)
    {
        string kind = yaml.Choice("kind", ["vqc", "mlp"], "vqc");
        TeacherSpec d = kind == "mlp" ? ClassicalDefault : Default;
        string encoding = yaml.Choice("encoding", [.. FeatureEncoding.All.Select(e => e.Name)], d.Encoding);
        int qubits = (int)yaml.Int("qubits", d.Qubits, 1, 24), features = (int)yaml.Int("features", d.Features, 0, 4096);
        if (kind == "mlp" && features > 0)
        {
            throw yaml.Error("features", "an mlp teacher sees all features", "leave it out, or set it to 0");
        }

        int room = FeatureEncoding.Get(encoding).MaxFeatures(qubits);
        if (kind == "vqc" && features > room)
        {
            // The default number gives way to a small circuit; a number that was asked for does not.
            features = yaml.Has("features")
                ? throw yaml.Error("features", $"the encoding '{encoding}' on {qubits} qubits has room for {room}, not {features}", "choose fewer features or more qubits")
                : room;
        }

        return new TeacherSpec(
            kind,
            encoding,
            yaml.Choice("ansatz", [.. Quantum.Ansatz.All.Select(a => a.Name)], d.Ansatz),
            qubits,
            (int)yaml.Int("layers", d.Layers, 0, 1000),
            features,
            StudentSpec.ReadHidden(yaml, d.Hidden),
            (int)yaml.Int("labels", d.Labels, 2, int.MaxValue),
            (int)yaml.Int("starts", d.Starts, 1, 1000),
            (int)yaml.Int("epochs", d.Epochs, 1, 1_000_000),
            yaml.Double("learning_rate", d.LearningRate, 1e-7, 10),
            yaml.Double("weight_decay", d.WeightDecay, 0, 10),
            (ulong)yaml.Int("seed", (long)d.Seed, 0));
    }

    /// <summary>The keys that <see cref="Read"/> accepts.</summary>
    public string ToYaml() => FormattableString.Invariant($"""
        kind: {Kind}
        encoding: {Encoding}
        ansatz: {Ansatz}
        qubits: {Qubits}
        layers: {Layers}
        features: {Features}
        hidden: [{string.Join(", ", Hidden)}]
        labels: {Labels}
        starts: {Starts}
        epochs: {Epochs}
        learning_rate: {LearningRate}
        weight_decay: {WeightDecay}
        seed: {Seed}

        """);
}
