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
        observables = TeacherObservables.Of(spec);
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

    /// <summary>Its feature map is its expectations: hints from them arrive as from any other teacher's hidden layer.</summary>
    public TeacherDetails Details => TeacherDetails.States | TeacherDetails.Gradients | TeacherDetails.Features;

    /// <inheritdoc/>
    public IReadOnlyList<int> FeatureShape => [observables.Count];

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
    public TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, TeacherDetails details, CancellationToken cancellation = default)
    {
        this.RequireDetails(details);
        int d = normalisation.Mean.Length, n = features.Length / d, k = OutputNames.Count, m = observables.Count;
        float[] probabilities = new float[n * k], expectations = new float[n * m], variances = new float[n * m];
        bool wantStates = details.HasFlag(TeacherDetails.States);
        int states = wantStates ? StateGroups.Count(circuit.Dimension) : 0, shots = 0;
        float[] distribution = new float[n * states];
        for (int first = 0; first < n; first += ChunkWindows)
        {
            int count = Math.Min(ChunkWindows, n - first);
            (double[] p, Evaluation e) = Query(features.Span.Slice(first * d, count * d), count, firstWindow + first, cancellation, wantStates);
            for (int i = 0; i < p.Length; i++)
            {
                probabilities[(first * k) + i] = (float)p[i];
            }

            for (int i = 0; i < count * m; i++)
            {
                expectations[(first * m) + i] = (float)e.Expectations[i];
                variances[(first * m) + i] = (float)e.Variances[i];
            }

            if (wantStates)
            {
                StateGroups.Sum(e.Probabilities!, circuit.Dimension, distribution.AsSpan(first * states, count * states));
            }

            shots = e.ShotsPerSample == 0 ? 0 : TeacherObservables.ShotsPerBasis(e.ShotsPerSample, spec);
        }

        return new TeacherAnswers(n, k, m, probabilities, expectations, variances)
        {
            Shots = shots,
            States = distribution,
            InputGradients = details.HasFlag(TeacherDetails.Gradients) ? Gradients(features.Span, cancellation) : [],
            Features = details.HasFlag(TeacherDetails.Features) ? expectations : [],
            FeatureShape = details.HasFlag(TeacherDetails.Features) ? FeatureShape : [],
        };
    }

    /// <summary>The answers in double, before they are rounded to a message's float32.</summary>
    internal (double[] Probabilities, Evaluation Evaluation) Query(ReadOnlySpan<float> features, int count, long firstWindow, CancellationToken cancellation = default, bool states = false)
    {
        double[] z = Inputs(features, normalisation, chosen), p = new double[count * OutputNames.Count];
        parameters.Angles(z, z);
        Evaluation e = backend.Evaluate(circuit, parameters.Weight, z, count, new EvaluationRequest { Observables = observables, FirstSample = firstWindow, Probabilities = states }, cancellation);
        parameters.Logits(e.Expectations, p, observables.Count);
        for (int i = 0; i < p.Length; i++)
        {
            int j = i % OutputNames.Count;
            p[i] = Logit.Sigmoid((calibration[2 * j] * p[i]) + calibration[(2 * j) + 1]);
        }

        return (p, e);
    }

    /// <summary>d logit_j / d feature [n, k, d] of the calibrated logits, by one adjoint pass for each output; 0 where a feature is missing, clipped or not chosen.</summary>
    private float[] Gradients(ReadOnlySpan<float> features, CancellationToken cancellation)
    {
        CircuitGradients.RequireExact(backend, Id);
        int d = normalisation.Mean.Length, n = features.Length / d, k = OutputNames.Count, q = spec.Qubits, f = chosen.Length;
        double[] z = Inputs(features, normalisation, chosen), angles = new double[z.Length];
        parameters.Angles(z, angles);
        float[] gradients = new float[n * k * d];
        using var engine = new StateVector(circuit, Observable.EachZ(q));
        for (int j = 0; j < k; j++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] upstream = new double[n * q], byWeight = new double[circuit.WeightCount], byAngle = new double[z.Length];
            for (int i = 0; i < upstream.Length; i++)
            {
                upstream[i] = calibration[2 * j] * parameters.HeadWeight[(j * q) + (i % q)];
            }

            engine.ExpectationsAndVjp(parameters.Weight, angles, n, upstream, byWeight, byAngle);
            for (int i = 0; i < n; i++)
            {
                for (int c = 0; c < f; c++)
                {
                    int column = chosen[c];
                    bool moves = Math.Abs(z[(i * f) + c]) < 3 && float.IsFinite(features[(i * d) + column]);
                    gradients[(((i * k) + j) * d) + column] += moves ? (float)(byAngle[(i * f) + c] * parameters.InputScale[c] / normalisation.Scale[column]) : 0;
                }
            }
        }

        backend.Ledger.Record((long)n * k, 0, circuit.Depth, circuit.TwoQubitGates, 0);
        return gradients;
    }

    internal static VqcTeacher Create(
        TeacherSpec spec, ITeacherBackend backend, TeacherDataset trainedOn, int[] chosen, Normalisation normalisation, VqcParameters parameters, double[] calibration) =>
        new(spec, backend, trainedOn.SchemaId, trainedOn.OutputNames, chosen, normalisation, parameters, calibration);

    internal static VqcTeacher Read(TeacherSpec spec, ConfigSection fitted, ITeacherBackend backend)
    {
        IReadOnlyList<string> outputs = TeacherText.ReadOutputs(fitted);
        Normalisation normalisation = TeacherText.ReadNormalisation(fitted);
        int d = normalisation.Mean.Length;
        int[] chosen = [.. fitted.Doubles("chosen").Select(c => c >= 0 && c < d && c == Math.Floor(c)
            ? (int)c
            : throw fitted.Error("chosen", FormattableString.Invariant($"{c} is no index into the {d} features of mean and scale"), TeacherText.Remedy))];
        int room = FeatureEncoding.Get(spec.Encoding).MaxFeatures(spec.Qubits);
        if (chosen.Length == 0 || chosen.Length > room)
        {
            throw fitted.Error("chosen", $"names {chosen.Length} features, but the encoding '{spec.Encoding}' on {spec.Qubits} qubits takes 1 to {room}", TeacherText.Remedy);
        }

        Circuit circuit = TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, chosen.Length);
        var parameters = new VqcParameters(circuit.WeightCount, circuit.InputCount, spec.Qubits, outputs.Count);
        const string Needed = "the circuit and its head need";
        TeacherText.Read(fitted, "weights", parameters.Weight, Needed);
        TeacherText.Read(fitted, "input_scale", parameters.InputScale, Needed);
        TeacherText.Read(fitted, "input_shift", parameters.InputShift, Needed);
        TeacherText.Read(fitted, "head_weight", parameters.HeadWeight, Needed);
        TeacherText.Read(fitted, "head_bias", parameters.HeadBias, Needed);
        double[] calibration = new double[2 * outputs.Count];
        TeacherText.Read(fitted, "calibration", calibration, "its outputs need");
        return new VqcTeacher(spec, backend, fitted.String("schema_id"), outputs, chosen, normalisation, parameters, calibration);
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
