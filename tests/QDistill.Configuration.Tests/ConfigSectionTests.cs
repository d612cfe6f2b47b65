using QDistill.Configuration;

namespace QDistill.Configuration.Tests;

public class ConfigSectionTests
{
    private const string Robot = """
        name: agv
        rate: 10.5
        enabled: true
        footprint:
          radius: 0.3
        limits:
          - {name: speed, limit: 1.5}
          - {name: tilt, limit: 0.2}
        tags: [a, b]
        """;

    [Fact]
    public void Typed_getters_return_the_values_of_the_file()
    {
        ConfigSection c = ConfigFile.Parse(Robot, "robot.yaml");
        Assert.Equal("agv", c.String("name"));
        Assert.Equal(10.5, c.Double("rate"));
        Assert.True(c.Bool("enabled"));
        Assert.Equal(0.3, c.Section("footprint").Double("radius"));
        Assert.Equal(["speed", "tilt"], c.Sections("limits").Select(s => s.String("name")));
        Assert.Equal([1.5, 0.2], c.Sections("limits").Select(s => s.Double("limit")));
        Assert.Equal(["a", "b"], c.Strings("tags"));
        Assert.Equal(7, c.Int("absent", 7));
        c.RejectUnknownKeys();
    }

    [Fact]
    public void Unknown_key_is_refused_with_file_line_and_nearest_known_key()
    {
        ConfigSection c = ConfigFile.Parse("name: agv\nfootprint:\n  radios: 0.3\n", "robot.yaml");
        c.String("name");
        c.Section("footprint").OptionalDouble("radius");
        var e = Assert.Throws<UserErrorException>(c.RejectUnknownKeys);
        Assert.Equal("robot.yaml:3: unknown key 'footprint.radios'; did you mean 'radius'.", e.Message);
    }

    [Theory]
    [InlineData("rate: fast", "robot.yaml:1: rate: 'fast' is not a number.")]
    [InlineData("rate: -1", "robot.yaml:1: rate: -1 is outside [0, 100].")]
    [InlineData("rate: .nan", "robot.yaml:1: rate: '.nan' is not a number.")]
    [InlineData("rate: [1]", "robot.yaml:1: rate: is not a single value.")]
    [InlineData("other: 1", "robot.yaml:1: 'rate' is missing (a number); add it.")]
    public void Wrong_values_are_named_with_their_place(string yaml, string message)
    {
        ConfigSection c = ConfigFile.Parse(yaml, "robot.yaml");
        Assert.Equal(message, Assert.Throws<UserErrorException>(() => c.Double("rate", null, 0, 100)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("just text")]
    [InlineData("- a\n- b")]
    [InlineData("a: [1")]
    [InlineData("a: 1\na: 2")]
    public void Text_that_is_no_mapping_is_refused_in_one_sentence_that_names_the_file(string yaml)
    {
        var e = Assert.Throws<UserErrorException>(() => ConfigFile.Parse(yaml, "robot.yaml"));
        Assert.StartsWith("robot.yaml", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_wrong_choice_names_the_nearest()
    {
        ConfigSection c = ConfigFile.Parse("backend: statevektor", "t.yaml");
        var e = Assert.Throws<UserErrorException>(() => c.Choice("backend", ["statevector", "sampled", "qsharp"]));
        Assert.EndsWith("did you mean 'statevector'.", e.Message);
    }

    [Fact]
    public void An_absent_file_is_named()
    {
        var e = Assert.Throws<UserErrorException>(() => ConfigFile.Load("/nowhere/robot.yaml"));
        Assert.StartsWith("/nowhere/robot.yaml: cannot be read", e.Message);
    }
}
