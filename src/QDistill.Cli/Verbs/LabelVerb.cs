using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Distillation.Data;
using QDistill.Distillation.Runs;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill label</c>: a teacher's answers for every window of a bag, as a labelled bag.</summary>
internal static class LabelVerb
{
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
            "qdistill label run_7 --robot neato --backend noisy --noise noise.yaml --mitigate-readout --zero-noise exponential --output out/run_7_mitigated",
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
            new LabellingRun
            {
                Bags = CommonOptions.ExpandBags(r.GetRequiredValue(bags)),
                Robot = CommonOptions.LoadRobot(r.GetRequiredValue(robot)),
                Teacher = r.GetValue(teacher),
                Backend = backend.Read(r, r.GetValue(seed)),
                Seed = r.GetValue(seed),
                Labels = r.GetValue(labels),
                Details = TeacherDetailNames.Parse(r.GetValue(details) ?? []),
                Output = r.GetRequiredValue(output),
                Resume = r.GetValue(resume),
                Overwrite = r.GetValue(overwrite),
            },
            r.GetValue(json),
            cancellation)));
        return verb;
    }

    private static int Run(LabellingRun run, bool json, CancellationToken cancellation)
    {
        LabellingOutcome outcome;
        using (var observer = new ConsoleObserver(json))
        {
            outcome = run.Run(observer, cancellation);
        }

        if (json)
        {
            Output.WriteJson(outcome.Bags.Where(b => b.Result is not null).Select(b => new
            {
                bag = b.Bag,
                output = b.Output,
                teacher_id = outcome.TeacherId,
                backend = run.Backend.Name,
                windows = b.Result!.Windows,
                resumed = b.Result.Resumed,
                circuits = b.Result.Ledger.Circuits,
                shots = b.Result.Ledger.Shots,
                query_seconds = b.Result.QuerySeconds,
                windows_per_second = b.Result.WindowsPerSecond,
            }));
        }

        return 0;
    }
}
