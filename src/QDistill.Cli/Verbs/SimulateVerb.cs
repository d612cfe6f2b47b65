using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Simulation;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill simulate</c>: seeded bags of a simulated AGV or drone.</summary>
internal static class SimulateVerb
{
    public static Command Create()
    {
        Option<string> output = VerbOptions.Required<string>("--output", "the bag's folder; with --count above 1 the folder that will hold them", "FOLDER");
        Option<double> seconds = VerbOptions.Value("--seconds", "length of each run [s]", 120.0, "S").Within(0.1, 100_000);
        Option<int> count = VerbOptions.Value("--count", "how many runs; run i has seed + i", 1, "N").Within(1, 10_000);
        Option<ulong> seed = VerbOptions.Seed();
        Option<string?> config = VerbOptions.Optional<string>("--config", "a simulation file (world, vehicle, driver, sensors)", "FILE");
        Option<string> vehicle = VerbOptions.Value("--vehicle", "agv (robots/simulated_agv.yaml) or drone (robots/simulated_drone.yaml)", "agv", "KIND");
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "simulate",
            "Writes bags of a simulated AGV (lidar, odometry, IMU, bumper, command) among walls, boxes and people, or of a drone (pose, IMU, range below, set-point, battery) in gusts and with failing propellers; both do collide now and then.",
            "qdistill simulate --output out/bags/run_1 --seconds 120 --seed 7",
            "qdistill simulate --output out/bags --count 8",
            "qdistill simulate --vehicle drone --output out/flights --count 8");
        verb.Add(output);
        verb.Add(seconds);
        verb.Add(count);
        verb.Add(seed);
        verb.Add(vehicle);
        verb.Add(config);
        verb.Add(overwrite);
        verb.Add(json);
        verb.SetAction((r, cancellation) =>
        {
            Func<string, ulong, IProgress<double>, (object Row, string Note)> write = Writer(r.GetRequiredValue(vehicle), r.GetValue(config), r.GetValue(seconds), r.GetValue(overwrite), cancellation);
            int runs = r.GetValue(count);
            var rows = new List<object>();
            for (int i = 0; i < runs; i++)
            {
                string folder = runs == 1 ? r.GetRequiredValue(output) : Path.Combine(r.GetRequiredValue(output), $"run_{i + 1}");
                ulong s = r.GetValue(seed) + (ulong)i;
                (object Row, string Note) written;
                using (var progress = new ProgressLine("simulating " + folder, r.GetValue(json)))
                {
                    try
                    {
                        written = write(folder, s, progress);
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

                rows.Add(written.Row);
                if (!r.GetValue(json))
                {
                    Output.Note($"{folder}: {written.Note}");
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

    private static Func<string, ulong, IProgress<double>, (object Row, string Note)> Writer(string vehicle, string? config, double seconds, bool overwrite, CancellationToken cancellation)
    {
        string[] vehicles = ["agv", "drone"];
        if (vehicle == "agv")
        {
            var simulator = new Simulator(config is null ? new SimulationConfig() : SimulationConfig.Load(config));
            return (folder, seed, progress) =>
            {
                SimulationSummary s = simulator.WriteBag(folder, seed, seconds, progress, cancellation, overwrite);
                return (
                    new { bag = folder, seed, seconds, messages = s.Messages, contacts = s.Contacts.Count, distance_m = s.Distance },
                    FormattableString.Invariant($"{s.Messages} messages, {s.Contacts.Count} contacts, {s.Distance:F0} m driven"));
            };
        }

        if (vehicle != "drone")
        {
            throw new UserErrorException($"there is no vehicle '{vehicle}'", "--vehicle", NearestKey.Hint(vehicle, vehicles));
        }

        if (config is not null)
        {
            throw new UserErrorException("is for the AGV; the drone has no simulation file", "--config", "leave it out");
        }

        var drone = new DroneSimulator(new DroneConfig());
        return (folder, seed, progress) =>
        {
            DroneSummary s = drone.WriteBag(folder, seed, seconds, progress, cancellation, overwrite);
            return (
                new { bag = folder, seed, seconds, messages = s.Messages, contacts = s.Impacts.Count, flights = s.Flights, distance_m = s.Distance },
                FormattableString.Invariant($"{s.Messages} messages, {s.Impacts.Count} impacts in {s.Flights} flights, {s.Distance:F0} m flown"));
        };
    }
}
