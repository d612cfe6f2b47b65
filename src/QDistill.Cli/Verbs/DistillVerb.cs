using System.CommandLine;
using System.Security.Cryptography;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Distillation.Controls;
using QDistill.Distillation.Data;
using QDistill.Distillation.Export;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill distill</c>: labelled bags in, a model folder out.</summary>
internal static class DistillVerb
{
    public static Command Create()
    {
        var bags = new Argument<string[]>("labelled") { Description = "labelled bags, or folders of them", Arity = ArgumentArity.OneOrMore };
        Option<string> robot = CommonOptions.Robot();
        Option<string?> recipe = VerbOptions.Optional<string>("--recipe", $"which student learns what, and how: a file, or a name ({string.Join(", ", NamedRecipes.All.Select(n => n.Name))}); without it the default recipe", "FILE|NAME");
        Option<string[]> validation = new("--validation") { Description = "bags (labelled or not) that stop training, calibrate and choose thresholds; without it the last quarter of each bag's time", HelpName = "BAG", AllowMultipleArgumentsPerToken = true };
        Option<string?> teacher = VerbOptions.Optional<string>("--teacher", "the teacher's file, to be kept in the model folder", "FILE");
        Option<ulong?> seed = VerbOptions.Optional<ulong?>("--seed", "seed of everything random; wins over the recipe's", "N");
        Option<string> output = VerbOptions.Required<string>("--output", "the model folder", "FOLDER");
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "distill",
            "Distils a teacher's labels into a compact student and exports it: student.onnx with its contract, and a model card.",
            "qdistill distill out/labelled --robot simulated_agv --validation out/demo/bags/validation_1 --output out/model",
            "qdistill distill out/run_7_labelled --robot neato --recipe recipe.yaml --output models/neato --overwrite",
            "qdistill distill out/run_7_labelled --robot neato --recipe qrkd --output out/qrkd");
        verb.Add(bags);
        verb.Add(robot);
        verb.Add(recipe);
        verb.Add(validation);
        verb.Add(teacher);
        verb.Add(seed);
        verb.Add(output);
        verb.Add(overwrite);
        verb.Add(json);
        verb.SetAction((r, cancellation) => Task.FromResult(Run(
            CommonOptions.ExpandBags(r.GetRequiredValue(bags)),
            r.GetRequiredValue(robot),
            r.GetValue(recipe),
            r.GetValue(validation) is { Length: > 0 } v ? CommonOptions.ExpandBags(v) : [],
            r.GetValue(teacher),
            r.GetValue(seed),
            r.GetRequiredValue(output),
            r.GetValue(overwrite),
            r.GetValue(json),
            cancellation)));
        return verb;
    }

    private static int Run(
        IReadOnlyList<string> labelled, string robotFile, string? recipeFile, IReadOnlyList<string> validationBags, string? teacherFile, ulong? seed, string output, bool overwrite, bool json, CancellationToken cancellation)
    {
        RobotConfig robot = CommonOptions.LoadRobot(robotFile);
        string? teacherYaml = teacherFile is null ? null : TeacherText(teacherFile);
        Recipe recipe = recipeFile is null ? Recipe.Default : NamedRecipes.Load(recipeFile);
        recipe = seed is { } given ? recipe with { Seed = given } : recipe;
        recipe.Student.RequireExportable();
        LabelledBag[] read = [.. labelled.Select(LabelledBag.Read)];
        RequireOneTeacher(read, labelled);
        TeacherDataset all = TeacherDataset.Concat([.. read.Select(b => b.Data)]);
        RequireRobot(all, robot, labelled[0]);
        FittingSplit split = validationBags.Count > 0
            ? new FittingSplit(all, TeacherDataset.Concat([.. validationBags.Select(b => Validation(b, robot, cancellation))]), null)
            : DataSplit.ByTime(all, CommonOptions.LongestHorizon(robot));
        if (split.Note is not null)
        {
            Output.Note("note: " + split.Note);
        }

        int[]? few = recipe.UsesTruth ? LabelBudget.Choose(split.Training, recipe.Labels, recipe.Seed) : null;
        using DistilledStudent student = Distill(split, recipe, few, json, cancellation);
        var ledger = new Ledger();
        foreach (LabelledBag bag in read)
        {
            if (bag.Ledger is { } cost)
            {
                ledger.Add(cost);
            }
        }

        string id = ModelFolder.Write(output, student, new ModelFolderContents
        {
            Robot = robot,
            Training = split.Training,
            Recipe = recipe,
            TeacherId = read[0].Info.TeacherId,
            TeacherYaml = teacherYaml,
            Backend = read[0].Info.Backend,
            Ledger = ledger,
            DataHashes = read.Select(b => b.Data).DistinctBy(t => t.Bags[0]).ToDictionary(t => t.Bags[0], Hash),
        }, overwrite);
        EpochReport best = student.Student.History[Math.Max(0, student.Student.BestEpoch - 1)];
        if (json)
        {
            Output.WriteJson(new { model = output, model_id = id, windows = split.Training.Count, parameters = student.Student.Network.ParameterCount, best_epoch = student.Student.BestEpoch, validation_nll = best.ValidationNll });
        }
        else
        {
            Output.Note(FormattableString.Invariant(
                $"{output}: model {id}, {student.Student.Network.ParameterCount} parameters from {split.Training.Count} windows; best epoch {student.Student.BestEpoch}, validation NLL {best.ValidationNll:F4}"));
        }

        return 0;
    }

    /// <summary>SHA-256 of a table's features and truth: what the student saw of a bag.</summary>
    internal static string Hash(TeacherDataset table)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(table.Features));
        sha.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<Truth>(table.Truth));
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private static DistilledStudent Distill(FittingSplit split, Recipe recipe, int[]? few, bool json, CancellationToken cancellation)
    {
        using var line = new ProgressLine("distilling", json);
        var progress = new Progress<EpochReport>(e => line.Report((double)e.Epoch / recipe.Optimiser.Epochs));
        return DistilledStudent.Distill(split.Training, split.Validation, recipe, few, progress, cancellation);
    }

    // Read before the work begins: a wrong path must not cost a training run.
    private static string TeacherText(string file) => TeacherFile.IsFitted(file)
        ? File.ReadAllText(file)
        : throw new UserErrorException("holds a specification, not a fitted teacher", file, "give the file that 'qdistill teach' or 'qdistill label' wrote");

    // The model card and the contract name one teacher and one way of asking it.
    private static void RequireOneTeacher(LabelledBag[] read, IReadOnlyList<string> paths)
    {
        for (int i = 1; i < read.Length; i++)
        {
            if (read[i].Info.TeacherId != read[0].Info.TeacherId || read[i].Info.Backend != read[0].Info.Backend)
            {
                throw new UserErrorException(
                    $"was labelled by teacher {read[i].Info.TeacherId} on {read[i].Info.Backend}, but {paths[0]} by {read[0].Info.TeacherId} on {read[0].Info.Backend}",
                    paths[i],
                    "label all bags with the same teacher and back end");
            }
        }
    }

    private static void RequireRobot(TeacherDataset data, RobotConfig robot, string bag)
    {
        if (data.SchemaId != robot.Schema.Id)
        {
            throw new UserErrorException(
                $"was labelled with feature schema {data.SchemaId}, but the robot '{robot.Name}' gives {robot.Schema.Id}", bag, "give the robot file it was labelled with (--robot), or label it again");
        }
    }

    // Validation needs truth alone: a labelled bag has it, any other bag gives it by hindsight.
    private static TeacherDataset Validation(string bag, RobotConfig robot, CancellationToken cancellation) =>
        LabelledBag.Is(bag) ? LabelledBag.Read(bag).Data.WithoutTeacher() : WindowTable.From(FeatureWindows.FromBag(bag, robot, null, cancellation));
}
