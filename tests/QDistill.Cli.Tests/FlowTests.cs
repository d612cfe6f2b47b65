using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace QDistill.Cli.Tests;

/// <summary>What the verbs print and write when all goes well.</summary>
[Collection(nameof(SmallFlow))]
public sealed class FlowTests(SmallFlow flow) : IDisposable
{
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Bag_info_prints_the_documented_document()
    {
        JsonObject info = JsonNode.Parse(CommandLine.Run("bag", "info", flow.Bag(1), "--json").Succeeded().Output)!.AsObject();
        Assert.Equal(["storage", "duration_s", "start", "message_count", "topics"], info.Select(p => p.Key));
        Assert.Equal("mcap", info["storage"]!.GetValue<string>());
        Assert.Equal(60, info["duration_s"]!.GetValue<double>(), 0.2);
        JsonArray topics = info["topics"]!.AsArray();
        Assert.All(topics, t => Assert.Equal(["name", "type", "count"], t!.AsObject().Select(p => p.Key)));
        Assert.Equal(["/agv/bumper_pressed", "/agv/cmd_vel", "/agv/imu", "/agv/odom", "/agv/scan"], topics.Select(t => t!["name"]!.GetValue<string>()));
        Assert.Equal(info["message_count"]!.GetValue<long>(), topics.Sum(t => t!["count"]!.GetValue<long>()));

        // 20, 20, 100, 50 and 10 Hz for 60 s.
        Assert.Equal([1200, 1200, 6000, 3000, 600], topics.Select(t => t!["count"]!.GetValue<long>()));
    }

    [DataFact("bags/gazebo_agv/gazebo_agv_1")]
    public void Bag_info_agrees_with_the_metadata_that_ros_wrote()
    {
        string bag = SharedData.PathOf("bags/gazebo_agv/gazebo_agv_1");
        string metadata = File.ReadAllText(Path.Combine(bag, "metadata.yaml"));
        long Number(string key) => long.Parse(Regex.Match(metadata, key + @":\s*(?:\n\s*nanoseconds(?:_since_epoch)?:\s*)?(\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        JsonNode info = JsonNode.Parse(CommandLine.Run("bag", "info", bag, "--json").Succeeded().Output)!;
        Assert.Equal(Number("message_count"), info["message_count"]!.GetValue<long>());
        Assert.Equal(Number("duration") * 1e-9, info["duration_s"]!.GetValue<double>(), 1e-6);
        Assert.Equal(Number("starting_time") * 1e-9, info["start"]!.GetValue<double>(), 1e-3);
    }

    [Fact]
    public void A_replay_under_a_condition_loses_what_the_condition_takes_and_says_so()
    {
        File.WriteAllText(folder["condition.yaml"], "name: bad radio\nscan: {dropout: 0.5}\n");
        Run plain = CommandLine.Run("replay", flow.Bag(3), "--model", flow.Model, "--output", folder["plain"], "--json").Succeeded();
        Run lossy = CommandLine.Run("replay", flow.Bag(3), "--model", flow.Model, "--condition", folder["condition.yaml"], "--output", folder["lossy"], "--json").Succeeded();
        int Windows(Run run) => JsonNode.Parse(run.Output)!["windows"]!.GetValue<int>();
        Assert.InRange((double)Windows(lossy) / Windows(plain), 0.4, 0.6);
        Assert.Contains("bad radio", File.ReadAllText(Path.Combine(folder["lossy"], "report.html")), StringComparison.Ordinal);
        File.WriteAllText(folder["condition.yaml"], "scan: {droput: 0.5}\n");
        Run wrong = CommandLine.Run("replay", flow.Bag(3), "--model", flow.Model, "--condition", folder["condition.yaml"], "--output", folder["wrong"]);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("unknown key 'scan.droput'; did you mean 'dropout'", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_json_document_is_snake_case_and_stands_alone_on_stdout()
    {
        Run replay = CommandLine.Run("replay", flow.Bag(3), "--model", flow.Model, "--output", folder["replay"], "--json").Succeeded();
        Run check = CommandLine.Run("bag", "check", flow.Bag(1), "--json").Succeeded();
        Run doctor = CommandLine.Run("doctor", "--json");
        foreach (Run run in (Run[])[flow.Simulated, flow.Features, flow.Labelled, flow.Distilled, check, doctor, replay])
        {
            JsonNode json = JsonNode.Parse(run.Output)!;
            foreach (string key in Keys(json).Where(k => k is not ("facts" or "versions")))
            {
                Assert.Matches("^[a-z0-9_]+$", key);
            }
        }

        Assert.Equal(3, JsonNode.Parse(flow.Simulated.Output)!.AsArray().Count);
        Assert.Equal(["bag", "windows", "schema_id", "features", "outputs", "events", "warnings"], JsonNode.Parse(flow.Features.Output)!.AsObject().Select(p => p.Key));
        Assert.Equal(File.ReadAllText(Path.Combine(folder["replay"], "metrics.json")).Trim(), replay.Output.Trim());
    }

    [Fact]
    public void Features_as_a_table_and_as_a_bag_hold_every_window_once()
    {
        JsonNode said = JsonNode.Parse(flow.Features.Output)!;
        int windows = said["windows"]!.GetValue<int>(), features = said["features"]!.AsArray().Count, outputs = said["outputs"]!.AsArray().Count;
        Assert.InRange(windows, 580, 601);
        CommandLine.Run("features", flow.Bag(1), "--output", folder["f.csv"]).Succeeded();
        string[] lines = File.ReadAllLines(folder["f.csv"]);
        Assert.Equal(windows + 1, lines.Length);
        Assert.All(lines, l => Assert.Equal(1 + features + outputs, l.Split(',').Length));
        long[] stamps = [.. lines.Skip(1).Select(l => long.Parse(l.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(stamps.Order().Distinct(), stamps);

        CommandLine.Run("features", flow.Bag(1), "--output", folder["f"]).Succeeded();
        JsonNode bag = JsonNode.Parse(CommandLine.Run("bag", "info", folder["f"], "--json").Succeeded().Output)!;
        Assert.Equal(windows, bag["message_count"]!.GetValue<int>());
        Assert.Equal("qdistill_msgs/msg/FusedFeatures", bag["topics"]![0]!["type"]!.GetValue<string>());
    }

    [Fact]
    public void Several_bags_are_labelled_into_one_folder_and_resuming_finds_them_complete()
    {
        JsonArray results = JsonNode.Parse(flow.Labelled.Output)!.AsArray();
        Assert.Equal(2, results.Count);
        Assert.All(results, r => Assert.Equal(r!["windows"]!.GetValue<long>(), r["circuits"]!.GetValue<long>()));
        foreach (string run in (string[])["run_1", "run_2"])
        {
            JsonNode info = JsonNode.Parse(CommandLine.Run("bag", "info", Path.Combine(flow.LabelledBags, run), "--json").Succeeded().Output)!;
            Assert.Contains("qdistill_msgs/msg/TeacherLabel", info["topics"]!.AsArray().Select(t => t!["type"]!.GetValue<string>()));
        }

        Run again = CommandLine.Run("label", flow.Bag(1), flow.Bag(2), "--teacher", flow.Teacher, "--output", flow.LabelledBags, "--resume").Succeeded();
        Assert.Equal(2, Regex.Count(again.Errors, "complete already"));
    }

    [Fact]
    public void Replaying_several_bags_judges_the_model_beside_the_rule_and_writes_a_page()
    {
        Run run = CommandLine.Run("replay", flow.Bag(1), flow.Bag(3), "--model", flow.Model, "--calibrate-ttc", flow.Bag(2), "--output", folder["out"]).Succeeded();
        Assert.Contains("AUROC", run.Output);
        JsonNode metrics = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["out"], "metrics.json")))!;
        Assert.Equal(["student", "ttc_rule"], metrics["predictors"]!.AsObject().Select(p => p.Key));
        Assert.Equal(2, metrics["meta"]!["bags"]!.AsArray().Count);
        Assert.InRange(metrics["windows"]!.GetValue<int>(), 900, 1202);
        foreach ((string _, JsonNode? p) in metrics["predictors"]!.AsObject())
        {
            foreach (string metric in (string[])["auroc", "auprc", "f1", "brier", "ece"])
            {
                Assert.InRange(p![metric]!.GetValue<double>(), 0, 1);
            }

            Assert.True(p!["nll"]!.GetValue<double>() > 0);
            Assert.Equal(metrics["windows"]!.GetValue<int>(), p["count"]!.GetValue<int>());
        }

        // Run 1 was trained on: a student that had learnt nothing would not tell its windows apart.
        Assert.True(metrics["predictors"]!["student"]!["auroc"]!.GetValue<double>() > 0.6);
        Assert.True(metrics["latency"]!["inference"]!["p99_us"]!.GetValue<double>() > 0);
        string html = File.ReadAllText(Path.Combine(folder["out"], "report.html"));
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("time-to-collision rule, calibrated", html);
    }

    [Fact]
    public void Two_replays_say_the_same_to_the_last_byte_but_for_times()
    {
        string[] documents = [.. new[] { "a", "b" }.Select(name =>
        {
            CommandLine.Run("replay", flow.Bag(3), "--model", flow.Model, "--output", folder[name]).Succeeded();
            JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder[name], "metrics.json")))!.AsObject();
            Assert.True(json.Remove("latency"));
            return json.ToJsonString();
        })];
        Assert.Equal(documents[0], documents[1]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bag_teacher_labels_and_student()
    {
        CommandLine.Run("simulate", "--output", folder["run_1"], "--seconds", "60", "--seed", "7").Succeeded();
        Assert.Equal(File.ReadAllBytes(Path.Combine(flow.Bag(1), "run_1_0.mcap")), File.ReadAllBytes(Path.Combine(folder["run_1"], "run_1_0.mcap")));
        CommandLine.Run("teach", flow.Bag(1), flow.Bag(2), "--labels", "80", "--output", folder["teacher.yaml"]).Succeeded();
        Assert.Equal(File.ReadAllText(flow.Teacher), File.ReadAllText(folder["teacher.yaml"]));
        Run distilled = CommandLine.Run("distill", flow.LabelledBags, "--teacher", flow.Teacher, "--output", folder["model"], "--json").Succeeded();
        Assert.Equal(JsonNode.Parse(flow.Distilled.Output)!["model_id"]!.GetValue<string>(), JsonNode.Parse(distilled.Output)!["model_id"]!.GetValue<string>());
    }

    [Fact]
    public void Piped_tables_carry_no_colour_no_folding_and_no_trailing_blanks()
    {
        foreach (string[] command in (string[][])[["bag", "info", flow.Bag(1)], ["features", flow.Bag(1)], ["doctor"], ["replay", flow.Bag(3), "--model", flow.Model, "--output", folder["out"]]])
        {
            Run run = CommandLine.RunIn(null, new Dictionary<string, string?> { ["TERM"] = "xterm-256color", ["COLORTERM"] = "truecolor" }, command).Succeeded();
            Assert.DoesNotContain('\u001b', run.Output + run.Errors);
            Assert.DoesNotContain("\u2026", run.Output);
            Assert.All(run.Output.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
        }
    }

    private static IEnumerable<string> Keys(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key is "facts" or "versions" or "latency" ? [p.Key] : p.Value is null ? [p.Key] : Keys(p.Value).Prepend(p.Key)),
        JsonArray a => a.Where(n => n is not null).SelectMany(n => Keys(n!)),
        _ => [],
    };
}
