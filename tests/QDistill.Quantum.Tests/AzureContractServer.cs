using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace QDistill.Quantum.Tests;

/// <summary>
/// Azure Quantum's data plane on this machine, after its recorded contract: states, both result formats, storage with signatures, and its ways to fail. Submitted QIR is read and really run.
/// </summary>
internal sealed class AzureContractServer : IDisposable
{
    public const string Key = "the-key";
    private const string Workspace = "/subscriptions/0000/resourcegroups/rg/providers/microsoft.quantum/workspaces/ws";
    private readonly HttpListener listener = new();
    private readonly ConcurrentDictionary<string, string> blobs = new();
    private readonly ConcurrentDictionary<string, Job> jobs = new();
    private readonly Thread thread;

    public AzureContractServer()
    {
        for (int attempt = 0; ; attempt++)
        {
            Port = Random.Shared.Next(20000, 30000);
            listener.Prefixes.Clear();
            listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 50)
            {
                // Taken.
            }
        }

        thread = new Thread(Serve) { IsBackground = true };
        thread.Start();
    }

    public int Port { get; }

    public string ConnectionString => $"SubscriptionId=0000;ResourceGroupName=rg;WorkspaceName=ws;ApiKey={Key};QuantumEndpoint=http://127.0.0.1:{Port}/;";

    /// <summary>Answers given before anything else, one per request: status, body, Retry-After.</summary>
    public ConcurrentQueue<(int Status, string Body, string? RetryAfter)> Failures { get; } = new();

    /// <summary>The states a job goes through; the last stays.</summary>
    public string[] States { get; set; } = ["Waiting", "Executing", "Finishing", "Succeeded"];

    public bool Version1 { get; set; }

    /// <summary>How storage keeps each of the next readers of a result waiting; a wait below zero breaks the connection off in the middle.</summary>
    public ConcurrentQueue<TimeSpan> SlowBlobs { get; } = new();

    public string Availability { get; set; } = "Available";

    /// <summary>More fields of the target ionq.simulator, such as numQubits and targetProfile.</summary>
    public string MoreOfIonq { get; set; } = string.Empty;

    /// <summary>Bearer tokens that are good; empty: the key must be given.</summary>
    public HashSet<string> Tokens { get; } = [];

    /// <summary>The connection string of someone without a key.</summary>
    public string KeylessConnectionString => ConnectionString.Replace($"ApiKey={Key};", string.Empty, StringComparison.Ordinal);

    public int Submissions => jobs.Count;

    public int Uploads { get; private set; }

    public IEnumerable<JsonNode> Bodies => jobs.Values.Select(j => j.Body);

    public void Dispose()
    {
        listener.Stop();
        thread.Join(2000);
        listener.Close();
    }

    private void Serve()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = listener.GetContext();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            try
            {
                Answer(context);
            }
            catch (Exception e)
            {
                Reply(context, 500, new JsonObject { ["error"] = new JsonObject { ["code"] = "Test", ["message"] = e.ToString() } }.ToJsonString());
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        HttpListenerRequest request = context.Request;
        if (Failures.TryDequeue(out (int Status, string Body, string? RetryAfter) failure))
        {
            if (failure.RetryAfter is not null)
            {
                context.Response.Headers["Retry-After"] = failure.RetryAfter;
            }

            Reply(context, failure.Status, failure.Body);
            return;
        }

        string path = request.Url!.AbsolutePath, lower = path.ToLowerInvariant();
        string body = new StreamReader(request.InputStream).ReadToEnd();
        if (path.StartsWith("/blob/", StringComparison.Ordinal))
        {
            Blob(context, path, body);
            return;
        }

        bool good = Tokens.Count == 0
            ? request.Headers["x-ms-quantum-api-key"] == Key
            : request.Headers["Authorization"] is { } bearer && bearer.StartsWith("Bearer ", StringComparison.Ordinal) && Tokens.Contains(bearer[7..]);
        if (!good)
        {
            context.Response.Headers["WWW-Authenticate"] = "Bearer error=\"invalid_token\"";
            Reply(context, 401, string.Empty);
            return;
        }

        Assert.Equal("2026-01-15-preview", request.QueryString["api-version"]);
        Assert.StartsWith(Workspace, lower, StringComparison.Ordinal);
        string call = path[Workspace.Length..];
        if (call == "/providerStatus" && request.QueryString["skip"] == "1")
        {
            Reply(context, 200, """{"value":[{"id":"quantinuum","targets":[{"id":"quantinuum.sim.h2-1e","currentAvailability":"Available","averageQueueTime":0}]}],"nextLink":null}""");
        }
        else if (call == "/providerStatus" && request.HttpMethod == "GET")
        {
            // Two pages.
            string next = $"http://127.0.0.1:{Port}{path}?api-version=2026-01-15-preview&skip=1";
            Reply(context, 200, $$"""{"value":[{"id":"ionq","currentAvailability":"Available","targets":[{"id":"ionq.simulator","currentAvailability":"{{Availability}}","averageQueueTime":3{{MoreOfIonq}}}]}],"nextLink":"{{next}}"}""");
        }
        else if (call == "/storage/sasUri" && request.HttpMethod == "POST")
        {
            string container = (string)JsonNode.Parse(body)!["containerName"]!;
            Assert.Matches("^job-[0-9a-f-]{36}$", container);
            Reply(context, 200, new JsonObject { ["sasUri"] = $"http://127.0.0.1:{Port}/blob/{container}?sig=write" }.ToJsonString());
        }
        else if (Regex.Match(call, "^/jobs/([0-9a-f-]{36})$") is { Success: true } match)
        {
            OneJob(context, match.Groups[1].Value, request.HttpMethod, body);
        }
        else
        {
            Reply(context, 404, """{"error":{"code":"NotFound","message":"no such route"}}""");
        }
    }

    private void OneJob(HttpListenerContext context, string id, string method, string body)
    {
        if (method == "PUT")
        {
            JsonNode job = JsonNode.Parse(body)!;
            Assert.Equal(id, (string)job["id"]!);
            Assert.Equal("Job", (string)job["itemType"]!);
            Assert.Equal("qir.v1", (string)job["inputDataFormat"]!);
            Assert.Equal("microsoft.quantum-results.v2", (string)job["outputDataFormat"]!);
            Assert.Equal("ENTRYPOINT__main", (string)job["inputParams"]!["entryPoint"]!);
            Assert.DoesNotContain("?", (string)job["inputDataUri"]!, StringComparison.Ordinal);
            Assert.True(blobs.ContainsKey(new Uri((string)job["inputDataUri"]!).AbsolutePath), "the input must be uploaded first");
            jobs[id] = new Job(job);
            Reply(context, 201, body);
            return;
        }

        if (!jobs.TryGetValue(id, out Job? known))
        {
            Reply(context, 404, """{"error":{"code":"JobNotFound","message":"no such job"}}""");
            return;
        }

        string state = known.Ended ?? States[Math.Min(known.Polls++, States.Length - 1)];
        known.Ended = state is "Succeeded" or "Completed" or "Failed" or "Cancelled" ? state : null;
        if (state is "Succeeded" or "Completed" && !blobs.ContainsKey($"/blob/job-{id}/outputData"))
        {
            blobs[$"/blob/job-{id}/outputData"] = Execute(blobs[$"/blob/job-{id}/inputData"], (int)known.Body["inputParams"]!["shots"]!);
        }

        var reply = new JsonObject
        {
            ["id"] = id,
            ["status"] = state,
            ["outputDataUri"] = $"http://127.0.0.1:{Port}/blob/job-{id}/outputData?sig=read",
            ["costEstimate"] = state == "Succeeded" ? new JsonObject { ["currencyCode"] = "USD", ["estimatedTotal"] = 0.25 } : null,
            ["errorData"] = state == "Failed" ? new JsonObject { ["code"] = "InvalidInputData", ["message"] = "QVM reported a problem." } : null,
        };
        Reply(context, 200, reply.ToJsonString());
    }

    private void Blob(HttpListenerContext context, string path, string body)
    {
        string wanted = context.Request.HttpMethod == "PUT" ? "write" : "read";
        if (context.Request.QueryString["sig"] != wanted || context.Request.Headers["x-ms-version"] is null)
        {
            Reply(context, 403, "<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message></Error>");
        }
        else if (wanted == "write")
        {
            Assert.Equal("BlockBlob", context.Request.Headers["x-ms-blob-type"]);
            blobs[path] = body;
            Uploads++;
            Reply(context, 201, string.Empty);
        }
        else if (!SlowBlobs.TryDequeue(out TimeSpan wait))
        {
            Reply(context, 200, blobs[path]);
        }
        else if (wait < TimeSpan.Zero)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(blobs[path]);
            context.Response.ContentLength64 = bytes.Length;
            context.Response.OutputStream.Write(bytes.AsSpan(0, bytes.Length / 2));
            context.Response.OutputStream.Flush();
            context.Response.Abort();
        }
        else
        {
            // The reader may be gone by then; the next is served meanwhile.
            var late = new Thread(() =>
            {
                Thread.Sleep(wait);
                try
                {
                    Reply(context, 200, blobs[path]);
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
                {
                    // It is.
                }
            });
            late.IsBackground = true;
            late.Start();
        }
    }

    private string Execute(string qir, int shots)
    {
        (Circuit circuit, IReadOnlyList<int> measured) = QirReader.Read(qir);
        using var engine = new StateVector(circuit, []);
        double[] p = engine.Probabilities([], [], 1);
        int[] counts = new int[p.Length];
        new OutcomeSampler(p.Length).Sample(p, shots, 5, 6, counts);
        var histogram = new JsonArray();
        for (int k = 0; k < counts.Length; k++)
        {
            if (counts[k] == 0)
            {
                continue;
            }

            int[] bits = [.. measured.Select(q => k >> q & 1)];
            string display = $"[{string.Join(", ", bits)}]";
            if (Version1)
            {
                histogram.Add(display);
                histogram.Add((double)counts[k] / shots);
            }
            else
            {
                histogram.Add(new JsonObject { ["Outcome"] = new JsonArray([.. bits.Select(b => (JsonNode)b)]), ["Display"] = display, ["Count"] = counts[k] });
            }
        }

        return Version1
            ? new JsonObject { ["Histogram"] = histogram }.ToJsonString()
            : new JsonObject { ["DataFormat"] = "microsoft.quantum-results.v2", ["Results"] = new JsonArray(new JsonObject { ["Histogram"] = histogram }) }.ToJsonString();
    }

    private static void Reply(HttpListenerContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        context.Response.ContentLength64 = bytes.Length;
        context.Response.OutputStream.Write(bytes);
        context.Response.Close();
    }

    private sealed class Job(JsonNode body)
    {
        public JsonNode Body { get; } = body;

        public int Polls { get; set; }

        /// <summary>The state it ended in, which does not change any more.</summary>
        public string? Ended { get; set; }
    }
}
