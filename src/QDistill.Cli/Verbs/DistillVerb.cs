using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Distillation.Controls;
using QDistill.Distillation.Runs;

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
            new DistillationRun
            {
                Labelled = CommonOptions.ExpandBags(r.GetRequiredValue(bags)),
                Robot = CommonOptions.LoadRobot(r.GetRequiredValue(robot)),
                Recipe = r.GetValue(recipe),
                Validation = r.GetValue(validation) is { Length: > 0 } v ? CommonOptions.ExpandBags(v) : [],
                Teacher = r.GetValue(teacher),
                Seed = r.GetValue(seed),
                Output = r.GetRequiredValue(output),
                Overwrite = r.GetValue(overwrite),
            },
            r.GetValue(json),
            cancellation)));
        return verb;
    }

    private static int Run(DistillationRun run, bool json, CancellationToken cancellation)
    {
        DistillationOutcome made;
        using (var observer = new ConsoleObserver(json))
        {
            made = run.Run(observer, cancellation);
        }

        if (json)
        {
            Output.WriteJson(new { model = made.Model, model_id = made.ModelId, windows = made.Windows, parameters = made.Parameters, best_epoch = made.BestEpoch, validation_nll = made.ValidationNll });
        }
        else
        {
            Output.Note(FormattableString.Invariant(
                $"{made.Model}: model {made.ModelId}, {made.Parameters} parameters from {made.Windows} windows; best epoch {made.BestEpoch}, validation NLL {made.ValidationNll:F4}"));
        }

        return 0;
    }
}
