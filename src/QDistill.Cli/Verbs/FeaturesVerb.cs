using System.CommandLine;
using System.Globalization;
using QDistill.Bags;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill features</c>: what the robot file makes of a bag.</summary>
internal static class FeaturesVerb
{
    public static Command Create()
    {
        var bag = new Argument<string>("bag") { Description = "the bag to read" };
        Option<string> robot = CommonOptions.Robot();
        Option<string?> output = VerbOptions.Optional<string>("--output", "where to write the features: a folder (a rosbag2 bag of FusedFeatures) or a .csv file", "PATH");
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "features",
            "Extracts feature windows and hindsight hazards from a bag, and says what they look like.",
            "qdistill features out/demo/bags/test_1 --robot simulated_agv",
            "qdistill features run_7 --robot robots/neato.yaml --output run_7.csv");
        verb.Add(bag);
        verb.Add(robot);
        verb.Add(output);
        verb.Add(overwrite);
        verb.Add(json);
        verb.SetAction((r, cancellation) => Task.FromResult(Run(r.GetRequiredValue(bag), r.GetRequiredValue(robot), r.GetValue(output), r.GetValue(overwrite), r.GetValue(json), cancellation)));
        return verb;
    }

    private static int Run(string bag, string robotFile, string? output, bool overwrite, bool json, CancellationToken cancellation)
    {
        RobotConfig robot = CommonOptions.LoadRobot(robotFile);
        FeatureWindows windows;
        using (var progress = new ProgressLine("reading " + bag, json))
        {
            windows = FeatureWindows.FromBag(bag, robot, progress, cancellation);
        }

        TeacherDataset data = WindowTable.From(windows);
        if (output is not null)
        {
            if (Path.GetExtension(output) == ".csv")
            {
                WriteCsv(data, output, overwrite);
            }
            else
            {
                using BagWriter writer = BagWriter.Create(output, new BagWriteOptions { Overwrite = overwrite });
                FusedFeaturesMessage.Write(writer, windows);
                writer.Close();
            }
        }

        if (json)
        {
            Output.WriteJson(new
            {
                bag = windows.Name,
                windows = windows.Count,
                schema_id = windows.Schema.Id,
                features = windows.Schema.Names.Select((name, j) => Summary(data, windows.Schema, j)),
                outputs = data.OutputNames.Select((name, j) => new { name, safe = Count(data, j, Truth.Safe), hazard = Count(data, j, Truth.Hazard), unknown = Count(data, j, Truth.Unknown) }),
                events = windows.Events.Select(e => new { kind = e.Kind.ToString().ToLowerInvariant(), start_s = (e.StartNs - windows.StartNs) * 1e-9, end_s = (e.EndNs - windows.StartNs) * 1e-9 }),
                warnings = windows.Warnings,
            });
            return 0;
        }

        Output.WriteTable($"{windows.Name}: {Output.Count(windows.Count)} windows, schema {windows.Schema.Id[..12]}", ["feature", "unit", "valid>", "min>", "median>", "max>"], Enumerable.Range(0, data.FeatureCount).Select(j =>
        {
            FeatureSummary s = Summary(data, windows.Schema, j);
            return (IReadOnlyList<string>)[s.Name, s.Unit, s.Valid.ToString("P0", CultureInfo.InvariantCulture), Output.Number(s.Min), Output.Number(s.Median), Output.Number(s.Max)];
        }));
        Output.WriteTable(null, ["output", "safe>", "hazard>", "unknown>"], data.OutputNames.Select((name, j) => (IReadOnlyList<string>)
            [name, Output.Count(Count(data, j, Truth.Safe)), Output.Count(Count(data, j, Truth.Hazard)), Output.Count(Count(data, j, Truth.Unknown))]));
        Output.Note("hazards: " + (windows.Events.Count == 0 ? "none" : string.Join(", ", windows.Events.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Kind.ToString().ToLowerInvariant()} at {(e.StartNs - windows.StartNs) * 1e-9:F1} s")))));
        foreach (string warning in windows.Warnings)
        {
            Output.Note("warning: " + warning);
        }

        return 0;
    }

    private sealed record FeatureSummary(string Name, string Unit, string Source, double Valid, double? Min, double? Median, double? Max);

    private static FeatureSummary Summary(TeacherDataset data, FeatureSchema schema, int j)
    {
        float[] values = [.. Enumerable.Range(0, data.Count).Select(i => data.Features[(i * data.FeatureCount) + j]).Where(float.IsFinite).Order()];
        return new FeatureSummary(
            schema.Names[j],
            schema.Units[j],
            schema.Sources[j],
            data.Count == 0 ? 0 : (double)values.Length / data.Count,
            values.Length == 0 ? null : values[0],
            values.Length == 0 ? null : values[values.Length / 2],
            values.Length == 0 ? null : values[^1]);
    }

    private static int Count(TeacherDataset data, int output, Truth truth) =>
        Enumerable.Range(0, data.Count).Count(i => data.Truth[(i * data.OutputCount) + output] == truth);

    private static void WriteCsv(TeacherDataset data, string path, bool overwrite)
    {
        if (File.Exists(path) && !overwrite)
        {
            throw new UserErrorException("exists already", path, "give another --output, or --overwrite");
        }

        AtomicOutput.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.WriteLine(string.Join(',', ["stamp_ns", .. data.FeatureNames, .. data.OutputNames]));
            for (int i = 0; i < data.Count; i++)
            {
                writer.Write(data.Stamps[i].ToString(CultureInfo.InvariantCulture));
                for (int j = 0; j < data.FeatureCount; j++)
                {
                    float value = data.Features[(i * data.FeatureCount) + j];
                    writer.Write(',');
                    writer.Write(float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : string.Empty);
                }

                for (int j = 0; j < data.OutputCount; j++)
                {
                    writer.Write(data.Truth[(i * data.OutputCount) + j] switch { Truth.Hazard => ",1", Truth.Safe => ",0", _ => "," });
                }

                writer.WriteLine();
            }
        });
    }
}
