using QDistill.Configuration;
using QDistill.Msgs.StdSrvs;
using Int32 = QDistill.Msgs.StdMsgs.Int32;

namespace QDistill.Ros.Tests;

public sealed class RosArgumentsTests
{
    [Fact]
    public void Topics_services_and_the_node_are_renamed_on_the_wire()
    {
        using var ros = new TestNodes();
        var arguments = RosArguments.Parse("own", "--ros-args", "-r", "__node:=front", "-r", "__ns:=/fleet", "-r", "rostopic://scan:=/lidar", "-r", "~/enable:=/on", "--", "--own-flag");
        Node node = ros.Open(o => o with { Arguments = arguments }).CreateNode("detector");
        using Publisher<Int32> scan = node.CreatePublisher<Int32>("scan");
        using Service<SetBool, SetBool.Request, SetBool.Response> other = node.CreateService<SetBool, SetBool.Request, SetBool.Response>("scan", (_, _) => { });
        using Service<SetBool, SetBool.Request, SetBool.Response> enable = node.CreateService<SetBool, SetBool.Request, SetBool.Response>("~/enable", (_, _) => { });
        Assert.Equal("/fleet/front", node.FullName);
        Assert.Equal("/lidar", scan.Topic);
        Assert.Equal("/fleet/scan", other.Name);
        Assert.Equal("/on", enable.Name);
        Assert.Equal(["own", "--own-flag"], arguments.Remaining);
        Assert.Contains("/fleet/front", node.GetNodeNames());
    }

    [Fact]
    public void A_nodes_own_arguments_win_over_the_processs_and_can_stand_alone()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open(o => o with { Arguments = RosArguments.Parse("--ros-args", "-r", "a:=/global", "-r", "b:=/global_b", "-p", "x:=1", "-p", "y:=1") });
        var local = RosArguments.Parse("--ros-args", "-r", "a:=/local", "-p", "x:=2");
        Node both = context.CreateNode("both", null, new NodeOptions { Arguments = local });
        Assert.Equal("/local", both.ResolveTopicName("a"));
        Assert.Equal("/global_b", both.ResolveTopicName("b"));
        Assert.Equal(2L, both.Parameters.Declare("x", 0L).Value);
        Assert.Equal(1L, both.Parameters.Declare("y", 0L).Value);
        Node alone = context.CreateNode("alone", null, new NodeOptions { Arguments = local, UseGlobalArguments = false });
        Assert.Equal("/b", alone.ResolveTopicName("b"));
        Assert.Equal(0L, alone.Parameters.Declare("y", 0L).Value);
        Node program = context.CreateNode("program", null, new NodeOptions { Arguments = local, ParameterOverrides = new Dictionary<string, ParameterValue> { ["x"] = 3L } });
        Assert.Equal(3L, program.Parameters.Declare("x", 0L).Value);
    }

    [Fact]
    public void A_scope_keeps_the_place_where_it_first_appeared()
    {
        // Read in rcl's source: a later value goes into its scope's old place, so that a scope that appeared after it still wins.
        var arguments = RosArguments.Parse("--ros-args", "-p", "a:=1", "-p", "n:a:=2", "-p", "a:=3");
        Assert.Equal(2L, arguments.Parameters.For("/n").Single().Value.Value);
        Assert.Equal(3L, arguments.Parameters.For("/other").Single().Value.Value);
    }

    [Theory]
    [InlineData("/**", "/a", true)]
    [InlineData("/**", "/a/b/c", true)]
    [InlineData("/*", "/a", true)]
    [InlineData("/*", "/a/b", false)]
    [InlineData("/**/c", "/a/b/c", true)]
    [InlineData("/**/c", "/c", true)]
    [InlineData("/*/c", "/c", false)]
    [InlineData("/a/**", "/a/b", true)]
    [InlineData("/a/**", "/b/a", false)]
    [InlineData("a", "/a", true)]
    [InlineData("a/b", "/a/b", true)]
    [InlineData("/**/**/x", "/a/x", true)]
    public void A_scope_fits_nodes_by_the_parts_of_their_names(string scope, string node, bool fits) => Assert.Equal(fits, ParameterOverrides.Matches(scope, node));

    [Theory]
    [InlineData("08", "double 8")]
    [InlineData("-0x10", "integer -16")]
    [InlineData("0xFFFFFFFFFFFFFFFF", "double 1.8446744073709552E+19")]
    [InlineData("-9223372036854775808", "integer -9223372036854775808")]
    [InlineData("1e400", "string 1e400")]
    [InlineData("+.5", "double 0.5")]
    [InlineData("1.2.3", "string 1.2.3")]
    [InlineData("-Infinity", "double -Infinity")]
    [InlineData("YeS", "string YeS")]
    [InlineData("|\n  12\n", "string 12\n")]
    [InlineData("|-\n  12", "integer 12")]
    [InlineData("'yes'", "string yes")]
    public void A_value_has_the_type_that_C_would_read(string yaml, string expected) =>
        Assert.Equal(expected, $"{ParameterValue.NameOf(ParameterFile.ReadValue(yaml).Type)} {ParameterFile.ReadValue(yaml)}");

    [Fact]
    public void A_misspelt_parameter_is_refused_with_its_line_and_the_nearest_declared_name()
    {
        using var folder = new TempDirectory();
        string file = folder["limits.yaml"];
        File.WriteAllText(file, "/**:\n  ros__parameters:\n    use_sim_time: false\n/agv/risk:\n  ros__parameters:\n    rate: 20.0\n    alarm:\n      treshold: 0.5\n/other:\n  ros__parameters:\n    x: 1\n");
        using var ros = new TestNodes();
        Node node = ros.Open(o => o with { Arguments = RosArguments.Parse("--ros-args", "--params-file", file) }).CreateNode("risk", "agv");
        Assert.Equal(20.0, node.Parameters.Declare("rate", 10.0).Value);
        node.Parameters.Declare("alarm.threshold", 0.7);
        ParameterOverride unknown = node.Parameters.UndeclaredOverrides.Single();
        Assert.Equal(("alarm.treshold", 0.5, "/agv/risk", file, 8), (unknown.Name, unknown.Value.Value, unknown.Scope, unknown.Origin.Source, unknown.Origin.Line));
        var e = Assert.Throws<UserErrorException>(() => node.Parameters.RejectUndeclaredOverrides());
        Assert.Equal($"{file}:8: node '/agv/risk' has no parameter 'alarm.treshold'; did you mean 'alarm.threshold'.", e.Message);
    }

    [Fact]
    public void A_value_for_all_nodes_may_be_meant_for_another_node()
    {
        using var ros = new TestNodes();
        Node node = ros.Open(o => o with { Arguments = RosArguments.Parse("--ros-args", "-p", "elsewhere:=1") }).CreateNode("n");
        node.Parameters.RejectUndeclaredOverrides(wildcardScopes: false);
        Assert.StartsWith("-p elsewhere:=1: node '/n' has no parameter 'elsewhere'", Assert.Throws<UserErrorException>(() => node.Parameters.RejectUndeclaredOverrides()).Message);
    }

    [Theory]
    [InlineData("--param-file", "found unknown ROS arguments: '--param-file'; did you mean '--params-file'.")]
    [InlineData("--log-level=debug", "found unknown ROS arguments: '--log-level=debug'; write '--log-level debug', with a space.")]
    [InlineData("stray", "found unknown ROS arguments: 'stray'; put the program's own arguments before --ros-args or after a closing --.")]
    public void An_unknown_argument_is_refused_with_what_to_write(string argument, string expected) =>
        Assert.Equal(expected, Assert.Throws<UserErrorException>(() => RosArguments.Parse("--ros-args", argument)).Message);

    [Theory]
    [InlineData("/n:\n  ros_parameters:\n    a: 1\n", "p.yaml:3: 'a' has a value, but only parameters beneath ros__parameters have values; put ros__parameters: above it.")]
    [InlineData("/n:\n  ros_parameters: 5\n", "p.yaml:2: 'ros_parameters' has a value, but only parameters beneath ros__parameters have values; did you mean 'ros__parameters'.")]
    [InlineData("/n:\n  ros__parameters:\n    a: [1,\n      x]\n", "p.yaml:4: 'a' is a list that mixes types: 'x' is of type string, '1' of type integer; write all values alike, for example doubles with a decimal point.")]
    [InlineData("hello", "p.yaml:1: the file does not hold a mapping at its top; begin with a node's name, beneath it ros__parameters:, beneath that the parameters.")]
    [InlineData("/n:\n  ros__parameters:\n    ? [1]\n    : 2\n", "p.yaml:3: a parameter's name is needed here, not a list or a mapping.")]
    public void A_broken_parameter_file_is_refused_with_file_line_and_remedy(string yaml, string expected)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["p.yaml"], yaml);
        var e = Assert.Throws<UserErrorException>(() => RosArguments.Parse("--ros-args", "--params-file", folder["p.yaml"]));
        Assert.Equal(expected, e.Message.Replace(folder.Path + "/", string.Empty));
    }

    [Fact]
    public void The_root_namespace_may_be_a_level_of_its_own()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["p.yaml"], "/:\n  n:\n    ros__parameters: {a: 1}\n  m:\n    ros__parameters: {}\n");
        var arguments = RosArguments.Parse("--ros-args", "--params-file", folder["p.yaml"]);
        Assert.Equal("/n", arguments.Parameters.For("/n").Single().Scope);
        Assert.Empty(arguments.Parameters.For("/m"));
    }

    [Fact]
    public void A_file_nested_without_end_is_refused()
    {
        using var folder = new TempDirectory();
        foreach (string head in new[] { "/n: {ros__parameters: ", string.Empty })
        {
            File.WriteAllText(folder["p.yaml"], head + string.Concat(Enumerable.Repeat("{a: ", 5000)) + "1" + new string('}', 5000) + (head.Length > 0 ? "}" : string.Empty));
            Assert.Contains("p.yaml:1: groups lie more than 64 deep in each other", Assert.Throws<UserErrorException>(() => RosArguments.Parse("--ros-args", "--params-file", folder["p.yaml"])).Message);
        }
    }

    [Fact]
    public void Mutated_arguments_and_files_are_read_or_refused_with_a_sentence()
    {
        string[] texts =
        [
            "/**:\n  ros__parameters:\n    rate: 20.0\n    names: [a, 'b']\n    nested: {x: 0x1F, y: ~}\n/fleet/*/n:\n  ros__parameters:\n    text: |\n      l1\n      l2\n",
            "fleet:\n  one:\n    n:\n      ros__parameters:\n        a: [1, 2, 3]\n        qos_overrides:\n          /t: {publisher: {depth: 3}}\n---\n/n: {ros__parameters: {b: !!str 12}}\n",
            "node:rostopic:///a/b:=~/c", "rosservice://svc:=/other", "__ns:=/robot/one", "n:a.b/c:=[1.5, .inf]", "fleet.one.beta:=debug", "/my/enclave",
        ];
        string[] flags = ["-r", "-p", "--params-file", "--log-level", "-e", "--ros-args", "--", "--disable-rosout-logs"];
        const string alphabet = ":=/~*._-{}[]'\"!&#|>%@ \n\tab1\0é";
        using var folder = new TempDirectory();
        var random = new Random(1);
        int read = 0;
        for (int i = 0; i < 8_000; i++)
        {
            char[] text = texts[random.Next(texts.Length)].ToCharArray();
            for (int n = random.Next(4); n > 0; n--)
            {
                text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            string mutated = new string(text)[..random.Next(text.Length / 2, text.Length + 1)];
            string flag = flags[random.Next(flags.Length)];
            if (flag == "--params-file")
            {
                File.WriteAllText(folder["p.yaml"], mutated);
                mutated = folder["p.yaml"];
            }

            try
            {
                RosArguments arguments = RosArguments.Parse("--ros-args", flag, mutated);
                _ = arguments.Parameters.For("/fleet/one/n");
                read++;
            }
            catch (UserErrorException e)
            {
                Assert.EndsWith(".", e.Message);
            }
        }

        Assert.InRange(read, 400, 7_600);
    }
}
