using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Distillation.Runs;

/// <summary>One labelled bag of a run.</summary>
/// <param name="Bag">The bag.</param>
/// <param name="Output">The labelled bag; with <paramref name="Result"/> null it was complete already.</param>
/// <param name="Result">What was done.</param>
public sealed record BagLabels(string Bag, string Output, LabellingResult? Result);

/// <summary>What a labelling run made.</summary>
/// <param name="TeacherId">The teacher.</param>
/// <param name="Bags">In the order of the bags.</param>
public sealed record LabellingOutcome(string TeacherId, IReadOnlyList<BagLabels> Bags)
{
    /// <summary>What all labels cost.</summary>
    public Ledger Ledger()
    {
        var sum = new Ledger();
        foreach (BagLabels bag in Bags)
        {
            if (bag.Result is { } result)
            {
                sum.Add(result.Ledger);
            }
        }

        return sum;
    }
}

/// <summary>Labels every window of one or more bags with a teacher, which is fitted on the bags first unless a fitted one is given. Behind <c>qdistill label</c> and the node <c>teacher_labeling</c>.</summary>
public sealed record LabellingRun
{
    /// <summary>The bags; see <see cref="BagPaths.Expand"/>.</summary>
    public required IReadOnlyList<string> Bags { get; init; }

    /// <summary>The robot that they are of.</summary>
    public required RobotConfig Robot { get; init; }

    /// <summary>A fitted teacher's file or a specification's; null: the default quantum teacher.</summary>
    public string? Teacher { get; init; }

    /// <summary>What runs the circuits.</summary>
    public BackendChoice Backend { get; init; } = new();

    /// <summary>The seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many windows' hindsight truth a teacher fitted here may see; null: as the specification says.</summary>
    public int? Labels { get; init; }

    /// <summary>What else the teacher should tell, for the signals that need it.</summary>
    public TeacherDetails Details { get; init; }

    /// <summary>The labelled bag's folder; with several bags the folder that will hold one for each.</summary>
    public required string Output { get; init; }

    /// <summary>Whether to go on where a run that was cut off ended.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether to replace what is there.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Does it.</summary>
    /// <param name="observer">Told how it goes on.</param>
    /// <param name="cancellation">Stops it; a run with <see cref="Resume"/> goes on from there.</param>
    /// <exception cref="UserErrorException">Something asked for cannot be done.</exception>
    public LabellingOutcome Run(IRunObserver observer, CancellationToken cancellation)
    {
        string[] outputs = [.. Bags.Select(b => Bags.Count == 1 ? Output : Path.Combine(Output, BagPaths.NameOf(b)))];
        RequireFree(outputs);
        using ITeacherBackend backend = Backend.Create(Path.TrimEndingDirectorySeparator(Output) + ".jobs.txt");
        observer.Counting(backend.Ledger);
        Task ready = Task.Run(() => WarmUp(backend), cancellation);
        List<TeacherDataset> tables;
        try
        {
            tables = ReadBags(observer, cancellation);
        }
        finally
        {
            // The back end must not go while it is being warmed up.
            Task.WhenAny(ready).GetAwaiter().GetResult();
        }

        ready.GetAwaiter().GetResult();
        ITeacher teacher = FitOrLoad(tables, backend, observer, cancellation);
        if (teacher.Demand() is { } demand)
        {
            Backend.RequireAffordable(backend, tables.Sum(t => (long)t.Count) * demand.Circuits, demand.Qubits, observer);
        }

        var made = new List<BagLabels>();
        for (int i = 0; i < tables.Count; i++)
        {
            if (Resume && Directory.Exists(outputs[i]) && !Overwrite)
            {
                observer.Note($"{outputs[i]}: complete already");
                made.Add(new BagLabels(Bags[i], outputs[i], null));
                continue;
            }

            IProgress<double> progress = observer.Begin("labelling " + tables[i].Bags[0], tables[i].Count);
            LabellingResult result = BagLabeler.Label(
                tables[i], teacher, teacher.IsQuantum() ? backend.Ledger : null, Describe(Bags[i], tables[i], teacher), Robot.BaseFrame, outputs[i], Resume, Overwrite, progress, cancellation);
            made.Add(new BagLabels(Bags[i], outputs[i], result));
            observer.Note(FormattableString.Invariant(
                $"{outputs[i]}: {result.Windows} windows{(result.Resumed > 0 ? $" ({result.Resumed} from the run before)" : string.Empty)}, {result.Ledger.Circuits} circuits, {result.Ledger.Shots} shots, {result.WindowsPerSecond:F0} windows/s asked"));
        }

        return new LabellingOutcome(teacher.Id, made);
    }

    private List<TeacherDataset> ReadBags(IRunObserver observer, CancellationToken cancellation)
    {
        var tables = new List<TeacherDataset>();
        foreach (string bag in Bags)
        {
            FeatureWindows windows = FeatureWindows.FromBag(bag, Robot, observer.Begin("reading " + bag), cancellation);
            foreach (string warning in windows.Warnings)
            {
                observer.Note("warning: " + warning);
            }

            tables.Add(WindowTable.From(windows));
        }

        return tables;
    }

    // Node.js needs a second to start and to compile the Q# simulator, our own simulator's kernels a tenth to be compiled: both happen while the bags are read,
    // and a missing Node.js is told at once. Circuits that cost money are not run for this.
    private static void WarmUp(ITeacherBackend backend)
    {
        if (backend.Name is "qsharp" or "statevector" or "sampled")
        {
            const int windows = 64, qubits = 6, features = 12;
            Circuit circuit = TeacherCircuit.Build("reuploading", "hardware-efficient", qubits, 3, features);
            backend.Evaluate(circuit, new double[circuit.WeightCount], new double[windows * features], windows);
        }
    }

    // Told before hours of work, not after.
    private void RequireFree(string[] outputs)
    {
        if (outputs.GroupBy(o => o, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new UserErrorException("two of the bags have this name, so their labels would land in one place", twice.Key, "label them one by one, each with its own --output");
        }

        if (!Resume && !Overwrite && outputs.FirstOrDefault(Path.Exists) is { } there)
        {
            throw new UserErrorException("exists already", there, "give another --output, or --overwrite, or --resume");
        }
    }

    private ITeacher FitOrLoad(List<TeacherDataset> tables, ITeacherBackend backend, IRunObserver observer, CancellationToken cancellation)
    {
        if (Teacher is { } file && TeacherFile.IsFitted(file))
        {
            return TeacherFile.Load(file, backend);
        }

        TeacherSpec spec = Teacher is null ? TeacherSpec.Default with { Seed = Seed } : TeacherFile.LoadSpec(Teacher);
        spec = spec with { Labels = Labels ?? spec.Labels };
        FittingSplit split = DataSplit.ByTime(TeacherDataset.Concat(tables), Robot.LongestHorizon());
        if (split.Note is not null)
        {
            observer.Note("note: " + split.Note);
        }

        ITeacher teacher = TeacherFitting.Fit(split.Training, split.Validation, spec, backend, observer.Begin("fitting a teacher"), cancellation);
        string saved = Path.TrimEndingDirectorySeparator(Output) + ".teacher.yaml";
        TeacherFile.Save(saved, teacher);
        observer.Note($"{saved}: teacher {teacher.Id}, fitted on {Math.Min(spec.Labels, split.Training.Count)} labelled windows of these bags");
        return teacher;
    }

    private LabellingInfo Describe(string bag, TeacherDataset table, ITeacher teacher) => LabellingInfo.Of(bag, Robot, table, teacher, Backend.Name, Backend.Shots, Seed) with
    {
        Noise = teacher.IsQuantum() ? Backend.NoiseId : "none",
        Details = Details,
        FeatureShape = Details.HasFlag(TeacherDetails.Features) ? teacher.FeatureShape : [],
    };
}
