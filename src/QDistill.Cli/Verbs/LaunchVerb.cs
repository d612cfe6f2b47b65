using System.CommandLine;
using QDistill.Cli.Launch;
using QDistill.Cli.Terminal;
using QDistill.Configuration;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill launch NAME</c>: what <c>ros2 launch qdistill NAME.launch.py</c> does, without ROS 2.</summary>
internal static class LaunchVerb
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = string.Join(", ", LaunchFile.All.Select(f => f.Name)) };
        var words = new Argument<string[]>("arguments") { Description = "NAME:=VALUE, see --show-args", Arity = ArgumentArity.ZeroOrMore, HelpName = "NAME:=VALUE" };
        Option<bool> show = new("--show-args", "-s") { Description = "print the launch's arguments and their defaults, start nothing" };
        Option<bool> dry = new("--print", "-p") { Description = "print what would be started, start nothing" };
        Option<bool> json = VerbOptions.JsonSwitch();
        json.Description = "with --show-args or --print: as JSON";
        Command verb = VerbOptions.Verb(
            "launch",
            "Starts a set of nodes, brings them up and ends them together, as ros2 launch does.",
            "qdistill launch onboard robot:=simulated_agv model:=out/demo/model namespace:=agv_1",
            "qdistill launch onboard params_file:=my.param.yaml split:=true governor:=true respawn:=true",
            "qdistill launch replay bag:=out/demo/bags/test_1 model:=out/demo/model",
            "qdistill launch training",
            "qdistill launch onboard --show-args");
        verb.Add(name);
        verb.Add(words);
        verb.Add(show);
        verb.Add(dry);
        verb.Add(json);
        verb.SetAction((r, cancellation) => Task.FromResult(Run(
            r.GetRequiredValue(name), r.GetValue(words) ?? [], r.GetValue(show), r.GetValue(dry), r.GetValue(json), cancellation)));
        return verb;
    }

    private static int Run(string name, string[] words, bool show, bool dry, bool json, CancellationToken cancellation)
    {
        LaunchFile file = LaunchFile.All.FirstOrDefault(f => f.Name == name || f.Name + ".launch.py" == name)
            ?? throw new UserErrorException($"there is no launch '{name}'", null, NearestKey.Hint(name, LaunchFile.All.Select(f => f.Name)) ?? $"known are {string.Join(", ", LaunchFile.All.Select(f => f.Name))}");
        if (show)
        {
            ShowArguments(file, json);
            return 0;
        }

        var values = new LaunchValues(file.Name, file.Arguments, words);
        IReadOnlyList<LaunchedProcess> processes = file.Processes(values);
        if (dry)
        {
            Print(processes, json);
            return 0;
        }

        using var run = new LaunchRun(processes, file.Arguments.Any(a => a.Name == "autostart") && values.Is("autostart"));
        run.Run(cancellation);
        if (run.Failure is not { } failure)
        {
            return 0;
        }

        Output.Note($"qdistill: launch {file.Name}: {failure.What}.");
        return ExitCode.LaunchedProcess + failure.Number;
    }

    private static void ShowArguments(LaunchFile file, bool json)
    {
        if (json)
        {
            Output.WriteJson(file.Arguments);
            return;
        }

        Console.Out.WriteLine("Arguments (pass arguments as '<name>:=<value>'):");
        foreach (LaunchArgument argument in file.Arguments)
        {
            string choices = argument.Choices.Length > 0 ? $". Valid choices are: ['{string.Join("', '", argument.Choices)}']" : string.Empty;
            Console.Out.WriteLine($"\n    '{argument.Name}':\n        {argument.Description}{choices}");
            if (argument.Default is not null)
            {
                Console.Out.WriteLine($"        (default: '{argument.Default}')");
            }
        }
    }

    private static void Print(IReadOnlyList<LaunchedProcess> processes, bool json)
    {
        if (json)
        {
            Output.WriteJson(processes);
            return;
        }

        foreach (LaunchedProcess process in processes)
        {
            Console.Out.WriteLine("qdistill " + string.Join(' ', process.Command.Select(w => w.Any(c => c is ' ' or '\'' or '~') ? $"\"{w}\"" : w)));
        }
    }
}
