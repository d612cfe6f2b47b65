using QDistill.Cli.Terminal;
using QDistill.Distillation.Data;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Cli.Demo;

/// <summary>The quantum teacher, its classical control, and the students distilled from each and from none.</summary>
internal sealed class DemoModels : IDisposable
{
    private DemoModels(ITeacherBackend backend) => Backend = backend;

    public ITeacherBackend Backend { get; }

    public required ITeacher Teacher { get; init; }

    public required MlpTeacher ClassicalTeacher { get; init; }

    public required int[] Labelled { get; init; }

    public DistilledStudent? Student { get; private set; }

    public DistilledStudent? ClassicalStudent { get; private set; }

    public DistilledStudent? NoTeacher { get; private set; }

    /// <summary>Fits both teachers on the same few labelled windows.</summary>
    public static DemoModels Teach(DemoOptions options, DemoData data, CancellationToken cancellation)
    {
        ITeacherBackend backend = TeacherBackend.Create(options.Backend, new TeacherBackendOptions { Shots = options.Shots, Seed = options.Seed });
        try
        {
            TeacherSpec spec = TeacherSpec.Default with { Labels = options.Labels, Seed = options.Seed };
            int[] labelled = LabelBudget.Choose(data.TrainingTable, spec.Labels, spec.Seed);
            using var progress = new ProgressLine("fitting teachers");
            ITeacher teacher = VqcFit.Fit(data.TrainingTable, labelled, data.ValidationTable, spec, backend, progress, cancellation);
            MlpTeacher classical = MlpTeacher.Fit(
                data.TrainingTable, labelled, data.ValidationTable, TeacherSpec.ClassicalDefault with { Labels = options.Labels, Seed = options.Seed, Starts = 6 }, null, cancellation);
            TeacherFile.Save(options.Path("teacher.yaml"), teacher);
            TeacherFile.Save(options.Path("classical_teacher.yaml"), classical);
            return new DemoModels(backend) { Teacher = teacher, ClassicalTeacher = classical, Labelled = labelled };
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    /// <summary>Labels every training recording into a bag, and reads the labels back from there: what follows sees nothing else.</summary>
    public TeacherDataset Label(DemoOptions options, DemoData data, CancellationToken cancellation)
    {
        using var progress = new ProgressLine("labelling");
        var tables = new List<TeacherDataset>();
        foreach (FeatureWindows recording in data.Training)
        {
            TeacherDataset table = WindowTable.From(recording);
            string output = options.Path(Path.Combine("labelled", recording.Name));
            LabellingInfo info = LabellingInfo.Of(recording.Path, data.Robot, table, Teacher, options.Backend, options.Shots, options.Seed);
            BagLabeler.Label(table, Teacher, Backend.Ledger, info, data.Robot.BaseFrame, output, resume: false, overwrite: true, null, cancellation);
            tables.Add(LabelledBag.Read(output).Data);
            progress.Report((double)tables.Count / data.Training.Count);
        }

        return TeacherDataset.Concat(tables);
    }

    /// <summary>Distils the student and its controls: same network, same budget of labels, same optimiser, same calibration.</summary>
    public void Distill(TeacherDataset labelledBags, TeacherDataset validation, Recipe recipe, CancellationToken cancellation)
    {
        using var progress = new ProgressLine("distilling");
        Student = DistilledStudent.Distill(labelledBags, validation, recipe, Labelled, null, cancellation);
        progress.Report(0.4);

        // A classical teacher has no observables: its student learns from hard and soft terms alone.
        TeacherDataset classical = labelledBags.WithTeacher(ClassicalTeacher.Answer(labelledBags.Features, 0, cancellation));
        ClassicalStudent = DistilledStudent.Distill(classical, validation, recipe with { Signals = recipe.Signals with { ExpectationsWeight = 0 } }, Labelled, null, cancellation);
        progress.Report(0.8);

        // Few windows make few steps an epoch: the control gets as many optimiser steps, not as many epochs.
        int stepsPerEpoch = Math.Max(1, (labelledBags.Count + recipe.Optimiser.Batch - 1) / recipe.Optimiser.Batch);
        NoTeacher = DistilledStudent.Distill(
            labelledBags,
            validation,
            recipe with
            {
                Signals = new SignalSpec(HardWeight: 1, SoftWeight: 0, SoftTemperature: 1, ExpectationsWeight: 0),
                Optimiser = recipe.Optimiser with { Epochs = recipe.Optimiser.Epochs * stepsPerEpoch, Patience = recipe.Optimiser.Patience * stepsPerEpoch },
            },
            Labelled,
            null,
            cancellation);
        progress.Report(1);
    }

    public void Dispose()
    {
        Student?.Dispose();
        ClassicalStudent?.Dispose();
        NoTeacher?.Dispose();
        ClassicalTeacher.Dispose();
        Backend.Dispose();
    }
}
