using System.CommandLine;
using QDistill.Cli.Demo;
using QDistill.Cli.Terminal;
using QDistill.Evaluation.Reports;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill demo</c>: the whole flow in under three minutes.</summary>
internal static class DemoVerb
{
    public static Command Create()
    {
        Option<string[]> bags = new("--bag") { Description = "real bags, or folders of bags, instead of simulated ones", HelpName = "PATH", AllowMultipleArgumentsPerToken = true };
        Option<string?> robot = VerbOptions.Optional<string>("--robot", "a robot file or name; by default simulated_agv, or what the bags' topics fit", "FILE|NAME");
        Option<string> output = VerbOptions.Value("--output", "where everything lands", Path.Combine("out", "demo"), "FOLDER");
        Option<string> backend = VerbOptions.Value("--backend", "what runs the teacher's circuits: statevector, sampled, qsharp", "statevector", "NAME");
        Option<int> shots = VerbOptions.Value("--shots", "shots per window; 0: exact where the back end can be", 0, "N");
        Option<int> labels = VerbOptions.Value("--labels", "how many windows' truth teachers and controls may see", 200, "N").Within(2, 1_000_000);
        Option<ulong> seed = VerbOptions.Seed();
        Option<double> live = VerbOptions.Value("--live", "length of the live run [s]", 10.0, "SECONDS").Within(1, 3600);
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "demo",
            "Runs the whole flow: simulate (or read real bags), fit a quantum teacher, label, distil, replay against controls, fly live over DDS.",
            "qdistill demo",
            "qdistill demo --bag ../bags --robot neato --output out/neato",
            "qdistill demo --backend sampled --shots 128 --seed 7");
        verb.Add(bags);
        verb.Add(robot);
        verb.Add(output);
        verb.Add(backend);
        verb.Add(shots);
        verb.Add(labels);
        verb.Add(seed);
        verb.Add(live);
        verb.Add(json);
        verb.SetAction((r, cancellation) =>
        {
            IReadOnlyList<string>? real = r.GetValue(bags) is { Length: > 0 } given ? CommonOptions.ExpandBags(given) : null;
            var options = new DemoOptions(
                real,
                r.GetValue(robot) ?? (real is null ? "simulated_agv" : RobotChoice.For(real)),
                r.GetRequiredValue(output),
                r.GetRequiredValue(backend),
                r.GetValue(shots),
                r.GetValue(labels),
                r.GetValue(seed),
                r.GetValue(live));
            (DemoSummary summary, IReadOnlyList<PredictorResult> results) = new DemoRun(options, cancellation).Run();
            if (r.GetValue(json))
            {
                Output.WriteJson(summary);
            }
            else
            {
                ReplayVerb.Print(results);
                Print(summary, options);
            }

            return Task.FromResult(0);
        });
        return verb;
    }

    private static void Print(DemoSummary s, DemoOptions options)
    {
        Output.WriteTable("demo", [string.Empty, string.Empty], (IReadOnlyList<string>[])
        [
            ["windows", $"{Output.Count(s.Windows)} ({s.LabelledWindows} labelled for the teachers; {Output.Count(s.TestWindows)} judged, {s.TestHazards} hazards)"],
            ["ledger", $"{Output.Count(s.Ledger.Circuits)} circuits, {Output.Count(s.Ledger.Shots)} shots, depth {s.Ledger.Depth}"],
            ["model", $"{s.ModelId} in {options.Path("model")}"],
            ["live", FormattableString.Invariant($"{s.Live.Predictions} predictions in {s.Live.SecondsLive:F1} s, latency p50 {s.Live.P50Us:F0} us, p99 {s.Live.P99Us:F0} us")],
            ["report", options.Path("report.html")],
            ["seconds", string.Join(", ", s.Seconds.Select(p => FormattableString.Invariant($"{p.Key} {p.Value:F1}")))],
        ]);
    }
}
