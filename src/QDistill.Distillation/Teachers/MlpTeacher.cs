using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Students;
using QDistill.Distillation.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// The classical control teacher: an MLP fitted on the same labelled windows, with the same number of starts, as the quantum one. Each start is another
/// point of a small grid (width, step size, weight decay), and the least validation NLL decides.
/// </summary>
public sealed class MlpTeacher : ITeacher, IDisposable
{
    private const int Chunk = 4096;
    private readonly TeacherSpec spec;
    private readonly TrainedStudent student;
    private readonly MlpStudent network;
    private readonly double[] calibration;
    private readonly PlainMlp plain;

    private MlpTeacher(TeacherSpec spec, string schemaId, IReadOnlyList<string> outputs, TrainedStudent student, double[] calibration)
    {
        this.spec = spec;
        this.student = student;
        this.calibration = calibration;
        network = (MlpStudent)student.Network;
        plain = new PlainMlp(network);
        SchemaId = schemaId;
        OutputNames = outputs;
        Id = TeacherText.Id(ToYaml());
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public string Kind => "mlp";

    /// <inheritdoc/>
    public string SchemaId { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> OutputNames { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ObservableNames => [];

    /// <summary>Its feature map is the last hidden layer.</summary>
    public TeacherDetails Details => TeacherDetails.Gradients | TeacherDetails.Features;

    /// <inheritdoc/>
    public IReadOnlyList<int> FeatureShape => [(int)network.HiddenWidth];

    /// <summary>Fits the teacher.</summary>
    /// <param name="training">The windows; only the truth of <paramref name="labelled"/> is used.</param>
    /// <param name="labelled">Indices of the labelled windows.</param>
    /// <param name="validation">Windows that choose among starts and stop training.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static MlpTeacher Fit(
        TeacherDataset training, IReadOnlyCollection<int> labelled, TeacherDataset validation, TeacherSpec spec, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        TrainedStudent best = FittedNetwork.BestOf(
            training, labelled, validation, spec, start => Grid(spec, start), progress, cancellation);
        double[] calibration = OutputCalibration.FitPlatt(best.Logits(validation), validation);
        return new MlpTeacher(spec, training.SchemaId, training.OutputNames, best, calibration);
    }

    /// <inheritdoc/>
    public TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, TeacherDetails details, CancellationToken cancellation = default)
    {
        this.RequireDetails(details);
        int d = student.Normalisation.Mean.Length, n = features.Length / d, k = OutputNames.Count;
        float[] logits = plain.Logits(student.Normalisation.Apply(features.Span)), gradients = details.HasFlag(TeacherDetails.Gradients) ? new float[n * k * d] : [];
        var maps = new List<float>();
        for (int first = 0; details != TeacherDetails.None && first < n; first += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<float> rows = features.Span.Slice(first * d, Math.Min(Chunk, n - first) * d);
            Look(rows, details.HasFlag(TeacherDetails.Features) ? maps : null, gradients.AsSpan(gradients.Length == 0 ? 0 : first * k * d));
        }

        return new TeacherAnswers(n, k, 0, OutputCalibration.Probabilities(logits, calibration, k), [], [])
        {
            InputGradients = gradients,
            Features = [.. maps],
            FeatureShape = FeatureShape,
        };
    }

    /// <inheritdoc/>
    public string ToYaml() => spec.ToYaml() + "fitted:\n" + FittedYaml("  ");

    /// <inheritdoc/>
    public void Dispose() => student.Dispose();

    internal string FittedYaml(string indent)
    {
        var text = new StringBuilder();
        text.Append($"{indent}schema_id: {SchemaId}\n{indent}outputs: {TeacherText.List(OutputNames)}\n");
        text.Append($"{indent}mean: {TeacherText.List(student.Normalisation.Mean)}\n{indent}scale: {TeacherText.List(student.Normalisation.Scale)}\n");
        text.Append($"{indent}activation: {network.Activation}\n{indent}calibration: {TeacherText.List(calibration)}\n{indent}layers:\n");
        foreach (TorchSharp.Modules.Linear l in network.Layers)
        {
            text.Append($"{indent}  - {{inputs: {l.weight.shape[1]}, outputs: {l.weight.shape[0]}, weight: {TeacherText.List(FittedNetwork.Numbers(l.weight))}, bias: {TeacherText.List(FittedNetwork.Numbers(l.bias!))}}}\n");
        }

        return text.ToString();
    }

    internal static MlpTeacher Read(TeacherSpec spec, ConfigSection fitted)
    {
        IReadOnlyList<string> names = TeacherText.ReadOutputs(fitted);
        Normalisation normalisation = TeacherText.ReadNormalisation(fitted);
        double[] calibration = new double[2 * names.Count];
        TeacherText.Read(fitted, "calibration", calibration, "its outputs need");
        string activation = fitted.Choice("activation", ["relu", "tanh", "gelu"]), schema = fitted.String("schema_id");

        // All numbers are checked before the network is made: a damaged size must not ask for memory.
        IReadOnlyList<ConfigSection> layers = fitted.Sections("layers");
        var numbers = new List<(double[] Weight, double[] Bias)>();
        int width = normalisation.Mean.Length;
        foreach (ConfigSection layer in layers)
        {
            int inputs = (int)layer.Int("inputs", null, 1, 1 << 20), outputs = (int)layer.Int("outputs", null, 1, layer.Doubles("bias").Count);
            if (inputs != width || layer.Doubles("weight").Count != (long)inputs * outputs)
            {
                throw layer.Error("weight", $"holds {layer.Doubles("weight").Count} numbers for {inputs} inputs and {outputs} outputs after a width of {width}", TeacherText.Remedy);
            }

            (double[] weight, double[] bias) = (new double[inputs * outputs], new double[outputs]);
            TeacherText.Read(layer, "weight", weight, "the layer needs");
            TeacherText.Read(layer, "bias", bias, "the layer needs");
            numbers.Add((weight, bias));
            width = outputs;
        }

        if (layers.Count == 0 || width != names.Count)
        {
            throw fitted.Error("layers", layers.Count == 0 ? "is empty" : $"the last layer has {width} outputs, but there are {names.Count} names", TeacherText.Remedy);
        }

        var network = new MlpStudent(normalisation.Mean.Length, width, new StudentSpec([.. numbers.SkipLast(1).Select(l => l.Bias.Length)], activation), 0);
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < numbers.Count; i++)
        {
            FittedNetwork.Copy(numbers[i].Weight, network.Layers[i].weight);
            FittedNetwork.Copy(numbers[i].Bias, network.Layers[i].bias!);
        }

        return new MlpTeacher(spec, schema, names, new TrainedStudent(network, normalisation, [], 0), calibration);
    }

    /// <summary>Hidden layers and gradients of the calibrated logits by raw features; 0 where a feature is missing.</summary>
    private void Look(ReadOnlySpan<float> rows, List<float>? maps, Span<float> gradients)
    {
        int d = student.Normalisation.Mean.Length, n = rows.Length / d, k = OutputNames.Count;
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(student.Normalisation.Apply(rows)).reshape(n, d).requires_grad_();
        StudentPass pass = network.Pass(x);
        maps?.AddRange(pass.Hidden.detach().reshape(-1).data<float>().ToArray());
        for (int j = 0; j < k && gradients.Length > 0; j++)
        {
            float[] g = autograd.grad([pass.Logits.select(1, j).sum()], [x], retain_graph: true)[0].reshape(-1).data<float>().ToArray();
            for (int i = 0; i < n; i++)
            {
                for (int f = 0; f < d; f++)
                {
                    gradients[(((i * k) + j) * d) + f] = float.IsFinite(rows[(i * d) + f]) ? (float)(calibration[2 * j] * g[(i * d) + f] / student.Normalisation.Scale[f]) : 0;
                }
            }
        }
    }

    private static Recipe Grid(TeacherSpec spec, int start)
    {
        (double rate, double decay, int width)[] grid = [(1, 1, 1), (1, 10, 1), (0.3, 1, 1), (1, 3, 2), (3, 10, 1), (0.3, 10, 2)];
        (double rate, double decay, int width) = grid[start % grid.Length];
        return FittedNetwork.Recipe(spec, new StudentSpec([.. spec.Hidden.Select(h => h * width)], "tanh"), spec.LearningRate * rate, spec.WeightDecay * decay, start);
    }
}
