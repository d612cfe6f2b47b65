using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Metrics;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// A variational quantum classifier: chosen features, normalised and scaled to angles, enter a circuit of a named encoding and ansatz; the expectation
/// values of its observables go through an affine head to one logit per output, and those through Platt scaling to probabilities.
/// </summary>
public sealed class VqcTeacher : ITeacher
{
    private const int ChunkWindows = 4096;
    private readonly TeacherSpec spec;
    private readonly ITeacherBackend backend;
    private readonly Circuit circuit;
    private readonly IReadOnlyList<Observable> observables;
    private readonly VqcParameters parameters;
    private readonly Normalisation normalisation;
    private readonly int[] chosen;
    private readonly double[] calibration;

    private VqcTeacher(
        TeacherSpec spec, ITeacherBackend backend, string schemaId, IReadOnlyList<string> outputs, int[] chosen, Normalisation normalisation, VqcParameters parameters, double[] calibration)
    {
        (this.spec, this.backend, this.chosen, this.normalisation, this.parameters, this.calibration) = (spec, backend, chosen, normalisation, parameters, calibration);
        SchemaId = schemaId;
        OutputNames = outputs;
        circuit = TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, chosen.Length);
        observables = Observable.EachZ(spec.Qubits);
        ObservableNames = [.. observables.Select(o => o.ToString())];
        Id = TeacherText.Id(ToYaml());
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public string Kind => "vqc";

    /// <inheritdoc/>
    public string SchemaId { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> OutputNames { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ObservableNames { get; }

    /// <summary>The circuit it asks.</summary>
    public Circuit Circuit => circuit;

    /// <inheritdoc/>
    public string ToYaml() => spec.ToYaml() + FormattableString.Invariant($"""
        fitted:
          schema_id: {SchemaId}
          outputs: {TeacherText.List(OutputNames)}
          chosen: [{string.Join(", ", chosen)}]
          mean: {TeacherText.List(normalisation.Mean)}
          scale: {TeacherText.List(normalisation.Scale)}
          weights: {TeacherText.List(parameters.Weight.ToArray())}
          input_scale: {TeacherText.List(parameters.InputScale.ToArray())}
          input_shift: {TeacherText.List(parameters.InputShift.ToArray())}
          head_weight: {TeacherText.List(parameters.HeadWeight.ToArray())}
          head_bias: {TeacherText.List(parameters.HeadBias.ToArray())}
          calibration: {TeacherText.List(calibration)}

        """);

    /// <inheritdoc/>
    public TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, CancellationToken cancellation = default)
    {
        int d = normalisation.Mean.Length, n = features.Length / d, k = OutputNames.Count, m = observables.Count;
        float[] probabilities = new float[n * k], expectations = new float[n * m], variances = new float[n * m];
        double[] logits = new double[Math.Min(n, ChunkWindows) * k];
        for (int first = 0; first < n; first += ChunkWindows)
        {
            int count = Math.Min(ChunkWindows, n - first);
            double[] z = Inputs(features.Span.Slice(first * d, count * d), normalisation, chosen);
            parameters.Angles(z, z);
            Evaluation e = backend.Evaluate(
                circuit, parameters.Weight, z, count, new EvaluationRequest { Observables = observables, FirstSample = firstWindow + first }, cancellation);
            Span<double> scores = logits.AsSpan(0, count * k);
            parameters.Logits(e.Expectations, scores);
            for (int i = 0; i < scores.Length; i++)
            {
                probabilities[(first * k) + i] = (float)Logit.Sigmoid((calibration[2 * (i % k)] * scores[i]) + calibration[(2 * (i % k)) + 1]);
            }

            for (int i = 0; i < count * m; i++)
            {
                expectations[(first * m) + i] = (float)e.Expectations[i];
                variances[(first * m) + i] = (float)e.Variances[i];
            }
        }

        return new TeacherAnswers(n, k, m, probabilities, expectations, variances);
    }

    internal static VqcTeacher Create(
        TeacherSpec spec, ITeacherBackend backend, TeacherDataset trainedOn, int[] chosen, Normalisation normalisation, VqcParameters parameters, double[] calibration) =>
        new(spec, backend, trainedOn.SchemaId, trainedOn.OutputNames, chosen, normalisation, parameters, calibration);

    internal static VqcTeacher Read(TeacherSpec spec, ConfigSection fitted, ITeacherBackend backend)
    {
        int[] chosen = [.. fitted.Doubles("chosen").Select(c => (int)c)];
        IReadOnlyList<string> outputs = fitted.Strings("outputs");
        var normalisation = new Normalisation([.. fitted.Doubles("mean").Select(v => (float)v)], [.. fitted.Doubles("scale").Select(v => (float)v)]);
        Circuit circuit = TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, chosen.Length);
        var parameters = new VqcParameters(circuit.WeightCount, circuit.InputCount, spec.Qubits, outputs.Count);
        Fill(fitted, "weights", parameters.Weight);
        Fill(fitted, "input_scale", parameters.InputScale);
        Fill(fitted, "input_shift", parameters.InputShift);
        Fill(fitted, "head_weight", parameters.HeadWeight);
        Fill(fitted, "head_bias", parameters.HeadBias);
        double[] calibration = new double[2 * outputs.Count];
        Fill(fitted, "calibration", calibration);
        int d = normalisation.Mean.Length;
        if (normalisation.Scale.Length != d || chosen.Any(c => c < 0 || c >= d))
        {
            throw fitted.Error("chosen", $"names features outside the {d} of mean and scale");
        }

        return new VqcTeacher(spec, backend, fitted.String("schema_id"), outputs, chosen, normalisation, parameters, calibration);
    }

    private static void Fill(ConfigSection fitted, string key, Span<double> into)
    {
        IReadOnlyList<double> values = fitted.Doubles(key);
        if (values.Count != into.Length)
        {
            throw fitted.Error(key, $"holds {values.Count} numbers, but the circuit and its head need {into.Length}");
        }

        for (int i = 0; i < into.Length; i++)
        {
            into[i] = values[i];
        }
    }

    /// <summary>The chosen features, normalised and clipped to ±3 deviations, as doubles [n, f].</summary>
    internal static double[] Inputs(ReadOnlySpan<float> features, Normalisation normalisation, int[] chosen)
    {
        int d = normalisation.Mean.Length, n = features.Length / d;
        double[] z = new double[n * chosen.Length];
        for (int i = 0; i < n; i++)
        {
            for (int f = 0; f < chosen.Length; f++)
            {
                int j = chosen[f];
                double value = (features[(i * d) + j] - normalisation.Mean[j]) / normalisation.Scale[j];
                z[(i * chosen.Length) + f] = double.IsFinite(value) ? Math.Clamp(value, -3, 3) : 0;
            }
        }

        return z;
    }
}
