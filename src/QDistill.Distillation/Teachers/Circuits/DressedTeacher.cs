using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Students;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// Circuits between classical layers, trained end to end with exact gradients and then asked through any back end: <c>hybrid</c> (linear layer, circuit, linear layer) and <c>quanvolutional</c> (circuit
/// on every patch of an image, linear layer).
/// </summary>
internal sealed class DressedTeacher : TeacherBase
{
    private const int ChunkCircuits = 8192;
    private readonly ITeacherBackend backend;
    private readonly Circuit circuit;
    private readonly IReadOnlyList<Observable> observables;
    private readonly PatchGrid? grid;
    private readonly DressedNumbers numbers;

    private DressedTeacher(TeacherSpec spec, FittedHead head, ITeacherBackend backend, DressedNumbers numbers)
        : base(spec, head)
    {
        (this.backend, this.numbers) = (backend, numbers);
        grid = GridOf(spec);
        circuit = CircuitOf(spec);
        observables = grid is null ? TeacherObservables.Of(spec) : Observable.EachZ(spec.Qubits);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> ObservableNames => grid is null ? [.. observables.Select(o => o.ToString())] : [];

    /// <inheritdoc/>
    public override TeacherDetails Details => grid is null ? TeacherDetails.States | TeacherDetails.Features : TeacherDetails.Features;

    /// <inheritdoc/>
    public override IReadOnlyList<int> FeatureShape => grid is null ? [observables.Count] : [Spec.Qubits, grid.Rows, grid.Columns];

    /// <summary>What it asks for each window.</summary>
    public CircuitDemand PerWindow => new(Spec.Qubits, grid?.Places ?? 1);

    /// <summary>Fits the teacher: every start is trained as a student of its kind.</summary>
    public static DressedTeacher Fit(
        TeacherDataset training, IReadOnlyCollection<int> labelled, TeacherDataset validation, TeacherSpec spec, ITeacherBackend backend, IProgress<double>? progress, CancellationToken cancellation)
    {
        var student = new StudentSpec([], "tanh")
        {
            Kind = spec.Kind,
            Qubits = spec.Qubits,
            Layers = spec.Layers,
            Encoding = spec.Encoding,
            Ansatz = spec.Ansatz,
            Image = spec.Image,
            Patch = spec.Patch,
            Stride = spec.Stride,
        };
        using TrainedStudent best = FittedNetwork.BestOf(
            training, labelled, validation, spec, start => FittedNetwork.Recipe(spec, student, spec.LearningRate, spec.WeightDecay, start), progress, cancellation);
        Circuit circuit = CircuitOf(spec);
        long places = GridOf(spec)?.Places ?? 1;
        backend.Ledger.Record(places * spec.Starts * best.History.Count * (labelled.Count + validation.Count), 0, circuit.Depth, circuit.TwoQubitGates, 0);
        var head = new FittedHead(training.SchemaId, training.OutputNames, best.Normalisation, OutputCalibration.FitPlatt(best.Logits(validation), validation));
        return new DressedTeacher(spec, head, backend, DressedNumbers.Of(best.Network));
    }

    internal static DressedTeacher Read(TeacherSpec spec, ConfigSection fitted, ITeacherBackend backend)
    {
        FittedHead head = FittedHead.Read(fitted);
        PatchGrid? grid = GridOf(spec);
        int d = head.Normalisation.Mean.Length, k = head.Outputs.Count, q = spec.Qubits;
        if (grid is not null && grid.Pixels != d)
        {
            throw fitted.Error("mean", $"has {d} features for an image of {grid.Pixels} pixels", TeacherText.Remedy);
        }

        var numbers = new DressedNumbers(new double[grid is null ? q * d : 0], new double[grid is null ? q : 0], new double[CircuitOf(spec).WeightCount], new double[k * q * (grid?.Places ?? 1)], new double[k]);
        const string Needed = "its layers need";
        TeacherText.Read(fitted, "enter_weight", numbers.EnterWeight, Needed);
        TeacherText.Read(fitted, "enter_bias", numbers.EnterBias, Needed);
        TeacherText.Read(fitted, "weights", numbers.Circuit, Needed);
        TeacherText.Read(fitted, "leave_weight", numbers.LeaveWeight, Needed);
        TeacherText.Read(fitted, "leave_bias", numbers.LeaveBias, Needed);
        return new DressedTeacher(spec, head, backend, numbers);
    }

    /// <inheritdoc/>
    protected override string Numbers() => $"""
          enter_weight: {TeacherText.List(numbers.EnterWeight)}
          enter_bias: {TeacherText.List(numbers.EnterBias)}
          weights: {TeacherText.List(numbers.Circuit)}
          leave_weight: {TeacherText.List(numbers.LeaveWeight)}
          leave_bias: {TeacherText.List(numbers.LeaveBias)}

        """;

    /// <inheritdoc/>
    protected override TeacherAnswers Ask(ReadOnlySpan<float> features, int n, long firstWindow, TeacherDetails details, CancellationToken cancellation)
    {
        int k = OutputNames.Count, m = observables.Count, places = grid?.Places ?? 1, shots = 0;
        int states = details.HasFlag(TeacherDetails.States) ? StateGroups.Count(circuit.Dimension) : 0;
        double[] logits = new double[n * k];
        float[] expectations = new float[grid is null ? n * m : 0], variances = new float[expectations.Length], distribution = new float[n * states];
        float[] maps = grid is not null && details.HasFlag(TeacherDetails.Features) ? new float[n * m * places] : [];
        int chunk = Math.Max(1, ChunkCircuits / places);
        for (int first = 0; first < n; first += chunk)
        {
            int count = Math.Min(chunk, n - first);
            double[] angles = Angles(features.Slice(first * Width, count * Width), count);
            Evaluation e = backend.Evaluate(
                circuit, numbers.Circuit, angles, count * places, new EvaluationRequest { Observables = observables, FirstSample = (firstWindow + first) * places, Probabilities = states > 0 }, cancellation);
            Leave(e.Expectations, m, places, logits.AsSpan(first * k, count * k), maps.AsSpan(maps.Length == 0 ? 0 : first * m * places));
            for (int i = 0; i < count * m && grid is null; i++)
            {
                expectations[(first * m) + i] = (float)e.Expectations[i];
                variances[(first * m) + i] = (float)e.Variances[i];
            }

            if (states > 0)
            {
                StateGroups.Sum(e.Probabilities!, circuit.Dimension, distribution.AsSpan(first * states, count * states));
            }

            shots = e.ShotsPerSample == 0 ? 0 : TeacherObservables.ShotsPerBasis(e.ShotsPerSample, Spec);
        }

        return new TeacherAnswers(n, k, expectations.Length / Math.Max(1, n), Probabilities(logits), expectations, variances)
        {
            Shots = shots,
            States = distribution,
            Features = grid is null && details.HasFlag(TeacherDetails.Features) ? expectations : maps,
            FeatureShape = FeatureShape,
        };
    }

    private static PatchGrid? GridOf(TeacherSpec spec) => spec.Kind == "quanvolutional" ? new PatchGrid(spec.Image[0], spec.Image[1], spec.Patch, spec.Stride) : null;

    private static Circuit CircuitOf(TeacherSpec spec) =>
        TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, spec.Kind == "quanvolutional" ? spec.Patch * spec.Patch : spec.Qubits);

    /// <summary>The circuits' inputs [n · places, inputs], as the students of these kinds compute them.</summary>
    private double[] Angles(ReadOnlySpan<float> features, int n)
    {
        float[] z = Head.Normalisation.Apply(features);
        if (grid is not null)
        {
            int[] pixels = grid.Indices;
            double[] patches = new double[n * pixels.Length];
            for (int i = 0; i < patches.Length; i++)
            {
                patches[i] = Math.Clamp(z[(i / pixels.Length * Width) + pixels[i % pixels.Length]], -3, 3) * (Math.PI / 4);
            }

            return patches;
        }

        int q = Spec.Qubits;
        double[] angles = new double[n * q];
        for (int i = 0; i < angles.Length; i++)
        {
            double sum = numbers.EnterBias[i % q];
            for (int f = 0; f < Width; f++)
            {
                sum += numbers.EnterWeight[(i % q * Width) + f] * z[(i / q * Width) + f];
            }

            angles[i] = Math.PI / 2 * Math.Tanh(sum);
        }

        return angles;
    }

    /// <summary>Logits of expectations [n, places, m]; the linear layer reads the first q of each place, channel by channel.</summary>
    private void Leave(double[] e, int m, int places, Span<double> logits, Span<float> maps)
    {
        int k = OutputNames.Count, q = Spec.Qubits, n = logits.Length / k;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < k; j++)
            {
                double sum = numbers.LeaveBias[j];
                for (int c = 0; c < q; c++)
                {
                    for (int p = 0; p < places; p++)
                    {
                        sum += numbers.LeaveWeight[(((j * q) + c) * places) + p] * e[(((i * places) + p) * m) + c];
                    }
                }

                logits[(i * k) + j] = sum;
            }

            for (int v = 0; v < m * places && maps.Length > 0; v++)
            {
                maps[(i * m * places) + v] = (float)e[(((i * places) + (v % places)) * m) + (v / places)];
            }
        }
    }
}

/// <summary>The trained numbers of a dressed circuit.</summary>
/// <param name="EnterWeight">The first layer [q, d]; empty for a quanvolution.</param>
/// <param name="EnterBias">[q]</param>
/// <param name="Circuit">[p]</param>
/// <param name="LeaveWeight">The last layer [k, q · places].</param>
/// <param name="LeaveBias">[k]</param>
internal sealed record DressedNumbers(double[] EnterWeight, double[] EnterBias, double[] Circuit, double[] LeaveWeight, double[] LeaveBias)
{
    /// <summary>The numbers of a trained network.</summary>
    public static DressedNumbers Of(StudentNetwork network)
    {
        Dictionary<string, double[]> all = network.named_parameters().ToDictionary(p => p.name, p => (double[])[.. FittedNetwork.Numbers(p.parameter).Select(v => (double)v)]);
        return new DressedNumbers(all.GetValueOrDefault("enter.weight", []), all.GetValueOrDefault("enter.bias", []), all["circuit.weight"], all["leave.weight"], all["leave.bias"]);
    }
}
