using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Features;

/// <summary>Counts of one source since construction.</summary>
/// <param name="Received">Messages handed over.</param>
/// <param name="Late">Messages stamped before one that had been taken in already; they were left out.</param>
/// <param name="Rejected">Messages that were unusable: not finite, beyond the robot's gates, of an encoding that is not understood, or malformed.</param>
/// <param name="HeaderStamps">Messages whose header stamp counted; the others count by receipt time.</param>
/// <param name="LastStampNs">The stamp of the last message taken in [ns]; <see cref="long.MinValue"/> before the first.</param>
public readonly record struct SourceStatus(long Received, long Late, long Rejected, long HeaderStamps, long LastStampNs);

/// <summary>
/// Turns messages into feature vectors, the same way offline and onboard. Feed every message in order of receipt; a vector is formed at each message of the trigger
/// source (its time is that message's stamp) or at each tick of a fixed rate, and handed to the callback. Only messages received so far and stamped at or
/// before the vector's time shape it; what is missing or stale is 0 and marked invalid. The result is a function of the sequence of messages and receipt times
/// alone. Nothing is allocated per message or vector once buffers have grown. Not thread-safe.
/// </summary>
public sealed partial class FeatureExtractor
{
    // Receipt times that jump back by more than this are a new run (a bag played again, a simulation reset), not disorder.
    private const long RestartNs = 1_000_000_000;

    // A message cannot be received before it was made: a header stamp later than its receipt by more than this comes from another clock.
    private const long FutureNs = 50_000_000;

    private readonly List<FeatureGroup> groups;
    private readonly StreamSet streams;
    private readonly SourceStream[] bySource;
    private readonly long[] received, headerStamps, malformed;
    private readonly int[] noted;
    private readonly SenderClock[] clocks;
    private readonly FeatureVector vector;
    private readonly int trigger;
    private readonly long toleranceNs, graceNs, minimumGapNs;
    private readonly double rate;
    private long lastReceiptNs = long.MinValue, lastFusedNs = long.MinValue, tick = long.MinValue;

    /// <summary>Builds the extractor of a robot.</summary>
    /// <param name="robot">The robot.</param>
    /// <param name="onFeatures">Receives each vector as it is formed; the instance is reused.</param>
    /// <exception cref="UserErrorException">A custom type of the robot has no definition, or its definition lacks a field that the robot names.</exception>
    public FeatureExtractor(RobotConfig robot, Action<FeatureVector>? onFeatures = null)
    {
        Robot = robot;
        OnFeatures = onFeatures;
        groups = FeatureGroup.Create(robot.Groups, robot.Sources);
        bySource = new SourceStream[robot.Sources.Count];
        (received, headerStamps, malformed) = (new long[bySource.Length], new long[bySource.Length], new long[bySource.Length]);
        noted = new int[bySource.Length];
        clocks = new SenderClock[bySource.Length];
        streams = BuildStreams(robot, bySource);
        vector = new FeatureVector(robot.Schema);
        FusionConfig fusion = robot.Fusion;
        trigger = fusion.Trigger is { } name ? robot.Sources.ToList().FindIndex(s => s.Name == name) : -1;
        toleranceNs = (long)(fusion.StampTolerance * 1e9);
        graceNs = (long)(fusion.Grace * 1e9);
        rate = fusion.Rate;
        minimumGapNs = trigger >= 0 && rate > 0 ? (long)(0.999e9 / rate) : 0;
        decoders = new Decoder[bySource.Length];
        for (int i = 0; i < decoders.Length; i++)
        {
            decoders[i] = CreateDecoder(robot, robot.Sources[i]);
        }
    }

    /// <summary>The robot.</summary>
    public RobotConfig Robot { get; }

    /// <summary>What the positions of its vectors mean.</summary>
    public FeatureSchema Schema => Robot.Schema;

    /// <summary>Receives each vector as it is formed; the instance is reused.</summary>
    public Action<FeatureVector>? OnFeatures { get; set; }

    /// <summary>Receives one sentence for each kind of fault that makes a source's messages unusable, when it is first met.</summary>
    public Action<string>? OnWarning { get; set; }

    /// <summary>The camera's stream, if the robot has one.</summary>
    internal ImageStream? Images => streams.Image;

    /// <summary>Sees contacts and accelerations as they come, for labelling.</summary>
    internal HazardLabeler? Observer { get; set; }

    /// <summary>The index of the source that reads a topic, or −1.</summary>
    public int SourceOfTopic(string topic)
    {
        for (int i = 0; i < bySource.Length; i++)
        {
            if (bySource[i].Config.Topic == topic)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>What has become of a source's messages.</summary>
    public SourceStatus Status(int source) => new(
        received[source], bySource[source].LateCount, bySource[source].RejectedCount + malformed[source], headerStamps[source], bySource[source].LastNs);

    /// <summary>
    /// Tells the extractor that time has passed without messages, so that a fixed rate goes on while all sources are silent. The ticks formed are those that the next message
    /// would have caused.
    /// </summary>
    public void Advance(long receiptNs)
    {
        if (lastReceiptNs != long.MinValue && receiptNs < lastReceiptNs - RestartNs)
        {
            Reset();
        }

        lastReceiptNs = Math.Max(lastReceiptNs, receiptNs);
        if (trigger < 0)
        {
            RunTicks(receiptNs - graceNs);
        }
    }

    /// <summary>Forms the vector of time <paramref name="tNs"/> from what has been received. Times must not go back: what a later time took in cannot be given back, and sources that are ahead are then marked invalid.</summary>
    public void Sample(long tNs, FeatureVector into)
    {
        foreach (SourceStream stream in bySource)
        {
            stream.AdvanceTo(tNs);
        }

        into.Reset(tNs);
        var writer = new FeatureWriter(into);
        foreach (FeatureGroup group in groups)
        {
            group.Sample(streams, ref writer);
        }

        into.OldestSourceNs = writer.OldestNs == long.MaxValue ? tNs : writer.OldestNs;
    }

    /// <summary>Forgets all messages, as at construction; counters stay.</summary>
    public void Reset()
    {
        foreach (SourceStream stream in bySource)
        {
            stream.Reset();
        }

        Array.Clear(clocks);
        lastReceiptNs = lastFusedNs = tick = long.MinValue;
    }

    private static StreamSet BuildStreams(RobotConfig robot, SourceStream[] bySource)
    {
        OdometryStream? odometry = null;
        ImuStream? imu = null;
        ScanStream? scan = null;
        CommandStream? command = null;
        PoseStream? pose = null;
        SetPointStream? setPoint = null;
        RangeStream? range = null;
        BatteryStream? battery = null;
        ImageStream? image = null;
        DepthStream? depth = null;
        var contacts = new List<ContactStream>();
        FeatureGroupsConfig groups = robot.Groups;
        double speedGate = robot.Limits.Gate * robot.Limits.Speed;
        PoseTracker Tracker(SourceConfig s) => new((groups.Drone ?? new()).Smoothing, s.Timeout, speedGate);
        for (int i = 0; i < bySource.Length; i++)
        {
            SourceConfig s = robot.Sources[i];
            bySource[i] = s.Role switch
            {
                SourceRole.Odom => odometry = new OdometryStream(s, robot.Limits, (groups.Motion ?? new()).Smoothing)
                {
                    Tracker = groups.Drone is not null && robot.Source(SourceRole.Pose) is null ? Tracker(s) : null,
                },
                SourceRole.Imu => imu = new ImuStream(s, robot.Limits, groups.Imu ?? new()),
                SourceRole.Scan => scan = new ScanStream(s, robot.Footprint, robot.Limits, groups.Lidar ?? new()),
                SourceRole.CmdVel => command = new CommandStream(s),
                SourceRole.Pose => pose = new PoseStream(s, Tracker(s)),
                SourceRole.SetPoint => setPoint = new SetPointStream(s),
                SourceRole.Range => range = new RangeStream(s, groups.Range ?? new()),
                SourceRole.Battery => battery = new BatteryStream(s),
                SourceRole.Image => image = new ImageStream(s, groups.Vision ?? new()),
                SourceRole.Depth => depth = new DepthStream(s, groups.Depth ?? new()),
                _ => Contact(s),
            };
        }

        ContactStream Contact(SourceConfig s)
        {
            var stream = new ContactStream(s);
            contacts.Add(stream);
            return stream;
        }

        return new StreamSet
        {
            Odometry = odometry,
            Imu = imu,
            Scan = scan,
            Command = command,
            Pose = pose,
            SetPoint = setPoint,
            Range = range,
            Battery = battery,
            Image = image,
            Depth = depth,
            Contacts = [.. contacts],
        };
    }

    /// <summary>The stamp that counts, by the source's policy.</summary>
    private long StampOf(int source, long headerNs, long receiptNs)
    {
        bool believed = bySource[source].Config.Stamp switch
        {
            StampPolicy.Header => headerNs > 0,
            StampPolicy.Receipt => false,
            _ => headerNs > 0 && receiptNs - headerNs <= toleranceNs && headerNs - receiptNs <= FutureNs,
        };
        headerStamps[source] += believed ? 1 : 0;
        return believed ? headerNs : receiptNs;
    }

    /// <summary>Everything a message causes before it is taken in.</summary>
    private void Before(int source, long receiptNs)
    {
        received[source]++;
        Observer?.OnTime(receiptNs);
        Advance(receiptNs);
    }

    /// <summary>Everything a message causes after it has been queued.</summary>
    private void After(int source, long stampNs, long receiptNs)
    {
        if (source != trigger || stampNs <= lastFusedNs || (lastFusedNs != long.MinValue && stampNs - lastFusedNs < minimumGapNs))
        {
            return;
        }

        Fuse(stampNs, receiptNs);
    }

    private void RunTicks(long untilNs)
    {
        // Tick k is at k / rate since the epoch, so that two extractors agree on ticks whenever they were started.
        long now = (long)Math.Floor(untilNs * 1e-9 * rate);
        if (tick == long.MinValue)
        {
            tick = now;
            return;
        }

        while (TickNs(tick + 1) <= untilNs)
        {
            tick++;
            Fuse(TickNs(tick), TickNs(tick));
        }
    }

    private long TickNs(long k) => (long)Math.Round((decimal)k * 1_000_000_000m / (decimal)rate);

    private void Fuse(long tNs, long receiptNs)
    {
        lastFusedNs = tNs;
        Sample(tNs, vector);
        vector.ReceiptNs = receiptNs;
        OnFeatures?.Invoke(vector);
    }
}
