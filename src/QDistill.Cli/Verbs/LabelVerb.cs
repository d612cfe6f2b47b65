using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill label</c>: a teacher's answers for every window of a bag, as a labelled bag.</summary>
internal static class LabelVerb
{
    private sealed record Request(
        IReadOnlyList<string> Bags, string Robot, string? Teacher, BackendChoice Backend, ulong Seed, int? Labels, TeacherDetails Details, string OutputFolder, bool Resume, bool Overwrite, bool Json);

    public static Command Create()
    {
        var bags = new Argument<string[]>("bag") { Description = "the bags to label, or folders of bags", Arity = ArgumentArity.OneOrMore };
        Option<string> robot = CommonOptions.Robot();
        Option<string?> teacher = VerbOptions.Optional<string>("--teacher", "a fitted teacher, or a teacher specification; without it the default quantum teacher is fitted on the bags first", "FILE");
        var backend = new BackendOptions();
        Option<ulong> seed = VerbOptions.Seed();
        Option<int?> labels = VerbOptions.Optional<int?>("--labels", "how many windows' hindsight truth a teacher fitted here may see", "N").Within(2, 1_000_000);
        Option<string[]> details = new("--details") { Description = $"what else the teacher should tell, for the signals that need it: {string.Join(", ", TeacherDetailNames.All)}", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        Option<string> output = VerbOptions.Required<string>("--output", "the labelled bag; with several bags the folder that will hold one for each", "FOLDER");
        Option<bool> resume = new("--resume") { Description = "go on where a run that was cut off ended" };
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "label",
            "Labels every window of a bag with a quantum teacher and writes a labelled bag (an ordinary rosbag2 bag).",
            "qdistill label out/demo/bags/train_1 --teacher out/demo/teacher.yaml --output out/labelled",
            "qdistill label run_7 --robot neato --backend qsharp --output out/run_7_labelled",
            "qdistill label run_7 --robot neato --backend sampled --shots 128 --output out/run_7_128 --resume",
            "qdistill label run_7 --robot neato --backend noisy --noise noise.yaml --shots 1024 --output out/run_7_noisy",
            "qdistill label run_7 --robot neato --details states gradients --output out/run_7_detailed");
        verb.Add(bags);
        verb.Add(robot);
        verb.Add(teacher);
        backend.AddTo(verb);
        verb.Add(seed);
        verb.Add(labels);
        verb.Add(details);
        verb.Add(output);
        verb.Add(resume);
        verb.Add(overwrite);
        verb.Add(json);
        verb.SetAction((r, cancellation) => Task.FromResult(Run(
            new Request(
                CommonOptions.ExpandBags(r.GetRequiredValue(bags)),
                r.GetRequiredValue(robot),
                r.GetValue(teacher),
                backend.Read(r, r.GetValue(seed)),
                r.GetValue(seed),
                r.GetValue(labels),
                TeacherDetailNames.Parse(r.GetValue(details) ?? []),
                r.GetRequiredValue(output),
                r.GetValue(resume),
                r.GetValue(overwrite),
                r.GetValue(json)),
            cancellation)));
        return verb;
    }

    private static int Run(Request request, CancellationToken cancellation)
    {
        RobotConfig robot = CommonOptions.LoadRobot(request.Robot);
        string[] outputs = [.. request.Bags.Select(b => request.Bags.Count == 1 ? request.OutputFolder : Path.Combine(request.OutputFolder, NameOf(b)))];
        RequireFree(request, outputs);
        using ITeacherBackend backend = request.Backend.Create(Path.TrimEndingDirectorySeparator(request.OutputFolder) + ".jobs.txt");
        Task ready = Task.Run(() => WarmUp(backend), cancellation);
        var tables = new List<TeacherDataset>();
        foreach (string bag in request.Bags)
        {
            using var progress = new ProgressLine("reading " + bag, request.Json);
            FeatureWindows windows = FeatureWindows.FromBag(bag, robot, progress, cancellation);
            foreach (string warning in windows.Warnings)
            {
                Output.Note("warning: " + warning);
            }

            tables.Add(WindowTable.From(windows));
        }

        ready.GetAwaiter().GetResult();
        ITeacher teacher = Teacher(request, robot, tables, backend, cancellation);
        if (teacher.Demand() is { } demand)
        {
            request.Backend.RequireAffordable(backend, tables.Sum(t => (long)t.Count) * demand.Circuits, demand.Qubits);
        }

        var results = new List<object>();
        for (int i = 0; i < tables.Count; i++)
        {
            string output = outputs[i];
            if (request.Resume && Directory.Exists(output) && !request.Overwrite)
            {
                Output.Note($"{output}: complete already");
                continue;
            }

            using var progress = new ProgressLine("labelling " + tables[i].Bags[0], request.Json);
            LabellingResult result = BagLabeler.Label(
                tables[i], teacher, teacher.IsQuantum() ? backend.Ledger : null, Describe(request, robot, request.Bags[i], tables[i], teacher), robot.BaseFrame, output, request.Resume, request.Overwrite, progress, cancellation);
            results.Add(new
            {
                bag = request.Bags[i],
                output,
                teacher_id = teacher.Id,
                backend = request.Backend.Name,
                windows = result.Windows,
                resumed = result.Resumed,
                circuits = result.Ledger.Circuits,
                shots = result.Ledger.Shots,
                query_seconds = result.QuerySeconds,
                windows_per_second = result.WindowsPerSecond,
            });
            if (!request.Json)
            {
                Output.Note(FormattableString.Invariant(
                    $"{output}: {result.Windows} windows{(result.Resumed > 0 ? $" ({result.Resumed} from the run before)" : string.Empty)}, {result.Ledger.Circuits} circuits, {result.Ledger.Shots} shots, {result.WindowsPerSecond:F0} windows/s asked"));
            }
        }

        if (request.Json)
        {
            Output.WriteJson(results);
        }

        return 0;
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

    private static string NameOf(string bag)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(bag));
        return File.Exists(full) ? Path.GetFileNameWithoutExtension(full) : Path.GetFileName(full);
    }

    // Told before hours of work, not after.
    private static void RequireFree(Request request, string[] outputs)
    {
        if (outputs.GroupBy(o => o, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new UserErrorException("two of the bags have this name, so their labels would land in one place", twice.Key, "label them one by one, each with its own --output");
        }

        if (!request.Resume && !request.Overwrite && outputs.FirstOrDefault(Path.Exists) is { } there)
        {
            throw new UserErrorException("exists already", there, "give another --output, or --overwrite, or --resume");
        }
    }

    private static ITeacher Teacher(Request request, RobotConfig robot, List<TeacherDataset> tables, ITeacherBackend backend, CancellationToken cancellation)
    {
        if (request.Teacher is { } file && TeacherFile.IsFitted(file))
        {
            return TeacherFile.Load(file, backend);
        }

        TeacherSpec spec = request.Teacher is null ? TeacherSpec.Default with { Seed = request.Seed } : TeacherFile.LoadSpec(request.Teacher);
        spec = spec with { Labels = request.Labels ?? spec.Labels };
        FittingSplit split = DataSplit.ByTime(TeacherDataset.Concat(tables), CommonOptions.LongestHorizon(robot));
        if (split.Note is not null)
        {
            Output.Note("note: " + split.Note);
        }

        ITeacher teacher;
        using (var progress = new ProgressLine("fitting a teacher", request.Json))
        {
            teacher = TeacherFitting.Fit(split.Training, split.Validation, spec, backend, progress, cancellation);
        }

        string saved = Path.TrimEndingDirectorySeparator(request.OutputFolder) + ".teacher.yaml";
        TeacherFile.Save(saved, teacher);
        Output.Note($"{saved}: teacher {teacher.Id}, fitted on {Math.Min(spec.Labels, split.Training.Count)} labelled windows of these bags");
        return teacher;
    }

    private static LabellingInfo Describe(Request request, RobotConfig robot, string bag, TeacherDataset table, ITeacher teacher) => new()
    {
        Bag = bag,
        Robot = robot.Name,
        SchemaId = table.SchemaId,
        Features = table.FeatureNames,
        Outputs = table.OutputNames,
        Horizon = robot.Horizon,
        TeacherId = teacher.Id,
        TeacherKind = teacher.Kind,
        Backend = teacher.IsQuantum() ? request.Backend.Name : "classical",
        Shots = teacher.IsQuantum() ? TeacherBackend.ShotsOf(request.Backend.Name, request.Backend.Shots) : 0,
        Seed = request.Seed,
        Noise = teacher.IsQuantum() ? request.Backend.NoiseId : "none",
        Observables = teacher.ObservableNames,
        Details = request.Details,
        FeatureShape = request.Details.HasFlag(TeacherDetails.Features) ? teacher.FeatureShape : [],
    };
}
