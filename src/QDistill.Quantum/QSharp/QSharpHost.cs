using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A <c>@Test</c> operation of the Q# project.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Place">File and line.</param>
public sealed record QSharpTest(string Name, string Place);

/// <summary>
/// The Q# host process (Node.js with Microsoft's QDK), supervised: it is started at first use, ended when a request takes too long, and started again after it died;
/// a request met by a dying process is sent once more to its successor. One request runs at a time; further callers wait.
/// The process ends with this object, and by itself when this program ends.
/// </summary>
public sealed class QSharpHost : IDisposable
{
    private const int Protocol = 2;
    private readonly QSharpHostOptions options;
    private readonly Lock guard = new();
    private readonly Queue<string> lastWords = new();
    private Process? process;
    private long lastId;
    private bool disposed;

    /// <summary>Prepares a host; the process starts with the first request.</summary>
    public QSharpHost(QSharpHostOptions? options = null)
    {
        this.options = options ?? new QSharpHostOptions();
        RequestTimeout = this.options.RequestTimeout;
    }

    /// <summary>How long one request may take before the process is ended.</summary>
    public TimeSpan RequestTimeout { get; set; }

    /// <summary>The id of the running process, or null.</summary>
    public int? ProcessId => process is { HasExited: false } p ? p.Id : null;

    /// <summary>How often the process was started.</summary>
    public int Starts { get; private set; }

    /// <summary>Runs a Q# expression and returns its value as Q# prints it, once per shot.</summary>
    /// <param name="expression">An expression over the project's operations.</param>
    /// <param name="shots">How often to run it.</param>
    /// <param name="noise">Probabilities of X, Y and Z errors after every gate and before every measurement, or null.</param>
    /// <param name="loss">The probability of losing a qubit, likewise.</param>
    /// <param name="seed">Seeds this request's random numbers, whatever came before it; null goes on with the host's.</param>
    /// <param name="cancellation">Ends the process and the request.</param>
    /// <exception cref="UserErrorException">The program does not compile or failed (with the .qs place), or the host cannot run.</exception>
    public string[] Run(string expression, int shots = 1, (double X, double Y, double Z)? noise = null, double loss = 0, string? seed = null, CancellationToken cancellation = default)
    {
        var request = new JsonObject { ["op"] = "run", ["expr"] = expression, ["shots"] = shots };
        if (noise is { } n)
        {
            request["noise"] = new JsonArray(n.X, n.Y, n.Z);
        }

        if (loss != 0)
        {
            request["loss"] = loss;
        }

        if (seed is not null)
        {
            request["seed"] = seed;
        }

        using JsonDocument reply = Call(request, cancellation);
        return [.. reply.RootElement.GetProperty("results").EnumerateArray().Select(r => r.GetString()!)];
    }

    /// <summary>Runs a Q# expression that dumps states of n qubits and returns them.</summary>
    /// <returns>[states, 2^n, 2]: real and imaginary parts, qubit 0 = lowest bit of the index.</returns>
    /// <exception cref="UserErrorException">As <see cref="Run"/>.</exception>
    public double[] Dump(string expression, int qubits, CancellationToken cancellation = default)
    {
        var parts = new List<byte[]>();
        using JsonDocument reply = Call(new JsonObject { ["op"] = "dump", ["expr"] = expression, ["qubits"] = qubits }, cancellation, parts);
        int count = reply.RootElement.GetProperty("count").GetInt32();
        double[] states = new double[count * (2 << qubits)];
        if (parts.Sum(p => p.Length) != states.Length * sizeof(double))
        {
            throw new UserErrorException($"the Q# host announced {count} states, but sent {parts.Sum(p => p.Length) / (double)((2 << qubits) * sizeof(double)):0.##}", options.Script, "install program and host of the same version");
        }

        Span<byte> rest = MemoryMarshal.AsBytes(states.AsSpan());
        foreach (byte[] part in parts)
        {
            part.CopyTo(rest);
            rest = rest[part.Length..];
        }

        return states;
    }

    /// <summary>The <c>@Test</c> operations of the project.</summary>
    public IReadOnlyList<QSharpTest> Tests()
    {
        using JsonDocument reply = Call(new JsonObject { ["op"] = "tests" }, default);
        return [.. reply.RootElement.GetProperty("tests").EnumerateArray().Select(t => new QSharpTest(t.GetProperty("name").GetString()!, t.GetProperty("place").GetString()!))];
    }

    /// <summary>Compiles the project with one more source, which holds the entry point, to textual QIR.</summary>
    /// <param name="source">Q# source with an <c>@EntryPoint()</c> operation.</param>
    /// <param name="profile"><c>base</c>, <c>adaptive_ri</c> or <c>adaptive_rif</c>.</param>
    /// <param name="cancellation">Ends the process and the request.</param>
    /// <exception cref="UserErrorException">The program does not compile or does not fit the profile.</exception>
    public string Qir(string source, string profile, CancellationToken cancellation = default)
    {
        var request = new JsonObject { ["op"] = "qir", ["profile"] = profile, ["extra"] = new JsonArray(new JsonArray("generated.qs", source)) };
        using JsonDocument reply = Call(request, cancellation);
        return reply.RootElement.GetProperty("qir").GetString()!;
    }

    /// <summary>Microsoft's resource estimate of a Q# expression on fault-tolerant hardware, as its JSON.</summary>
    /// <param name="expression">An expression over the project's operations.</param>
    /// <param name="parameters">The estimator's parameters as JSON, for example <c>{"qubitParams":{"name":"qubit_maj_ns_e4"}}</c>; null for its defaults.</param>
    /// <param name="cancellation">Ends the process and the request.</param>
    /// <returns>An object with <c>physicalCounts</c>, <c>logicalCounts</c>, <c>errorBudget</c> and more.</returns>
    public JsonNode Estimate(string expression, string? parameters = null, CancellationToken cancellation = default)
    {
        var request = new JsonObject { ["op"] = "estimate", ["expr"] = expression };
        if (parameters is not null)
        {
            request["parameters"] = JsonNode.Parse(parameters);
        }

        using JsonDocument reply = Call(request, cancellation);
        return JsonNode.Parse(reply.RootElement.GetProperty("estimate").GetRawText())!;
    }

    /// <summary>Waits until the process is ready, starting it if need be.</summary>
    /// <exception cref="UserErrorException">Node.js or qsharp-lang is missing, or the process does not start.</exception>
    public void Ping() => Call(new JsonObject { ["op"] = "ping" }, default).Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (guard)
        {
            disposed = true;
            Stop(graceful: true);
        }
    }

    private JsonDocument Call(JsonObject request, CancellationToken cancellation, List<byte[]>? parts = null)
    {
        lock (guard)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            for (int attempt = 1; ; attempt++)
            {
                cancellation.ThrowIfCancellationRequested();
                EnsureStarted();
                try
                {
                    return Exchange(request, cancellation, parts);
                }
                catch (IOException e) when (attempt == 1)
                {
                    // The process died; its successor gets the request once more.
                    Stop(graceful: false);
                    Debug.WriteLine(e.Message);
                }
                catch (IOException e)
                {
                    Stop(graceful: false);
                    throw new UserErrorException($"the Q# host ended twice while it worked on a request{LastWords()}", options.Script, "see whether memory ran out, or make the batch smaller", e);
                }
            }
        }
    }

    // A reply's last line says how it went; lines before it, of a dump alone, hold states while the program still runs.
    private JsonDocument Exchange(JsonObject request, CancellationToken cancellation, List<byte[]>? parts)
    {
        parts?.Clear();
        long start = Stopwatch.GetTimestamp();
        long id = ++lastId;
        request["v"] = Protocol;
        request["id"] = id;
        process!.StandardInput.WriteLine(request.ToJsonString());
        process.StandardInput.Flush();
        JsonDocument reply;
        JsonElement root;
        while (true)
        {
            reply = ReadReply(RequestTimeout, Stopwatch.GetElapsedTime(start), cancellation);
            root = reply.RootElement;
            if (root.GetProperty("id").ValueKind != JsonValueKind.Number || root.GetProperty("id").GetInt64() != id)
            {
                reply.Dispose();
                throw new IOException("the host answered another request");
            }

            if (!root.TryGetProperty("part", out JsonElement part))
            {
                break;
            }

            parts?.Add(part.GetBytesFromBase64());
            reply.Dispose();
        }

        if (root.GetProperty("ok").GetBoolean())
        {
            return reply;
        }

        JsonElement error = root.GetProperty("error");
        string message = error.GetProperty("message").GetString()!.ReplaceLineEndings(" ").TrimEnd('.');
        string? place = error.TryGetProperty("place", out JsonElement p) ? p.GetString() : null;
        string code = error.TryGetProperty("code", out JsonElement c) ? c.GetString() ?? string.Empty : string.Empty;
        reply.Dispose();
        if (code == "Host.Trap")
        {
            // The host ends by itself a moment later, but until then it would give the next request to the broken simulator.
            Stop(graceful: false);
        }

        throw new UserErrorException($"the Q# program failed: {message} [{code}]", place);
    }

    private JsonDocument ReadReply(TimeSpan limit, TimeSpan gone, CancellationToken cancellation)
    {
        string? line;
        try
        {
            line = process!.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(limit > gone ? limit - gone : TimeSpan.Zero, cancellation).GetAwaiter().GetResult();
        }
        catch (TimeoutException e)
        {
            Stop(graceful: false);
            throw new UserErrorException($"the Q# host did not answer within {limit.TotalSeconds:0.#} s and was ended{LastWords()}", null, "make the batch smaller or the time limit longer", e);
        }
        catch (OperationCanceledException)
        {
            Stop(graceful: false);
            throw;
        }

        try
        {
            return JsonDocument.Parse(line ?? throw new IOException("the host closed its output"));
        }
        catch (JsonException e)
        {
            throw new IOException("the host's answer is not JSON", e);
        }
    }

    private void EnsureStarted()
    {
        if (process is { HasExited: false })
        {
            return;
        }

        Stop(graceful: false);
        string script = options.Script ?? Installation.PathOf(Path.Combine("src", "qsharp", "host.mjs"));
        string node = options.Node ?? (Environment.GetEnvironmentVariable("QDISTILL_NODE") is { Length: > 0 } set ? set : "node");
        RequirePackage(script);
        lock (lastWords)
        {
            lastWords.Clear();
        }

        var start = new ProcessStartInfo(node)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(script);
        if (options.Seed is not null)
        {
            start.ArgumentList.Add(options.Seed);
        }

        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new UserErrorException($"the back end 'qsharp' needs Node.js, but '{node}' could not be started", null, "install Node.js 20 or newer, or set QDISTILL_NODE to its program", e);
        }

        Starts++;
        process.ErrorDataReceived += (_, e) => Remember(e.Data);
        process.BeginErrorReadLine();
        try
        {
            using JsonDocument ready = ReadReply(options.StartTimeout, TimeSpan.Zero, default);
            int protocol = ready.RootElement.TryGetProperty("protocol", out JsonElement v) ? v.GetInt32() : 0;
            if (protocol != Protocol)
            {
                Stop(graceful: false);
                throw new UserErrorException($"the Q# host speaks protocol {protocol}, not {Protocol}", script, "install program and host of the same version");
            }
        }
        catch (IOException e)
        {
            Stop(graceful: false);
            throw new UserErrorException($"the Q# host could not start{LastWords()}", script, "run 'make setup' and check that Node.js is version 20 or newer", e);
        }
    }

    private static void RequirePackage(string script)
    {
        if (!File.Exists(script))
        {
            throw new UserErrorException("the Q# host script is missing", script, "restore the installation or set QDISTILL_HOME");
        }

        for (DirectoryInfo? d = Directory.GetParent(Path.GetFullPath(script)); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "node_modules", "qsharp-lang", "package.json")))
            {
                return;
            }
        }

        throw new UserErrorException("the back end 'qsharp' needs the npm package qsharp-lang, which is not installed", null, "run 'make setup' (or 'npm ci --ignore-scripts' beside package.json)");
    }

    private void Stop(bool graceful)
    {
        if (process is null)
        {
            return;
        }

        try
        {
            if (graceful && !process.HasExited)
            {
                process.StandardInput.Close();
                process.WaitForExit(2000);
            }

            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(5000);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or Win32Exception)
        {
            // It was gone already.
        }

        process.Dispose();
        process = null;
    }

    private void Remember(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            lock (lastWords)
            {
                lastWords.Enqueue(line.Trim());
                if (lastWords.Count > 8)
                {
                    lastWords.Dequeue();
                }
            }
        }
    }

    private string LastWords()
    {
        lock (lastWords)
        {
            return lastWords.Count == 0 ? string.Empty : $" (its last words: {string.Join(" / ", lastWords)})";
        }
    }
}
