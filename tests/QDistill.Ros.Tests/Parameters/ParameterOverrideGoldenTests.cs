using System.Text.Json;
using QDistill.Configuration;

namespace QDistill.Ros.Tests;

/// <summary>Replays which values real nodes accepted with <c>-p</c> for parameters that they declare, and why not.</summary>
public sealed class ParameterOverrideGoldenTests
{
    private const string Golden = "golden/behaviour/parameter_overrides.json";

    /// <summary>rclcpp's node decides texts; rclpy's differ in words only, so that there the outcome and the values are compared.</summary>
    [DataTheory(Golden)]
    [InlineData("rclcpp")]
    [InlineData("rclpy")]
    public void An_override_is_taken_or_refused_as_by_a_real_node(string library)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf(Golden)));
        var problems = new List<string>();
        using var ros = new TestNodes();
        foreach (JsonElement run in file.RootElement.GetProperty("runs").GetProperty(library).EnumerateArray())
        {
            string[] args = [.. run.GetProperty("args").EnumerateArray().Select(a => a.GetString()!)];
            string? problem = Check(run, args, library == "rclcpp", ros);
            if (problem is not null)
            {
                problems.Add($"{string.Join(' ', args)}: {problem}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static string? Check(JsonElement run, string[] args, bool texts, TestNodes ros)
    {
        bool started = run.GetProperty("started").GetBoolean();
        try
        {
            var arguments = RosArguments.Parse(args);
            using RosContext context = ros.Open(o => o with { Arguments = arguments });
            Node node = ParameterNode.Start(context, "pnode");
            return started ? Reply(run, node) : "was accepted";
        }
        catch (UserErrorException e)
        {
            string what = run.TryGetProperty("stderr", out JsonElement stderr) ? stderr[stderr.GetArrayLength() - 1].GetString()!.Trim() : string.Empty;
            string wanted = what.Contains("parse parameter override rule", StringComparison.Ordinal)
                ? what[what.IndexOf("Couldn't", StringComparison.Ordinal)..what.IndexOf(" Error: ", StringComparison.Ordinal)]
                : $"-p {args[^1]}: {what.Replace("what():", string.Empty, StringComparison.Ordinal).Trim().TrimEnd('.')}; ";
            return started ? $"was refused: {e.Message}" : !texts || e.Message.StartsWith(wanted, StringComparison.Ordinal) ? null : $"expected '{wanted}', got '{e.Message}'";
        }
    }

    private static string? Reply(JsonElement run, Node node)
    {
        JsonElement get = run.GetProperty("get_parameters");
        string name = get.GetProperty("name").GetString()!;
        JsonElement values = get.GetProperty("reply").GetProperty("values");
        if (values.GetArrayLength() == 0)
        {
            return node.Parameters.Has(name) ? "was declared"
                : node.Parameters.UndeclaredOverrides is [{ } unknown] && unknown.Name == name ? null
                : "was not found among the undeclared";
        }

        ParameterValue value = node.Parameters.Get(name);
        JsonElement golden = values[0];
        int type = run.GetProperty("get_parameter_types").GetProperty("types")[0].GetInt32();
        string expected = golden.EnumerateObject().Single(p => p.Name != "type").Value.ToString().Replace(", ", ",").Replace("\"", string.Empty).ToLowerInvariant();
        string actual = value.ToString().Replace(", ", ",").ToLowerInvariant();
        return (int)value.Type != type ? $"is of type {value.Type}" : expected != actual ? $"expected {expected}, got {actual}" : null;
    }
}
