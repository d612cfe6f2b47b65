using System.Diagnostics;
using System.Runtime.InteropServices;
using QDistill.Bags.Check;
using QDistill.Configuration;
using QDistill.Ros;
using ClockMessage = QDistill.Msgs.RosgraphMsgs.Clock;

namespace QDistill.Bags;

/// <summary>
/// Publishes a bag's messages through a node, spaced as they were received, with the recorded QoS (<see cref="OfferedQoS.ToProfile(IReadOnlyList{OfferedQoS})"/>). Playing
/// runs on the caller's thread; <see cref="Pause"/>, <see cref="Resume"/> and cancellation come from any other.
/// </summary>
public sealed partial class BagPlayer : IDisposable
{
    private const double SleepEnough = 0.002;
    private readonly BagReader reader;
    private readonly BagPlayOptions options;
    private readonly Dictionary<BagTopic, GenericPublisher> publishers = [];
    private readonly Publisher<ClockMessage>? clock;
    private readonly ClockMessage clockMessage = new();
    private readonly AutoResetEvent changed = new(false);
    private readonly SpreadBuilder lateness = new();
    private readonly long firstTime;
    private readonly long lastTime;
    private volatile bool paused;
    private long latenessMax;
    private long messages;
    private long origin;
    private long originTime;
    private long nextClock;

    /// <summary>Prepares playing: creates a publisher for every topic that the reader selects.</summary>
    /// <param name="reader">The bag; stays the caller's.</param>
    /// <param name="node">The node to publish through; stays the caller's.</param>
    /// <param name="options">How to play; the defaults when null.</param>
    /// <exception cref="UserErrorException">An option is outside its range, or a topic's type cannot be published.</exception>
    public BagPlayer(BagReader reader, Node node, BagPlayOptions? options = null)
    {
        this.reader = reader;
        this.options = options ??= new BagPlayOptions();
        if (!(options.Rate is >= 0.001 and <= 1000 || double.IsPositiveInfinity(options.Rate)))
        {
            throw new UserErrorException($"a rate of {options.Rate} is outside [0.001, 1000]", null, "1 plays at the recorded pace");
        }

        if (!(options.ClockRate is >= 0 and <= 10_000))
        {
            throw new UserErrorException($"a clock rate of {options.ClockRate} Hz is outside [0, 10000]");
        }

        firstTime = reader.Info.StartNs + Nanoseconds(options.StartOffset);
        lastTime = options.EndOffset is { } end ? reader.Info.StartNs + Nanoseconds(end) : long.MaxValue;
        paused = options.StartPaused;
        bool ownClock = options.ClockRate > 0 || options.ClockPerMessage;
        try
        {
            foreach (BagTopic topic in reader.Info.Topics)
            {
                string name = options.Remaps.GetValueOrDefault(topic.Name, topic.Name);
                if (topic.MessageCount == 0 || !reader.Selects(topic) || (ownClock && name == "/clock"))
                {
                    continue;
                }

                // An old bag says nothing but the type's name; the hash that tools show is then that of the built-in type.
                string typeName = InterfaceName.Full(topic.Type);
                MessageType type = topic.Definition is null && topic.TypeHash.Length == 0 && MessageRegistry.Find(typeName) is { } known
                    ? known
                    : new MessageType(typeName, topic.TypeHash, topic.Definition ?? string.Empty);
                QoSProfile qos = options.QoSOverrides.GetValueOrDefault(topic.Name) ?? OfferedQoS.ToProfile(topic.OfferedQoS);
                publishers[topic] = node.CreateGenericPublisher(name, type, qos);
            }

            clock = ownClock ? node.CreatePublisher<ClockMessage>("/clock", QoSProfile.Clock with { Reliability = ReliabilityPolicy.Reliable }) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether playing stands still.</summary>
    public bool IsPaused => paused;

    /// <summary>The names that are published on, <c>/clock</c> not counted.</summary>
    public IEnumerable<string> PublishedTopics => publishers.Values.Select(p => p.Topic);

    /// <summary>Stands still until <see cref="Resume"/>; the bag's time stands still with it.</summary>
    public void Pause() => SetPaused(true);

    /// <summary>Goes on.</summary>
    public void Resume() => SetPaused(false);

    /// <summary>Plays to the end, or until cancelled, and returns what was played.</summary>
    /// <exception cref="UserErrorException">The bag is damaged.</exception>
    public BagPlayStatistics Play(CancellationToken cancellation = default)
    {
        using CancellationTokenRegistration wake = cancellation.Register(() => changed.Set());
        AwaitSubscriptions(cancellation);
        long begun = Stopwatch.GetTimestamp(), rounds = 0;
        messages = 0;
        do
        {
            rounds++;
            reader.Seek(firstTime);
            StartClockAt(firstTime);
            PlayOnce(cancellation);
        }
        while (options.Loop && !cancellation.IsCancellationRequested && messages > 0);
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (!cancellation.IsCancellationRequested)
        {
            AwaitAcknowledgments();
        }

        return new BagPlayStatistics
        {
            Messages = messages,
            Rounds = rounds,
            Seconds = seconds,
            LatenessMedian = lateness.Quantile(0.5) * 1e-9,
            LatenessP99 = lateness.Quantile(0.99) * 1e-9,
            LatenessMax = latenessMax * 1e-9,
            Cancelled = cancellation.IsCancellationRequested,
        };
    }

    /// <summary>Removes the publishers.</summary>
    public void Dispose()
    {
        foreach (GenericPublisher publisher in publishers.Values)
        {
            publisher.Dispose();
        }

        publishers.Clear();
        clock?.Dispose();
        changed.Dispose();
    }

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec duration, nint remaining);

    private void PlayOnce(CancellationToken cancellation)
    {
        // Reading (and so decompressing) happens before the wait, so that a new chunk costs no lateness.
        while (!cancellation.IsCancellationRequested && reader.Read(out BagMessage m) && m.LogTime <= lastTime)
        {
            if (!publishers.TryGetValue(m.Topic, out GenericPublisher? publisher))
            {
                continue;
            }

            if (!WaitUntil(m.LogTime, cancellation))
            {
                return;
            }

            if (options.ClockPerMessage)
            {
                PublishClock(m.LogTime);
            }

            publisher.Publish(m.Data);
            messages++;
            if (!double.IsPositiveInfinity(options.Rate))
            {
                long late = Math.Max(0, Now() - DueTime(m.LogTime));
                lateness.Add(late);
                latenessMax = Math.Max(latenessMax, late);
            }
        }
    }

    private void StartClockAt(long bagTime)
    {
        originTime = bagTime;
        origin = Now();
        nextClock = origin;
    }

    private long DueTime(long bagTime) => origin + (long)((bagTime - originTime) / options.Rate);

    private long BagTime(long now) => originTime + (long)((now - origin) * options.Rate);

    /// <summary>Waits for a message's due time, with <c>/clock</c> published meanwhile; false when cancelled.</summary>
    private bool WaitUntil(long bagTime, CancellationToken cancellation)
    {
        bool asFastAsCan = double.IsPositiveInfinity(options.Rate);
        while (true)
        {
            if (cancellation.IsCancellationRequested)
            {
                return false;
            }

            if (paused)
            {
                StandStill(bagTime, cancellation);
                continue;
            }

            long now = Now();
            if (options.ClockRate > 0 && now >= nextClock)
            {
                PublishClock(asFastAsCan ? bagTime : Math.Min(BagTime(now), bagTime));
                AdvanceClock(now);
            }

            long due = asFastAsCan ? now : DueTime(bagTime);
            if (due <= now)
            {
                return true;
            }

            Sleep(((options.ClockRate > 0 ? Math.Min(due, nextClock) : due) - now) * 1e-9);
        }
    }

    private void StandStill(long bagTime, CancellationToken cancellation)
    {
        long stopped = Now();
        long standing = double.IsPositiveInfinity(options.Rate) ? bagTime : Math.Min(BagTime(stopped), bagTime);
        while (paused && !cancellation.IsCancellationRequested)
        {
            if (options.ClockRate > 0 && Now() >= nextClock)
            {
                PublishClock(standing);
                AdvanceClock(Now());
            }

            changed.WaitOne(options.ClockRate > 0 ? (int)Math.Clamp((nextClock - Now()) / 1_000_000, 1, 100) : 100);
        }

        origin += Now() - stopped;
    }

    private void AdvanceClock(long now)
    {
        long period = (long)(1e9 / options.ClockRate);
        nextClock = nextClock + period > now ? nextClock + period : now + period;
    }

    private void PublishClock(long bagTime)
    {
        clockMessage.Clock_.SetNanoseconds(bagTime);
        clock!.Publish(clockMessage);
    }

    /// <summary>Long waits can be woken; the last two milliseconds are left to the kernel's finer timer.</summary>
    private void Sleep(double seconds)
    {
        if (seconds > SleepEnough)
        {
            changed.WaitOne((int)Math.Min((seconds - (SleepEnough / 2)) * 1000, 1000));
            return;
        }

        _ = NanoSleep(new TimeSpec { Nanoseconds = (nint)(seconds * 1e9) }, 0);
    }

    private void SetPaused(bool value)
    {
        paused = value;
        changed.Set();
    }

    private void AwaitSubscriptions(CancellationToken cancellation)
    {
        if (options.WaitFor.Count == 0)
        {
            return;
        }

        GenericPublisher[] awaited = [.. publishers.Where(p => options.WaitFor.Contains(p.Key.Name)).Select(p => p.Value)];
        long until = Now() + Nanoseconds(options.WaitTimeout);
        while (!cancellation.IsCancellationRequested && Now() < until && awaited.Any(p => p.MatchedCount == 0))
        {
            changed.WaitOne(10);
        }
    }

    private void AwaitAcknowledgments()
    {
        long until = Now() + Nanoseconds(options.WaitTimeout);
        foreach (GenericPublisher publisher in publishers.Values)
        {
            if (publisher.QoS.Reliability == ReliabilityPolicy.Reliable && until > Now())
            {
                publisher.WaitForAcknowledgment(TimeSpan.FromTicks((until - Now()) / TimeSpan.NanosecondsPerTick));
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
