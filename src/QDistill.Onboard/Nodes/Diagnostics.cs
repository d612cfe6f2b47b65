using System.Globalization;
using QDistill.Msgs.DiagnosticMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>Fills and sends <c>/diagnostics</c>: statuses named <c>node: subsystem</c>, refilled at each round.</summary>
internal sealed class Diagnostics(Node node, string name) : IDisposable
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
        status.Name = $"{name}: {subsystem}";
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

    /// <summary>A status about latency, from its window; <c>n/a</c> before the first answer.</summary>
    public void Latency(LatencyMonitor monitor)
    {
        var window = monitor.Window;
        bool none = monitor.State == LatencyState.NoneYet;
        Status("latency", monitor.State switch { LatencyState.LateForTooLong => Error, LatencyState.Late => Warn, _ => Ok }, monitor.State switch
        {
            LatencyState.NoneYet => "n/a",
            LatencyState.InTime => "in time",
            LatencyState.Late => "deadlines were missed",
            _ => "late for longer than the acceptable delay",
        });
        Value("count", window.Count);
        Value("rate_hz", window.Rate);
        Time("p50_ms", window.P50);
        Time("p95_ms", window.P95);
        Time("p99_ms", window.P99);
        Time("max_ms", window.Max);
        Time("jitter_ms", window.Jitter);
        StageTimes last = monitor.Last;
        Time("sensor_to_receive_ms", last.SensorToReceive);
        Time("fusion_ms", last.Fusion);
        Time("queue_ms", last.Queue);
        Time("inference_ms", last.Inference);
        Time("publish_ms", last.Publish);
        Time("total_ms", last.Total);
        Milliseconds("max_allowed_ms", monitor.Options.MaxAllowed);
        Value("deadline_misses", monitor.DeadlineMisses);
        Value("deadline_misses_in_window", window.DeadlineMisses);
        Value("period_misses", monitor.PeriodMisses);

        void Time(string key, double nanoseconds)
        {
            if (none)
            {
                Value(key, "n/a");
            }
            else
            {
                Milliseconds(key, nanoseconds);
            }
        }
    }

    public void Dispose() => publisher.Dispose();
}
