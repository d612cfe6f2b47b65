using QDistill.Bags;
using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>
/// The windows of one recording as a table: features, their validity, hindsight truths and the time-to-collision rule's risk. Row i of an [n, d] array begins at i·d.
/// </summary>
public sealed class FeatureWindows
{
    private readonly List<long> stamps = [], oldest = [], receipts = [];
    private readonly List<float> values = [];
    private readonly List<byte> validity = [];
    private readonly List<float> ttc = [];
    private readonly List<string> faults = [];

    private FeatureWindows(string name, RobotConfig robot)
    {
        Name = name;
        Robot = robot;
        MaskLength = (robot.Schema.Count + 7) / 8;
    }

    /// <summary>The recording's name: its folder or file, without extension.</summary>
    public string Name { get; }

    /// <summary>The recording's path as given; empty for windows that were collected live.</summary>
    public string Path { get; private init; } = string.Empty;

    /// <summary>The robot, with the message types that the recording uses.</summary>
    public RobotConfig Robot { get; }

    /// <summary>What the columns mean.</summary>
    public FeatureSchema Schema => Robot.Schema;

    /// <summary>How many windows (n).</summary>
    public int Count => stamps.Count;

    /// <summary>How many features (d).</summary>
    public int FeatureCount => Schema.Count;

    /// <summary>Bytes of one row's validity mask.</summary>
    public int MaskLength { get; }

    /// <summary>How many windows the recording has without its disturbance; <see cref="Count"/> when there was none.</summary>
    public int UndisturbedCount { get; private set; }

    /// <summary>The log time of the recording's first message [ns].</summary>
    public long StartNs { get; private set; }

    /// <summary>The log time of the recording's last message [ns].</summary>
    public long EndNs { get; private set; }

    /// <summary>Fusion times [n, ns].</summary>
    public ReadOnlySpan<long> Stamps => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(stamps);

    /// <summary>The stamp of the oldest message behind each row [n, ns].</summary>
    public ReadOnlySpan<long> OldestSources => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(oldest);

    /// <summary>When the message that formed each row was received [n, ns], by the recording's log: a prediction cannot come sooner.</summary>
    public ReadOnlySpan<long> Receipts => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(receipts);

    /// <summary>Features [n, d]; 0 where not valid.</summary>
    public ReadOnlySpan<float> Values => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(values);

    /// <summary>Validity masks [n, MaskLength]: bit j of a row, least significant first, says that feature j is valid.</summary>
    public ReadOnlySpan<byte> Masks => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(validity);

    /// <summary>A collision within the horizon [n].</summary>
    public Truth[] Collision { get; private set; } = [];

    /// <summary>A violation of each constraint within its horizon [n, constraints].</summary>
    public Truth[] Violations { get; private set; } = [];

    /// <summary>The time-to-collision rule's risk [n]; empty when the robot's features do not carry the rule.</summary>
    public ReadOnlySpan<float> TtcScore => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ttc);

    /// <summary>The hazards found, in order of onset.</summary>
    public IReadOnlyList<HazardEvent> Events { get; private set; } = [];

    /// <summary>What became of each source's messages, in the robot's order.</summary>
    public IReadOnlyList<SourceStatus> Sources { get; private set; } = [];

    /// <summary>Things a reader should know but that did not stop the work: bag damage that was worked around, optional topics that are absent.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>The features of row <paramref name="i"/> [d].</summary>
    public ReadOnlySpan<float> Row(int i) => Values.Slice(i * FeatureCount, FeatureCount);

    /// <summary>The validity mask of row <paramref name="i"/>.</summary>
    public ReadOnlySpan<byte> Mask(int i) => Masks.Slice(i * MaskLength, MaskLength);

    /// <summary>Whether feature <paramref name="j"/> of row <paramref name="i"/> is valid.</summary>
    public bool IsValid(int i, int j) => (validity[(i * MaskLength) + (j >> 3)] & (1 << (j & 7))) != 0;

    /// <summary>Reads a recording from its first message to its last.</summary>
    /// <param name="path">A rosbag2 folder or file.</param>
    /// <param name="robot">The robot that made it.</param>
    /// <param name="progress">Receives the share of messages read, in [0, 1].</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <param name="disturbance">What the messages go through before features are formed; hindsight still judges the undisturbed ones. Null for nothing.</param>
    /// <exception cref="UserErrorException">The bag cannot be read, or lacks a topic that the robot needs, or holds it with another type; the sentence names bag, topic and remedy.</exception>
    public static FeatureWindows FromBag(
        string path, RobotConfig robot, IProgress<double>? progress = null, CancellationToken cancel = default, IMessageDisturbance? disturbance = null)
    {
        var warnings = new List<string>();
        robot = BagBinding.Bind(path, robot, warnings);
        using BagReader reader = BagReader.Open(path, new BagReadOptions { Topics = [.. robot.Sources.Select(s => s.Topic)] });
        long total = Math.Max(1, reader.Info.Topics.Where(t => robot.Sources.Any(s => s.Topic == t.Name)).Sum(t => t.MessageCount));
        var windows = new FeatureWindows(System.IO.Path.GetFileNameWithoutExtension(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path))), robot)
        {
            Path = path,
            StartNs = reader.Info.StartNs,
            EndNs = reader.Info.EndNs,
        };
        FeatureExtractor extractor = windows.Collect(out HazardLabeler labeler);
        UndisturbedTruth? truth = disturbance is null ? null : new UndisturbedTruth(robot);
        if (truth is not null)
        {
            extractor.Observer = null; // What a disturbed sensor saw is no truth.
        }

        IMessageStream? stream = disturbance?.Begin(windows.Name, robot, (source, data, receiptNs) => extractor.OnSerialized(source, data, receiptNs));
        var sourceOf = new Dictionary<BagTopic, int>(ReferenceEqualityComparer.Instance);
        long done = 0;
        while (reader.Read(out BagMessage message))
        {
            if (!sourceOf.TryGetValue(message.Topic, out int source))
            {
                sourceOf[message.Topic] = source = extractor.SourceOfTopic(message.Topic.Name);
            }

            if (stream is null)
            {
                extractor.OnSerialized(source, message.Data, message.LogTime);
            }
            else
            {
                truth!.Extractor.OnSerialized(source, message.Data, message.LogTime);
                stream.Take(source, message.Data, message.LogTime);
            }

            if ((++done & 0xFFF) == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Report(Math.Min(1, (double)done / total));
            }
        }

        stream?.Complete();
        warnings.AddRange(reader.Info.Warnings);
        windows.Finish(extractor, labeler, warnings, truth);
        progress?.Report(1);
        return windows;
    }

    /// <summary>Reads several recordings, one table each, in the order given.</summary>
    /// <exception cref="UserErrorException">As for one recording.</exception>
    public static IReadOnlyList<FeatureWindows> FromBags(
        IReadOnlyList<string> paths, RobotConfig robot, IProgress<double>? progress = null, CancellationToken cancel = default, IMessageDisturbance? disturbance = null)
    {
        var tables = new List<FeatureWindows>(paths.Count);
        for (int i = 0; i < paths.Count; i++)
        {
            int at = i;
            tables.Add(FromBag(paths[i], robot, progress is null ? null : new Share(progress, at, paths.Count), cancel, disturbance));
        }

        return tables;
    }

    /// <summary>Starts a table that is filled from messages handed to the extractor; call <see cref="Complete"/> when the last has been.</summary>
    /// <param name="name">The table's name.</param>
    /// <param name="robot">The robot.</param>
    /// <param name="extractor">The extractor to feed.</param>
    public static FeatureWindows Start(string name, RobotConfig robot, out FeatureExtractor extractor)
    {
        var windows = new FeatureWindows(name, robot);
        extractor = windows.Collect(out HazardLabeler labeler);
        FeatureExtractor fed = extractor;
        windows.complete = () => windows.Finish(fed, labeler, []);
        return windows;
    }

    private Action? complete;

    /// <summary>Labels the windows collected since <see cref="Start"/>.</summary>
    public void Complete()
    {
        (complete ?? throw new InvalidOperationException("only a table begun with Start is completed"))();
        complete = null;
    }

    private FeatureExtractor Collect(out HazardLabeler labeler)
    {
        TtcRule? rule = TtcRule.Applies(Schema) ? new TtcRule(Robot) : null;
        var extractor = new FeatureExtractor(Robot) { OnWarning = w => faults.Add($"{Name}: {w}") };
        var truth = new HazardLabeler(extractor);
        extractor.OnFeatures = x =>
        {
            stamps.Add(x.StampNs);
            oldest.Add(x.OldestSourceNs);
            receipts.Add(x.ReceiptNs);
            values.AddRange(x.Values);
            validity.AddRange(x.Validity);
            if (rule is not null)
            {
                ttc.Add(rule.Score(x));
            }

            truth.OnWindow(x);
        };
        labeler = truth;
        return extractor;
    }

    private void Finish(FeatureExtractor extractor, HazardLabeler labeler, List<string> warnings, UndisturbedTruth? truth = null)
    {
        warnings.AddRange(faults);
        if (truth is null)
        {
            Collision = labeler.Collision();
            Violations = labeler.Violations();
            Events = labeler.Events;
            UndisturbedCount = Count;
        }
        else
        {
            (Collision, Violations) = truth.At(Stamps);
            Events = truth.Events;
            UndisturbedCount = truth.Count;
        }

        Sources = [.. Robot.Sources.Select((_, i) => extractor.Status(i))];
        for (int i = 0; i < Sources.Count; i++)
        {
            SourceStatus s = Sources[i];
            if (s.Received > 0 && s.Rejected == s.Received)
            {
                warnings.Add($"{Name}: no message on {Robot.Sources[i].Topic} was usable ({s.Received} rejected); check its type and the robot's limits");
            }
        }

        Warnings = warnings;
    }

    private sealed class Share(IProgress<double> whole, int index, int count) : IProgress<double>
    {
        public void Report(double value) => whole.Report((index + value) / count);
    }
}
