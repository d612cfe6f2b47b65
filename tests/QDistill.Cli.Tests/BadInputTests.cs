using System.Globalization;
using QDistill.Distillation.Labelling;

namespace QDistill.Cli.Tests;

/// <summary>What a stranger does wrong: each is answered in one sentence that names the thing and the remedy, and leaves nothing behind.</summary>
[Collection(nameof(SmallFlow))]
public sealed class BadInputTests(SmallFlow flow) : IDisposable
{
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_bag_that_is_not_there_is_named()
    {
        foreach (string[] verb in (string[][])[["bag", "info"], ["bag", "check"], ["features"], ["play"]])
        {
            Assert.StartsWith(folder["none"] + ": does not exist;", CommandLine.Run([.. verb, folder["none"]]).Refusal());
        }

        Assert.StartsWith(folder["none"] + ": does not exist;", CommandLine.Run("replay", folder["none"], "--model", flow.Model, "--output", folder["out"]).Refusal());
        Assert.StartsWith(folder["none"] + ": does not exist;", CommandLine.Run("demo", "--bag", folder["none"], "--output", folder["out"]).Refusal());
        Assert.False(Path.Exists(folder["out"]));
    }

    [Fact]
    public void A_text_file_named_mcap_is_told_apart()
    {
        File.WriteAllText(folder["a.mcap"], "hello, this is a text\n");
        foreach (string verb in (string[])["bag info", "features", "play"])
        {
            Assert.StartsWith(folder["a.mcap"] + ": is not a rosbag2 file: its first bytes are text", CommandLine.Run([.. verb.Split(' '), folder["a.mcap"]]).Refusal());
        }
    }

    [Fact]
    public void An_empty_folder_is_no_bag()
    {
        Directory.CreateDirectory(folder["empty"]);
        Assert.StartsWith(folder["empty"] + ": holds no bag", CommandLine.Run("bag", "info", folder["empty"]).Refusal());
        Assert.StartsWith(folder["empty"] + ": holds no bag", CommandLine.Run("label", folder["empty"], "--output", folder["out"]).Refusal());
        Assert.StartsWith(folder["empty"] + ": holds no bag", CommandLine.Run("demo", "--bag", folder["empty"], "--output", folder["out"]).Refusal());
    }

    [Fact]
    public void A_cut_off_bag_is_read_as_far_as_it_goes_and_check_finds_it_unsound()
    {
        byte[] whole = File.ReadAllBytes(Directory.GetFiles(flow.Bag(1), "*.mcap").Single());
        File.WriteAllBytes(folder["cut.mcap"], whole[..(whole.Length / 3)]);
        Run info = CommandLine.Run("bag", "info", folder["cut.mcap"]).Succeeded();
        Assert.Contains("the file was cut off or is damaged at byte", info.Errors);
        Run features = CommandLine.Run("features", folder["cut.mcap"]).Succeeded();
        Assert.Contains("the file was cut off or is damaged at byte", features.Errors);
        Run check = CommandLine.Run("bag", "check", folder["cut.mcap"]);
        Assert.Equal(3, check.ExitCode);
        Assert.Contains("UNSOUND", check.Errors);
        Assert.Equal(0, CommandLine.Run("bag", "check", flow.Bag(1)).ExitCode);
    }

    [Theory]
    [InlineData("there is no robot 'nato'; did you mean 'neato'.", "nato")]
    [InlineData("nope.yaml: cannot be read", "nope.yaml")]
    [InlineData("topic /scan (scan) is not in the bag; topics of a type it can use: /agv/scan;", "neato")]
    public void A_robot_that_does_not_fit_is_named(string sentence, string robot) =>
        Assert.Contains(sentence, CommandLine.Run("features", flow.Bag(1), "--robot", robot).Refusal());

    [Fact]
    public void An_unknown_key_names_its_line_and_the_nearest_known_one()
    {
        string[] lines = File.ReadAllLines(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml"));
        int at = Array.FindIndex(lines, l => l.StartsWith("horizon:", StringComparison.Ordinal));
        lines[at] = lines[at].Replace("horizon", "horizzon", StringComparison.Ordinal);
        File.WriteAllLines(folder["robot.yaml"], lines);
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{folder["robot.yaml"]}:{at + 1}: unknown key 'horizzon'; did you mean 'horizon'."),
            CommandLine.Run("features", flow.Bag(1), "--robot", folder["robot.yaml"]).Refusal());
        File.WriteAllText(folder["spec.yaml"], "kind: vqc\nqubit: 4\n");
        Assert.Equal(
            folder["spec.yaml"] + ":2: unknown key 'qubit'; did you mean 'qubits'.",
            CommandLine.Run("teach", flow.Bag(1), "--spec", folder["spec.yaml"], "--output", folder["t.yaml"]).Refusal());
    }

    [Fact]
    public void An_unknown_back_end_and_impossible_shots_are_refused()
    {
        string[] label = ["label", flow.Bag(1), "--teacher", flow.Teacher, "--output", folder["out"]];
        Assert.Equal("unknown back end 'statevectr'; did you mean 'statevector'.", CommandLine.Run([.. label, "--backend", "statevectr"]).Refusal());
        Assert.StartsWith("--shots: -4 is outside", CommandLine.Run([.. label, "--backend", "sampled", "--shots", "-4"]).Refusal());
        Assert.False(Path.Exists(folder["out"]));
    }

    [Fact]
    public void A_back_end_that_lacks_what_it_needs_says_how_to_give_it()
    {
        string[] label = ["label", flow.Bag(1), "--teacher", flow.Teacher, "--output", folder["out"]];
        Assert.Equal("--backend: the back end 'noisy' needs a noise model; give one with --noise FILE (see docs/quantum.md).", CommandLine.Run([.. label, "--backend", "noisy"]).Refusal());
        Assert.Equal("--backend: the back end 'azure' needs a target; give one with --target, for example ionq.simulator.", CommandLine.Run([.. label, "--backend", "azure"]).Refusal());
        Assert.False(Path.Exists(folder["out"]));
    }

    [Fact]
    public void An_option_of_another_back_end_is_refused_instead_of_doing_nothing()
    {
        string[] label = ["label", flow.Bag(1), "--teacher", flow.Teacher, "--output", folder["out"]];
        Assert.Equal(
            "--noise: belongs to the back end 'noisy' and would do nothing on 'statevector'; leave it out, or choose --backend noisy.",
            CommandLine.Run([.. label, "--noise", "noise.yaml"]).Refusal());
        Assert.StartsWith("--max-cost: belongs to the back end 'azure'", CommandLine.Run([.. label, "--backend", "sampled", "--max-cost", "3"]).Refusal());
        Assert.Equal("--shots: the back end 'statevector' is exact and takes no shots; add --backend sampled.", CommandLine.Run([.. label, "--shots", "100"]).Refusal());
        Assert.False(Path.Exists(folder["out"]));
    }

    [Fact]
    public void Labels_under_a_noise_model_say_so()
    {
        File.WriteAllText(folder["noise.yaml"], "one_qubit: {depolarising: 0.001}\ntwo_qubit: {depolarising: 0.01}\n");
        CommandLine.Run("label", flow.Bag(1), "--teacher", flow.Teacher, "--backend", "noisy", "--noise", folder["noise.yaml"], "--output", folder["noisy"]).Succeeded();
        LabellingInfo info = LabelledBag.ReadInfo(folder["noisy"]);
        Assert.Equal("noisy", info.Backend);
        Assert.StartsWith("noise.yaml ", info.Noise);

        CommandLine.Run("label", flow.Bag(1), "--teacher", flow.Teacher, "--backend", "noisy", "--noise", folder["noise.yaml"], "--zero-noise", "linear:1,3", "--output", folder["zero"]).Succeeded();
        Assert.EndsWith(", zero-noise linear:1,3", LabelledBag.ReadInfo(folder["zero"]).Noise);
        Assert.Contains("unknown zero-noise extrapolation 'cubic'", CommandLine.Run("label", flow.Bag(1), "--teacher", flow.Teacher, "--backend", "noisy", "--noise", folder["noise.yaml"], "--zero-noise", "cubic", "--output", folder["cubic"]).Refusal());
    }

    [Fact]
    public void A_missing_node_js_is_named_with_its_remedy()
    {
        string[] label = ["label", flow.Bag(1), "--teacher", flow.Teacher, "--backend", "qsharp", "--output", folder["out"]];
        string set = CommandLine.RunIn(null, new Dictionary<string, string?> { ["QDISTILL_NODE"] = folder["node"] }, label).Refusal();
        Assert.Equal($"the back end 'qsharp' needs Node.js, but '{folder["node"]}' could not be started; install Node.js 20 or newer, or set QDISTILL_NODE to its program.", set);
        string path = CommandLine.RunIn(null, new Dictionary<string, string?> { ["PATH"] = folder.Path, ["QDISTILL_NODE"] = null }, label).Refusal();
        Assert.StartsWith("the back end 'qsharp' needs Node.js, but 'node' could not be started;", path);
        Run doctor = CommandLine.RunIn(null, new Dictionary<string, string?> { ["PATH"] = folder.Path, ["QDISTILL_NODE"] = null }, "doctor");
        Assert.Equal(3, doctor.ExitCode);
        Assert.Matches("Node.js +MISSING", doctor.Output);
    }

    [Fact]
    public void A_model_of_another_feature_schema_is_refused_with_both_named()
    {
        string sentence = CommandLine.Run("replay", flow.Bag(3), "--robot", "neato", "--model", flow.Model, "--output", folder["out"]).Refusal();
        Assert.Matches("was trained on feature schema [0-9a-f]{64}, but the robot 'neato' gives [0-9a-f]{64};", sentence);
        Assert.Matches("was trained on feature schema [0-9a-f]{64}, but the robot's is [0-9a-f]{64};", CommandLine.Run("node", "onboard", "--robot", "neato", "--model", flow.Model).Refusal());
        Assert.Matches("was labelled with feature schema [0-9a-f]{64}, but the robot 'neato' gives", CommandLine.Run("distill", flow.LabelledBags, "--robot", "neato", "--output", folder["out"]).Refusal());
    }

    [Fact]
    public void A_broken_model_is_told_from_a_missing_one_and_from_no_model()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(flow.Model, "student.onnx"));
        File.WriteAllBytes(folder["cut.onnx"], whole[..(whole.Length / 2)]);
        File.WriteAllText(folder["text.onnx"], "no model at all\n");
        foreach (string[] verb in (string[][])[["replay", flow.Bag(3), "--output", folder["out"]], ["node", "risk_inference"]])
        {
            Assert.StartsWith(folder["cut.onnx"] + ": the ONNX model is cut off", CommandLine.Run([.. verb, "--model", folder["cut.onnx"]]).Refusal());
            Assert.StartsWith(folder["text.onnx"] + ": this is not an ONNX model", CommandLine.Run([.. verb, "--model", folder["text.onnx"]]).Refusal());
            Assert.StartsWith(folder["none"] + ": there is no model", CommandLine.Run([.. verb, "--model", folder["none"]]).Refusal());
        }

        Assert.False(Path.Exists(folder["out"]));
    }

    [Fact]
    public void What_is_there_already_is_not_overwritten_unasked()
    {
        Assert.Contains("already", CommandLine.Run("simulate", "--output", flow.Bag(1), "--seconds", "1").Refusal());
        Assert.Contains("exists already", CommandLine.Run("label", flow.Bag(1), "--teacher", flow.Teacher, "--output", Path.Combine(flow.LabelledBags, "run_1")).Refusal());
        Assert.Contains("exists already", CommandLine.Run("distill", flow.LabelledBags, "--output", flow.Model).Refusal());
        File.WriteAllText(folder["f.csv"], "mine");
        Assert.Contains("exists already", CommandLine.Run("features", flow.Bag(1), "--output", folder["f.csv"]).Refusal());
        Assert.Equal("mine", File.ReadAllText(folder["f.csv"]));
        CommandLine.Run("features", flow.Bag(1), "--output", folder["f.csv"], "--overwrite").Succeeded();
        Assert.NotEqual("mine", File.ReadAllText(folder["f.csv"]));
    }

    [Theory]
    [InlineData("simulate --seconds 1 --output /proc/x")]
    [InlineData("features {bag} --output /proc/x.csv")]
    [InlineData("features {bag} --output /proc/x")]
    [InlineData("teach {bag} --labels 40 --output /proc/x.yaml")]
    [InlineData("label {bag} --teacher {teacher} --output /proc/x")]
    [InlineData("distill {labelled} --output /proc/x")]
    [InlineData("replay {bag} --model {model} --output /proc/x")]
    public void A_place_that_cannot_be_written_is_named(string command)
    {
        string[] arguments = [.. command.Split(' ').Select(a => a
            .Replace("{bag}", flow.Bag(1), StringComparison.Ordinal)
            .Replace("{teacher}", flow.Teacher, StringComparison.Ordinal)
            .Replace("{labelled}", flow.LabelledBags, StringComparison.Ordinal)
            .Replace("{model}", flow.Model, StringComparison.Ordinal))];
        Run run = CommandLine.Run(arguments);
        Assert.Equal(1, run.ExitCode);
        string last = run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("qdistill: /proc/x", last);
        Assert.Contains("cannot be written", last);
    }

    [Fact]
    public void Two_bags_of_one_name_are_not_labelled_into_one_place()
    {
        CommandLine.Run("simulate", "--output", folder["run_1"], "--seconds", "1").Succeeded();
        Assert.Contains("two of the bags have this name", CommandLine.Run("label", flow.Bag(1), folder["run_1"], "--teacher", flow.Teacher, "--output", folder["out"]).Refusal());
    }

    [Fact]
    public void A_bag_that_is_not_labelled_is_not_distilled()
    {
        Assert.Contains("so it is not a labelled bag", CommandLine.Run("distill", flow.Bag(1), "--output", folder["out"]).Refusal());
        Assert.Contains("cannot be read", CommandLine.Run("distill", flow.LabelledBags, "--teacher", folder["none"], "--output", folder["out"]).Refusal());
    }

    [Fact]
    public void A_player_is_told_of_topics_the_bag_lacks_and_of_an_offset_behind_its_end()
    {
        Assert.EndsWith("topic /agv/scn (--topics) is not in the bag; did you mean '/agv/scan'.", CommandLine.Run("play", flow.Bag(1), "--topics", "/agv/scn").Refusal());
        Assert.EndsWith("topic /agv/scn (--wait-for) is not in the bag; did you mean '/agv/scan'.", CommandLine.Run("play", flow.Bag(1), "--wait-for", "/agv/scn").Refusal());
        Assert.Contains("lies behind the end of the bag", CommandLine.Run("play", flow.Bag(1), "--start-offset", "1000").Refusal());
        Assert.StartsWith("a rate of 0 is outside", CommandLine.Run("play", flow.Bag(1), "--rate", "0").Refusal());
        Assert.StartsWith("ROS_DOMAIN_ID: 'abc' is not a whole number", CommandLine.RunIn(null, new Dictionary<string, string?> { ["ROS_DOMAIN_ID"] = "abc" }, "play", flow.Bag(1)).Refusal());
    }
}
