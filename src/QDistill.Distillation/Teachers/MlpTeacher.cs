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
    private readonly TeacherSpec spec;
    private readonly TrainedStudent student;
    private readonly double[] calibration;

    private MlpTeacher(TeacherSpec spec, string schemaId, IReadOnlyList<string> outputs, TrainedStudent student, double[] calibration)
    {
        this.spec = spec;
        this.student = student;
        this.calibration = calibration;
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
        TrainedStudent? best = null;
        double bestNll = double.PositiveInfinity;
        for (int start = 0; start < spec.Starts; start++)
        {
            TrainedStudent candidate = StudentTrainer.Train(training, validation, Grid(spec, start), labelled, null, cancellation);
            double nll = candidate.History.Count == 0 || candidate.BestEpoch == 0 ? double.PositiveInfinity : candidate.History[candidate.BestEpoch - 1].ValidationNll;
            if (best is null || nll < bestNll)
            {
                best?.Dispose();
                (best, bestNll) = (candidate, nll);
            }
            else
            {
                candidate.Dispose();
            }

            progress?.Report((start + 1.0) / spec.Starts);
        }

        double[] calibration = OutputCalibration.FitPlatt(best!.Logits(validation.Features), validation);
        return new MlpTeacher(spec, training.SchemaId, training.OutputNames, best, calibration);
    }

    /// <inheritdoc/>
    public TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, CancellationToken cancellation = default)
    {
        int d = student.Normalisation.Mean.Length, n = features.Length / d, k = OutputNames.Count;
        float[] logits = student.Logits(features.Span);
        return new TeacherAnswers(n, k, 0, OutputCalibration.Probabilities(logits, calibration, k), [], []);
    }

    /// <inheritdoc/>
    public string ToYaml() => spec.ToYaml() + FormattableString.Invariant($"""
        fitted:
          schema_id: {SchemaId}
          outputs: {TeacherText.List(OutputNames)}
          mean: {TeacherText.List(student.Normalisation.Mean)}
          scale: {TeacherText.List(student.Normalisation.Scale)}
          activation: {student.Network.Activation}
          calibration: {TeacherText.List(calibration)}
          layers:
        {string.Join('\n', student.Network.Layers.Select(l => $"    - {{inputs: {l.weight.shape[1]}, outputs: {l.weight.shape[0]}, weight: {TeacherText.List(l.weight.detach().reshape(-1).data<float>())}, bias: {TeacherText.List(l.bias!.detach().data<float>())}}}"))}

        """);

    /// <inheritdoc/>
    public void Dispose() => student.Dispose();

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
            Copy(numbers[i].Weight, network.Layers[i].weight);
            Copy(numbers[i].Bias, network.Layers[i].bias!);
        }

        return new MlpTeacher(spec, schema, names, new TrainedStudent(network, normalisation, [], 0), calibration);
    }

    private static void Copy(double[] values, Tensor into)
    {
        using Tensor fresh = tensor(values.Select(v => (float)v).ToArray()).reshape(into.shape);
        into.copy_(fresh);
    }

    private static Recipe Grid(TeacherSpec spec, int start)
    {
        (double rate, double decay, int width)[] grid = [(1, 1, 1), (1, 10, 1), (0.3, 1, 1), (1, 3, 2), (3, 10, 1), (0.3, 10, 2)];
        (double rate, double decay, int width) = grid[start % grid.Length];
        return new Recipe(
            new StudentSpec([.. spec.Hidden.Select(h => h * width)], "tanh"),
            new SignalSpec(HardWeight: 1, SoftWeight: 0, SoftTemperature: 1, ExpectationsWeight: 0),
            new OptimiserSpec(spec.LearningRate * rate, spec.WeightDecay * decay, spec.Epochs, Batch: 64, Patience: 25),
            "none",
            spec.Labels,
            spec.Seed + (ulong)start);
    }
}
