using System.Text.Json;
using QDistill.Msgs.LifecycleMsgs;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

public sealed class LifecycleTests
{
    /// <summary>
    /// Replays the transcript of a real rclcpp_lifecycle node, and of rclpy's: states, transitions, callbacks with the states seen in them, events, log lines. Its `local` steps
    /// call the node's own API. An invalid transition by its id kills rclpy's node, and its callbacks' errors it does not log: there we do as rclcpp. The lines
    /// lack only rcl's own file and line number, and a silent publisher's warning comes from the node's logger, so that it says whose it is and reaches /rosout. What
    /// is recorded of "published or dropped" says nothing more than those lines; that SIGINT ends a node with 0 is the launch tests' matter.
    /// </summary>
    [DataTheory("golden/behaviour/lifecycle_rclcpp.json", "golden/behaviour/lifecycle_rclpy.json")]
    [InlineData("rclcpp", 164, 65)]
    [InlineData("rclpy", 130, 12)]
    public void A_real_nodes_transcript_is_replayed(string library, int steps, int withLines)
    {
        bool python = library == "rclpy";
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf($"golden/behaviour/lifecycle_{library}.json")));
        using var ros = new TestNodes();
        Node caller = ros.Node("caller");
        var console = new StringWriter();
        RosContext context = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: console) });
        using var spin = new ServiceTests.Spinning(context);
        var events = new List<string>();
        caller.CreateSubscription<TransitionEvent>("/lcnode/transition_event", null, m => events.Add($"{m.Timestamp} {m.Transition.Id}{m.Transition.Label} {Text(m.StartState)}->{Text(m.GoalState)}"));
        var change = caller.CreateClient<ChangeState, ChangeState.Request, ChangeState.Response>("/lcnode/change_state");
        var state = caller.CreateClient<GetState, GetState.Request, GetState.Response>("/lcnode/get_state");
        var states = caller.CreateClient<GetAvailableStates, GetAvailableStates.Request, GetAvailableStates.Response>("/lcnode/get_available_states");
        var available = caller.CreateClient<GetAvailableTransitions, GetAvailableTransitions.Request, GetAvailableTransitions.Response>("/lcnode/get_available_transitions");
        var graph = caller.CreateClient<GetAvailableTransitions, GetAvailableTransitions.Request, GetAvailableTransitions.Response>("/lcnode/get_transition_graph");
        var node = new Scripted(context);
        TestNodes.Await(() => node.Node.CountSubscribers("~/transition_event") == 1, "the event topic is matched");
        LifecyclePublisher<String> chatter = node.CreateLifecyclePublisher<String>("/lc_chatter");
        int number = 0, compared = 0, logged = 0;
        foreach (JsonElement step in file.RootElement.GetProperty("steps").EnumerateArray())
        {
            string op = step.GetProperty("op").GetString()!;
            string label = $"step {number++}: {step.GetRawText()}";
            events.Clear();
            node.Calls.Clear();
            switch (op)
            {
                case "(node restarted)":
                    node.Dispose();
                    node = new Scripted(context);
                    chatter = node.CreateLifecyclePublisher<String>("/lc_chatter");
                    continue;
                case "script_callbacks":
                    foreach (JsonProperty p in step.GetProperty("results").EnumerateObject())
                    {
                        node.Results[p.Name] = p.Value.GetString()!;
                    }

                    continue;
                case "get_state":
                    Assert.True(Text(step.GetProperty("reply").GetProperty("current_state")) == Text(state.Call(new GetState.Request(), TestNodes.Patience).CurrentState), label);
                    break;
                case "get_available_states":
                    Assert.Equal(
                        step.GetProperty("reply").GetProperty("available_states").EnumerateArray().Select(Text),
                        states.Call(new GetAvailableStates.Request(), TestNodes.Patience).AvailableStates.Span.ToArray().Select(Text));
                    break;
                case "get_available_transitions" or "get_transition_graph":
                    Assert.Equal(
                        step.GetProperty("reply").GetProperty("available_transitions").EnumerateArray().Select(Text3),
                        (op == "get_transition_graph" ? graph : available).Call(new GetAvailableTransitions.Request(), TestNodes.Patience).AvailableTransitions.Span.ToArray().Select(Text3));
                    break;
                case "change_state":
                    {
                        JsonElement t = step.GetProperty("request").GetProperty("transition");
                        var request = new ChangeState.Request();
                        (request.Transition.Id, request.Transition.Label) = (t.GetProperty("id").GetByte(), t.GetProperty("label").GetString()!);
                        bool success = change.Call(request, TestNodes.Patience).Success;

                        // rclcpp's reply to an invalid id is an uninitialised variable; ours is false.
                        bool expected = step.GetProperty("reply").TryGetProperty("success", out JsonElement s) && s.GetBoolean() && step.TryGetProperty("callbacks", out _);
                        Assert.True(expected == success, label);
                        if (step.TryGetProperty("died", out _))
                        {
                            Assert.Equal(2, Lines(console).Length);
                            console.GetStringBuilder().Clear();
                            compared++;
                            continue;
                        }

                        Outcome(step, label);
                        break;
                    }

                case "local configure" or "local cleanup" or "local activate" or "local deactivate" or "local shutdown":
                    bool done = op switch
                    {
                        "local configure" => node.Configure(),
                        "local cleanup" => node.Cleanup(),
                        "local activate" => node.Activate(),
                        "local deactivate" => node.Deactivate(),
                        _ => node.Shutdown(),
                    };
                    Assert.True(done == step.TryGetProperty("callbacks", out _), label);
                    Outcome(step, label);
                    break;
                case { } when op.StartsWith("publish", StringComparison.Ordinal) || op == "again":
                    Assert.Equal(op == "publish while active", chatter.Publish(TestNodes.Text(op)));
                    compared++;
                    continue; // its line is recorded with the query after it
                case "SIGINT":
                    continue;
                default:
                    Assert.Fail($"the record has an operation that is not replayed: {label}");
                    break;
            }

            string[] wanted = [.. step.TryGetProperty("stderr", out JsonElement lines) ? lines.EnumerateArray().Select(l => WithoutPlace(l.GetString()!)) : []];
            string[] ours = [.. Lines(console).Where(l => !python || (l.Contains("[rcl_lifecycle]", StringComparison.Ordinal) && op != "local shutdown"))]; // that one rclpy answers by itself
            Assert.True(wanted.SequenceEqual(ours), $"{label}\nour lines\n{string.Join('\n', ours)}");
            console.GetStringBuilder().Clear();
            logged += wanted.Length > 0 ? 1 : 0;
            compared++;
        }

        Assert.Equal((steps, withLines), (compared, logged));
        node.Dispose();

        static string WithoutPlace(string line) => line
            .Replace(", at rcl/rcl_lifecycle/src/rcl_lifecycle.c:355", string.Empty, StringComparison.Ordinal)
            .Replace("[LifecyclePublisher]", "[lcnode]", StringComparison.Ordinal)
            .Replace("Original error: thrown in callback", "Original error: scripted", StringComparison.Ordinal);

        static string[] Lines(StringWriter console) =>
            [.. console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => System.Text.RegularExpressions.Regex.Replace(l, @"\[\d+\.\d+\]", "[<stamp>]"))];

        void Outcome(JsonElement step, string label)
        {
            Assert.True(Text(step.GetProperty("state_after")) == $"{(int)node.State}:{LifecycleGraph.Label(node.State)}", label);
            string[] calls = step.TryGetProperty("callbacks", out JsonElement c) ? [.. c.EnumerateArray().Select(x => x.GetString()!)] : [];
            Assert.True(calls.SequenceEqual(node.Calls), $"{label}\nactual calls {string.Join(' ', node.Calls)}");
            string[] wanted = step.TryGetProperty("transition_events", out JsonElement e)
                ? [.. e.EnumerateArray().Select(x => $"{x.GetProperty("timestamp")} {x.GetProperty("transition").GetProperty("id")}{x.GetProperty("transition").GetProperty("label")} {Text(x.GetProperty("start_state"))}->{Text(x.GetProperty("goal_state"))}")]
                : [];
            caller.Context.SpinUntil(() => events.Count >= wanted.Length, TestNodes.Patience);
            Assert.True(wanted.SequenceEqual(events), $"{label}\nactual events {string.Join(' ', events)}");
        }
    }

    [Fact]
    public void A_managed_publisher_is_silent_while_inactive()
    {
        using var ros = new TestNodes();
        using var log = new StringWriter();
        using var node = new Scripted(ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: log) }));
        LifecyclePublisher<String> publisher = node.CreateLifecyclePublisher<String>("t", QoSProfile.TransientLocal);
        Assert.False(publisher.Publish(TestNodes.Text("never")));
        Assert.False(publisher.Publish(TestNodes.Text("never")));
        Assert.Single(log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(node.AutoStart());
        Assert.True(publisher.Publish(TestNodes.Text("active")));
        node.Deactivate();
        Assert.False(publisher.Publish(TestNodes.Text("never")));
        var got = new List<string>();
        Node listener = ros.Node("listener");
        listener.CreateSubscription<String>("/t", QoSProfile.TransientLocal with { Depth = 5 }, m => got.Add(m.Data));
        Assert.True(listener.Context.SpinUntil(() => got.Count > 0, TestNodes.Patience));
        Assert.Equal(["active"], got);
    }

    private static string Text(State s) => $"{s.Id}:{s.Label}";

    private static string Text(JsonElement s) => $"{s.GetProperty("id")}:{s.GetProperty("label").GetString()}";

    private static string Text3(TransitionDescription d) => $"{d.Transition.Id}:{d.Transition.Label} {Text(d.StartState)} {Text(d.GoalState)}";

    private static string Text3(JsonElement d) => $"{Text(d.GetProperty("transition"))} {Text(d.GetProperty("start_state"))} {Text(d.GetProperty("goal_state"))}";

    private sealed class Scripted(RosContext context) : LifecycleNode(context, "lcnode")
    {
        public Dictionary<string, string> Results { get; } = [];

        public List<string> Calls { get; } = [];

        protected override CallbackReturn OnConfigure(LifecycleState previous) => Run("on_configure", previous);

        protected override CallbackReturn OnCleanup(LifecycleState previous) => Run("on_cleanup", previous);

        protected override CallbackReturn OnActivate(LifecycleState previous) => Run("on_activate", previous);

        protected override CallbackReturn OnDeactivate(LifecycleState previous) => Run("on_deactivate", previous);

        protected override CallbackReturn OnShutdown(LifecycleState previous) => Run("on_shutdown", previous);

        protected override CallbackReturn OnError(LifecycleState previous) => Run("on_error", previous);

        private CallbackReturn Run(string name, LifecycleState previous)
        {
            string result = Results.GetValueOrDefault(name, "SUCCESS");
            Calls.Add($"{name}(previous_state={(int)previous}:{LifecycleGraph.Label(previous)}, get_current_state={(int)State}:{LifecycleGraph.Label(State)})->{result}");
            return result switch
            {
                "SUCCESS" => CallbackReturn.Success,
                "FAILURE" => CallbackReturn.Failure,
                "ERROR" => CallbackReturn.Error,
                _ => throw new InvalidOperationException("scripted"),
            };
        }
    }
}
