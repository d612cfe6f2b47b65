using System.Text.Json;
using QDistill.Cli.Tests;
using QDistill.Msgs.RclInterfaces;
using QDistill.Offline;
using QDistill.Ros;

namespace QDistill.Launch.Tests;

/// <summary>The schemas of the offline nodes' parameter files say what the nodes declare: names, types, meaning, limits, defaults.</summary>
public sealed class OfflineSchemaTests
{
    [Theory]
    [InlineData("teacher_labeling")]
    [InlineData("student_distillation")]
    [InlineData("replay_evaluation")]
    public void A_schema_says_what_the_node_declares(string kind)
    {
        using var domain = new TestDomain();
        using var context = new RosContext(RosContextOptions.Loopback(domain.Id));
        using OfflineNode node = OfflineNodes.Create(kind, context, new OfflineNodeStart());
        IReadOnlyList<string> names = [.. node.Node.Parameters.List([], 0).Names.Where(n => !n.StartsWith("qos_overrides.", StringComparison.Ordinal))];
        Dictionary<string, JsonElement> schema = Schema(kind);
        Assert.Equal(names.Append("qos_overrides").Order(StringComparer.Ordinal), schema.Keys.Order(StringComparer.Ordinal));
        foreach (ParameterDescriptor declared in node.Node.Parameters.Describe(names.Except(["use_sim_time", "start_type_description_service"])))
        {
            JsonElement property = schema[declared.Name];
            Assert.Equal(declared.Description, property.GetProperty("description").GetString());
            Assert.Equal(TypeName(declared.Type), property.GetProperty("type").GetString());
            Assert.Equal(Default(node.Node.Parameters, declared), property.GetProperty("default").ToString());
            (double From, double To)? range = declared.IntegerRange.Count > 0 ? (declared.IntegerRange[0].FromValue, declared.IntegerRange[0].ToValue)
                : declared.FloatingPointRange.Count > 0 ? (declared.FloatingPointRange[0].FromValue, declared.FloatingPointRange[0].ToValue) : null;
            Assert.Equal(range?.From, property.TryGetProperty("minimum", out JsonElement from) ? from.GetDouble() : null);
            Assert.Equal(range?.To, property.TryGetProperty("maximum", out JsonElement to) ? to.GetDouble() : null);
            if (property.TryGetProperty("enum", out JsonElement choices))
            {
                Assert.Equal($"One of {string.Join(", ", choices.EnumerateArray().Select(c => c.GetString()))}.", declared.AdditionalConstraints);
            }
        }
    }

    /// <summary>What is shipped is what the installed program prints.</summary>
    [Theory]
    [InlineData("teacher_labeling")]
    [InlineData("student_distillation")]
    [InlineData("replay_evaluation")]
    public void The_shipped_files_are_what_the_program_prints(string kind)
    {
        string parameters = Tools.Repository("launch", "params");
        Assert.Equal(File.ReadAllText(Path.Combine(parameters, "schema", kind + ".schema.json")), CommandLine.Run("node", kind, "--print-parameters", "schema").Succeeded().Output);
        Assert.Equal(File.ReadAllText(Path.Combine(parameters, "training.param.yaml")), CommandLine.Run("node", kind, "--print-parameters", "all").Succeeded().Output);
        Assert.Contains(CommandLine.Run("node", kind, "--print-parameters", "table").Succeeded().Output, File.ReadAllText(Tools.Repository("docs", "offline-parameters.md")));
    }

    private static Dictionary<string, JsonElement> Schema(string kind) => JsonDocument.Parse(File.ReadAllText(Tools.Repository("launch", "params", "schema", kind + ".schema.json"))).RootElement
        .GetProperty("additionalProperties").GetProperty("properties").GetProperty("ros__parameters").GetProperty("properties").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);

    private static string TypeName(byte type) => type switch { 1 => "boolean", 2 => "integer", 3 => "number", 4 => "string", 9 => "array", _ => "type " + type };

    private static string Default(NodeParameters parameters, ParameterDescriptor declared) => declared.Type switch
    {
        1 => parameters.Get<bool>(declared.Name).ToString(),
        2 => JsonSerializer.Serialize(parameters.Get<long>(declared.Name)),
        3 => parameters.Get<double>(declared.Name).ToString("0.0#################", System.Globalization.CultureInfo.InvariantCulture),
        4 => parameters.Get<string>(declared.Name),
        _ => JsonSerializer.Serialize(parameters.Get<string[]>(declared.Name)),
    };
}
