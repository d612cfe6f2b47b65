using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using QDistill.Msgs.RclInterfaces;
using Int = QDistill.Ros.IntegerRange;
using RclParameter = QDistill.Msgs.RclInterfaces.Parameter;
using RclValue = QDistill.Msgs.RclInterfaces.ParameterValue;

namespace QDistill.Ros.Tests;

public sealed class ParameterTests
{
    /// <summary>Requests whose outcome differs between rclcpp and rclpy; we do as rclcpp.</summary>
    private static readonly Dictionary<string, string> PythonDiffers = new()
    {
        ["strict 51"] = "each library describes start_type_description_service in its own words",
        ["strict 54"] = "rclpy declares no qos_overrides for its own endpoints",
        ["strict 86"] = "rclpy compares steps of a range with a wider tolerance",
        ["strict 105"] = "rclpy takes a parameter without a name",
        ["strict 144"] = "rclpy accepts an empty atomic list",
        ["strict 175"] = "rclpy takes a range that ends before it begins",
        ["strict 177"] = "rclpy declares a parameter of a fixed type without a value",
        ["strict 179"] = "follows from 177",
        ["strict 185"] = "rclpy undeclares parameters of a fixed type too",
        ["strict 186"] = "follows from 185",
        ["strict 188"] = "rclpy undeclares parameters of a fixed type too",
        ["strict 191"] = "follows from 185",
        ["strict 192"] = "follows from 185",
        ["strict 193"] = "follows from 175, 177 and 188",
        ["allow 3"] = "rclpy leaves the name out of the description of an unknown parameter",
        ["allow 5"] = "rclpy does not describe what was declared by setting it",
        ["allow 26"] = "in rclpy setting an unknown parameter to not set declares nothing",
        ["allow 32"] = "rclpy leaves the name out of the description of an unknown parameter",
        ["allow 33"] = "rclpy takes a parameter without a name",
        ["allow 34"] = "follows from 26 and 33",
    };

    /// <summary>
    /// Replays the transcript of a real rclcpp node: every request through the services, every reply and every /parameter_events message compared. On purpose we
    /// differ in: an empty name and an unknown type are refused instead of killing the node.
    /// </summary>
    [DataTheory("golden/behaviour/parameters_rclcpp.json")]
    [InlineData("strict")]
    [InlineData("allow")]
    public void A_real_nodes_transcript_is_replayed(string variant)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/behaviour/parameters_rclcpp.json")));
        JsonElement golden = file.RootElement.GetProperty("variants").GetProperty(variant);
        string name = golden.GetProperty("node").GetString()![1..];
        using var ros = new TestNodes();
        Node client = ros.Node("client");
        var events = new List<string>();
        client.CreateSubscription<ParameterEvent>("/parameter_events", QoSProfile.ParameterEvents, m => events.Add(Json(m)));
        var calls = new Calls(client, name);
        RosContext context = ros.Open();
        using var spin = new ServiceTests.Spinning(context);
        Node node = ParameterNode.Start(context, name, variant == "allow");
        string[] startup = [.. golden.GetProperty("startup_parameter_events").EnumerateArray().Select(e => e.GetRawText())];
        client.Context.SpinUntil(() => events.Count >= startup.Length, TestNodes.Patience);
        Assert.Equal(startup.Select(Normal), events);
        int step = 0;
        foreach (JsonElement s in golden.GetProperty("steps").EnumerateArray())
        {
            events.Clear();
            string label = $"step {step++}: {s.GetProperty("op")} {s.GetProperty("request").GetRawText()}";
            JsonElement request = s.GetProperty("request");
            if (s.TryGetProperty("node_died", out _))
            {
                // Ours refuses and lives; the transcript goes on with a fresh node.
                Assert.Contains("\"successful\":false", calls.Run(s.GetProperty("op").GetString()!, request));
                node.Dispose();
                client.Context.SpinUntil(() => false, TimeSpan.FromMilliseconds(20));
                node = ParameterNode.Start(context, name, variant == "allow");
                client.Context.SpinUntil(() => events.Count >= startup.Length, TestNodes.Patience);
                continue;
            }

            string reply = s.GetProperty("op").GetString() == "local_api" ? Local(node, request) : calls.Run(s.GetProperty("op").GetString()!, request);
            string expected = Normal(s.GetProperty("reply").GetRawText());
            Assert.True(expected == reply, $"{label}\nexpected {expected}\nactual   {reply}");
            string[] wanted = s.TryGetProperty("parameter_events", out JsonElement e) ? [.. e.EnumerateArray().Select(x => Normal(x.GetRawText()))] : [];
            client.Context.SpinUntil(() => events.Count >= wanted.Length, TestNodes.Patience);
            client.Context.SpinUntil(() => false, TimeSpan.FromMilliseconds(2));
            Assert.True(wanted.SequenceEqual(events), $"{label}\nexpected events {string.Join(' ', wanted)}\nactual events   {string.Join(' ', events)}");
        }
    }

    /// <summary>
    /// Replays the transcript of a real rclpy node for what the two libraries share: which requests succeed, which values, types, descriptions and names come back.
    /// Texts and the order of names are each library's own; ours are rclcpp's. Of local calls it counts that they are refused, not how.
    /// </summary>
    [DataTheory("golden/behaviour/parameters_rclpy.json")]
    [InlineData("strict")]
    [InlineData("allow")]
    public void A_python_nodes_outcomes_are_ours_where_the_libraries_agree(string variant)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/behaviour/parameters_rclpy.json")));
        JsonElement golden = file.RootElement.GetProperty("variants").GetProperty(variant);
        string name = golden.GetProperty("node").GetString()![1..];
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        using var spin = new ServiceTests.Spinning(context);
        Node node = ParameterNode.Start(context, name, variant == "allow");
        var calls = new Calls(ros.Node("client"), name);
        var different = new List<string>();
        int step = 0;
        foreach (JsonElement s in golden.GetProperty("steps").EnumerateArray())
        {
            string op = s.GetProperty("op").GetString()!;
            JsonElement request = s.GetProperty("request");
            string label = $"{variant} {step++}";
            if (s.TryGetProperty("node_died", out _))
            {
                node.Dispose();
                node = ParameterNode.Start(context, name, variant == "allow");
                continue;
            }

            string expected = Shared(s.GetProperty("reply").GetRawText());
            string actual = Shared(op == "local_api" ? Local(node, request) : calls.Run(op, request));
            if (PythonDiffers.ContainsKey(label) ? expected == actual : expected != actual)
            {
                different.Add($"{label} {op} {request.GetRawText()}\n  expected {expected}\n  actual   {actual}");
            }
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    [Fact]
    public void Overrides_take_the_place_of_defaults_and_are_checked()
    {
        using var ros = new TestNodes();
        var options = new NodeOptions { ParameterOverrides = new Dictionary<string, ParameterValue> { ["rate"] = 20L, ["name"] = "given", ["wrong"] = "text", ["range"] = 11L } };
        Node node = ros.Open().CreateNode("n", null, options);
        Assert.Equal(20L, node.Parameters.Declare("rate", 10L).Value);
        Assert.Equal("given", node.Parameters.Declare("name", ParameterType.String).Value);
        Assert.Equal("own", node.Parameters.Declare("other", "own").Value);
        Assert.Contains("Wrong parameter type", Assert.Throws<ParameterException>(() => node.Parameters.Declare("wrong", 1L)).Message);
        Assert.Contains("integer range", Assert.Throws<ParameterException>(() => node.Parameters.Declare("range", 1L, new ParameterOptions { IntegerRange = new Int(0, 10) })).Message);
        Assert.Equal(20L, node.Parameters.Get<long>("rate"));
        Assert.Throws<ParameterException>(() => node.Parameters.Get<string>("rate"));
    }

    [Fact]
    public void The_parameter_use_sim_time_switches_the_clock()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        Assert.Null(node.Parameters.Set("use_sim_time", true));
        Assert.True(node.UseSimTime);
        Assert.Equal(0, node.Clock.Now);
        Assert.Null(node.Parameters.Set("use_sim_time", false));
        Assert.False(node.UseSimTime);
    }

    /// <summary>The node's own API; exceptions are compared by their text, their classes being rclcpp's own.</summary>
    private static string Local(Node node, JsonElement request)
    {
        string[] a = [.. request.EnumerateArray().Select(x => x.GetString()!)];
        NodeParameters p = node.Parameters;
        JsonNode? result;
        try
        {
            result = a[0] switch
            {
                "has" => JsonValue.Create(p.Has(a[1])),
                "get" => Value(p.Get(a[1])),
                "get_as_string" => Value(p.Get<string>(a[1])),
                "set_int" => Set(p, a[1], long.Parse(a[2])),
                "set_str" => Set(p, a[1], a[2]),
                "describe" => JsonValue.Create(p.Describe([a[1]])[0].Name),
                "describe_many" => JsonValue.Create(p.Describe(a.Skip(1)).Count),
                "get_many" or "types_many" => JsonValue.Create(a.Skip(1).Select(p.Get).ToArray().Length),
                "declare_int" => Value(p.Declare(a[1], long.Parse(a[2]))),
                "declare_int_range" => Value(p.Declare(a[1], long.Parse(a[2]), new ParameterOptions { IntegerRange = new Int(long.Parse(a[3]), long.Parse(a[4]), ulong.Parse(a[5])) })),
                "declare_notset" => Value(p.Declare(a[1], ParameterValue.NotSet)),
                "declare_notset_dynamic" => Value(p.Declare(a[1], ParameterValue.NotSet, new ParameterOptions { DynamicTyping = true })),
                "undeclare" => Undeclare(p, a[1]),
                _ => throw new InvalidOperationException($"the transcript has the unknown call {a[0]}"),
            };
        }
        catch (ParameterException e)
        {
            result = new JsonObject { ["what"] = e.Message };
        }

        return Normal(new JsonObject { ["result"] = result }.ToJsonString());

        static JsonNode Value(ParameterValue v) => new JsonObject { ["type"] = ParameterValue.NameOf(v.Type), ["value"] = v.Value is long i ? i : null };
        static JsonNode Undeclare(NodeParameters p, string name)
        {
            p.Undeclare(name);
            return "ok";
        }

        static JsonNode Set(NodeParameters p, string name, ParameterValue value)
        {
            string? reason = p.Set(name, value);

            // rclcpp's set_parameter throws for what was not declared, the service does not.
            return reason is not null && reason.EndsWith("was not declared", StringComparison.Ordinal)
                ? new JsonObject { ["what"] = reason }
                : new JsonObject { ["successful"] = reason is null, ["reason"] = reason ?? string.Empty };
        }
    }

    /// <summary>One spelling for equal JSON; rclcpp's exception classes are left out, and its type error's words.</summary>
    private static string Normal(string json)
    {
        JsonNode node = JsonNode.Parse(json)!;
        if (node is JsonObject o && o["result"] is JsonObject r)
        {
            r.Remove("exception");
            if ((string?)r["what"] is { } what && (what.StartsWith("expected [", StringComparison.Ordinal) || what.EndsWith("not String", StringComparison.Ordinal)))
            {
                r["what"] = "another type";
            }
        }

        return node.ToJsonString();
    }

    /// <summary>A reply without what is each library's own.</summary>
    private static string Shared(string json)
    {
        JsonNode node = JsonNode.Parse(json)!;
        foreach (JsonObject result in (node["results"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            result.Remove("reason");
        }

        if (node["result"] is JsonObject single)
        {
            single.Remove("reason");
            single.Remove("exception");
            if (single.ContainsKey("what"))
            {
                single["what"] = "refused";
            }

            if ((string?)single["type"] == "not_set")
            {
                single["type"] = "not set";
            }

            foreach (string list in new[] { "names", "prefixes" })
            {
                if (single[list] is JsonArray names)
                {
                    single[list] = new JsonArray([.. names.Select(n => (string)n!).Where(n => !n.StartsWith("qos_overrides", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(n => (JsonNode)n)]);
                }
            }
        }

        return node.ToJsonString();
    }

    private static string Json(ParameterEvent m)
    {
        var o = new JsonObject { ["node"] = m.Node };
        foreach ((string key, Sequence<RclParameter> list) in new[] { ("new_parameters", m.NewParameters), ("changed_parameters", m.ChangedParameters), ("deleted_parameters", m.DeletedParameters) })
        {
            if (list.Count > 0)
            {
                o[key] = new JsonArray([.. list.Span.ToArray().Select(p => new JsonObject { ["name"] = p.Name, ["value"] = Json(p.Value) })]);
            }
        }

        return o.ToJsonString();
    }

    private static JsonObject Json(RclValue v)
    {
        static JsonNode Double(double d) => double.IsNaN(d) ? "nan" : double.IsInfinity(d) ? "inf" : JsonNode.Parse(d.ToString(d == Math.Floor(d) ? "F1" : "R", CultureInfo.InvariantCulture))!;
        static JsonArray Array<T>(Sequence<T> s, Func<T, JsonNode> f) => new([.. s.Span.ToArray().Select(f)]);
        var o = new JsonObject { ["type"] = v.Type };
        _ = v.Type switch
        {
            1 => o["bool_value"] = v.BoolValue,
            2 => o["integer_value"] = v.IntegerValue,
            3 => o["double_value"] = Double(v.DoubleValue),
            4 => o["string_value"] = v.StringValue,
            5 => o["byte_array_value"] = Array(v.ByteArrayValue, x => (JsonNode)x),
            6 => o["bool_array_value"] = Array(v.BoolArrayValue, x => (JsonNode)x),
            7 => o["integer_array_value"] = Array(v.IntegerArrayValue, x => (JsonNode)x),
            8 => o["double_array_value"] = Array(v.DoubleArrayValue, Double),
            9 => o["string_array_value"] = Array(v.StringArrayValue, x => (JsonNode)x),
            _ => null,
        };
        return o;
    }

    /// <summary>The six services, called with the transcript's requests.</summary>
    private sealed class Calls(Node node, string server)
    {
        private readonly Client<DescribeParameters, DescribeParameters.Request, DescribeParameters.Response> describe = node.CreateClient<DescribeParameters, DescribeParameters.Request, DescribeParameters.Response>($"/{server}/describe_parameters", QoSProfile.Parameters);
        private readonly Client<GetParameters, GetParameters.Request, GetParameters.Response> get = node.CreateClient<GetParameters, GetParameters.Request, GetParameters.Response>($"/{server}/get_parameters", QoSProfile.Parameters);
        private readonly Client<GetParameterTypes, GetParameterTypes.Request, GetParameterTypes.Response> types = node.CreateClient<GetParameterTypes, GetParameterTypes.Request, GetParameterTypes.Response>($"/{server}/get_parameter_types", QoSProfile.Parameters);
        private readonly Client<ListParameters, ListParameters.Request, ListParameters.Response> list = node.CreateClient<ListParameters, ListParameters.Request, ListParameters.Response>($"/{server}/list_parameters", QoSProfile.Parameters);
        private readonly Client<SetParameters, SetParameters.Request, SetParameters.Response> set = node.CreateClient<SetParameters, SetParameters.Request, SetParameters.Response>($"/{server}/set_parameters", QoSProfile.Parameters);
        private readonly Client<SetParametersAtomically, SetParametersAtomically.Request, SetParametersAtomically.Response> atomically = node.CreateClient<SetParametersAtomically, SetParametersAtomically.Request, SetParametersAtomically.Response>($"/{server}/set_parameters_atomically", QoSProfile.Parameters);

        public string Run(string op, JsonElement request) => (op switch
        {
            "describe_parameters" => Describe(request),
            "get_parameters" => Get(request),
            "get_parameter_types" => Types(request),
            "list_parameters" => List(request),
            "set_parameters" => Set(request),
            "set_parameters_atomically" => Atomically(request),
            _ => throw new InvalidOperationException(op),
        }).ToJsonString();

        private static void Names(JsonElement request, string key, Sequence<string> target)
        {
            foreach (JsonElement n in request.GetProperty(key).EnumerateArray())
            {
                target.Add(n.GetString()!);
            }
        }

        private static JsonArray Texts(Sequence<string> s) => new([.. s.Span.ToArray().Select(x => (JsonNode)x)]);

        private JsonObject Describe(JsonElement request)
        {
            var r = new DescribeParameters.Request();
            Names(request, "names", r.Names);
            return new JsonObject
            {
                ["descriptors"] = new JsonArray([.. describe.Call(r, TestNodes.Patience).Descriptors.Span.ToArray().Select(d => new JsonObject
                {
                    ["name"] = d.Name,
                    ["type"] = d.Type,
                    ["description"] = d.Description,
                    ["additional_constraints"] = d.AdditionalConstraints,
                    ["read_only"] = d.ReadOnly,
                    ["dynamic_typing"] = d.DynamicTyping,
                    ["floating_point_range"] = new JsonArray([.. d.FloatingPointRange.Span.ToArray().Select(x => JsonNode.Parse(FormattableString.Invariant($"{{\"from_value\":{x.FromValue:F1},\"to_value\":{x.ToValue:F1},\"step\":{(x.Step == 0 ? "0.0" : x.Step)}}}")))]),
                    ["integer_range"] = new JsonArray([.. d.IntegerRange.Span.ToArray().Select(x => new JsonObject { ["from_value"] = x.FromValue, ["to_value"] = x.ToValue, ["step"] = x.Step })]),
                })]),
            };
        }

        private JsonObject Get(JsonElement request)
        {
            var r = new GetParameters.Request();
            Names(request, "names", r.Names);
            return new JsonObject { ["values"] = new JsonArray([.. get.Call(r, TestNodes.Patience).Values.Span.ToArray().Select(Json)]) };
        }

        private JsonObject Types(JsonElement request)
        {
            var r = new GetParameterTypes.Request();
            Names(request, "names", r.Names);
            return new JsonObject { ["types"] = new JsonArray([.. types.Call(r, TestNodes.Patience).Types.Span.ToArray().Select(t => (JsonNode)t)]) };
        }

        private JsonObject List(JsonElement request)
        {
            var r = new ListParameters.Request { Depth = request.GetProperty("depth").GetUInt64() };
            Names(request, "prefixes", r.Prefixes);
            ListParametersResult result = list.Call(r, TestNodes.Patience).Result;
            return new JsonObject { ["result"] = new JsonObject { ["names"] = Texts(result.Names), ["prefixes"] = Texts(result.Prefixes) } };
        }

        private JsonObject Set(JsonElement request)
        {
            var r = new SetParameters.Request();
            Fill(request, r.Parameters);
            return new JsonObject { ["results"] = new JsonArray([.. set.Call(r, TestNodes.Patience).Results.Span.ToArray().Select(Result)]) };
        }

        private JsonObject Atomically(JsonElement request)
        {
            var r = new SetParametersAtomically.Request();
            Fill(request, r.Parameters);
            return new JsonObject { ["result"] = Result(atomically.Call(r, TestNodes.Patience).Result) };
        }

        private static JsonObject Result(SetParametersResult r) => new() { ["successful"] = r.Successful, ["reason"] = r.Reason };

        private static void Fill(JsonElement request, Sequence<RclParameter> target)
        {
            foreach (JsonElement p in request.GetProperty("parameters").EnumerateArray())
            {
                target.Resize(target.Count + 1);
                RclParameter message = target[target.Count - 1];
                message.Name = p.GetProperty("name").GetString()!;
                JsonElement v = p.GetProperty("value");
                int type = v.GetProperty("type").GetInt32();
                T[] All<T>(string key, Func<JsonElement, T> f) => [.. v.GetProperty(key).EnumerateArray().Select(f)];
                ParameterValue? value = type switch
                {
                    0 => ParameterValue.NotSet,
                    1 => v.GetProperty("bool_value").GetBoolean(),
                    2 => v.GetProperty("integer_value").GetInt64(),
                    3 => v.GetProperty("double_value") is { ValueKind: JsonValueKind.String } s ? (s.GetString() == "nan" ? double.NaN : double.PositiveInfinity) : v.GetProperty("double_value").GetDouble(),
                    4 => v.GetProperty("string_value").GetString()!,
                    5 => All("byte_array_value", x => x.GetByte()),
                    6 => All("bool_array_value", x => x.GetBoolean()),
                    7 => All("integer_array_value", x => x.GetInt64()),
                    8 => All("double_array_value", x => x.GetDouble()),
                    9 => All("string_array_value", x => x.GetString()!),
                    _ => null,
                };
                value?.CopyTo(message.Value);
                message.Value.Type = (byte)type;
            }
        }
    }
}
