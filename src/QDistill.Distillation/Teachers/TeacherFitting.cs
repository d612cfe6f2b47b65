using QDistill.Distillation.Data;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>Fits a teacher of any kind.</summary>
public static class TeacherFitting
{
    /// <summary>Chooses the labelled windows by the specification's budget and fits the teacher on them.</summary>
    /// <param name="training">The windows to choose labelled ones from.</param>
    /// <param name="validation">The windows that stop, choose and calibrate.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="backend">What a quantum teacher will be asked through.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static ITeacher Fit(
        TeacherDataset training, TeacherDataset validation, TeacherSpec spec, ITeacherBackend backend, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        int[] labelled = LabelBudget.Choose(training, spec.Labels, spec.Seed);
        return spec.Kind == "mlp"
            ? MlpTeacher.Fit(training, labelled, validation, spec, progress, cancellation)
            : VqcFit.Fit(training, labelled, validation, spec, backend, progress, cancellation);
    }
}
