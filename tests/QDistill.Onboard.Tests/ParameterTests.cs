using System.Text.Json;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

/// <summary>Declaration, defaults, limits and changes of the nodes' parameters.</summary>
public sealed class ParameterTests : IDisposable
{
    private readonly TestDomain domain = new();
    private readonly RosContext context;

    public ParameterTests() => context = new RosContext(RosContextOptions.Loopback(domain.Id));

    public static TheoryData<string> Kinds => [.. NodeRunner.Kinds];

    public void Dispose()
    {
        context.Dispose();
        domain.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_parameter_is_declared_with_its_default_a_description_and_its_limits(string kind)
    {
        using FlightNode node = NodeRunner.Create(kind, context, new NodeRunOptions());
        NodeParameters declared = node.Node.Parameters;
        string[] names = [.. declared.List([], 0).Names.Where(n => n is not ("use_sim_time" or "start_type_description_service") && !n.StartsWith("qos_overrides.", StringComparison.Ordinal))];
        IReadOnlyList<ParameterDescription> described = NodeRunner.Parameters(kind);
        Assert.Equal(described.Select(p => p.Name).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        foreach (ParameterDescription p in described)
        {
            Msgs.RclInterfaces.ParameterDescriptor d = declared.Describe([p.Name])[0];
            Assert.EndsWith(p.Unit.Length > 0 ? $". [{p.Unit}]" : ".", d.Description);
            Assert.Equal(p.Timing == ParameterTiming.Start, d.ReadOnly);
            Assert.Equal(p.Default.ToString(), declared.Get(p.Name).ToString());
            Assert.Equal(p.Type is ParameterType.Double ? 1 : 0, d.FloatingPointRange.Count);
            Assert.Equal(p.Type is ParameterType.Integer ? 1 : 0, d.IntegerRange.Count);
            Assert.Null(p.Refuse(p.Default));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_shipped_file_and_schema_are_those_of_the_declared_parameters(string kind)
    {
        string folder = Path.Combine(SharedData.Repository, "launch", "params");
        Assert.Equal(kind == "onboard" ? ParameterText.LaunchYaml("onboard", NodeRunner.Kinds.Select(k => (k, NodeRunner.Parameters(k)))) : ParameterText.Yaml(kind, NodeRunner.Parameters(kind)), File.ReadAllText(Path.Combine(folder, kind + ".param.yaml")));
        Assert.Equal(ParameterText.Schema(kind, NodeRunner.Parameters(kind)), File.ReadAllText(Path.Combine(folder, "schema", kind + ".schema.json")));
        string docs = File.ReadAllText(Path.Combine(SharedData.Repository, "docs", "onboard-parameters.md"));
        foreach (string line in ParameterText.Markdown(NodeRunner.Parameters(kind)).Split('\n'))
        {
            Assert.Contains(line, docs);
        }

        // The schema, read by what did not write it: one leaf for each parameter.
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "schema", kind + ".schema.json")));
        var leaves = new List<string>();
        Collect(schema.RootElement.GetProperty("additionalProperties").GetProperty("properties").GetProperty("ros__parameters"), string.Empty, leaves);
        Assert.Equal(NodeRunner.Parameters(kind).Select(p => p.Name).Append("use_sim_time").Append("start_type_description_service").Order(StringComparer.Ordinal), leaves.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Given_values_arrive_and_a_whole_number_may_stand_for_a_double()
    {
        using var node = new RiskInferenceNode(context, new RiskInferenceOptions(), null, Given(
            ("model", "m.onnx"), ("fail_safe_probability", 0.7), ("watchdog.rate", 50L), ("watchdog.input_timeout", 0.25), ("watchdog.stamp_max_age", 0L), ("watchdog.frozen_timeout", 3L),
            ("alarm.on_threshold", 0.8), ("alarm.off_threshold", 0.3), ("alarm.on_count", 2L), ("alarm.off_count", 5L), ("alarm.hold", 1.5), ("alarm.publish", false),
            ("out_of_distribution.margin", 1L), ("out_of_distribution.allowance", 2L), ("out_of_distribution.fail_safe", true), ("watchdog.required_groups", (ParameterValue)new[] { "lidar" }),
            ("qos.input_reliability", "reliable"), ("real_time.cpus", (ParameterValue)new[] { 0L, 1L })));
        RiskInferenceOptions o = node.Options;
        Assert.Equal(("m.onnx", 0.7f, 50.0, 250_000_000L, 0L, 3_000_000_000L), (o.Model, o.Risk.FailSafeProbability, o.WatchdogRate, o.Risk.InputTimeout, o.Risk.Stamps.MaxAge, o.Risk.FrozenTimeout));
        Assert.Equal((0.8f, 0.3f, 2, 5, 1_500_000_000L, false), (o.Risk.AlarmOn, o.Risk.AlarmOff, o.Risk.Alarm.OnCount, o.Risk.Alarm.OffCount, o.Risk.Alarm.Hold, o.PublishAlarm));
        Assert.Equal((1.0, 2, true), (o.Risk.RangeMargin, o.Risk.RangeAllowance, o.Risk.RangeFailSafe));
        Assert.Equal(["lidar"], o.Risk.RequiredGroups);
        Assert.True(o.QoS.InputReliable);
        Assert.Equal([0, 1], o.Operation.RealTime.Cpus);
        Assert.Equal(50.0, node.Node.Parameters.Get<double>("watchdog.rate"));
    }

    [Fact]
    public void A_parameter_that_both_halves_of_the_composed_node_have_is_one()
    {
        using var node = new OnboardNode(context, new OnboardOptions(), null, Given(("qos.input_depth", 3L), ("robot", "simulated_agv")));
        Assert.Equal((3, 3, "simulated_agv"), (node.Options.Fusion.QoS.InputDepth, node.Options.Inference.QoS.InputDepth, node.Options.Fusion.Robot));
    }

    [Theory]
    [InlineData("fail_safe_probability", 1.5, "fail_safe_probability", "a number in [0, 1], not 1.5")]
    [InlineData("fail_safe_probability", "high", "fail_safe_probability", "not the string high")]
    [InlineData("alarm.on_count", 0L, "alarm.on_count", "a whole number in [1, 10000], not 0")]
    [InlineData("qos.input_reliability", "best", "qos.input_reliability", "best_effort or reliable, not best")]
    [InlineData("alarm.off_threshold", 0.9, "alarm.off_threshold (0.9)", "above alarm.on_threshold (0.5)")]
    public void What_is_not_allowed_at_the_start_is_one_sentence(string name, object value, string where, string why)
    {
        NodeStart start = Given((name, Value(value)), ("alarm.on_threshold", 0.5));
        UserErrorException e = Assert.Throws<UserErrorException>(() => new RiskInferenceNode(context, new RiskInferenceOptions(), null, start));
        Assert.Contains(where, e.Message);
        Assert.Contains(why, e.Message);
        Assert.DoesNotContain("/risk_inference", context.GetGraph().Nodes.Select(n => n.ToString()));
    }

    [Theory]
    [InlineData("/risk_inference: {ros__parameters: {fail_safe_probabilty: 1.0}}", "p.yaml:1", "did you mean 'fail_safe_probability'")]
    [InlineData("/**:\n  ros__parameters:\n    watchdog:\n      rte: 1.0\n", "p.yaml:4", "did you mean 'watchdog.rate'")]
    [InlineData("/**/risk_inference:\n  ros__parameters:\n    stamped: true\n", "p.yaml:3", "has no parameter 'stamped'")]
    [InlineData("/**: {ros__parameters: {fail_safe_probability: 1.5}}", "p.yaml:1", "must be a number in [0, 1], not 1.5")]
    [InlineData("/**: {ros__parameters: {fail_safe_probability: high}}", "p.yaml:1", "not the string high")]
    public void A_file_that_says_what_no_parameter_is_or_may_be_is_refused_with_its_line_and_the_way_out(string yaml, string where, string hint)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["p.yaml"], yaml);
        var start = new NodeStart("risk_inference", null, new NodeOptions { Arguments = RosArguments.Parse("--ros-args", "--params-file", folder["p.yaml"]) });
        UserErrorException e = Assert.Throws<UserErrorException>(() => new RiskInferenceNode(context, new RiskInferenceOptions(), null, start));
        Assert.Contains(where, e.Message);
        Assert.Contains(hint, e.Message);
    }

    [Fact]
    public void A_misspelt_argument_is_refused_and_what_is_meant_for_another_node_of_a_launch_is_not()
    {
        NodeStart Given(string argument) => new("feature_fusion", null, new NodeOptions { Arguments = RosArguments.Parse("--ros-args", "-p", argument) });
        using var fusion = new FeatureFusionNode(context, new FeatureFusionOptions(), Given("fail_safe_probability:=0.5"));
        string message = Assert.Throws<UserErrorException>(() => new FeatureFusionNode(context, new FeatureFusionOptions(), Given("robo:=x"))).Message;
        Assert.Contains("-p robo:=x: ", message);
        Assert.Contains("did you mean 'robot'", message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_shipped_files_are_accepted_by_their_nodes_and_change_nothing(string kind)
    {
        foreach (string file in new[] { kind, "onboard" })
        {
            string path = Path.Combine(SharedData.Repository, "launch", "params", file + ".param.yaml");
            var options = new NodeRunOptions { Namespace = "agv_1", Node = new NodeOptions { Arguments = RosArguments.Parse("--ros-args", "--params-file", path) } };
            using FlightNode node = NodeRunner.Create(kind, context, options);
            Assert.All(NodeRunner.Parameters(kind), p => Assert.Equal(p.Default.ToString(), node.Node.Parameters.Get(p.Name).ToString()));
            Assert.True(node.Node.Parameters.Overrides.Count > 5);
        }
    }

    [Fact]
    public void What_is_read_at_configure_may_be_set_before_and_is_refused_after_with_the_way_out()
    {
        using var node = new RiskInferenceNode(context, new RiskInferenceOptions(), _ => new FakeModel());
        Assert.Null(node.Node.Parameters.Set("publish_markers", true));
        Assert.True(node.Options.PublishMarkers);
        Assert.Null(node.Node.Parameters.Set("model", "anything.onnx")); // not loaded before it is configured
        Assert.True(node.Configure());
        Assert.Contains("clean the node up first", node.Node.Parameters.Set("publish_markers", false));
        Assert.True(node.Options.PublishMarkers);
        Assert.Null(node.Node.Parameters.Set("publish_markers", true)); // it has this value: its own dump may be loaded again
        Assert.True(node.Cleanup());
        Assert.Null(node.Node.Parameters.Set("publish_markers", false));
        Assert.Contains("read-only", node.Node.Parameters.Set("autostart", false));
    }

    [Fact]
    public void Changes_that_contradict_each_other_or_the_model_are_refused_and_nothing_changes()
    {
        using var node = new RiskInferenceNode(context, new RiskInferenceOptions { Model = "m" }, _ => new FakeModel());
        Assert.True(node.Configure());
        NodeParameters parameters = node.Node.Parameters;
        Assert.Null(parameters.SetAtomically([new("alarm.on_threshold", 0.6), new("alarm.off_threshold", 0.2)]));
        Assert.Contains("above", parameters.Set("alarm.off_threshold", 0.7));
        Assert.Contains("'lidar'", parameters.Set("watchdog.required_groups", new[] { "lidr" }));
        Assert.Null(parameters.Set("watchdog.required_groups", new[] { "lidar" }));
        Assert.Contains("in [0, 1], not NaN", parameters.Set("fail_safe_probability", double.NaN));
        Assert.Equal((0.6f, 0.2f), (node.Options.Risk.AlarmOn, node.Options.Risk.AlarmOff));
        Assert.Equal(0.2, parameters.Get<double>("alarm.off_threshold"));
    }

    private static void Collect(JsonElement schema, string prefix, List<string> leaves)
    {
        foreach (JsonProperty p in schema.GetProperty("properties").EnumerateObject())
        {
            if (p.Value.TryGetProperty("properties", out _))
            {
                Assert.False(p.Value.GetProperty("additionalProperties").GetBoolean());
                Collect(p.Value, prefix + p.Name + ".", leaves);
            }
            else if (p.Name != "qos_overrides")
            {
                Assert.False(string.IsNullOrEmpty(p.Value.GetProperty("description").GetString()));
                leaves.Add(prefix + p.Name);
            }
        }
    }

    private static ParameterValue Value(object value) => value switch { double d => d, long l => l, string s => s, _ => (bool)value };

    private static NodeStart Given(params (string Name, ParameterValue Value)[] values) =>
        new("given", null, new NodeOptions { ParameterOverrides = values.ToDictionary(v => v.Name, v => v.Value) });
}
