using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A target of a workspace.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Provider">Its provider's id.</param>
/// <param name="Availability">Available, Degraded or Unavailable.</param>
/// <param name="QueueSeconds">The average queue time [s].</param>
/// <param name="Qubits">How many qubits it has, where the provider says so.</param>
/// <param name="Profile">The QIR profile it takes, where the provider says so, as the compiler spells it: base, adaptive_ri, adaptive_rif.</param>
public sealed record AzureTarget(string Id, string Provider, string Availability, double QueueSeconds, int? Qubits = null, string? Profile = null);

/// <summary>A job's state as the service reports it.</summary>
/// <param name="Status">Waiting, Executing, Finishing, Succeeded, Failed, Cancelled …</param>
/// <param name="OutputUri">Where the result is.</param>
/// <param name="Error">What went wrong, or null.</param>
/// <param name="Cost">The billed estimate, or null.</param>
public sealed record AzureJob(string Status, string? OutputUri, string? Error, double? Cost)
{
    /// <summary>Whether the job will not change any more. A status not known here counts as unfinished.</summary>
    public bool IsFinished => Status is "Succeeded" or "Completed" or "Failed" or "Cancelled";

    /// <summary>Whether it has a result.</summary>
    public bool IsSuccess => Status is "Succeeded" or "Completed";
}

/// <summary>The calls of Azure Quantum's data plane that jobs need, with its retry rules.</summary>
public sealed class AzureQuantumClient : IDisposable
{
    private const string ApiVersion = "2026-01-15-preview";

    /// <summary>Repetitions before anything was heard of the service: a wrong address is likelier than a short failure.</summary>
    private const int FirstContactRetries = 3;
    private readonly HttpClient http;
    private readonly AzureWorkspace workspace;
    private readonly AzureOptions options;
    private readonly AzureLogin? login;
    private bool reached;

    /// <summary>Prepares a client; nothing is sent yet. Without an ApiKey in the connection string <see cref="AzureOptions.Credential"/> logs in.</summary>
    public AzureQuantumClient(AzureOptions options)
    {
        workspace = AzureWorkspace.Parse(options.ConnectionString);
        this.options = options;
        http = new HttpClient { Timeout = options.RequestTimeout };
        login = workspace.ApiKey is null ? new AzureLogin(options.Credential) : null;
    }

    /// <summary>The targets of the workspace.</summary>
    public IReadOnlyList<AzureTarget> Targets(CancellationToken cancellation = default)
    {
        var targets = new List<AzureTarget>();
        for (JsonNode? page = Call(HttpMethod.Get, "/providerStatus", null, cancellation); page is not null; page = Next(page, cancellation))
        {
            foreach (JsonNode? provider in List(page, "value"))
            {
                foreach (JsonNode? t in List(provider, "targets"))
                {
                    targets.Add(new AzureTarget(
                        Text(t, "id"),
                        Text(provider, "id"),
                        (string?)t!["currentAvailability"] ?? "Unknown",
                        (double?)t["averageQueueTime"] ?? 0,
                        (int?)t["numQubits"],
                        ((string?)t["targetProfile"])?.ToLowerInvariant()));
                }
            }
        }

        return targets;
    }

    private JsonNode? Next(JsonNode page, CancellationToken cancellation) =>
        (string?)page["nextLink"] is { Length: > 0 } link ? SendTo(HttpMethod.Get, new Uri(workspace.Endpoint, link), null, cancellation, missing: false) : null;

    /// <summary>Uploads a program and creates a job of a given id; safe to repeat.</summary>
    /// <param name="id">The job's id, chosen by the caller and written down before.</param>
    /// <param name="provider">The target's provider.</param>
    /// <param name="qir">The program as textual QIR.</param>
    /// <param name="profile">Its profile: Base, Adaptive_RI, Adaptive_RIF.</param>
    /// <param name="cancellation">Ends the call.</param>
    public void Submit(Guid id, string provider, string qir, string profile, CancellationToken cancellation = default)
    {
        string container = Text(Call(HttpMethod.Post, "/storage/sasUri", new JsonObject { ["containerName"] = $"job-{id}" }, cancellation), "sasUri");
        int query = container.IndexOf('?');
        if (query < 0 || !Uri.IsWellFormedUriString(container[..query], UriKind.Absolute))
        {
            throw new UserErrorException($"{Service} sent a storage address without a signature");
        }

        string blob = container[..query] + "/inputData";
        Upload(blob + container[query..], qir, cancellation);
        Call(HttpMethod.Put, $"/jobs/{id}", new JsonObject
        {
            ["id"] = id.ToString(),
            ["name"] = "qdistill",
            ["itemType"] = "Job",
            ["providerId"] = provider,
            ["target"] = options.Target,
            ["containerUri"] = container,
            ["inputDataUri"] = blob,
            ["inputDataFormat"] = "qir.v1",
            ["outputDataFormat"] = "microsoft.quantum-results.v2",
            ["inputParams"] = new JsonObject
            {
                ["entryPoint"] = "ENTRYPOINT__main",
                ["arguments"] = new JsonArray(),
                ["shots"] = options.Shots,
                ["target_profile"] = profile,
            },
        }, cancellation);
    }

    /// <summary>A job's state; null when there is no job of that id.</summary>
    public AzureJob? Job(Guid id, CancellationToken cancellation = default)
    {
        JsonNode? job = Call(HttpMethod.Get, $"/jobs/{id}", null, cancellation, missing: true);
        if (job is null)
        {
            return null;
        }

        JsonNode? error = job["errorData"];
        return new AzureJob(
            (string?)job["status"] ?? "Unknown",
            (string?)job["outputDataUri"],
            error is null ? null : $"{(string?)error["message"]} [{(string?)error["code"]}]",
            (double?)job["costEstimate"]?["estimatedTotal"]);
    }

    /// <summary>A finished job's result.</summary>
    public JsonNode Result(AzureJob job, CancellationToken cancellation = default) =>
        Send(() => new HttpRequestMessage(HttpMethod.Get, job.OutputUri ?? throw new UserErrorException($"{Service} sent a finished job without 'outputDataUri'")) { Headers = { { "x-ms-version", "2024-05-04" } } }, "the result's storage", cancellation, missing: false)
        ?? throw new UserErrorException("the result's storage sent an empty file");

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private void Upload(string uri, string text, CancellationToken cancellation)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        Send(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Put, uri) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
            request.Headers.Add("x-ms-version", "2024-05-04");
            request.Headers.Add("x-ms-blob-content-type", "qir.v1");
            return request;
        }, "the job's storage", cancellation, missing: false);
    }

    private JsonNode? Call(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation, bool missing = false)
    {
        return SendTo(method, new Uri(workspace.Endpoint, $"{workspace.Path}{path}?api-version={ApiVersion}"), body, cancellation, missing);
    }

    private JsonNode? SendTo(HttpMethod method, Uri uri, JsonObject? body, CancellationToken cancellation, bool missing)
    {
        string? text = body?.ToJsonString();
        return Send(() =>
        {
            var request = new HttpRequestMessage(method, uri);
            if (login is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", login.Token(cancellation));
            }
            else
            {
                request.Headers.Add("x-ms-quantum-api-key", workspace.ApiKey);
            }

            if (text is not null)
            {
                request.Content = new StringContent(text, Encoding.UTF8, "application/json");
            }

            return request;
        }, Service, cancellation, missing);
    }

    private string Service => $"Azure Quantum ({workspace})";

    private string Text(JsonNode? node, string field) =>
        node is JsonObject o && o[field] is JsonValue v && v.TryGetValue(out string? text) ? text : throw new UserErrorException($"{Service} sent a reply without '{field}'");

    private JsonArray List(JsonNode? node, string field) =>
        node is JsonObject o && o[field] is JsonArray list ? list : throw new UserErrorException($"{Service} sent a reply without '{field}'");

    /// <summary>Sends until it succeeds, gives up, or fails for good: anything with Retry-After, and 408, 429 and 5xx, is repeated; every call here is safe to repeat.</summary>
    private JsonNode? Send(Func<HttpRequestMessage> make, string who, CancellationToken cancellation, bool missing)
    {
        for (int attempt = 0; ; attempt++)
        {
            TimeSpan pause = options.RetryStart * Math.Pow(2, attempt);
            string failure;
            try
            {
                using HttpRequestMessage request = make();
                using HttpResponseMessage response = http.Send(request, HttpCompletionOption.ResponseContentRead, cancellation);
                reached = true;
                string text = new StreamReader(response.Content.ReadAsStream(cancellation)).ReadToEnd();
                if (response.IsSuccessStatusCode)
                {
                    return text.Length == 0 ? null : Parse(text, who);
                }

                if (response.StatusCode == HttpStatusCode.NotFound && missing)
                {
                    return null;
                }

                int code = (int)response.StatusCode;
                failure = $"{who} answered {code}{Explain(text)}";
                if (code == 401 && login is not null && attempt == 0)
                {
                    // Revoked, or this machine's clock is wrong about its end: one new token.
                    login.Forget();
                    continue;
                }

                if (code == 401)
                {
                    throw new UserErrorException($"{who} refused the key or token (401); it is wrong or has expired", null, "renew it");
                }

                RetryConditionHeaderValue? after = response.Headers.RetryAfter;
                TimeSpan? wanted = after?.Delta ?? (after?.Date - DateTimeOffset.UtcNow);
                if (wanted is null && code is not (408 or 429 or >= 500))
                {
                    throw new UserErrorException(failure);
                }

                pause = wanted is not { } w ? pause : w > TimeSpan.Zero ? w : TimeSpan.Zero;
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                failure = $"{who} cannot be reached ({e.Message.TrimEnd('.')})";
            }

            if (!reached && attempt >= Math.Min(options.Retries, FirstContactRetries))
            {
                throw new UserErrorException($"{failure}, also after {attempt} repetitions", null, "check the network and the connection string's QuantumEndpoint, or run again later");
            }

            if (attempt >= options.Retries)
            {
                throw new UserErrorException($"{failure}, also after {options.Retries} repetitions", null, "jobs already submitted are kept; run again later");
            }

            cancellation.WaitHandle.WaitOne(pause < TimeSpan.FromSeconds(120) ? pause : TimeSpan.FromSeconds(120));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static JsonNode Parse(string text, string who)
    {
        try
        {
            return JsonNode.Parse(text)!;
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"{who} sent something that is not JSON", null, null, e);
        }
    }

    /// <summary>The service's own words: JSON from the service, XML from storage.</summary>
    private static string Explain(string text)
    {
        string? message = null;
        try
        {
            message = (string?)JsonNode.Parse(text)?["error"]?["message"];
        }
        catch (JsonException)
        {
            int from = text.IndexOf("<Message>", StringComparison.Ordinal), to = text.IndexOf("</Message>", StringComparison.Ordinal);
            message = from >= 0 && to > from ? text[(from + 9)..to] : null;
        }

        return message is null ? string.Empty : $": {message.ReplaceLineEndings(" ").TrimEnd('.')}";
    }
}
