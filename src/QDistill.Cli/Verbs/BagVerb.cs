using System.CommandLine;
using System.Globalization;
using QDistill.Bags;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill bag info|check</c>.</summary>
internal static class BagVerb
{
    public static Command Create()
    {
        Command verb = VerbOptions.Verb("bag", "Looks into rosbag2 bags: MCAP or sqlite3, folder or single file, whole or cut off.");
        verb.Add(Info());
        verb.Add(Check());
        return verb;
    }

    private static Command Info()
    {
        var bag = new Argument<string>("bag") { Description = "a bag's folder, or one .mcap or .db3 file" };
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "info",
            "Prints a bag's storage, times and topics.",
            "qdistill bag info out/demo/bags/train_1",
            "qdistill bag info run.mcap --json");
        verb.Add(bag);
        verb.Add(json);
        verb.SetAction(r =>
        {
            using BagReader reader = BagReader.Open(r.GetRequiredValue(bag));
            if (r.GetValue(json))
            {
                Console.Out.WriteLine(reader.Info.ToJson());
            }
            else
            {
                Print(reader.Info);
            }
        });
        return verb;
    }

    private static Command Check()
    {
        var bag = new Argument<string>("bag") { Description = "a bag's folder, or one .mcap or .db3 file" };
        Option<string?> definitions = VerbOptions.Optional<string>("--definitions", "a folder of .msg files (PACKAGE/msg/NAME.msg) for types the bag does not define", "FOLDER");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "check",
            $"Verifies a bag: structure, checksums, counts, order, decodability, stamps. Exit code {ExitCode.CheckFailed} when it is unsound.",
            "qdistill bag check run_7",
            "qdistill bag check cut_off.mcap --json");
        verb.Add(bag);
        verb.Add(definitions);
        verb.Add(json);
        verb.SetAction(async (r, cancellation) =>
        {
            string path = r.GetRequiredValue(bag);
            if (!Path.Exists(path))
            {
                throw new UserErrorException("does not exist", path, "give the folder of a rosbag2 bag, or one .mcap or .db3 file");
            }

            // Checking reads alone, so it may be left in mid-file.
            BagCheckReport report = await Task.Run(() => BagCheck.Run(path, r.GetValue(definitions) is { } folder ? MessageDefinitions.FromFolder(folder) : null), cancellation)
                .WaitAsync(cancellation).ConfigureAwait(false);
            if (r.GetValue(json))
            {
                Console.Out.WriteLine(report.ToJson());
            }
            else
            {
                if (report.Findings.Count > 0)
                {
                    Output.WriteTable(null, ["severity", "what", "where", "finding"], report.Findings.Select(f => (IReadOnlyList<string>)[f.Severity.ToString().ToLowerInvariant(), f.Code, f.Where, f.Message]));
                }

                Output.Note(report.IsSound ? $"{report.Path}: sound" : $"{report.Path}: UNSOUND");
            }

            return report.IsSound ? 0 : ExitCode.CheckFailed;
        });
        return verb;
    }

    private static void Print(BagInfo info)
    {
        string start = info.MessageCount == 0
            ? "-"
            : DateTimeOffset.UnixEpoch.AddTicks(info.StartNs / 100).ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);
        Output.WriteTable(null, ["bag", string.Empty], (IReadOnlyList<string>[])
        [
            ["files", string.Join(", ", info.Files.Select(Path.GetFileName))],
            ["storage", info.Compression.Length == 0 ? info.Storage : $"{info.Storage}, {info.Compression}"],
            ["recorded by", info.RosDistro.Length == 0 ? "-" : "ROS 2 " + info.RosDistro],
            ["start", start],
            ["duration", Output.Number(info.DurationNs * 1e-9) + " s"],
            ["messages", Output.Count(info.MessageCount)],
        ]);
        Output.WriteTable(null, ["topic", "type", "count>", "rate [Hz]>", "definition"], info.Topics.Select(t => (IReadOnlyList<string>)
        [
            t.Name,
            t.Type,
            Output.Count(t.MessageCount),
            t.MessageCount > 1 && info.DurationNs > 0 ? Output.Number((t.MessageCount - 1) / (info.DurationNs * 1e-9), 1) : "-",
            t.DefinitionEncoding.Length == 0 ? "-" : t.DefinitionEncoding,
        ]));
        foreach (string warning in info.Warnings)
        {
            Output.Note("warning: " + warning);
        }
    }
}
