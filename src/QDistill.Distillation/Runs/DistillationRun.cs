using System.Runtime.InteropServices;
using System.Security.Cryptography;
using QDistill.Configuration;
using QDistill.Distillation.Controls;
using QDistill.Distillation.Data;
using QDistill.Distillation.Export;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Distillation.Runs;

/// <summary>What a distillation made.</summary>
/// <param name="Model">The model folder.</param>
/// <param name="ModelId">The model's id.</param>
/// <param name="Windows">Training windows.</param>
/// <param name="Parameters">The student's parameters.</param>
/// <param name="BestEpoch">The epoch that was kept, counted from 1.</param>
/// <param name="ValidationNll">Its negative log-likelihood on validation windows [nats].</param>
public sealed record DistillationOutcome(string Model, string ModelId, int Windows, long Parameters, int BestEpoch, double ValidationNll);

/// <summary>Distils labelled bags into a student and writes its model folder. Behind <c>qdistill distill</c> and the node <c>student_distillation</c>.</summary>
public sealed record DistillationRun
{
    /// <summary>The labelled bags, of one teacher on one back end.</summary>
    public required IReadOnlyList<string> Labelled { get; init; }

    /// <summary>The robot that they are of.</summary>
    public required RobotConfig Robot { get; init; }

    /// <summary>Which student learns what, and how: a file or a name of <see cref="NamedRecipes"/>; null: the default.</summary>
    public string? Recipe { get; init; }

    /// <summary>Bags (labelled or not) that stop training, calibrate and choose thresholds; none: the last quarter of each bag's time.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>The teacher's file, to be kept in the model folder.</summary>
    public string? Teacher { get; init; }

    /// <summary>The seed of everything random; null: the recipe's.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The model folder.</summary>
    public required string Output { get; init; }

    /// <summary>Whether to replace what is there.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Does it.</summary>
    /// <param name="observer">Told how it goes on.</param>
    /// <param name="cancellation">Stops it; nothing is left behind.</param>
    /// <param name="epochs">Told of every epoch, on the training thread; may be null.</param>
    /// <exception cref="UserErrorException">Something asked for cannot be done.</exception>
    public DistillationOutcome Run(IRunObserver observer, CancellationToken cancellation, Action<EpochReport, int>? epochs = null)
    {
        string? teacherYaml = Teacher is null ? null : TeacherText(Teacher);
        Recipe recipe = Recipe is null ? Training.Recipe.Default : NamedRecipes.Load(Recipe);
        recipe = Seed is { } given ? recipe with { Seed = given } : recipe;
        recipe.Student.RequireExportable();
        observer.Begin("reading the labelled bags");
        LabelledBag[] read = [.. Labelled.Select(LabelledBag.Read)];
        RequireOneTeacher(read);
        TeacherDataset all = TeacherDataset.Concat([.. read.Select(b => b.Data)]);
        RequireRobot(all);
        FittingSplit split = Validation.Count > 0
            ? new FittingSplit(all, TeacherDataset.Concat([.. Validation.Select(b => ValidationTable(b, cancellation))]), null)
            : DataSplit.ByTime(all, Robot.LongestHorizon());
        if (split.Note is not null)
        {
            observer.Note("note: " + split.Note);
        }

        int[]? few = recipe.UsesTruth ? LabelBudget.Choose(split.Training, recipe.Labels, recipe.Seed) : null;
        int total = recipe.Optimiser.Epochs;
        IProgress<double> fraction = observer.Begin("distilling", total);
        using DistilledStudent student = DistilledStudent.Distill(split.Training, split.Validation, recipe, few, new EpochProgress(fraction, total, epochs), cancellation);
        var ledger = new Ledger();
        foreach (LabelledBag bag in read)
        {
            if (bag.Ledger is { } cost)
            {
                ledger.Add(cost);
            }
        }

        cancellation.ThrowIfCancellationRequested();
        string id = ModelFolder.Write(Output, student, new ModelFolderContents
        {
            Robot = Robot,
            Training = split.Training,
            Recipe = recipe,
            TeacherId = read[0].Info.TeacherId,
            TeacherYaml = teacherYaml,
            Backend = read[0].Info.Backend,
            Ledger = ledger,
            DataHashes = read.Select(b => b.Data).DistinctBy(t => t.Bags[0]).ToDictionary(t => t.Bags[0], Hash),
        }, Overwrite);
        EpochReport best = student.Student.History[Math.Max(0, student.Student.BestEpoch - 1)];
        return new DistillationOutcome(Output, id, split.Training.Count, student.Student.Network.ParameterCount, student.Student.BestEpoch, best.ValidationNll);
    }

    /// <summary>SHA-256 of a table's features and truth: what the student saw of a bag.</summary>
    public static string Hash(TeacherDataset table)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(MemoryMarshal.AsBytes<float>(table.Features));
        sha.AppendData(MemoryMarshal.AsBytes<Truth>(table.Truth));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    // Read before the work begins: a wrong path must not cost a training run.
    private static string TeacherText(string file) => TeacherFile.IsFitted(file)
        ? File.ReadAllText(file)
        : throw new UserErrorException("holds a specification, not a fitted teacher", file, "give the file that 'qdistill teach' or 'qdistill label' wrote");

    // The model card and the contract name one teacher and one way of asking it.
    private void RequireOneTeacher(LabelledBag[] read)
    {
        for (int i = 1; i < read.Length; i++)
        {
            if (read[i].Info.TeacherId != read[0].Info.TeacherId || read[i].Info.Backend != read[0].Info.Backend)
            {
                throw new UserErrorException(
                    $"was labelled by teacher {read[i].Info.TeacherId} on {read[i].Info.Backend}, but {Labelled[0]} by {read[0].Info.TeacherId} on {read[0].Info.Backend}",
                    Labelled[i],
                    "label all bags with the same teacher and back end");
            }
        }
    }

    private void RequireRobot(TeacherDataset data)
    {
        if (data.SchemaId != Robot.Schema.Id)
        {
            throw new UserErrorException(
                $"was labelled with feature schema {data.SchemaId}, but the robot '{Robot.Name}' gives {Robot.Schema.Id}", Labelled[0], "give the robot file it was labelled with (--robot), or label it again");
        }
    }

    // Validation needs truth alone: a labelled bag has it, any other bag gives it by hindsight.
    private TeacherDataset ValidationTable(string bag, CancellationToken cancellation) =>
        LabelledBag.Is(bag) ? LabelledBag.Read(bag).Data.WithoutTeacher() : WindowTable.From(FeatureWindows.FromBag(bag, Robot, null, cancellation));

    private sealed class EpochProgress(IProgress<double> fraction, int total, Action<EpochReport, int>? epochs) : IProgress<EpochReport>
    {
        public void Report(EpochReport value)
        {
            fraction.Report((double)value.Epoch / total);
            epochs?.Invoke(value, total);
        }
    }
}
