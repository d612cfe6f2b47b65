using System.Buffers;
using QDistill.Features;
using QDistill.Numerics;
using QDistill.Ros;

namespace QDistill.Evaluation.Conditions;

/// <summary>One recording's messages under a condition: each is lost, changed, delayed, or handed on as it is.</summary>
internal sealed class ConditionStream : IMessageStream
{
    private readonly MessageSink sink;
    private readonly Channel?[] channels;
    private readonly ulong seed;
    private readonly PriorityQueue<Held, (long Due, long Order)> held = new();
    private long order;

    public ConditionStream(Condition condition, string recording, RobotConfig robot, MessageSink sink)
    {
        this.sink = sink;
        seed = condition.SeedOf(recording);
        channels = new Channel?[robot.Sources.Count];
        for (int i = 0; i < channels.Length; i++)
        {
            SourceConfig source = robot.Sources[i];
            if (condition.Of(source.Role) is { Values.Count: > 0 } sensor)
            {
                channels[i] = new Channel(sensor, sensor.ChangesContent ? MessageEditor.Create(condition.Name, sensor, source, robot, new Philox(seed, Stream(i, Channel.Constants))) : null);
            }
        }
    }

    public void Take(int source, ReadOnlySpan<byte> cdr, long receiptNs)
    {
        Release(receiptNs);
        if (channels[source] is not { } channel)
        {
            sink(source, cdr, receiptNs);
            return;
        }

        // The draws of a message come from a stream of its own, always in the same order: whatever the strength, they are the same.
        var rng = new Philox(seed, Stream(source, channel.Count++));
        if (channel.IsLost(rng.NextDouble()))
        {
            return;
        }

        double delay = channel.Sensor["latency"] + (rng.NextDouble() * channel.Sensor["jitter"]);
        if (channel.Editor is { } editor)
        {
            try
            {
                cdr = editor.Edit(cdr, ref rng);
            }
            catch (CdrException)
            {
                // Not a message of its type: the extractor counts it as rejected.
            }
        }

        if (delay <= 0)
        {
            sink(source, cdr, receiptNs);
            return;
        }

        byte[] copy = ArrayPool<byte>.Shared.Rent(cdr.Length);
        cdr.CopyTo(copy);
        long due = receiptNs + (long)(delay * 1e9);
        held.Enqueue(new Held(source, copy, cdr.Length, due), (due, order++));
    }

    public void Complete() => Release(long.MaxValue);

    private void Release(long untilNs)
    {
        while (held.TryPeek(out Held next, out _) && next.DueNs <= untilNs)
        {
            held.Dequeue();
            sink(next.Source, next.Data.AsSpan(0, next.Length), next.DueNs);
            ArrayPool<byte>.Shared.Return(next.Data);
        }
    }

    internal static ulong Stream(int source, ulong message) => ((ulong)source << 48) | message;

    private readonly record struct Held(int Source, byte[] Data, int Length, long DueNs);

    /// <summary>One disturbed source.</summary>
    private sealed class Channel(SensorDisturbance sensor, MessageEditor? editor)
    {
        /// <summary>The number of the stream from which a recording's constants are drawn.</summary>
        public const ulong Constants = (1UL << 48) - 1;

        private readonly LossChannel losses = new(sensor);

        public SensorDisturbance Sensor => sensor;

        public MessageEditor? Editor => editor;

        public ulong Count { get; set; }

        public bool IsLost(double uniform) => losses.IsLost(uniform);
    }
}
