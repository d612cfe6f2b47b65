using System.Globalization;
using QDistill.Configuration;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>A kind of teacher: its name, and which keys its specification has beyond those of all.</summary>
/// <param name="Name">The name in <c>kind:</c>.</param>
/// <param name="Summary">What it is, in a line.</param>
/// <param name="IsQuantum">Whether it asks a circuit.</param>
public sealed record TeacherKind(string Name, string Summary, bool IsQuantum)
{
    private static readonly TeacherKind[] Registered =
    [
        new("vqc", "variational quantum classifier: encoding, ansatz, affine head", true),
        new("quantum-kernel", "SVM, logistic regression or Gaussian process on a quantum kernel", true),
        new("hybrid", "linear layer, circuit, linear layer (a dressed circuit)", true),
        new("quanvolutional", "circuit on every patch of an image, linear layer", true),
        new("mlp", "multilayer perceptron", false),
        new("ensemble", "deep ensemble: perceptrons of different starts, averaged", false),
        new("rbf-svm", "support vector machine with a Gaussian kernel", false),
        new("boosted-trees", "gradient-boosted trees", false),
        new("random-forest", "random forest", false),
        new("logistic", "logistic regression", false),
        new("random-features", "random Fourier features with a logistic head: features that nothing was learned for", false),
    ];

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<TeacherKind> All => Registered;

    /// <summary>The kind of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the error names the nearest.</exception>
    public static TeacherKind Get(string name) => Registered.FirstOrDefault(k => k.Name == name)
        ?? throw new UserErrorException($"unknown kind of teacher '{name}'", null, NearestKey.Hint(name, Registered.Select(k => k.Name)));

    /// <summary>What this kind's defaults differ in from the default quantum teacher's.</summary>
    internal TeacherSpec Defaults(TeacherSpec d) => Name switch
    {
        "vqc" => d,
        "quantum-kernel" => d with { Encoding = "zz", Layers = 0, Features = 6, Starts = 1 },
        "hybrid" => d with { Encoding = "angle", Ansatz = "strongly-entangling", Features = 0, LearningRate = 0.02 },
        "quanvolutional" => d with { Encoding = "angle", Ansatz = "simplified-two-design", Qubits = 4, Layers = 1, Features = 0, Starts = 1, Epochs = 60, LearningRate = 0.02 },
        "mlp" or "ensemble" => d with { Features = 0, Hidden = [32, 32], LearningRate = 3e-3, Epochs = 200 },
        "boosted-trees" => d with { Features = 0, LearningRate = 0.1, Starts = 1 },
        "random-forest" => d with { Features = 0, Depth = 8, LeafSize = 2, Starts = 1 },
        _ => d with { Features = 0, Starts = 1 },
    };

    /// <summary>Reads the keys of this kind.</summary>
    internal TeacherSpec Read(ConfigSection yaml, TeacherSpec d)
    {
        switch (Name)
        {
            case "vqc":
                return ReadFeatures(yaml, ReadCircuit(yaml, d)) with { Hidden = StudentSpec.ReadHidden(yaml, d.Hidden), Observables = yaml.Choice("observables", ["z", "zz", "xyz"], d.Observables) };
            case "hybrid":
                return ReadCircuit(yaml, d) with { Observables = yaml.Choice("observables", ["z", "zz", "xyz"], d.Observables) };
            case "quantum-kernel":
                TeacherSpec kernel = ReadFeatures(yaml, ReadCircuit(yaml, d));
                return kernel with
                {
                    Classifier = yaml.Choice("classifier", ["svm", "logistic", "gp"], d.Classifier),
                    Kernel = yaml.Choice("kernel", ["fidelity", "projected"], d.Kernel),
                    Bandwidth = yaml.Double("bandwidth", d.Bandwidth, 1e-3, 100),
                    Gamma = yaml.Double("gamma", d.Gamma, 0, 1e6),
                    C = yaml.Double("c", d.C, 1e-6, 1e9),
                };
            case "quanvolutional":
                TeacherSpec image = d with
                {
                    Image = StudentSpec.ReadImage(yaml),
                    Patch = (int)yaml.Int("patch", d.Patch, 1, 8),
                    Stride = (int)yaml.Int("stride", d.Stride, 1, 8),
                    Encoding = yaml.Choice("encoding", [.. FeatureEncoding.All.Select(e => e.Name)], d.Encoding),
                    Ansatz = yaml.Choice("ansatz", [.. Quantum.Ansatz.All.Select(a => a.Name)], d.Ansatz),
                    Qubits = (int)yaml.Int("qubits", d.Qubits, 1, 16),
                    Layers = (int)yaml.Int("layers", d.Layers, 0, 100),
                };
                if (image.Patch > Math.Min(image.Image[0], image.Image[1]))
                {
                    throw yaml.Error("patch", $"{image.Patch}×{image.Patch} pixels do not fit an image of {image.Image[0]}×{image.Image[1]}");
                }

                int pixels = image.Patch * image.Patch, space = FeatureEncoding.Get(image.Encoding).MaxFeatures(image.Qubits);
                return pixels <= space ? image : throw yaml.Error("patch", $"the encoding '{image.Encoding}' on {image.Qubits} qubits has room for {space} pixels, not {pixels}", "choose a smaller patch or more qubits");
            case "mlp" or "ensemble":
                TeacherSpec layers = d with { Hidden = StudentSpec.ReadHidden(yaml, d.Hidden), Members = Name == "ensemble" ? (int)yaml.Int("members", d.Members, 2, 100) : d.Members };
                return Name == "mlp" ? ReadSuperfluous(yaml, layers) : layers;
            case "rbf-svm":
                return d with { C = yaml.Double("c", d.C, 1e-6, 1e9), Gamma = yaml.Double("gamma", d.Gamma, 0, 1e6) };
            case "boosted-trees" or "random-forest":
                return d with { Trees = (int)yaml.Int("trees", d.Trees, 1, 10_000), Depth = (int)yaml.Int("depth", d.Depth, 1, 30), LeafSize = (int)yaml.Int("leaf_size", d.LeafSize, 1, 1 << 20) };
            case "random-features":
                return d with { Width = (int)yaml.Int("width", d.Width, 1, 4096), Gamma = yaml.Double("gamma", d.Gamma, 0, 1e6), C = yaml.Double("c", d.C, 1e-6, 1e9) };
            default:
                return d with { C = yaml.Double("c", d.C, 1e-6, 1e9) };
        }
    }

    /// <summary>Writes the keys of this kind.</summary>
    internal string Write(TeacherSpec s)
    {
        string circuit = string.Create(CultureInfo.InvariantCulture, $"encoding: {s.Encoding}\nansatz: {s.Ansatz}\nqubits: {s.Qubits}\nlayers: {s.Layers}\n");
        string hidden = $"hidden: [{string.Join(", ", s.Hidden)}]\n", observables = s.Observables == "z" ? string.Empty : $"observables: {s.Observables}\n";
        return Name switch
        {
            // The perceptron's circuit keys say nothing; they keep the files of its first form, and so the teachers' ids, as they were.
            "vqc" or "mlp" => $"{circuit}features: {s.Features}\n{hidden}{observables}",
            "hybrid" => circuit + observables,
            "quantum-kernel" => string.Create(CultureInfo.InvariantCulture, $"{circuit}features: {s.Features}\nclassifier: {s.Classifier}\nkernel: {s.Kernel}\nbandwidth: {s.Bandwidth}\ngamma: {s.Gamma}\nc: {s.C}\n"),
            "quanvolutional" => $"{circuit}image: [{string.Join(", ", s.Image)}]\npatch: {s.Patch}\nstride: {s.Stride}\n",
            "ensemble" => $"{hidden}members: {s.Members}\n",
            "rbf-svm" => string.Create(CultureInfo.InvariantCulture, $"c: {s.C}\ngamma: {s.Gamma}\n"),
            "boosted-trees" or "random-forest" => $"trees: {s.Trees}\ndepth: {s.Depth}\nleaf_size: {s.LeafSize}\n",
            "random-features" => string.Create(CultureInfo.InvariantCulture, $"width: {s.Width}\ngamma: {s.Gamma}\nc: {s.C}\n"),
            _ => string.Create(CultureInfo.InvariantCulture, $"c: {s.C}\n"),
        };
    }

    private static TeacherSpec ReadCircuit(ConfigSection yaml, TeacherSpec d) => d with
    {
        Encoding = yaml.Choice("encoding", [.. FeatureEncoding.All.Select(e => e.Name)], d.Encoding),
        Ansatz = yaml.Choice("ansatz", [.. Quantum.Ansatz.All.Select(a => a.Name)], d.Ansatz),
        Qubits = (int)yaml.Int("qubits", d.Qubits, 1, 24),
        Layers = (int)yaml.Int("layers", d.Layers, 0, 1000),
    };

    private static TeacherSpec ReadFeatures(ConfigSection yaml, TeacherSpec d)
    {
        int features = (int)yaml.Int("features", d.Features, 0, 4096), room = FeatureEncoding.Get(d.Encoding).MaxFeatures(d.Qubits);

        // The default number gives way to a small circuit; a number that was asked for does not.
        return d with
        {
            Features = features <= room ? features
                : !yaml.Has("features") ? room
                : throw yaml.Error("features", $"the encoding '{d.Encoding}' on {d.Qubits} qubits has room for {room}, not {features}", "choose fewer features or more qubits"),
        };
    }

    private static TeacherSpec ReadSuperfluous(ConfigSection yaml, TeacherSpec d)
    {
        TeacherSpec read = ReadCircuit(yaml, d);
        return yaml.Int("features", d.Features, 0, 4096) == 0 ? read : throw yaml.Error("features", "an mlp teacher sees all features", "leave it out, or set it to 0");
    }
}
