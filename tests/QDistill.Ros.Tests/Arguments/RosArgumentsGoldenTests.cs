using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using QDistill.Configuration;

namespace QDistill.Ros.Tests;

/// <summary>
/// Replays what real rclcpp and rclpy programs made of 307 argument vectors: names of two nodes, of their topics and services, parameters, log levels, the program's
/// own arguments; and for refused vectors where it was refused and for which reason.
/// </summary>
public sealed partial class RosArgumentsGoldenTests
{
    private const string Golden = "golden/behaviour/ros_args.json";

    /// <summary>Where we differ on purpose.</summary>
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["--ros-args --params-file maparr.yaml"] = "a list of mappings: rcl makes the list a.b of it by accident; we refuse it",
        ["--ros-args -p start_type_description_service:=false"] = "rclcpp fails because it declares the parameter twice; we do as rclpy does",
    };

    /// <summary>rcl's reasons and ours for the same mistakes: ours name no grammar symbols.</summary>
    private static readonly (string Rcl, string[] Ours)[] Reasons =
    [
        ("Wildcard '**' is not implemented", ["Wildcard '**' is not implemented; write each name out"]),
        ("Wildcard '*' is not implemented", ["Wildcard '*' is not implemented; write each name out"]),
        ("Sequence should be of same type. Value type 'string'", ["mixes types", "of type string"]),
        ("Sequence should be of same type. Value type 'double'", ["mixes types", "of type double"]),
        ("Sequence should be of same type. Value type 'integer'", ["mixes types", "of type integer"]),
        ("No value at line", ["has no value; give it one"]),
        ("Error parsing an event", ["the value is not YAML"]),
        ("Unknown YAML event", ["the value is a mapping", "the value is an alias"]),
        ("Argument does not use a valid severity level", ["is not a severity level"]),
        ("invalid logger item that name is empty", ["the logger's name before ':=' is empty"]),
        ("Expecting token or wildcard", ["expected a name", "expected a parameter's name"]),
        ("Expected lexeme type", ["expected ", "there is no level after ':='", "is not a severity level"]),
        ("error not set", ["expected a name", "there is no value after ':='"]),
        ("Will not support aliasing", ["is an alias (*), which parameter files do not support"]),
        ("Cannot have a value before ros__parameters at line", ["only parameters beneath ros__parameters have values; put ros__parameters: above it", "ros__parameters holds no parameters", "is an empty group"]),
        ("Sequences cannot be key", ["is a list that holds other lists", "does not hold a mapping at its top"]),
        ("There are no node names before ros__parameters", ["there is no node's name above ros__parameters"]),
        ("Error parsing a event near line 0", ["cannot be read"]),
        ("Error parsing a event near line", ["is not valid YAML"]),
        ("Error opening YAML file", ["cannot be read", "check the path"]),
        ("node name must not contain characters other than alphanumerics or '_'", ["letters, digits and underscores"]),
        ("spdlog logging backend doesn't currently support external configuration", ["--log-config-file: logs cannot be configured by the file 'nosuch.cfg'; leave it out"]),
        ("No parameter value set", ["has no value: an empty list has no type"]),
        ("Invalid type for parameter 'use_sim_time', should be 'bool'", ["'use_sim_time' has invalid type", "is of type {bool}"]),
        ("parameter 'start_type_description_service' has already been declared", ["'start_type_description_service' has invalid type", "is of type {bool}"]),
        ("unknown QoS policy reliability value: bogus", ["unknown QoS policy reliability value: bogus; known here: "]),
        ("expected [integer] got [string]", ["is of type integer, not string"]),
    ];

    [DataTheory(Golden)]
    [InlineData(0, 62)]
    [InlineData(62, 125)]
    [InlineData(125, 188)]
    [InlineData(188, 250)]
    [InlineData(250, 307)]
    public void A_real_programs_outcome_is_ours(int from, int to)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf(Golden)));
        using var folder = new TempDirectory();
        foreach (JsonProperty f in file.RootElement.GetProperty("params_files").EnumerateObject())
        {
            File.WriteAllText(folder[f.Name], f.Value.GetString()!);
        }

        JsonElement[] vectors = [.. file.RootElement.GetProperty("vectors").EnumerateArray()];
        Assert.Equal(307, vectors.Length);
        var expectedBase = Outcome.From(vectors[0].GetProperty("rclcpp").GetProperty("no_args_outcome"));
        var problems = new List<string>();
        using var domain = new TestDomain();
        foreach (JsonElement vector in vectors[from..to])
        {
            string[] argv = [.. vector.GetProperty("argv").EnumerateArray().Select(a => a.GetString()!)];
            string text = string.Join(' ', argv);
            string? problem = Differences.ContainsKey(text) ? CheckDifference(text, argv, domain, folder) : Check(vector, argv, expectedBase, domain, folder);
            if (problem is not null)
            {
                problems.Add($"{text}\n    {problem}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static string? Check(JsonElement vector, string[] argv, Outcome expectedBase, TestDomain domain, TempDirectory folder)
    {
        JsonElement golden = vector.TryGetProperty("both", out JsonElement both) ? both : vector.GetProperty("rclcpp");
        (Outcome? outcome, string? failedIn, string? message, string[] log) = Run(argv, domain, folder);
        if (golden.TryGetProperty("failed_in", out JsonElement where))
        {
            return failedIn is null ? $"expected to fail in {where}, but it was accepted"
                : failedIn != where.GetString() ? $"expected to fail in {where}, failed in {failedIn}: {message}"
                : Refusal(golden.GetProperty("what").GetString()!, message!);
        }

        if (failedIn is not null)
        {
            return $"refused: {message}";
        }

        string[] wantedLog = golden.TryGetProperty("stderr", out JsonElement lines) ? [.. lines.EnumerateArray().Select(l => l.GetString()!)] : [];
        if (!wantedLog.SequenceEqual(log))
        {
            return $"expected the log '{string.Join('|', wantedLog)}', got '{string.Join('|', log)}'";
        }

        Outcome expected = golden.TryGetProperty("changed_from_no_args", out JsonElement changes) ? expectedBase.With(changes) : expectedBase;
        return expected.DifferenceTo(outcome!);
    }

    private static string? CheckDifference(string text, string[] argv, TestDomain domain, TempDirectory folder)
    {
        (Outcome? outcome, _, string? message, _) = Run(argv, domain, folder);
        return text.Contains("maparr", StringComparison.Ordinal)
            ? (message is not null && message.StartsWith("maparr.yaml:3: 'a' is a list that holds other lists or mappings", StringComparison.Ordinal) ? null : $"not refused as the table says: {message}")
            : outcome?["node 0 param start_type_description_service"] == "bool False" ? null : $"not as the table says: {message}";
    }

    /// <summary>Compares a refusal with rcl's: the same kind, the same argument, file or line, the same reason in our words.</summary>
    private static string? Refusal(string rcl, string ours)
    {
        rcl = rcl.Replace("failed to initialize rcl: ", string.Empty, StringComparison.Ordinal).Replace("failed to configure logging: ", string.Empty, StringComparison.Ordinal);
        if (rcl.StartsWith("found unknown ROS arguments", StringComparison.Ordinal))
        {
            return ours.StartsWith(rcl + "; ", StringComparison.Ordinal) ? null : $"expected '{rcl}; ...', got '{ours}'";
        }

        string reason = rcl;
        int error = rcl.IndexOf(" Error: ", StringComparison.Ordinal);
        if (error >= 0)
        {
            reason = rcl[(error + 8)..];
            Match file = ParamsFile().Match(rcl);
            Match line = Line().Match(reason);

            // For an empty group rcl names the line of what follows it.
            string place = file.Success ? file.Groups[1].Value + (line.Success && file.Groups[1].Value != "emptymap.yaml" ? $":{line.Groups[1]}: " : string.Empty) : rcl[..(error + 8)];
            if (!ours.StartsWith(place, StringComparison.Ordinal))
            {
                return $"expected '{place}...', got '{ours}'";
            }
        }
        else if (rcl.StartsWith("Couldn't parse trailing", StringComparison.Ordinal))
        {
            string sentence = rcl[..rcl.LastIndexOf("., at ", StringComparison.Ordinal)];
            return ours.StartsWith(sentence + "; write ", StringComparison.Ordinal) ? null : $"expected '{sentence}; write ...', got '{ours}'";
        }
        else if (rcl.StartsWith("Enclave name is not valid", StringComparison.Ordinal))
        {
            string sentence = rcl[..rcl.IndexOf(". Invalid index", StringComparison.Ordinal)];
            return ours.Contains(sentence, StringComparison.Ordinal) ? null : $"expected '{sentence}', got '{ours}'";
        }

        (string Rcl, string[] Ours) pair = Reasons.FirstOrDefault(r => reason.Contains(r.Rcl, StringComparison.Ordinal));
        return pair.Ours is null ? $"the test knows no counterpart of '{reason}' (got '{ours}')"
            : pair.Ours.Any(o => ours.Contains(o, StringComparison.Ordinal)) && !(pair.Rcl.StartsWith("Sequence should", StringComparison.Ordinal) && !pair.Ours.All(o => ours.Contains(o, StringComparison.Ordinal)))
                ? null
                : $"expected one of '{string.Join("' or '", pair.Ours)}' for rcl's '{reason}', got '{ours}'";
    }

    /// <summary>What the real program does: it joins the domain and creates the two nodes, whose overrides are declared.</summary>
    private static (Outcome? Outcome, string? FailedIn, string? Message, string[] Log) Run(string[] argv, TestDomain domain, TempDirectory folder)
    {
        string[] real = [.. argv.Select(a => File.Exists(folder[a]) ? folder[a] : a)];
        using var log = new StringWriter();
        string[] Log() => [.. log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Stamp().Replace(l.TrimEnd('\r'), "[<stamp>]"))];
        string at = "init";
        try
        {
            var arguments = RosArguments.Parse(real);
            using var logs = new RosLoggerFactory(output: log, environment: _ => null);
            using var context = new RosContext(RosContextOptions.Loopback(domain.Id) with { Arguments = arguments, LoggerFactory = logs });
            at = "create node alpha";
            NodeOptions options = NodeOptions.Full with { AutomaticallyDeclareParametersFromOverrides = true };
            Node[] nodes = [context.CreateNode("alpha", null, options), context.CreateNode("beta", "/fleet/one", options)];
            return (Outcome.Of(arguments, context, nodes), null, null, Log());
        }
        catch (UserErrorException e)
        {
            return (null, at, e.Message.Replace(folder.Path + Path.DirectorySeparatorChar, string.Empty, StringComparison.Ordinal), Log());
        }
    }

    [GeneratedRegex(@"\[\d+\.\d{9}\]")]
    private static partial Regex Stamp();

    [GeneratedRegex(@"'--params-file ([^']*)'")]
    private static partial Regex ParamsFile();

    [GeneratedRegex(@"(?<!near )(?:line|line_num) (\d+)")]
    private static partial Regex Line();

    /// <summary>Everything that the transcript shows of a run, as one flat table.</summary>
    private sealed class Outcome
    {
        private readonly SortedDictionary<string, string> facts = new(StringComparer.Ordinal);

        public string? this[string key] => facts.GetValueOrDefault(key);

        public static Outcome From(JsonElement golden)
        {
            var result = new Outcome();
            result.Take(golden);
            return result;
        }

        public static Outcome Of(RosArguments arguments, RosContext context, Node[] nodes)
        {
            var result = new Outcome();
            void Set(string key, object value) => result.facts[key] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
            Set("non_ros_args", string.Join('|', arguments.Remaining));
            Set("default_level", (int)context.LoggerLevels.Default);
            Set("level_foo", (int)context.LoggerLevels.Effective("foo"));
            Set("level_foo_bar", (int)context.LoggerLevels.Effective("foo.bar"));
            for (int i = 0; i < nodes.Length; i++)
            {
                Node node = nodes[i];
                string logger = ((NodeLogger)node.Logger).Name;
                Set($"node {i} fqn", node.FullName);
                Set($"node {i} logger", logger);
                foreach (string topic in new[] { "chatter", "/abs/topic", "~/priv", "sub/rel" })
                {
                    Set($"node {i} topic {topic}", node.ResolveTopicName(topic));
                }

                foreach (string service in new[] { "svc", "~/psvc" })
                {
                    Set($"node {i} service {service}", node.ResolveServiceName(service));
                }

                foreach (ParameterOverride given in node.Parameters.Overrides.Values)
                {
                    Assert.Equal(Value(given.Value), Value(node.Parameters.Get(given.Name)));
                    Set($"node {i} param {given.Name}", Value(given.Value));
                }

                Set($"node {i} use_sim_time", Value(node.Parameters.Get("use_sim_time")));
                Set($"node {i} logger_level", (int)context.LoggerLevels.Effective(logger));
                Set($"node {i} logger_level_set", (int)context.LoggerLevels.Get(logger));
                Set($"node {i} has_rosout_pub", node.RosOut is not null);
            }

            return result;
        }

        public Outcome With(JsonElement changes)
        {
            var result = new Outcome();
            foreach ((string key, string value) in facts)
            {
                result.facts[key] = value;
            }

            result.Take(changes);
            return result;
        }

        public string? DifferenceTo(Outcome actual)
        {
            string[] different = [.. facts.Keys.Union(actual.facts.Keys).Where(k => this[k] != actual[k]).Select(k => $"{k}: expected {this[k] ?? "nothing"}, got {actual[k] ?? "nothing"}")];
            return different.Length == 0 ? null : string.Join("; ", different);
        }

        private static string Value(ParameterValue value) => $"{ParameterValue.NameOf(value.Type)} {(value.Value is double[] a ? string.Join(',', a.Select(Text)) : value.Value is double d ? Text(d) : value.Value is Array items ? string.Join(',', items.Cast<object>()) : value.Value)}";

        private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

        private static bool IsDouble(JsonElement golden) => golden.GetProperty("type").GetString()!.StartsWith("double", StringComparison.Ordinal);

        private static string Value(JsonElement golden)
        {
            JsonElement value = golden.GetProperty("value");
            string One(JsonElement v) => v.ValueKind switch
            {
                JsonValueKind.True => "True",
                JsonValueKind.False => "False",
                JsonValueKind.String => IsDouble(golden) && double.TryParse(v.GetString(), CultureInfo.InvariantCulture, out double d) ? Text(d) : v.GetString() switch
                {
                    "inf" => Text(double.PositiveInfinity),
                    "-inf" => Text(double.NegativeInfinity),
                    "nan" when IsDouble(golden) => Text(double.NaN),
                    var text => text!,
                },
                _ => v.GetRawText(),
            };
            return $"{golden.GetProperty("type").GetString()} {(value.ValueKind == JsonValueKind.Array ? string.Join(',', value.EnumerateArray().Select(One)) : One(value))}";
        }

        private void Take(JsonElement golden)
        {
            foreach (JsonProperty p in golden.EnumerateObject())
            {
                if (p.Name == "nodes")
                {
                    int i = 0;
                    foreach (JsonElement node in p.Value.EnumerateArray())
                    {
                        Take(node, $"node {i++} ");
                    }
                }
                else
                {
                    facts[p.Name] = p.Value.ValueKind == JsonValueKind.Array ? string.Join('|', p.Value.EnumerateArray().Select(a => a.GetString())) : p.Value.GetRawText();
                }
            }
        }

        private void Take(JsonElement node, string prefix)
        {
            foreach (JsonProperty p in node.EnumerateObject())
            {
                switch (p.Name)
                {
                    case "topics" or "services":
                        foreach (JsonProperty name in p.Value.EnumerateObject())
                        {
                            facts[$"{prefix}{p.Name[..^1]} {name.Name}"] = name.Value.GetString()!;
                        }

                        break;
                    case "params":
                        foreach (JsonProperty parameter in p.Value.EnumerateObject())
                        {
                            facts[$"{prefix}param {parameter.Name}"] = Value(parameter.Value);
                        }

                        break;
                    case "use_sim_time":
                        facts[prefix + p.Name] = Value(p.Value);
                        break;
                    default:
                        facts[prefix + p.Name] = p.Value.ValueKind switch
                        {
                            JsonValueKind.True => "True",
                            JsonValueKind.False => "False",
                            JsonValueKind.String => p.Value.GetString()!,
                            _ => p.Value.GetRawText(),
                        };
                        break;
                }
            }
        }
    }
}
