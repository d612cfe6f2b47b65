using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// Support vector machines, logistic regressions or Gaussian processes (one for each output) on one Gram matrix of the labelled windows: of a quantum kernel on a few chosen features, or of a
/// Gaussian kernel on all. A quantum kernel is asked exactly or, with shots, entry by entry.
/// </summary>
internal sealed class KernelTeacher : TeacherBase, IDisposable
{
    private const int ChunkWindows = 512;
    private readonly TeacherKernel kernel;
    private readonly KernelModel[] models;
    private readonly double[] inputs;
    private readonly int[] chosen;
    private readonly ITeacherBackend? backend;

    private KernelTeacher(TeacherSpec spec, FittedHead head, ITeacherBackend? backend, int[] chosen, double[] inputs, TeacherKernel kernel, KernelModel[] models)
        : base(spec, head)
    {
        (this.backend, this.chosen, this.inputs, this.kernel, this.models) = (backend, chosen, inputs, kernel, models);
        if (backend is not (null or StateVectorBackend or SampledBackend))
        {
            throw new UserErrorException($"a quantum-kernel teacher cannot be asked through the back end '{backend.Name}'", null, "use statevector, or sampled with shots");
        }
    }

    /// <summary>Whether its feature maps are the qubits' Bloch vectors.</summary>
    public override TeacherDetails Details => kernel.Projects ? TeacherDetails.Features : TeacherDetails.None;

    /// <inheritdoc/>
    public override IReadOnlyList<int> FeatureShape => kernel.Projects ? [3 * Spec.Qubits] : [];

    /// <summary>What it asks for each window: a kernel value to every labelled one; null with a Gaussian kernel.</summary>
    public CircuitDemand? PerWindow => Spec.IsQuantum ? new CircuitDemand(Spec.Qubits, inputs.Length / chosen.Length) : null;

    /// <summary>Fits the teacher.</summary>
    public static KernelTeacher Fit(TeacherDataset training, IReadOnlyCollection<int> labelled, TeacherDataset validation, TeacherSpec spec, ITeacherBackend? backend)
    {
        var windows = new LabelledWindows(training, labelled, validation, spec);
        int k = windows.Outputs, d = windows.Width;
        int[] chosen = [.. Enumerable.Range(0, d)];
        if (spec.IsQuantum)
        {
            (int[] rows, bool[] hazard, _) = windows.Of(0);
            float[] z = [.. LabelledWindows.Select(windows.Z, d, rows).Select(v => (float)v)];
            int room = FeatureEncoding.Get(spec.Encoding).MaxFeatures(spec.Qubits);
            chosen = FeatureRanking.Choose(z, hazard, d, Math.Min(spec.Features == 0 ? room : Math.Min(spec.Features, room), d));
        }

        double[] inputs = Scaled(windows.Z, d, chosen, spec);
        var kernel = TeacherKernel.Create(spec, chosen.Length);
        double[] gram = kernel.Gram(inputs, windows.Count);
        backend?.Ledger.Record((long)windows.Count * (windows.Count - 1) / 2, 0, kernel.Depth, kernel.TwoQubitGates, 0);
        var models = new KernelModel[k];
        for (int j = 0; j < k; j++)
        {
            (int[] rows, bool[] hazard, double[] weight) = windows.Of(j);
            models[j] = KernelModel.Fit(spec, gram, windows.Count, rows, hazard, weight);
        }

        var head = new FittedHead(training.SchemaId, training.OutputNames, windows.Normalisation, Training.OutputCalibration.Identity(k));
        var exact = new KernelTeacher(spec, head, null, chosen, inputs, kernel, models);
        double[] calibration = Calibrate(exact.Logits(validation.Features, 0, default), validation);
        return new KernelTeacher(spec, head with { Calibration = calibration }, backend, chosen, inputs, kernel, models);
    }

    internal static KernelTeacher Read(TeacherSpec spec, ConfigSection fitted, ITeacherBackend? backend)
    {
        FittedHead head = FittedHead.Read(fitted);
        int d = head.Normalisation.Mean.Length;
        int[] chosen = spec.IsQuantum ? TeacherText.ReadIndices(fitted, "chosen", d) : [.. Enumerable.Range(0, d)];
        int count = fitted.Doubles("inputs").Count / Math.Max(1, chosen.Length);
        double[] inputs = new double[count * chosen.Length];
        TeacherText.Read(fitted, "inputs", inputs, "its samples need");
        IReadOnlyList<ConfigSection> sections = fitted.Sections("models");
        if (sections.Count != head.Outputs.Count || count == 0)
        {
            throw fitted.Error("models", $"holds {sections.Count} models on {count} samples for {head.Outputs.Count} outputs", TeacherText.Remedy);
        }

        var kernel = TeacherKernel.Create(spec, chosen.Length);
        double[] gram = spec is { Kind: "quantum-kernel", Classifier: "gp" } ? kernel.Gram(inputs, count) : [];
        return new KernelTeacher(spec, head, backend, chosen, inputs, kernel, [.. sections.Select(s => KernelModel.Read(spec, s, gram, count))]);
    }

    /// <inheritdoc/>
    public void Dispose() => kernel.Dispose();

    /// <inheritdoc/>
    protected override string Numbers()
    {
        var text = new StringBuilder();
        if (Spec.IsQuantum)
        {
            text.Append($"  chosen: [{string.Join(", ", chosen)}]\n");
        }

        text.Append($"  inputs: {TeacherText.List(inputs)}\n  models:\n");
        foreach (KernelModel model in models)
        {
            text.Append(model.ToYaml());
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    protected override TeacherAnswers Ask(ReadOnlySpan<float> features, int n, long firstWindow, TeacherDetails details, CancellationToken cancellation)
    {
        float[] maps = [];
        if (details.HasFlag(TeacherDetails.Features))
        {
            maps = [.. kernel.Project(Scaled(LabelledWindows.Inputs(features, Head.Normalisation), Width, chosen, Spec), n).Select(v => (float)v)];
        }

        return new TeacherAnswers(n, OutputNames.Count, 0, Probabilities(Logits(features, firstWindow, cancellation)), [], [])
        {
            Shots = (backend as SampledBackend)?.Shots ?? 0,
            Features = maps,
            FeatureShape = FeatureShape,
        };
    }

    private double[] Logits(ReadOnlySpan<float> features, long firstWindow, CancellationToken cancellation)
    {
        int n = features.Length / Width, k = OutputNames.Count, samples = inputs.Length / chosen.Length;
        double[] logits = new double[n * k];
        for (int first = 0; first < n; first += ChunkWindows)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(ChunkWindows, n - first);
            double[] x = Scaled(LabelledWindows.Inputs(features.Slice(first * Width, count * Width), Head.Normalisation), Width, chosen, Spec);
            double[] cross = kernel.Cross(x, count, inputs, samples);
            int shots = 0;
            if (backend is SampledBackend sampled && kernel.IsFidelity)
            {
                shots = sampled.Shots;
                cross = KernelMatrix.CrossWithShotNoise(cross, count, shots, sampled.Seed, firstWindow + first);
            }
            else if (backend is SampledBackend)
            {
                throw new UserErrorException("a projected kernel's Bloch vectors are not sampled here", null, "use the fidelity kernel with shots, or the back end statevector");
            }

            long circuits = (long)count * samples;
            backend?.Ledger.Record(circuits, circuits * shots, kernel.Depth, kernel.TwoQubitGates, 0);
            for (int j = 0; j < k; j++)
            {
                double[] scores = models[j].Logits(cross, count);
                for (int i = 0; i < count; i++)
                {
                    logits[((first + i) * k) + j] = scores[i];
                }
            }
        }

        return logits;
    }

    /// <summary>The chosen features, for a circuit scaled by the bandwidth and kept within ±π.</summary>
    private static double[] Scaled(double[] z, int d, int[] chosen, TeacherSpec spec)
    {
        int n = z.Length / d;
        double[] x = new double[n * chosen.Length];
        for (int i = 0; i < n; i++)
        {
            for (int f = 0; f < chosen.Length; f++)
            {
                double value = z[(i * d) + chosen[f]];
                x[(i * chosen.Length) + f] = spec.IsQuantum ? Math.Clamp(spec.Bandwidth * value, -Math.PI, Math.PI) : value;
            }
        }

        return x;
    }
}
