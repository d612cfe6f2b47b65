using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>How a teacher is fitted: everything but the data. Read from a teacher file.</summary>
/// <param name="Kind">One of <see cref="TeacherKind.All"/>.</param>
/// <param name="Encoding">Name of the quantum encoding.</param>
/// <param name="Ansatz">Name of the ansatz.</param>
/// <param name="Qubits">Number of qubits.</param>
/// <param name="Layers">Layers of the ansatz.</param>
/// <param name="Features">How many of the schema's features the teacher sees (chosen on its labelled windows); 0 for all, as far as the encoding has room. Classical teachers see all.</param>
/// <param name="Hidden">Hidden layers of an <c>mlp</c> or <c>ensemble</c> teacher.</param>
/// <param name="Labels">How many labelled windows it may be fitted on.</param>
/// <param name="Starts">Random starts; the one with the least validation NLL is kept.</param>
/// <param name="Epochs">Full-batch Adam steps of each start at the most.</param>
/// <param name="LearningRate">Adam's step size; the shrinkage of boosted trees.</param>
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
    public static TeacherSpec ClassicalDefault { get; } = DefaultOf("mlp");

    /// <summary><c>none</c>, or <c>balanced</c>: labelled windows count so that both classes weigh alike (n/(2 n_class)).</summary>
    public string ClassWeights { get; init; } = "none";

    /// <summary>What a circuit is asked for besides ⟨Z⟩ of every qubit, which its head uses: <c>z</c> nothing, <c>zz</c> the products of all pairs, <c>xyz</c> all three of every qubit (three measurement bases).</summary>
    public string Observables { get; init; } = "z";

    /// <summary>What classifies on the Gram matrix of a <c>quantum-kernel</c> teacher: <c>svm</c>, <c>logistic</c> or <c>gp</c>.</summary>
    public string Classifier { get; init; } = "svm";

    /// <summary>Its kernel: <c>fidelity</c> or <c>projected</c>.</summary>
    public string Kernel { get; init; } = "fidelity";

    /// <summary>Multiplies the normalised features before they enter a kernel's circuit.</summary>
    public double Bandwidth { get; init; } = 0.5;

    /// <summary>γ of an <c>rbf-svm</c>, of random features, or of a projected kernel; 0 for 1/d.</summary>
    public double Gamma { get; init; }

    /// <summary>The price of violations (svm), the inverse of the penalty (logistic), or the prior variance (gp).</summary>
    public double C { get; init; } = 1;

    /// <summary>Trees of <c>boosted-trees</c> and <c>random-forest</c>.</summary>
    public int Trees { get; init; } = 100;

    /// <summary>The most splits between a tree's root and a leaf.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>The least labelled windows in a leaf.</summary>
    public int LeafSize { get; init; } = 5;

    /// <summary>Members of an <c>ensemble</c>.</summary>
    public int Members { get; init; } = 5;

    /// <summary>Random features of a <c>random-features</c> teacher.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Rows and columns of the image that a <c>quanvolutional</c> teacher's features are the pixels of.</summary>
    public IReadOnlyList<int> Image { get; init; } = [];

    /// <summary>Rows and columns of its patches.</summary>
    public int Patch { get; init; } = 2;

    /// <summary>Pixels from one patch to the next.</summary>
    public int Stride { get; init; } = 2;

    /// <summary>Hyper-parameter trials on validation; 0 takes the values as they stand.</summary>
    public int Trials { get; init; }

    /// <summary>What is done to its answers: the controls of teachers that are shuffled, degraded, or brought to another teacher's accuracy.</summary>
    public TeacherTransform Transform { get; init; } = TeacherTransform.None;

    /// <summary>Whether there is a circuit to ask.</summary>
    public bool IsQuantum => TeacherKind.Get(Kind).IsQuantum;

    /// <summary>What a teacher of this specification can tell beyond probabilities and expectations.</summary>
    /// <param name="backend">The name of the back end that its circuits are asked through; anything for a classical one.</param>
    public TeacherDetails Tells(string backend)
    {
        TeacherDetails tells = Kind switch
        {
            "vqc" => TeacherDetails.States | TeacherDetails.Gradients | TeacherDetails.Features,
            "hybrid" => TeacherDetails.States | TeacherDetails.Features,
            "mlp" => TeacherDetails.Gradients | TeacherDetails.Features,
            "quanvolutional" or "quantum-kernel" or "random-features" => TeacherDetails.Features,
            _ => TeacherDetails.None,
        };
        bool slopes = Transform.Kind is "none" or "shuffled" && (!IsQuantum || backend == "statevector");
        return slopes ? tells : tells & ~TeacherDetails.Gradients;
    }

    /// <summary>The specification used for a kind when nothing else is given.</summary>
    /// <exception cref="UserErrorException">There is no such kind.</exception>
    public static TeacherSpec DefaultOf(string kind) => TeacherKind.Get(kind).Defaults(Default with { Kind = kind });

    /// <summary>Reads the specification's keys; keys left out keep their defaults.</summary>
    /// <exception cref="UserErrorException">A value is wrong.</exception>
    public static TeacherSpec Read(ConfigSection yaml)
    {
        TeacherKind kind = TeacherKind.Get(yaml.Choice("kind", [.. TeacherKind.All.Select(k => k.Name)], "vqc"));
        TeacherSpec d = DefaultOf(kind.Name);
        var spec = d with
        {
            Labels = (int)yaml.Int("labels", d.Labels, 2, int.MaxValue),
            Starts = (int)yaml.Int("starts", d.Starts, 1, 1000),
            Epochs = (int)yaml.Int("epochs", d.Epochs, 1, 1_000_000),
            LearningRate = yaml.Double("learning_rate", d.LearningRate, 1e-7, 10),
            WeightDecay = yaml.Double("weight_decay", d.WeightDecay, 0, 10),
            Seed = (ulong)yaml.Int("seed", (long)d.Seed, 0),
            ClassWeights = yaml.Choice("class_weights", ["none", "balanced"], d.ClassWeights),
            Trials = yaml.OptionalSection("search") is { } search ? (int)search.Int("trials", 8, 0, 10_000) : 0,
            Transform = yaml.OptionalSection("transform") is { } transform ? TeacherTransform.Read(transform) : TeacherTransform.None,
        };
        return kind.Read(yaml, spec);
    }

    /// <summary>The keys that <see cref="Read"/> accepts.</summary>
    public string ToYaml()
    {
        var text = new StringBuilder(FormattableString.Invariant($"kind: {Kind}\n"));
        text.Append(TeacherKind.Get(Kind).Write(this));
        text.Append(CultureInfo.InvariantCulture, $"labels: {Labels}\nstarts: {Starts}\nepochs: {Epochs}\nlearning_rate: {LearningRate}\nweight_decay: {WeightDecay}\nseed: {Seed}\n");
        if (ClassWeights != "none")
        {
            text.Append($"class_weights: {ClassWeights}\n");
        }

        if (Trials > 0)
        {
            text.Append($"search: {{trials: {Trials}}}\n");
        }

        return text.Append(Transform.ToYaml()).ToString();
    }
}
