using QDistill.Msgs.StdSrvs;
using QDistill.Ros;
using String = QDistill.Msgs.StdMsgs.String;

// A QDistill node in a process of its own, for tests and benchmarks across processes. Prints one line per event and ends in good order when its standard input
// is closed.
//   RosPeer DOMAIN talk NODE TOPIC COUNT PERIOD_MS [latched|lease]   (lease: liveliness within 1 s)
//   RosPeer DOMAIN listen NODE TOPIC [latched]
//   RosPeer DOMAIN echo FROM TO          (bytes, best for benchmarks)
//   RosPeer DOMAIN sink TOPIC N          (bytes; prints, for every N messages, ns from the first to the last)
//   RosPeer DOMAIN serve SERVICE         (std_srvs/srv/SetBool)
//   RosPeer DOMAIN answer SERVICE        (the same, silently, best for benchmarks)
//   RosPeer DOMAIN call SERVICE COUNT    (prints how many answers were right)
//   RosPeer DOMAIN idle NODE
// Anywhere: config=XML   (the middleware's own configuration)
string configuration = args.FirstOrDefault(a => a.StartsWith("config=", StringComparison.Ordinal))?["config=".Length..] ?? string.Empty;
args = [.. args.Where(a => !a.StartsWith("config=", StringComparison.Ordinal))];
int domain = int.Parse(args[0]);
string verb = args[1];
QoSProfile qos = args[^1] switch
{
    "latched" => QoSProfile.TransientLocal,
    "lease" => QoSProfile.Default with { LivelinessLeaseDuration = TimeSpan.FromSeconds(1) },
    _ => QoSProfile.Default,
};
QoSProfile all = QoSProfile.Default with { History = HistoryPolicy.KeepAll };
using var context = new RosContext(RosContextOptions.Loopback(domain) with { TransportConfiguration = configuration });
switch (verb)
{
    case "talk":
    {
        Node node = context.CreateNode(args[2]);
        Publisher<String> publisher = node.CreatePublisher<String>(args[3], qos);
        int count = int.Parse(args[4]), sent = 0;
        publisher.MatchedChanged += s => Console.WriteLine($"matched {s.CurrentCount}");
        node.CreateTimer(TimeSpan.FromMilliseconds(int.Parse(args[5])), () =>
        {
            if (sent < count)
            {
                publisher.Publish(new String { Data = $"{++sent}" });
                Console.WriteLine($"published {sent}");
            }
        });
        break;
    }

    case "listen":
    {
        Node node = context.CreateNode(args[2]);
        Subscription<String> subscription = node.CreateSubscription<String>(args[3], qos, m => Console.WriteLine($"message {m.Data}"));
        subscription.MatchedChanged += s => Console.WriteLine($"matched {s.CurrentCount}");
        break;
    }

    case "echo":
    {
        Node node = context.CreateNode("echo");
        GenericPublisher back = node.CreateGenericPublisher(args[3], String.Type, all);
        node.CreateGenericSubscription(args[2], String.Type.Name, all, (ReadOnlySpan<byte> payload, in MessageInfo _) => back.Publish(payload));
        break;
    }

    case "sink":
    {
        long batch = long.Parse(args[3]), received = 0, first = 0;
        context.CreateNode("sink").CreateGenericSubscription(args[2], String.Type.Name, all, (ReadOnlySpan<byte> _, in MessageInfo _) =>
        {
            first = received == 0 ? Clock.Steady.Now : first;
            if (++received == batch)
            {
                Console.WriteLine(Clock.Steady.Now - first);
                received = 0;
            }
        });
        break;
    }

    case "serve":
        context.CreateNode("server").CreateService<SetBool, SetBool.Request, SetBool.Response>(args[2], (request, response) =>
        {
            Console.WriteLine("request");
            response.Success = request.Data;
            response.Message = request.Data ? "on" : "off";
        });
        break;
    case "answer":
        context.CreateNode("server").CreateService<SetBool, SetBool.Request, SetBool.Response>(args[2], (request, response) => response.Success = request.Data);
        break;
    case "call":
    {
        Client<SetBool, SetBool.Request, SetBool.Response> client = context.CreateNode("caller").CreateClient<SetBool, SetBool.Request, SetBool.Response>(args[2]);
        int count = int.Parse(args[3]);
        _ = Task.Run(async () =>
        {
            int right = 0;
            for (int i = 0; i < count; i++)
            {
                try
                {
                    SetBool.Response response = await client.CallAsync(new SetBool.Request { Data = i % 2 == 0 }, TimeSpan.FromSeconds(10));
                    right += response.Success == (i % 2 == 0) ? 1 : 0;
                }
                catch (TimeoutException e)
                {
                    Console.WriteLine($"request {i}: {e.Message}");
                }
            }

            Console.WriteLine($"right {right}");
        });
        break;
    }

    case "idle":
        context.CreateNode(args[2]);
        break;
    default:
        Console.Error.WriteLine($"unknown verb {verb}");
        return 2;
}

Console.WriteLine("ready");
var input = new Thread(() =>
{
    while (Console.In.ReadLine() is not null)
    {
    }

    context.Stop();
});
input.Start();
context.Spin();
return 0;
