using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Simulation;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill simulate</c>: seeded bags of a simulated AGV.</summary>
internal static class SimulateVerb
{
    public static Command Create()
    {
        Option<string> output = VerbOptions.Required<string>("--output", "the bag's folder; with --count above 1 the folder that will hold them", "FOLDER");
        Option<double> seconds = VerbOptions.Value("--seconds", "length of each run [s]", 120.0, "S").Within(0.1, 100_000);
        Option<int> count = VerbOptions.Value("--count", "how many runs; run i has seed + i", 1, "N").Within(1, 10_000);
        Option<ulong> seed = VerbOptions.Seed();
        Option<string?> config = VerbOptions.Optional<string>("--config", "a simulation file (world, vehicle, driver, sensors)", "FILE");
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "simulate",
            "Writes bags of a simulated AGV (lidar, odometry, IMU, bumper, command) among walls, boxes and people; its driver does collide now and then.",
            "qdistill simulate --output out/bags/run_1 --seconds 120 --seed 7",
            "qdistill simulate --output out/bags --count 8");
        verb.Add(output);
        verb.Add(seconds);
        verb.Add(count);
        verb.Add(seed);
        verb.Add(config);
        verb.Add(overwrite);
        verb.Add(json);
        verb.SetAction((r, cancellation) =>
        {
            var simulator = new Simulator(r.GetValue(config) is { } file ? SimulationConfig.Load(file) : new SimulationConfig());
            int runs = r.GetValue(count);
            var rows = new List<object>();
            for (int i = 0; i < runs; i++)
            {
                string folder = runs == 1 ? r.GetRequiredValue(output) : Path.Combine(r.GetRequiredValue(output), $"run_{i + 1}");
                ulong s = r.GetValue(seed) + (ulong)i;
                SimulationSummary summary;
                using (var progress = new ProgressLine("simulating " + folder, r.GetValue(json)))
                {
                    try
                    {
                        summary = simulator.WriteBag(folder, s, r.GetValue(seconds), progress, cancellation, r.GetValue(overwrite));
                    }
                    catch (OperationCanceledException)
                    {
                        // The writer keeps what it has for those who can go on from there; a simulation starts over.
                        string part = AtomicOutput.TemporaryName(folder);
                        if (Directory.Exists(part))
                        {
                            Directory.Delete(part, recursive: true);
                        }

                        throw;
                    }
                }

                rows.Add(new { bag = folder, seed = s, seconds = r.GetValue(seconds), messages = summary.Messages, contacts = summary.Contacts.Count, distance_m = summary.Distance });
                if (!r.GetValue(json))
                {
                    Output.Note(FormattableString.Invariant($"{folder}: {summary.Messages} messages, {summary.Contacts.Count} contacts, {summary.Distance:F0} m driven"));
                }
            }

            if (r.GetValue(json))
            {
                Output.WriteJson(rows);
            }

            return Task.FromResult(0);
        });
        return verb;
    }
}
