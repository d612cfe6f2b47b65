using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill teach</c>: fits a teacher on few labelled windows.</summary>
internal static class TeachVerb
{
    public static Command Create()
    {
        var bags = new Argument<string[]>("bag") { Description = "bags to take the labelled windows from, or folders of bags", Arity = ArgumentArity.OneOrMore };
        Option<string> robot = CommonOptions.Robot();
        Option<string?> spec = VerbOptions.Optional<string>("--spec", $"a teacher specification; kinds: {string.Join(", ", TeacherKind.All.Select(k => k.Name))}", "FILE");
        Option<string[]> validation = new("--validation") { Description = "bags that stop, choose and calibrate; without it the last quarter of each bag's time", HelpName = "BAG", AllowMultipleArgumentsPerToken = true };
        Option<int?> labels = VerbOptions.Optional<int?>("--labels", "how many windows' hindsight truth the teacher may see", "N").Within(2, 1_000_000);
        Option<ulong?> seed = VerbOptions.Optional<ulong?>("--seed", "seed of everything random", "N");
        Option<string> output = VerbOptions.Required<string>("--output", "the teacher's file", "FILE");
        Command verb = VerbOptions.Verb(
            "teach",
            "Fits a teacher (a variational quantum classifier, another quantum teacher, or a classical control) on few labelled windows.",
            "qdistill teach out/demo/bags/train_* --robot simulated_agv --labels 200 --output out/teacher.yaml",
            "qdistill teach bags/ --robot neato --spec vqc.yaml --validation held_out --output out/teacher.yaml");
        verb.Add(bags);
        verb.Add(robot);
        verb.Add(spec);
        verb.Add(validation);
        verb.Add(labels);
        verb.Add(seed);
        verb.Add(output);
        verb.SetAction((r, cancellation) =>
        {
            RobotConfig config = CommonOptions.LoadRobot(r.GetRequiredValue(robot));
            TeacherSpec s = r.GetValue(spec) is { } file ? TeacherFile.LoadSpec(file) : TeacherSpec.Default;
            s = s with { Labels = r.GetValue(labels) ?? s.Labels, Seed = r.GetValue(seed) ?? s.Seed };
            TeacherDataset training = Read(r.GetRequiredValue(bags), config, cancellation);
            FittingSplit split = r.GetValue(validation) is { Length: > 0 } given
                ? new FittingSplit(training, Read(given, config, cancellation), null)
                : DataSplit.ByTime(training, CommonOptions.LongestHorizon(config));
            if (split.Note is not null)
            {
                Output.Note("note: " + split.Note);
            }

            using ITeacherBackend backend = TeacherBackend.Create("statevector");
            ITeacher teacher;
            using (var progress = new ProgressLine("fitting a teacher"))
            {
                teacher = TeacherFitting.Fit(split.Training, split.Validation, s, backend, progress, cancellation);
            }

            TeacherFile.Save(r.GetRequiredValue(output), teacher);
            Output.Note($"{r.GetRequiredValue(output)}: teacher {teacher.Id} ({teacher.Kind})");
            return Task.FromResult(0);
        });
        return verb;
    }

    private static TeacherDataset Read(string[] paths, RobotConfig robot, CancellationToken cancellation)
    {
        using var progress = new ProgressLine("reading bags");
        return TeacherDataset.Concat([.. FeatureWindows.FromBags(CommonOptions.ExpandBags(paths), robot, progress, cancellation).Select(WindowTable.From)]);
    }
}
