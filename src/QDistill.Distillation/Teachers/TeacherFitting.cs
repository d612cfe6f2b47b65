using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>Fits a teacher of any kind, with its search and its transform.</summary>
public static class TeacherFitting
{
    /// <summary>Chooses the labelled windows by the specification's budget and fits the teacher on them.</summary>
    /// <param name="training">The windows to choose labelled ones from.</param>
    /// <param name="validation">The windows that stop, choose and calibrate.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="backend">What a quantum teacher will be asked through.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <param name="known">
    /// Gives teachers that were fitted on the same windows before, by their specification, or null for those it does not have: what a transform changes, and what it brings it to, are not fitted again.
    /// What it gives belongs to this method.
    /// </param>
    /// <exception cref="UserErrorException">The data cannot be fitted on, or the specification does not fit them.</exception>
    public static ITeacher Fit(
        TeacherDataset training,
        TeacherDataset validation,
        TeacherSpec spec,
        ITeacherBackend backend,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default,
        Func<TeacherSpec, ITeacher?>? known = null)
    {
        int[] labelled = LabelBudget.Choose(training, spec.Labels, spec.Seed);
        if (validation.Count == 0)
        {
            throw new UserErrorException("there is no validation window to fit a teacher on", string.Join(", ", training.Bags), "check the bags' topics and the split");
        }

        if (spec.Transform.Kind == "none")
        {
            return Search(training, labelled, validation, spec, backend, progress, cancellation);
        }

        TeacherSpec plain = spec with { Transform = TeacherTransform.None };
        ITeacher teacher = known?.Invoke(plain) ?? Search(training, labelled, validation, plain, backend, progress, cancellation);
        double target = spec.Transform.Target;
        if (spec.Transform.Reference is { } reference)
        {
            using ITeacherBackend exact = TeacherBackend.Create("statevector", new TeacherBackendOptions { Threads = 1 });
            ITeacher other = known?.Invoke(reference) ?? Fit(training, validation, reference, exact, null, cancellation);
            using var owned = other as IDisposable;
            target = TeacherScore.Of(spec.Transform.Metric, other.Answer(validation.Features, 0, cancellation).Logits(), validation);
        }

        return TransformedTeacher.Create(spec, teacher, validation, target);
    }

    private static ITeacher Search(
        TeacherDataset training, int[] labelled, TeacherDataset validation, TeacherSpec spec, ITeacherBackend backend, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (spec.Trials <= 1)
        {
            return One(training, labelled, validation, spec, backend, progress, cancellation);
        }

        ITeacher? best = null;
        double bestNll = double.PositiveInfinity;
        UserErrorException? refused = null;
        for (int trial = 0; trial < spec.Trials; trial++)
        {
            ITeacher? candidate = null;
            try
            {
                candidate = One(training, labelled, validation, TeacherSearch.Trial(spec, trial), backend, null, cancellation);
            }
            catch (UserErrorException e)
            {
                refused = e; // A trial that diverges loses; when all do, the last one's reason is told.
            }

            if (candidate is not null)
            {
                double nll = StudentTrainer.CollisionNll(candidate.Answer(validation.Features, 0, cancellation).Logits(), validation);
                (ITeacher? loser, best) = best is null || nll < bestNll ? (best, candidate) : (candidate, best);
                bestNll = Math.Min(bestNll, nll);
                (loser as IDisposable)?.Dispose();
            }

            progress?.Report((trial + 1.0) / spec.Trials);
        }

        return best ?? throw refused!;
    }

    private static ITeacher One(
        TeacherDataset training, int[] labelled, TeacherDataset validation, TeacherSpec spec, ITeacherBackend backend, IProgress<double>? progress, CancellationToken cancellation) => spec.Kind switch
        {
            "mlp" => MlpTeacher.Fit(training, labelled, validation, spec, progress, cancellation),
            "ensemble" => EnsembleTeacher.Fit(training, labelled, validation, spec, progress, cancellation),
            "hybrid" or "quanvolutional" => DressedTeacher.Fit(training, labelled, validation, spec, backend, progress, cancellation),
            "quantum-kernel" => KernelTeacher.Fit(training, labelled, validation, spec, backend),
            "rbf-svm" => KernelTeacher.Fit(training, labelled, validation, spec, null),
            "vqc" => VqcFit.Fit(training, labelled, validation, spec, backend, progress, cancellation),
            _ => ClassicalTeacher.Fit(training, labelled, validation, spec),
        };
}
