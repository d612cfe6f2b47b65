using System.Diagnostics;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Metrics;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// Fits a variational quantum classifier on few labelled windows: full-batch Adam on the binary cross-entropy of all outputs, exact expectation values and
/// adjoint gradients from the simulator (counted in the back end's ledger as one circuit for each window and pass), several random starts, each stopped and the best chosen by validation NLL of the collision output.
/// </summary>
public static class VqcFit
{
    private const int EvaluateEvery = 5;
    private const int PatienceEvaluations = 10;
    private const int MostValidationWindows = 2000;

    /// <summary>Fits a teacher.</summary>
    /// <param name="training">The windows; only the truth of <paramref name="labelled"/> is used, features of all (for the normalisation).</param>
    /// <param name="labelled">Indices of the labelled windows.</param>
    /// <param name="validation">Windows that stop each start, choose among starts, and calibrate.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="backend">What the fitted teacher will be asked through.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static VqcTeacher Fit(
        TeacherDataset training,
        IReadOnlyCollection<int> labelled,
        TeacherDataset validation,
        TeacherSpec spec,
        ITeacherBackend backend,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        int k = training.OutputCount;
        Normalisation normalisation = Normalisation.Fit(training);
        TeacherDataset few = training.Select([.. labelled]);
        int room = FeatureEncoding.Get(spec.Encoding).MaxFeatures(spec.Qubits);
        int wanted = Math.Min(spec.Features == 0 ? room : spec.Features, training.FeatureCount);
        int[] chosen = FeatureRanking.Choose(
            normalisation.Apply(few.Features), [.. Enumerable.Range(0, few.Count).Select(i => few.Truth[i * k] == Truth.Hazard)], training.FeatureCount, wanted);

        Circuit circuit = TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, chosen.Length);
        using var engine = new StateVector(circuit, Observable.EachZ(spec.Qubits));
        var fit = new Problem(engine, backend.Ledger, VqcTeacher.Inputs(few.Features, normalisation, chosen), few.Truth, few.Count, k, spec.WeightDecay);
        TeacherDataset sparse = Thin(validation);
        var check = new Problem(engine, backend.Ledger, VqcTeacher.Inputs(sparse.Features, normalisation, chosen), sparse.Truth, sparse.Count, k, 0);

        VqcParameters? best = null;
        double bestNll = double.PositiveInfinity;
        for (int start = 0; start < spec.Starts; start++)
        {
            VqcParameters p = VqcParameters.Random(circuit, spec.Qubits, k, spec.Seed + ((ulong)start << 32));
            var adam = new AdamState(p.Values.Length, spec.LearningRate);
            double[] gradient = new double[p.Values.Length];
            double startBest = double.PositiveInfinity;
            int sinceBetter = 0;
            for (int step = 1; step <= spec.Epochs && sinceBetter < PatienceEvaluations; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                fit.Gradient(p, gradient);
                adam.Step(p.Values, gradient);
                if (step % EvaluateEvery == 0 || step == spec.Epochs)
                {
                    double nll = check.CollisionNll(p);
                    sinceBetter = nll < startBest - 1e-5 ? 0 : sinceBetter + 1;
                    startBest = Math.Min(startBest, nll);
                    if (nll < bestNll)
                    {
                        (best, bestNll) = (p.Copy(), nll);
                    }

                    progress?.Report((start + ((double)step / spec.Epochs)) / spec.Starts);
                }
            }
        }

        // Platt scaling on all validation windows, through the same forward pass.
        var all = new Problem(engine, backend.Ledger, VqcTeacher.Inputs(validation.Features, normalisation, chosen), validation.Truth, validation.Count, k, 0);
        double[] logits = all.Logits(best!);
        double[] calibration = OutputCalibration.FitPlatt([.. logits.Select(z => (float)z)], validation);
        return VqcTeacher.Create(spec, backend, training, chosen, normalisation, best!, calibration);
    }

    // Validation during the fit is by far its greatest cost: a regular subset tells as much.
    private static TeacherDataset Thin(TeacherDataset data)
    {
        int stride = (data.Count + MostValidationWindows - 1) / MostValidationWindows;
        return stride <= 1 ? data : data.Select([.. Enumerable.Range(0, data.Count / stride).Select(i => i * stride)]);
    }

    /// <summary>A set of windows with its loss.</summary>
    private sealed class Problem(StateVector engine, Ledger ledger, double[] z, Truth[] truth, int n, int k, double decay)
    {
        private readonly double[] angles = new double[z.Length];
        private readonly double[] logits = new double[n * k];
        private readonly double known = Math.Max(1, truth.Count(t => t != Truth.Unknown));

        public double[] Logits(VqcParameters p)
        {
            long start = Stopwatch.GetTimestamp();
            p.Angles(z, angles);
            p.Logits(engine.Expectations(p.Weight, angles, n), logits);
            Count(start);
            return logits;
        }

        public double CollisionNll(VqcParameters p)
        {
            double[] scores = Logits(p);
            double sum = 0;
            int count = 0;
            for (int i = 0; i < n; i++)
            {
                if (truth[i * k] is var t and not Truth.Unknown)
                {
                    sum += Logit.Softplus(t == Truth.Hazard ? -scores[i * k] : scores[i * k]);
                    count++;
                }
            }

            return sum / Math.Max(1, count);
        }

        /// <summary>The gradient of mean BCE + decay/2·|head|² with respect to all parameters.</summary>
        public void Gradient(VqcParameters p, double[] gradient)
        {
            int m = p.Observables, inputs = p.Inputs;
            var into = new GradientView(p, gradient);
            gradient.AsSpan().Clear();
            long start = Stopwatch.GetTimestamp();
            p.Angles(z, angles);
            using ForwardPass pass = engine.Forward(p.Weight, angles, n);
            p.Logits(pass.Expectations, logits);

            double[] upstream = new double[n * m];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < k; j++)
                {
                    Truth t = truth[(i * k) + j];
                    if (t == Truth.Unknown)
                    {
                        continue;
                    }

                    double g = (Logit.Sigmoid(logits[(i * k) + j]) - (t == Truth.Hazard ? 1 : 0)) / known;
                    into.HeadBias[j] += g;
                    for (int o = 0; o < m; o++)
                    {
                        into.HeadWeight[(j * m) + o] += g * pass.Expectations[(i * m) + o];
                        upstream[(i * m) + o] += g * p.HeadWeight[(j * m) + o];
                    }
                }
            }

            double[] inputGradient = new double[n * inputs];
            pass.Backward(upstream, [], into.Weight, inputGradient);
            Count(start);
            for (int i = 0; i < inputGradient.Length; i++)
            {
                into.InputScale[i % inputs] += inputGradient[i] * z[i];
                into.InputShift[i % inputs] += inputGradient[i];
            }

            for (int i = 0; i < into.HeadWeight.Length; i++)
            {
                into.HeadWeight[i] += decay * p.HeadWeight[i];
            }
        }

        private void Count(long start) =>
            ledger.Record(n, 0, engine.Circuit.Depth, engine.Circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>The parts of a gradient vector, laid out as <see cref="VqcParameters"/>.</summary>
    private readonly ref struct GradientView(VqcParameters p, double[] gradient)
    {
        public Span<double> Weight { get; } = gradient.AsSpan(0, p.Weights);

        public Span<double> InputScale { get; } = gradient.AsSpan(p.Weights, p.Inputs);

        public Span<double> InputShift { get; } = gradient.AsSpan(p.Weights + p.Inputs, p.Inputs);

        public Span<double> HeadWeight { get; } = gradient.AsSpan(p.Weights + (2 * p.Inputs), p.Outputs * p.Observables);

        public Span<double> HeadBias { get; } = gradient.AsSpan(p.Weights + (2 * p.Inputs) + (p.Outputs * p.Observables), p.Outputs);
    }
}
