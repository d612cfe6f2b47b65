using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Inference;
using QDistill.Metrics;

namespace QDistill.Distillation.Training;

/// <summary>A student with calibration and alarm thresholds, both fitted on validation windows: what is exported.</summary>
/// <param name="Student">The trained network.</param>
/// <param name="Calibration">[a_0, b_0, a_1, b_1, …] of p_j = σ(a_j z_j + b_j).</param>
/// <param name="Thresholds">For each output the probability with the best F1 on validation; 0.5 where validation has one class only.</param>
public sealed record DistilledStudent(TrainedStudent Student, double[] Calibration, double[] Thresholds) : IDisposable
{
    /// <summary>The energy scores of validation windows; null where there were none.</summary>
    public EnergyContract? EnergyRange { get; init; }

    /// <summary>Trains, calibrates and chooses thresholds.</summary>
    /// <inheritdoc cref="StudentTrainer.Train"/>
    public static DistilledStudent Distill(
        TeacherDataset training,
        TeacherDataset validation,
        Recipe recipe,
        IReadOnlyCollection<int>? labelled = null,
        IProgress<EpochReport>? progress = null,
        CancellationToken cancellation = default)
    {
        TrainedStudent student = StudentTrainer.Train(training, validation, recipe, labelled, progress, cancellation);
        float[] logits = student.Logits(validation);
        double[] calibration = OutputCalibration.Fit(recipe.Calibration, logits, validation);
        return new DistilledStudent(student, calibration, BestThresholds(OutputCalibration.Probabilities(logits, calibration, validation.OutputCount), validation))
        {
            EnergyRange = EnergyScore.Range(logits, validation.OutputCount),
        };
    }

    /// <summary>Calibrated probabilities [n, k] of a table.</summary>
    public float[] Probabilities(TeacherDataset data) => OutputCalibration.Probabilities(Student.Logits(data), Calibration, Calibration.Length / 2);

    /// <summary>Calibrated probabilities [n, k] of raw features [n, d] of one recording.</summary>
    public float[] Probabilities(ReadOnlySpan<float> features) => OutputCalibration.Probabilities(Student.Logits(features), Calibration, Calibration.Length / 2);

    /// <inheritdoc/>
    public void Dispose() => Student.Dispose();

    private static double[] BestThresholds(float[] probabilities, TeacherDataset data)
    {
        int k = data.OutputCount;
        double[] thresholds = new double[k];
        for (int j = 0; j < k; j++)
        {
            int[] known = [.. Enumerable.Range(0, data.Count).Where(i => data.Truth[(i * k) + j] != Truth.Unknown)];
            bool[] y = [.. known.Select(i => data.Truth[(i * k) + j] == Truth.Hazard)];
            thresholds[j] = y.Contains(true) && y.Contains(false)
                ? Math.Clamp(ThresholdChoice.BestF1([.. known.Select(i => (double)probabilities[(i * k) + j])], y).Threshold, 0.01, 0.99)
                : 0.5;
        }

        return thresholds;
    }
}
