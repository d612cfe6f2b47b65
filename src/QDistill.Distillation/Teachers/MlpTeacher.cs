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
        IReadOnlyList<ConfigSection> layers = fitted.Sections("layers");
        string activation = fitted.Choice("activation", ["relu", "tanh", "gelu"]);
        if (layers.Count == 0)
        {
            throw fitted.Error("layers", "is empty");
        }

        int inputs = (int)layers[0].Int("inputs", null, 1, 1 << 20), outputs = (int)layers[^1].Int("outputs", null, 1, 1 << 20);
        IReadOnlyList<string> names = fitted.Strings("outputs");
        var network = new MlpStudent(inputs, outputs, new StudentSpec([.. layers.SkipLast(1).Select(l => (int)l.Int("outputs", null, 1, 1 << 20))], activation), 0);
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < layers.Count; i++)
        {
            Copy(layers[i], "weight", network.Layers[i].weight);
            Copy(layers[i], "bias", network.Layers[i].bias!);
            layers[i].Int("inputs");
        }

        double[] calibration = [.. fitted.Doubles("calibration")];
        float[] mean = [.. fitted.Doubles("mean").Select(v => (float)v)], scale = [.. fitted.Doubles("scale").Select(v => (float)v)];
        if (names.Count != outputs || mean.Length != inputs || scale.Length != inputs || calibration.Length != 2 * outputs)
        {
            throw fitted.Error("layers", $"{inputs} inputs and {outputs} outputs do not fit {mean.Length} means, {scale.Length} scales, {names.Count} output names and {calibration.Length} calibration numbers");
        }

        return new MlpTeacher(spec, fitted.String("schema_id"), names, new TrainedStudent(network, new Normalisation(mean, scale), [], 0), calibration);
    }

    private static void Copy(ConfigSection layer, string key, Tensor into)
    {
        float[] values = [.. layer.Doubles(key).Select(v => (float)v)];
        if (values.Length != into.numel())
        {
            throw layer.Error(key, $"holds {values.Length} numbers, but {into.numel()} are needed");
        }

        using Tensor fresh = tensor(values).reshape(into.shape);
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
