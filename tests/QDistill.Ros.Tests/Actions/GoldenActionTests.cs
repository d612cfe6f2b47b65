using System.Text.Json;
using QDistill.Msgs.ActionMsgs;
using QDistill.Msgs.ExampleInterfaces;

namespace QDistill.Ros.Tests;

/// <summary>Our action server against the records of real ones, and our messages against what was seen on their wires.</summary>
public sealed class GoldenActionTests
{
    private const string Record = "golden/behaviour/actions_rclcpp_cyclonedds.json";
    private const string RclpyRecord = "golden/behaviour/actions_rclpy_cyclonedds.json";
    private const string FastDdsRecord = "golden/behaviour/actions_rclpy_fastrtps.json";

    /// <summary>Steps of rclpy's records that end otherwise than rclcpp's; there we do as rclcpp, so that its record tells what to expect.</summary>
    private static readonly Dictionary<int, string> DoneAsRclcpp = new()
    {
        [16] = "a refused cancellation is return code 0 in rclpy, 1 (rejected) in rclcpp",
        [21] = "an execution that just returns aborts its goal in rclpy, and cancels it in rclcpp",
        [40] = "cancelling what was accepted until a stamp finds nothing in rclpy, whose goals carry no stamp of acceptance",
        [41] = "follows from step 40",
        [42] = "follows from step 40",
        [43] = "follows from step 40",
        [46] = "follows from step 40: the goal left over is cancelled here",
    };

    /// <summary>Goals whose states are rclcpp's: those of these steps, and one that waits to be executed, which rclpy does not publish as accepted.</summary>
    private static readonly string[] GoalsDoneAsRclcpp = ["G06", "G08", "G12", "G13"];

    /// <summary>
    /// Replays the transcript by plain service clients, as it was made: every reply, every goal's succession of states and all feedback. rclcpp's ways are followed where
    /// rclpy differs (stamp 0 in the reply, return code 1 for a refused cancellation, CANCELED for a goal whose execution just returns), except: a UUID that is still
    /// known is refused, as rclpy does, where rclcpp dies; and an execution that throws aborts its goal, as in rclpy, because CANCELED would tell the client that
    /// somebody asked for it. Terminal goals leave the status array with their result, 3 s after they have ended instead of after they were accepted: what the
    /// record lacks in an array must have ended.
    /// </summary>
    [DataTheory(Record)]
    [InlineData(Record)]
    [InlineData(RclpyRecord)]
    [InlineData(FastDdsRecord)]
    public void A_real_servers_transcript_is_replayed(string record)
    {
        using JsonDocument golden = Open(record), rclcpp = Open(Record);
        using var ros = new TestNodes();
        using var peer = new Peer(ros);
        Node node = ros.Open().CreateNode("fibserver", null, NodeOptions.Full);
        node.Clock.SetSimulated(true);
        long now = 1_000_000_000_000;
        node.Clock.SetTime(now);
        var server = new GoldenActionServer(node);
        using var spin = new ServiceTests.Spinning(node.Context);
        peer.AwaitServer();
        var expected = new Dictionary<string, List<int>>();
        var feedback = new List<string>();
        int number = 0;
        JsonElement[] rclcppsSteps = [.. rclcpp.RootElement.GetProperty("steps").EnumerateArray()];
        foreach (JsonElement recorded in golden.RootElement.GetProperty("steps").EnumerateArray())
        {
            JsonElement step = DoneAsRclcpp.ContainsKey(number) ? rclcppsSteps[number] : recorded;
            string op = step.GetProperty("op").GetString()!;
            string label = $"step {number}: {step.GetRawText()}";
            node.Clock.SetTime(now += 1_000_000);
            switch (op)
            {
                case "send_goal":
                    bool known = step.TryGetProperty("server_died", out _);
                    Assert.True(peer.SendGoal(Id(step.GetProperty("goal")), step.GetProperty("order").GetInt32()) == (step.GetProperty("reply").GetProperty("accepted").GetBoolean() && !known), label);
                    break;
                case "cancel_goal":
                    JsonElement reply = step.GetProperty("reply");
                    (int code, string[] canceling) = peer.Cancel(Id(step.GetProperty("request").GetProperty("goal_id")));
                    Assert.True(code == reply.GetProperty("return_code").GetInt32(), label);
                    Assert.Equal(reply.GetProperty("goals_canceling").EnumerateArray().Select(g => Hex(Id(g.GetProperty("goal_id")))), canceling);
                    break;
                case "get_result":
                    GoalId id = Id(step.GetProperty("goal"));
                    Task<(int Status, int[] Sequence)> result = peer.GetResult(id);
                    server.Release(id);
                    (int status, int[] sequence) = peer.Complete(result);
                    bool thrown = step.GetProperty("goal").GetString() == "G07";
                    Assert.True(status == (thrown ? 6 : step.GetProperty("reply").GetProperty("status").GetInt32()), label + $" but got {status}");
                    Assert.Equal(step.GetProperty("reply").GetProperty("result").GetProperty("sequence").EnumerateArray().Select(x => x.GetInt32()), sequence);
                    break;
                case "late transient-local subscriber to status gets":
                    peer.ExpectLateStatus(step.GetProperty("status_topic")[0].EnumerateArray().Select(g => (Hex(Id(g.GetProperty("goal"))), g.GetProperty("status").GetInt32())).ToArray());
                    break;
                default:
                    if (op.StartsWith("3.5 s later", StringComparison.Ordinal))
                    {
                        node.Clock.SetTime(now += 3_500_000_000);
                        TestNodes.Await(() => server.Server.KnownGoalCount == 0, "the results have expired");
                    }

                    break;
            }

            foreach ((JsonElement source, bool asRclcpp) in op == "late transient-local subscriber to status gets" ? [] : new[] { (step, false), (rclcppsSteps[number], true) })
            {
                foreach (JsonElement goal in source.TryGetProperty("status_topic", out JsonElement arrays) ? arrays.EnumerateArray().SelectMany(a => a.EnumerateArray()) : [])
                {
                    if (asRclcpp != GoalsDoneAsRclcpp.Contains(goal.GetProperty("goal").GetString()))
                    {
                        continue;
                    }

                    Append(expected, Hex(Id(goal.GetProperty("goal"))), goal.GetProperty("goal").GetString() == "G07" && goal.GetProperty("status").GetInt32() == 5 ? 6 : goal.GetProperty("status").GetInt32());
                }
            }

            feedback.AddRange(step.TryGetProperty("feedback_topic", out JsonElement f) ? f.EnumerateArray().Select(m => $"{Hex(Id(m.GetProperty("goal")))} {string.Join(',', m.GetProperty("sequence").EnumerateArray().Select(x => x.GetInt32()))}") : []);
            number++;
        }

        peer.Await(() => peer.Feedback.Count >= feedback.Count && expected.All(e => peer.States.TryGetValue(e.Key, out List<int>? s) && s.Count >= e.Value.Count));
        Assert.Equal(feedback, peer.Feedback);
        foreach ((string goal, List<int> states) in expected)
        {
            Assert.True(states.SequenceEqual(peer.States[goal]), $"goal {goal}: {string.Join(' ', states)} in the record, {string.Join(' ', peer.States[goal])} here");
        }

        Assert.Equal(expected.Keys.Order(), peer.States.Keys.Order());
    }

    /// <summary>Fast DDS has no ids of service and client, nor history and depth in what it announces; the rest is the same.</summary>
    [DataTheory(Record)]
    [InlineData(Record)]
    [InlineData(RclpyRecord)]
    [InlineData(FastDdsRecord)]
    public void The_endpoints_of_a_server_are_those_of_a_real_one(string record)
    {
        using JsonDocument golden = Open(record);
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("fibserver");
        var server = new GoldenActionServer(node);
        var wanted = golden.RootElement.GetProperty("dds_endpoints").EnumerateArray().Where(e => Kind(e) is "writer rr" or "writer rt" or "reader rq").Select(Recorded);
        var ours = node.Context.GetGraph().Endpoints.Where(e => e.Name is not null).Select(Announced);
        Assert.Equal(wanted.Distinct().Order(), ours.Order());
        Assert.Equal(8, ours.Count());
        Assert.All(node.Context.GetGraph().Endpoints.Where(e => e.Name is not null), e => Assert.Equal(e.WireTopic.EndsWith("status", StringComparison.Ordinal) ? 1 : 10, e.QoS.Depth));

        NameAndTypes[] services = [.. node.GetServiceNamesAndTypes()];
        Assert.Equal(
            golden.RootElement.GetProperty("graph").GetProperty("services").EnumerateArray().Select(s => $"{s[0]} {s[1][0]}").Where(s => s.StartsWith("/fib/", StringComparison.Ordinal)),
            services.Select(s => $"{s.Name} {s.Types[0]}"));
        Assert.Equal(["/fib example_interfaces/action/Fibonacci"], node.GetActionNamesAndTypes().Select(a => $"{a.Name} {a.Types[0]}"));
        Assert.Equal(["/fib"], node.Context.GetGraph().ActionServersByNode("/fibserver").Select(a => a.Name));
        Assert.Empty(node.Context.GetGraph().ActionClientsByNode("/fibserver"));
        Assert.NotNull(server);
    }

    [DataTheory(Record)]
    [InlineData(Record)]
    [InlineData(RclpyRecord)]
    [InlineData(FastDdsRecord)]
    public void The_endpoints_of_a_client_are_those_of_a_real_one(string record)
    {
        using JsonDocument golden = Open(record);
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("fibclient");
        using ActionClient<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> client = node.CreateActionClient<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>("fib");
        var wanted = golden.RootElement.GetProperty("dds_endpoints").EnumerateArray().Where(e => Kind(e) is "reader rr" or "reader rt" or "writer rq").Select(Recorded);
        var ours = node.Context.GetGraph().Endpoints.Where(e => e.Name is not null).Select(Announced);
        Assert.Equal(wanted.Distinct().Order(), ours.Order());
    }

    [DataFact(RclpyRecord)]
    public void The_topics_of_a_client_have_the_qos_of_a_real_one()
    {
        using JsonDocument golden = Open(RclpyRecord);
        JsonElement real = golden.RootElement.GetProperty("action_client_and_defaults");
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("fibclient");
        using ActionClient<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback> client = node.CreateActionClient<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>("fib");
        foreach (string topic in new[] { "feedback", "status" })
        {
            JsonElement wanted = real.GetProperty("rclpy_ActionClient_subscriptions").GetProperty(topic)[0], qos = wanted.GetProperty("qos");
            GraphEndpoint ours = Assert.Single(node.GetSubscriptionsInfoByTopic("/fib/_action/" + topic));
            Assert.Equal(wanted.GetProperty("type").GetString(), ours.Type);
            Assert.Equal(wanted.GetProperty("type_hash").GetString(), ours.TypeHash);
            Assert.Equal(qos.GetProperty("depth").GetInt32(), ours.QoS.Depth);
            Assert.Equal(qos.GetProperty("durability").GetString(), ours.QoS.Durability == DurabilityPolicy.TransientLocal ? "TRANSIENT_LOCAL" : "VOLATILE");
            Assert.Equal(ReliabilityPolicy.Reliable, ours.QoS.Reliability);
        }

        Assert.Equal(real.GetProperty("server_is_ready_without_server").GetBoolean(), client.IsServerReady);
        Assert.Equal("default_result_timeout_ns 10000000000", real.GetProperty("rclcpp_default").GetString());
        Assert.Equal(TimeSpan.FromSeconds(10), new ActionServerOptions().ResultTimeout);
        Assert.Equal(["/fib"], node.Context.GetGraph().ActionClientsByNode("/fibclient").Select(a => a.Name));
        string id = GoalId.New().ToString(); // RFC 4122, version 4, as rclpy's
        Assert.Equal('4', id[12]);
        Assert.Contains(id[16], "89ab");
    }

    /// <summary>On Fast DDS services have no header in the message, and messages may be followed by some bytes that mean nothing.</summary>
    [DataTheory(Record)]
    [InlineData(Record)]
    [InlineData(RclpyRecord)]
    [InlineData(FastDdsRecord)]
    public void Every_message_on_a_real_wire_is_read_and_written_back_byte_for_byte(string record)
    {
        using JsonDocument golden = Open(record);
        int count = 0;
        foreach (JsonElement sample in golden.RootElement.GetProperty("wire").EnumerateArray())
        {
            string topic = sample.GetProperty("topic").GetString()!;
            byte[] wire = Convert.FromHexString(sample.GetProperty("payload_hex").GetString()!);
            byte[] payload = topic.StartsWith("rt/", StringComparison.Ordinal) || record == FastDdsRecord ? wire : [.. wire[..4], .. wire[20..]];
            byte[] again = topic[(topic.LastIndexOf('/') + 1)..] switch
            {
                "send_goalRequest" => Again<ActionMessages<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>.SendGoalRequest, Fibonacci.SendGoal.Request>(payload),
                "send_goalReply" => Again<ActionMessages<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>.SendGoalResponse, Fibonacci.SendGoal.Response>(payload),
                "get_resultRequest" => Again<ActionMessages<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>.GetResultRequest, Fibonacci.GetResult.Request>(payload),
                "get_resultReply" => Again<ActionMessages<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>.GetResultResponse, Fibonacci.GetResult.Response>(payload),
                "feedback" => Again<ActionMessages<Fibonacci, Fibonacci.Goal, Fibonacci.Result, Fibonacci.Feedback>.FeedbackMessage, Fibonacci.FeedbackMessage>(payload),
                "cancel_goalRequest" => Again<CancelGoal.Request, CancelGoal.Request>(payload),
                "cancel_goalReply" => Again<CancelGoal.Response, CancelGoal.Response>(payload),
                "status" => Again<GoalStatusArray, GoalStatusArray>(payload),
                _ => throw new InvalidOperationException($"the record has the unknown topic {topic}"),
            };
            Assert.Equal(Convert.ToHexStringLower(payload[..again.Length]), Convert.ToHexStringLower(again));
            Assert.True(record == FastDdsRecord ? payload.Length - again.Length <= 30 : payload.AsSpan(again.Length).IndexOfAnyExcept((byte)0) < 0 && payload.Length - again.Length < 4, topic);
            count++;
        }

        Assert.Equal(116, count);
    }

    // Read and written by the class that server and client use, and by the generated one, which must have the same name and hash.
    private static byte[] Again<T, TGenerated>(byte[] payload)
        where T : class, IMessage<T>, new()
        where TGenerated : class, IMessage<TGenerated>, new()
    {
        Assert.Equal((TGenerated.Type.Name, TGenerated.Type.Hash), (T.Type.Name, T.Type.Hash));
        byte[] first = Cdr.Serialize(Cdr.Deserialize<T>(payload)), second = Cdr.Serialize(Cdr.Deserialize<TGenerated>(payload));
        Assert.Equal(first, second);
        return first;
    }

    internal static void Append(Dictionary<string, List<int>> states, string goal, int state)
    {
        if (!states.TryGetValue(goal, out List<int>? known))
        {
            states[goal] = known = [];
        }

        if (known.Count == 0 || known[^1] != state)
        {
            known.Add(state);
        }
    }

    private static JsonDocument Open(string record) => JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf(record)));

    private static string Data(string userData) => userData[userData.IndexOf("typehash", StringComparison.Ordinal)..];

    private static string Kind(JsonElement endpoint) => $"{endpoint.GetProperty("kind")} {endpoint.GetProperty("topic").GetString()![..2]}";

    private static string Recorded(JsonElement e) =>
        $"{e.GetProperty("kind")} {e.GetProperty("topic")} {e.GetProperty("type")} {e.GetProperty("reliability")} {(e.TryGetProperty("durability", out JsonElement d) ? d : "volatile")} {Data(e.GetProperty("user_data").GetString()!)}";

    private static string Announced(GraphEndpoint e) =>
        $"{(e.IsWriter ? "writer" : "reader")} {e.WireTopic} {e.WireType} {(e.QoS.Reliability == ReliabilityPolicy.Reliable ? "reliable" : "?")} {(e.QoS.Durability == DurabilityPolicy.TransientLocal ? "transient_local" : "volatile")} {Data(e.UserData)}";

    private static string Hex(GoalId id) => id.ToString();

    // "Gnn = UUID of 15 bytes nn then ee"; nn is decimal in the legend and on the wire.
    private static GoalId Id(JsonElement name)
    {
        if (name.GetString() is not { } text || !text.StartsWith('G'))
        {
            return GoalId.Zero;
        }

        byte[] bytes = new byte[16];
        bytes.AsSpan().Fill(byte.Parse(text.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture));
        bytes[15] = 0xee;
        return GoalId.From(bytes);
    }
}
