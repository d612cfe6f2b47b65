using System.Text;
using QDistill.Configuration;
using QDistill.Quantum;

namespace QDistill.Distillation.Training;

/// <summary>Which network the student is.</summary>
/// <param name="Hidden">Units of each hidden layer; empty for a linear student.</param>
/// <param name="Activation"><c>relu</c>, <c>tanh</c> or <c>gelu</c>.</param>
public sealed record StudentSpec(IReadOnlyList<int> Hidden, string Activation)
{
    private readonly string? kind;

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["mlp", "linear", "temporal", "cnn", "hybrid", "quanvolutional", "quantum"];

    /// <summary>
    /// <c>linear</c>, <c>mlp</c>, <c>temporal</c> (convolution over past windows), <c>cnn</c> (features are the pixels of an image), <c>hybrid</c> (a circuit between two linear layers),
    /// <c>quanvolutional</c> (a circuit on every patch of an image) or <c>quantum</c> (a circuit alone). Unless set, <c>linear</c> without hidden layers and <c>mlp</c> with some.
    /// </summary>
    public string Kind
    {
        get => kind ?? (Hidden.Count == 0 ? "linear" : "mlp");
        init => kind = value;
    }

    /// <summary>Windows that a <c>temporal</c> student sees: the present one and those before it.</summary>
    public int Window { get; init; } = 8;

    /// <summary>Channels of each convolution of a <c>temporal</c> or <c>cnn</c> student.</summary>
    public IReadOnlyList<int> Channels { get; init; } = [16, 16];

    /// <summary>Rows and columns of a <c>cnn</c> or <c>quanvolutional</c> student's image; their product is the number of features.</summary>
    public IReadOnlyList<int> Image { get; init; } = [];

    /// <summary>Rows and columns of a <c>quanvolutional</c> student's patches.</summary>
    public int Patch { get; init; } = 2;

    /// <summary>Pixels from one patch to the next.</summary>
    public int Stride { get; init; } = 2;

    /// <summary>Qubits of a student with a circuit.</summary>
    public int Qubits { get; init; } = 4;

    /// <summary>Layers of its ansatz.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Its encoding; a <c>hybrid</c> student feeds it one learned number for each qubit.</summary>
    public string Encoding { get; init; } = "angle";

    /// <summary>Its ansatz.</summary>
    public string Ansatz { get; init; } = "strongly-entangling";

    /// <summary>Whether the exported model computes in 8-bit integers.</summary>
    public bool Int8 { get; init; }

    /// <summary>The share of weights that magnitude pruning removes, in [0, 1).</summary>
    public double Prune { get; init; }

    /// <summary>Whether there is a circuit in it, which no ONNX file can hold.</summary>
    public bool IsQuantum => Kind is "hybrid" or "quanvolutional" or "quantum";

    /// <summary>Whether there is a hidden layer that a signal could shape.</summary>
    public bool HasHidden => Kind switch
    {
        "mlp" or "cnn" => Hidden.Count > 0 || Kind == "cnn",
        "temporal" => true,
        _ => IsQuantum,
    };

    /// <summary>Refuses a student that no ONNX file can hold: to be asked before hours of training.</summary>
    /// <exception cref="UserErrorException">There is a circuit in it.</exception>
    public void RequireExportable()
    {
        if (IsQuantum)
        {
            throw new UserErrorException($"a student of kind '{Kind}' holds a circuit, which no ONNX file can", null, "distil into a classical student (kind linear, mlp, temporal or cnn) to put it on a robot; studies train students of any kind");
        }
    }

    /// <summary>Reads a student; keys that its kind does not have are refused.</summary>
    /// <exception cref="UserErrorException">A value is wrong.</exception>
    internal static StudentSpec Read(ConfigSection s, StudentSpec d)
    {
        string kind = s.Choice("kind", Kinds, "mlp");
        IReadOnlyList<int> hidden = ReadHidden(s, kind is "mlp" ? d.Hidden : kind == "cnn" ? [32] : []);
        if (hidden.Count > 0 && kind is not ("mlp" or "cnn"))
        {
            throw s.Error("hidden", kind == "linear" ? "a linear student has no hidden layers" : $"a {kind} student has none", "leave it out, or set kind to mlp");
        }

        var spec = new StudentSpec(hidden, s.Choice("activation", ["relu", "tanh", "gelu"], d.Activation));
        spec = kind switch
        {
            "temporal" => spec with { Kind = kind, Window = (int)s.Int("window", d.Window, 2, 256), Channels = ReadSizes(s, "channels", d.Channels) },
            "cnn" => spec with { Kind = kind, Image = ReadImage(s), Channels = ReadSizes(s, "channels", [8, 16]) },
            "hybrid" or "quantum" or "quanvolutional" => spec with
            {
                Kind = kind,
                Image = kind == "quanvolutional" ? ReadImage(s) : [],
                Patch = kind == "quanvolutional" ? (int)s.Int("patch", d.Patch, 1, 8) : d.Patch,
                Stride = kind == "quanvolutional" ? (int)s.Int("stride", d.Stride, 1, 8) : d.Stride,
                Qubits = (int)s.Int("qubits", d.Qubits, 1, 16),
                Layers = (int)s.Int("layers", d.Layers, 1, 100),
                Encoding = s.Choice("encoding", [.. FeatureEncoding.All.Select(e => e.Name)], kind == "quantum" ? "amplitude" : d.Encoding),
                Ansatz = s.Choice("ansatz", [.. Quantum.Ansatz.All.Select(a => a.Name)], d.Ansatz),
            },
            _ => hidden.Count == 0 && kind == "mlp" ? spec with { Kind = "linear" } : spec,
        };
        if (spec.Kind is "temporal" or "cnn" && spec.Channels.Count == 0)
        {
            throw s.Error("channels", "is empty", "name the channels of at least one convolution");
        }

        spec = spec with { Int8 = s.Bool("int8", false), Prune = s.Double("prune", 0, 0, 0.99) };
        return !spec.IsQuantum || !(spec.Int8 || spec.Prune > 0)
            ? spec
            : throw s.Error(spec.Int8 ? "int8" : "prune", $"a {kind} student's circuit has no weights to {(spec.Int8 ? "quantise" : "prune")}", "leave it out");
    }

    /// <summary>Reads layer sizes, each a whole number from 1 to 4096.</summary>
    internal static IReadOnlyList<int> ReadHidden(ConfigSection yaml, IReadOnlyList<int> otherwise) => ReadSizes(yaml, "hidden", otherwise);

    /// <summary>Reads an image's rows and columns.</summary>
    internal static IReadOnlyList<int> ReadImage(ConfigSection yaml)
    {
        IReadOnlyList<int> image = ReadSizes(yaml, "image", []);
        return image.Count == 2 ? image : throw yaml.Error("image", image.Count == 0 ? "is missing" : $"names {image.Count} sizes", "give rows and columns, as in image: [28, 28]");
    }

    /// <summary>The keys that <see cref="Read"/> accepts.</summary>
    internal string ToYaml()
    {
        var text = new StringBuilder();
        text.Append($"  kind: {Kind}\n");
        if (Kind is "mlp" or "linear" or "cnn")
        {
            text.Append($"  hidden: [{string.Join(", ", Hidden)}]\n");
        }

        text.Append($"  activation: {Activation}\n");
        text.Append(Kind switch
        {
            "temporal" => $"  window: {Window}\n  channels: [{string.Join(", ", Channels)}]\n",
            "cnn" => $"  image: [{string.Join(", ", Image)}]\n  channels: [{string.Join(", ", Channels)}]\n",
            "quanvolutional" => $"  image: [{string.Join(", ", Image)}]\n  patch: {Patch}\n  stride: {Stride}\n  qubits: {Qubits}\n  layers: {Layers}\n  encoding: {Encoding}\n  ansatz: {Ansatz}\n",
            "hybrid" or "quantum" => $"  qubits: {Qubits}\n  layers: {Layers}\n  encoding: {Encoding}\n  ansatz: {Ansatz}\n",
            _ => string.Empty,
        });
        text.Append(Int8 ? "  int8: true\n" : string.Empty);
        text.Append(Prune > 0 ? FormattableString.Invariant($"  prune: {Prune}\n") : string.Empty);
        return text.ToString();
    }

    private static IReadOnlyList<int> ReadSizes(ConfigSection yaml, string key, IReadOnlyList<int> otherwise)
    {
        if (!yaml.Has(key))
        {
            return otherwise;
        }

        var sizes = new List<int>();
        foreach (double size in yaml.Doubles(key))
        {
            sizes.Add(size is >= 1 and <= 4096 && size == Math.Floor(size)
                ? (int)size
                : throw yaml.Error(key, FormattableString.Invariant($"{size} is not a {(key == "hidden" ? "layer " : string.Empty)}size (a whole number from 1 to 4096)")));
        }

        return sizes;
    }
}
