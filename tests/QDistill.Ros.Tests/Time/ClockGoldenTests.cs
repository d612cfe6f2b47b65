using System.Text.Json;
using QDistill.Msgs.RclInterfaces;
using ClockMessage = QDistill.Msgs.RosgraphMsgs.Clock;

namespace QDistill.Ros.Tests;

/// <summary>
/// Replays what a real rclcpp node with a timer on ROS time, jump callbacks and use_sim_time did step by step. rclpy does the same but where time's source is
/// switched: there we do as rclcpp, and those steps are named below.
/// </summary>
public sealed class ClockGoldenTests
{
    private const string Folder = "golden/behaviour/";

    /// <summary>Steps at which rclpy's node differs from rclcpp's: what the timer does around a switch, and the extra jump from 0 that rclcpp reports after it.</summary>
    private static readonly int[] RclpyDiffers = [28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 42];

    [DataTheory(Folder + "clock_rclcpp.json", Folder + "clock_rclpy.json")]
    [InlineData("rclcpp")]
    [InlineData("rclpy")]
    public void A_real_nodes_time_is_ours_step_by_step(string library)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf($"{Folder}clock_{library}.json")));
        JsonElement[] steps = [.. file.RootElement.GetProperty("steps").EnumerateArray()];
        using var ros = new TestNodes();
        Node player = ros.Node("player");
        Publisher<ClockMessage> clock = player.CreatePublisher<ClockMessage>("/clock");
        Subject? subject = null;
        for (int i = 0; i < steps.Length; i++)
        {
            JsonElement step = steps[i];
            string op = step.GetProperty("op").GetString()!;
            string label = $"step {i} {op}";
            switch (op)
            {
                case "start":
                    subject = new Subject(ros, [.. step.GetProperty("args").EnumerateArray().Select(a => a.GetString()!)], player);
                    continue;
                case "stop (SIGINT)":
                    subject!.Dispose();
                    continue;
                case "publish /clock":
                    subject!.AwaitClockIs(clock);
                    subject.Take(clock, (step.GetProperty("clock").GetProperty("sec").GetInt64() * 1_000_000_000) + step.GetProperty("clock").GetProperty("nanosec").GetInt64());
                    break;
                case "set_parameters":
                    subject!.Set(step, library == "rclcpp", label);
                    break;
            }

            if (step.TryGetProperty("fires_in_about_1s", out _))
            {
                subject!.AwaitWallTimer();
            }
            else if (library == "rclcpp" || !RclpyDiffers.Contains(i))
            {
                subject!.Check(step, label, op == "set_parameters");
            }

            subject!.Forget();
        }
    }

    private sealed class Subject : IDisposable
    {
        private readonly Node node;
        private readonly Timer timer;
        private readonly Node observer;
        private readonly List<string> fired = [];
        private readonly List<string> jumps = [];
        private readonly List<string> backward = [];
        private readonly List<long> eventStamps = [];
        private int wallCalls;

        public Subject(TestNodes ros, string[] args, Node observer)
        {
            this.observer = observer;
            node = ros.Open(o => o with { Arguments = RosArguments.Parse(args) }).CreateNode("clocknode", null, NodeOptions.Full);
            timer = node.CreateTimer(TimeSpan.FromSeconds(1), () => fired.Add(Text(node.Clock.Now)), node.Clock);
            node.CreateTimer(TimeSpan.FromMilliseconds(20), () => wallCalls++);
            node.Clock.AddJumpCallback(new JumpThreshold(true, 1, -1), () => jumps.Add("pre"), j => jumps.Add(Text(j)));
            node.Clock.AddJumpCallback(new JumpThreshold(false, 0, -2_000_000_000), null, j => backward.Add(Text(j)));
            observer.CreateSubscription<ParameterEvent>("/parameter_events", QoSProfile.ParameterEvents, m => eventStamps.Add(m.Stamp.ToNanoseconds()));
        }

        public void Dispose() => node.Context.Dispose();

        public void Forget()
        {
            fired.Clear();
            jumps.Clear();
            backward.Clear();
        }

        public void AwaitClockIs(Publisher<ClockMessage> clock) => TestNodes.AwaitMatched(clock, node.UseSimTime ? 1 : 0);

        public void AwaitWallTimer()
        {
            wallCalls = 0;
            Assert.True(node.Context.SpinUntil(() => wallCalls >= 5, TestNodes.Patience), "a wall timer runs while ROS time stands");
        }

        public void Take(Publisher<ClockMessage> clock, long time)
        {
            var message = new ClockMessage();
            message.Clock_.SetNanoseconds(time);
            int samples = 0;
            void Count(TimeJump _) => samples++;
            node.Clock.Jumped += Count;
            clock.Publish(message);
            if (node.UseSimTime)
            {
                Assert.True(node.Context.SpinUntil(() => samples > 0, TestNodes.Patience));
            }

            Settle();
            node.Clock.Jumped -= Count;
        }

        public void Set(JsonElement step, bool texts, string label)
        {
            JsonElement value = step.GetProperty("parameter").GetProperty("use_sim_time");
            eventStamps.Clear();
            ParameterValue given = value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => value.GetInt64(),
                JsonValueKind.String => value.GetString()!,
                _ => ParameterValue.NotSet,
            };
            string? reason = node.Parameters.Set("use_sim_time", given);
            JsonElement result = step.GetProperty("reply").GetProperty("results")[0];
            Assert.Equal((label, result.GetProperty("successful").GetBoolean()), (label, reason is null));
            if (texts)
            {
                Assert.Equal(result.GetProperty("reason").GetString(), reason ?? string.Empty);
            }

            Settle();
        }

        public void Check(JsonElement step, string label, bool wasSet)
        {
            JsonElement state = step.GetProperty("state");
            bool simulated = state.GetProperty("ros_time_active").GetBoolean();
            Assert.Equal((label, simulated), (label, node.Clock.IsSimulated));
            if (state.TryGetProperty("started", out JsonElement started))
            {
                Assert.Equal((label, started.GetBoolean()), (label, node.Clock.IsStarted));
            }

            string[] golden = [.. state.GetProperty("fired_at").EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String ? "system" : Text(t.GetInt64()))];
            if (simulated)
            {
                Assert.Equal((label, state.GetProperty("now_ns").GetInt64()), (label, node.Clock.Now));
                Assert.Equal((label, string.Join(' ', golden)), (label, string.Join(' ', fired)));
                long until = state.GetProperty("time_until_trigger_ns").GetInt64();
                long ours = (long)(timer.TimeUntilNextCall!.Value.Ticks * TimeSpan.NanosecondsPerTick);

                // A time that came from the system's clock differs by when the step ran; a TimeSpan has 100 ns.
                Assert.True(until > 1_000_000_000_000 ? ours > 1_000_000_000_000 : Math.Abs(until - ours) < 100, $"{label}: expected {until} ns until the next call, got {ours}");
            }
            else if (golden.Length > 0)
            {
                // System time goes on by itself: the call comes at the latest one period after.
                Assert.True(node.Context.SpinUntil(() => fired.Contains("system"), TestNodes.Patience), $"{label}: the timer is called");
            }

            string[] Jumps(string key) => [.. state.GetProperty(key).EnumerateArray().Select(j => System.Text.RegularExpressions.Regex.Replace(j.GetString()!, @"\(\w+\)", string.Empty))];
            Assert.Equal((label, string.Join('|', Jumps("jump_cb"))), (label, string.Join('|', jumps)));
            Assert.Equal((label, string.Join('|', Jumps("jump_cb_backward_2s"))), (label, string.Join('|', backward)));
            string clocks = string.Join(' ', step.GetProperty("clock_subscriptions").EnumerateArray().Select(s => s.GetProperty("reliability").GetString()));
            TestNodes.Await(
                () => clocks == string.Join(' ', node.GetSubscriptionsInfoByTopic("/clock").Where(s => s.Node?.FullName == "/clocknode").Select(s => s.QoS.Reliability == ReliabilityPolicy.BestEffort ? "BEST_EFFORT" : "RELIABLE")),
                $"{label}: the subscriptions to /clock are '{clocks}'");
            if (wasSet && step.TryGetProperty("parameter_event_stamps", out JsonElement stamps))
            {
                string[] wanted = [.. stamps.EnumerateArray().Select(s => s.ValueKind == JsonValueKind.String ? "system" : Text((s.GetProperty("sec").GetInt64() * 1_000_000_000) + s.GetProperty("nanosec").GetInt64()))];
                observer.Context.SpinUntil(() => eventStamps.Count >= wanted.Length, TestNodes.Patience);
                Assert.Equal((label, string.Join(' ', wanted)), (label, string.Join(' ', eventStamps.Select(Text))));
            }
        }

        private static string Text(long time) => time > 1_000_000_000_000_000 ? "system" : $"{time}";

        private static string Text(TimeJump jump) => $"post change={(int)jump.Change} delta={jump.Delta}";

        private void Settle()
        {
            for (int i = 0; i < 3; i++)
            {
                node.Context.SpinOnce(TimeSpan.Zero);
            }
        }
    }
}
