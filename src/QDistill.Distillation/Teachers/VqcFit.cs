using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Features;
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
    /// <param name="simulator">How the fit's simulator runs; the fitted teacher does not depend on its threads.</param>
    /// <exception cref="UserErrorException">There is nothing to fit on or to choose by, or the fit diverged.</exception>
    public static VqcTeacher Fit(
        TeacherDataset training,
        IReadOnlyCollection<int> labelled,
        TeacherDataset validation,
        TeacherSpec spec,
        ITeacherBackend backend,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default,
        StateVectorOptions? simulator = null)
    {
        int k = training.OutputCount;
        if (labelled.Count == 0 || validation.Count == 0)
        {
            throw new UserErrorException($"there is no {(labelled.Count == 0 ? "labelled" : "validation")} window to fit a teacher on", string.Join(", ", training.Bags), "check the bags' topics and the split");
        }

        Normalisation normalisation = Normalisation.Fit(training);
        TeacherDataset few = training.Select([.. labelled]);
        int room = FeatureEncoding.Get(spec.Encoding).MaxFeatures(spec.Qubits);
        int wanted = Math.Min(spec.Features == 0 ? room : spec.Features, training.FeatureCount);
        int[] chosen = FeatureRanking.Choose(
            normalisation.Apply(few.Features), [.. Enumerable.Range(0, few.Count).Select(i => few.Truth[i * k] == Truth.Hazard)], training.FeatureCount, wanted);

        Circuit circuit = TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, chosen.Length);
        using var engine = new StateVector(circuit, Observable.EachZ(spec.Qubits), simulator);
        var fit = new VqcProblem(engine, backend.Ledger, VqcTeacher.Inputs(few.Features, normalisation, chosen), few.Truth, few.Count, k, spec.WeightDecay, spec.ClassWeights == "balanced");
        TeacherDataset sparse = Thin(validation);
        var check = new VqcProblem(engine, backend.Ledger, VqcTeacher.Inputs(sparse.Features, normalisation, chosen), sparse.Truth, sparse.Count, k, 0);

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

        if (best is null)
        {
            throw new UserErrorException("the teacher's validation loss was never a number, so no start can be kept", null, "lower the teacher's learning_rate");
        }

        // Platt scaling on all validation windows, through the same forward pass.
        var all = new VqcProblem(engine, backend.Ledger, VqcTeacher.Inputs(validation.Features, normalisation, chosen), validation.Truth, validation.Count, k, 0);
        double[] logits = all.Logits(best);
        double[] calibration = OutputCalibration.FitPlatt([.. logits.Select(z => (float)z)], validation);
        return VqcTeacher.Create(spec, backend, training, chosen, normalisation, best, calibration);
    }

    // Validation during the fit is by far its greatest cost: a regular subset tells as much.
    private static TeacherDataset Thin(TeacherDataset data)
    {
        int stride = (data.Count + MostValidationWindows - 1) / MostValidationWindows;
        return stride <= 1 ? data : data.Select([.. Enumerable.Range(0, data.Count / stride).Select(i => i * stride)]);
    }
}
