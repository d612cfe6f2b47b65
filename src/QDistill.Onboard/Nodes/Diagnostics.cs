using System.Globalization;
using QDistill.Msgs.DiagnosticMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>Fills and sends <c>/diagnostics</c>: statuses named <c>node: subsystem</c>, refilled at each round.</summary>
internal sealed class Diagnostics(Node node) : IDisposable
{
    public const byte Ok = 0;
    public const byte Warn = 1;
    public const byte Error = 2;

    private readonly Publisher<DiagnosticArray> publisher = node.CreatePublisher<DiagnosticArray>("/diagnostics", QoSProfile.Default);
    private readonly DiagnosticArray message = new();
    private DiagnosticStatus? status;

    /// <summary>Begins a round.</summary>
    public void Begin()
    {
        message.Header.Stamp.SetNanoseconds(node.Clock.Now);
        message.Status.Clear();
    }

    /// <summary>Begins one subsystem's status.</summary>
    public void Status(string subsystem, byte level, string text)
    {
        status = message.Status.AddNew();
        status.Name = $"{node.Name}: {subsystem}";
        status.HardwareId = "qdistill";
        status.Level = level;
        status.Message = text;
        status.Values.Clear();
    }

    /// <summary>Adds a value to the status begun last.</summary>
    public void Value(string key, string value)
    {
        KeyValue pair = status!.Values.AddNew();
        (pair.Key, pair.Value) = (key, value);
    }

    public void Value(string key, long value) => Value(key, value.ToString(CultureInfo.InvariantCulture));

    public void Value(string key, double value) => Value(key, value.ToString("G6", CultureInfo.InvariantCulture));

    public void Milliseconds(string key, double nanoseconds) => Value(key, nanoseconds * 1e-6);

    /// <summary>Sends the round.</summary>
    public void Publish() => publisher.Publish(message);

    /// <summary>A status about latency, from its window.</summary>
    public void Latency(LatencyMonitor monitor)
    {
        var window = monitor.Window;
        int severity = monitor.Severity();
        Status("latency", severity switch { 0 => Ok, 1 => Warn, _ => Error }, severity == 0 ? "in time" : "deadlines were missed");
        Value("count", window.Count);
        Value("rate_hz", window.Rate);
        Milliseconds("p50_ms", window.P50);
        Milliseconds("p95_ms", window.P95);
        Milliseconds("p99_ms", window.P99);
        Milliseconds("max_ms", window.Max);
        Milliseconds("jitter_ms", window.Jitter);
        Milliseconds("deadline_ms", monitor.Options.Deadline);
        Value("deadline_misses", window.DeadlineMisses);
        Value("period_misses", monitor.PeriodMisses);
    }

    public void Dispose() => publisher.Dispose();
}
