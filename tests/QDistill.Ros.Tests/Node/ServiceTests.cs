using System.Text.Json;
using QDistill.Msgs.StdSrvs;

namespace QDistill.Ros.Tests;

public sealed class ServiceTests
{
    [Fact]
    public void A_request_is_answered_across_contexts()
    {
        using var ros = new TestNodes();
        Node server = ros.Node("server", "ns"), caller = ros.Node("caller");
        var asked = new List<bool>();
        server.CreateService<SetBool, SetBool.Request, SetBool.Response>("~/set", (request, response) =>
        {
            asked.Add(request.Data);
            response.Success = !request.Data;
            response.Message = "done";
        });
        using var spin = new Spinning(server.Context);
        var client = caller.CreateClient<SetBool, SetBool.Request, SetBool.Response>("/ns/server/set");
        SetBool.Response answer = client.Call(new SetBool.Request { Data = true }, TestNodes.Patience);
        Assert.False(answer.Success);
        Assert.Equal("done", answer.Message);
        Assert.True(client.Call(new SetBool.Request(), TestNodes.Patience).Success);
        Assert.Equal([true, false], asked);
        Assert.Equal(0, client.PendingCount);
    }

    [Fact]
    public async Task A_thousand_calls_of_eight_clients_are_all_answered_rightly()
    {
        using var ros = new TestNodes();
        Node server = ros.Node("server");
        server.CreateService<SetBool, SetBool.Request, SetBool.Response>("s", (request, response) => response.Success = request.Data);
        RosContext context = ros.Open();
        using var a = new Spinning(server.Context);
        using var b = new Spinning(context);
        int right = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async k =>
        {
            var client = context.CreateNode($"caller{k}").CreateClient<SetBool, SetBool.Request, SetBool.Response>("s");
            for (int i = 0; i < 125; i++)
            {
                bool data = (i * 7 + k) % 3 == 0;
                SetBool.Response answer = await client.CallAsync(new SetBool.Request { Data = data }, TestNodes.Patience);
                Interlocked.Add(ref right, answer.Success == data ? 1 : 0);
            }
        }));
        Assert.Equal(1000, right);
    }

    [Fact]
    public void Two_client_processes_that_start_together_lose_no_first_answer()
    {
        using var ros = new TestNodes();
        Node server = ros.Node("server");
        server.CreateService<SetBool, SetBool.Request, SetBool.Response>("s", (request, response) => response.Success = request.Data);
        using var spin = new Spinning(server.Context);
        for (int round = 0; round < 4; round++)
        {
            using LineProcess one = LineProcess.Ros(ros.Domain.Id, "call", "s", "20"), two = LineProcess.Ros(ros.Domain.Id, "call", "s", "20");
            Assert.Equal("right 20", one.Await("right"));
            Assert.Equal("right 20", two.Await("right"));
        }
    }

    [Fact]
    public void A_server_in_another_process_answers_and_its_end_is_noticed()
    {
        using var ros = new TestNodes();
        Node caller = ros.Node("caller");
        var client = caller.CreateClient<SetBool, SetBool.Request, SetBool.Response>("s");
        Assert.False(client.IsServiceReady);
        using LineProcess server = LineProcess.Ros(ros.Domain.Id, "serve", "s");
        Assert.Equal("on", client.Call(new SetBool.Request { Data = true }, TestNodes.Patience).Message);
        Assert.Equal(0, server.Close());
        TestNodes.Await(() => !client.IsServiceReady, "the server is gone");
        var e = Assert.Throws<TimeoutException>(() => client.Call(new SetBool.Request(), TimeSpan.FromMilliseconds(50)));
        Assert.Contains("'/s'", e.Message);
    }

    [Fact]
    public async Task A_call_without_a_server_times_out_can_be_cancelled_and_ends_with_its_client()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        using var spin = new Spinning(node.Context);
        var client = node.CreateClient<Trigger, Trigger.Request, Trigger.Response>("nobody");
        await Assert.ThrowsAsync<TimeoutException>(() => client.CallAsync(new Trigger.Request(), TimeSpan.FromMilliseconds(30)));
        using var soon = new CancellationTokenSource(30);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CallAsync(new Trigger.Request(), null, soon.Token));

        // A server that never answers
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>("mute", _ => new TaskCompletionSource<Trigger.Response>().Task);
        var waiting = node.CreateClient<Trigger, Trigger.Request, Trigger.Response>("mute");
        Task<Trigger.Response> call = waiting.CallAsync(new Trigger.Request());
        TestNodes.Await(() => waiting.PendingCount == 1, "the call is under way");
        waiting.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
    }

    [Fact]
    public async Task The_answer_to_a_client_that_has_gone_is_dropped_without_a_word_and_the_service_goes_on()
    {
        using var ros = new TestNodes();
        var log = new StringWriter();
        Node node = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: log) }).CreateNode("server");
        var late = new TaskCompletionSource<Trigger.Response>();
        int asked = 0;
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>(
            "s", _ => Interlocked.Increment(ref asked) == 1 ? late.Task : Task.FromResult(new Trigger.Response { Success = true }));
        using var spin = new Spinning(node.Context);
        RosContext leaving = ros.Open();
        Task<Trigger.Response> call = leaving.CreateNode("leaving").CreateClient<Trigger, Trigger.Request, Trigger.Response>("s").CallAsync(new Trigger.Request());
        TestNodes.Await(() => Volatile.Read(ref asked) == 1, "the request is there");
        leaving.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => call);
        TestNodes.Await(() => !node.GetNodeNames().Contains("/leaving"), "the client has gone");
        late.SetResult(new Trigger.Response { Success = true });

        Node other = ros.Node("other");
        using var spinOther = new Spinning(other.Context);
        Assert.True((await other.CreateClient<Trigger, Trigger.Request, Trigger.Response>("s").CallAsync(new Trigger.Request(), TestNodes.Patience)).Success);
        Assert.Equal((2, string.Empty), (asked, log.ToString()));
    }

    [Fact]
    public async Task Calls_under_way_end_at_their_own_limits_their_tokens_or_the_shutdown()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n"), caller = ros.Node("caller");
        var silent = new TaskCompletionSource<Trigger.Response>();
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>("mute", _ => silent.Task);
        using var spin = new Spinning(node.Context);
        using var other = new Spinning(caller.Context);
        var client = caller.CreateClient<Trigger, Trigger.Request, Trigger.Response>("mute");
        Assert.True(await client.WaitForServiceAsync(TestNodes.Patience));
        using var stop = new CancellationTokenSource();
        Task<Trigger.Response> unlimited = client.CallAsync(new Trigger.Request()), cancelled = client.CallAsync(new Trigger.Request(), TimeSpan.MaxValue, stop.Token);
        Task<Trigger.Response> late = client.CallAsync(new Trigger.Request(), TimeSpan.FromMilliseconds(150)), early = client.CallAsync(new Trigger.Request(), TimeSpan.FromMilliseconds(40));
        Assert.Contains("0.04 s", (await Assert.ThrowsAsync<TimeoutException>(() => early)).Message);
        Assert.Contains("0.15 s", (await Assert.ThrowsAsync<TimeoutException>(() => late)).Message);
        Assert.Equal(2, client.PendingCount);
        stop.Cancel();
        Assert.Equal(stop.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled)).CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CallAsync(new Trigger.Request(), null, stop.Token));
        Assert.Equal(1, client.PendingCount);

        // One that never ended in time does not hold up the next.
        silent.SetResult(new Trigger.Response { Success = true });
        Assert.True((await unlimited).Success);
        Assert.True((await client.CallAsync(new Trigger.Request(), TestNodes.Patience)).Success);
        Assert.Equal(0, client.PendingCount);
        caller.Context.Shutdown();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.CallAsync(new Trigger.Request()));
    }

    [Fact]
    public async Task What_awaits_a_call_goes_on_where_it_was()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>("s", (_, response) => response.Success = true);
        var client = node.CreateClient<Trigger, Trigger.Request, Trigger.Response>("s");
        using var spin = new Spinning(node.Context);
        Thread? spinning = node.Context.Executor.SpinningThread;
        var inCallback = new TaskCompletionSource<Thread>();
        node.Context.Post(async () =>
        {
            await client.CallAsync(new Trigger.Request(), TestNodes.Patience);
            inCallback.SetResult(Thread.CurrentThread);
        });
        Assert.Equal(spinning, await inCallback.Task);

        // Elsewhere nobody's code may hold up the thread that spins.
        Thread elsewhere = await Task.Run(async () =>
        {
            await client.CallAsync(new Trigger.Request(), TestNodes.Patience);
            return Thread.CurrentThread;
        });
        Assert.NotEqual(spinning, elsewhere);
    }

    [Fact]
    public async Task A_callback_may_await_a_call_but_not_block_on_it()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("n");
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>("s", async _ =>
        {
            await Task.Delay(5);
            return new Trigger.Response { Success = true };
        });
        var client = node.CreateClient<Trigger, Trigger.Request, Trigger.Response>("s");
        bool? answer = null;
        Exception? blocked = null;
        node.Context.Post(async () =>
        {
            blocked = Record.Exception(() => client.Call(new Trigger.Request(), TestNodes.Patience));
            answer = (await client.CallAsync(new Trigger.Request(), TestNodes.Patience)).Success;
            node.Context.Stop();
        });
        await Task.Run(() => node.Context.Spin());
        Assert.True(answer);
        Assert.Contains("await CallAsync", Assert.IsType<InvalidOperationException>(blocked).Message);
    }

    [DataFact("golden/service_wire.json")]
    public void Captured_requests_are_understood_and_answered_byte_for_byte()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/service_wire.json")));
        byte[][] frames = [.. file.RootElement.GetProperty("samples").EnumerateArray()
            .Select(s => Convert.FromHexString(s.GetProperty("encapsulation").GetString() + s.GetProperty("payload_after_encapsulation_hex").GetString()))];
        using var ros = new TestNodes();
        Node server = ros.Node("talker"), wire = ros.Node("wire");
        server.CreateService<SetBool, SetBool.Request, SetBool.Response>("/set_it", (request, response) => (response.Success, response.Message) = (request.Data, "set"));
        server.CreateService<Trigger, Trigger.Request, Trigger.Response>("~/trigger", (_, response) => (response.Success, response.Message) = (true, "ok-10"));
        QoSProfile raw = QoSProfile.Services with { AvoidRosNamespaceConventions = true };
        var replies = new List<byte[]>();
        var requests = new Dictionary<string, GenericPublisher>();
        foreach ((string name, string type) in new[] { ("set_it", "SetBool"), ("talker/trigger", "Trigger") })
        {
            requests[name] = new GenericPublisher(wire, $"rq/{name}Request", new MessageType($"std_srvs/srv/{type}_Request", string.Empty, string.Empty), raw);
            _ = new GenericSubscription(
                wire, $"rr/{name}Reply", new MessageType($"std_srvs/srv/{type}_Response", string.Empty, string.Empty), raw, (ReadOnlySpan<byte> p, in MessageInfo _) => replies.Add(p.ToArray()), new SubscriptionOptions());
            TestNodes.AwaitMatched(requests[name]);
        }

        using var spin = new Spinning(server.Context);
        for (int i = 0; i < frames.Length; i += 2)
        {
            requests[i < 4 ? "set_it" : "talker/trigger"].Publish(frames[i]);
            Assert.True(wire.Context.SpinUntil(() => replies.Count == (i / 2) + 1, TestNodes.Patience));
            Assert.Equal(Convert.ToHexString(frames[i + 1]), Convert.ToHexString(replies[^1]));
        }

        // Frames cut short or without their header are dropped, not answered, and do no harm.
        for (int size = 4; size < 20; size++)
        {
            requests["set_it"].Publish(frames[0].AsSpan(0, size));
        }

        requests["set_it"].Publish(frames[2]);
        Assert.True(wire.Context.SpinUntil(() => replies.Count == (frames.Length / 2) + 1, TestNodes.Patience));
        Assert.Equal(Convert.ToHexString(frames[3]), Convert.ToHexString(replies[^1]));
    }

    [DataFact("golden/dds_entities.json")]
    public void Service_endpoints_announce_what_a_real_nodes_do()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("talker");
        node.CreateService<Trigger, Trigger.Request, Trigger.Response>("~/trigger", (_, _) => { });
        node.CreateService<SetBool, SetBool.Request, SetBool.Response>("set_it", (_, _) => { });
        node.CreateClient<SetBool, SetBool.Request, SetBool.Response>("set_it");
        GraphEndpoint[] ours = [.. node.Context.GetGraph().Endpoints.Where(e => e.Kind is EndpointKind.Service or EndpointKind.Client)];
        Assert.Equal(6, ours.Length);
        string participant = "01107b033c4706f22482ed00";
        GoldenEndpoint[] golden = [.. GoldenEndpoint.All().Where(g => g.Gid.StartsWith(participant, StringComparison.Ordinal))];
        foreach (GraphEndpoint e in ours)
        {
            GoldenEndpoint g = golden.Single(g => g.Topic == e.WireTopic && g.Kind == (e.IsWriter ? "writer" : "reader"));
            Assert.Equal(g.Type, e.WireType);
            Assert.Equal(Pattern(g.UserData), Pattern(e.UserData));
            Assert.Equal((g.Depth, ReliabilityPolicy.Reliable, DurabilityPolicy.Volatile), (e.QoS.Depth, e.QoS.Reliability, e.QoS.Durability));
        }

        // The id: participant's 12 bytes and a counter from 1, the first byte padded with a blank, the same for both endpoints.
        string id = string.Join('.', Convert.FromHexString(node.Context.Gid.ToString()[..24]).Select(b => b.ToString("x")));
        Assert.Equal(2, ours.Count(e => e.UserData.StartsWith($"serviceid= {id}.0.0.0.1;typehash=", StringComparison.Ordinal)));
        Assert.Equal(2, ours.Count(e => e.UserData.StartsWith($"clientid= {id}.0.0.0.3;typehash=", StringComparison.Ordinal)));

        static string Pattern(string userData) => userData[..userData.IndexOf('=')] + userData[userData.IndexOf(';')..];
    }

    /// <summary>A context that spins on a thread of its own.</summary>
    internal sealed class Spinning : IDisposable
    {
        private readonly RosContext context;
        private readonly Thread thread;

        public Spinning(RosContext context)
        {
            this.context = context;
            thread = new Thread(() => context.Spin());
            thread.Start();
            TestNodes.Await(() => context.Executor.SpinningThread is not null, "the context spins");
        }

        public void Dispose()
        {
            context.Stop();
            thread.Join();
        }
    }
}
