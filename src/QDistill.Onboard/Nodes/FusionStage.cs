using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Features;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// The fusion part of a node: subscribes to a robot's topics, feeds the one feature extractor with their bytes, and hands each feature vector on with the time it took.
/// </summary>
internal sealed class FusionStage : IDisposable
{
    private readonly Node node;
    private readonly TopicQoS qos;
    private readonly TopicStatisticsOptions? statistics;
    private readonly Action<FeatureVector, StageTimes> onVector;
    private readonly List<GenericSubscription> subscriptions = [];
    private readonly HashSet<string> refused = new(StringComparer.Ordinal);
    private readonly Timer? tick;
    private long callbackStart;
    private long received;
    private bool active;

    public FusionStage(Node node, RobotConfig robot, FeatureFusionOptions options, Action<FeatureVector, StageTimes> onVector)
    {
        this.node = node;
        (qos, statistics) = (options.QoS, options.Statistics.Wanted);
        this.onVector = onVector;
        Robot = robot;
        Extractor = new FeatureExtractor(robot, OnFeatures) { OnWarning = OnWarning };
        try
        {
            Subscribe();
            if (robot.Fusion.Trigger is null)
            {
                // Twice per period, so that a vector is at most half a period late when all sources are silent.
                tick = node.CreateTimer(TimeSpan.FromSeconds(0.5 / robot.Fusion.Rate), OnTick);
            }

            node.Context.GraphChanged += AdoptTypes;
            AdoptTypes();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Loads the robot that the parameter <c>robot</c> names.</summary>
    /// <exception cref="UserErrorException">None is named, there is none, or its file is wrong.</exception>
    public static RobotConfig LoadRobot(string robot) => robot.Length > 0
        ? RobotConfig.Load(RobotFile.Find(robot, "parameter 'robot'"))
        : throw new UserErrorException("a robot is needed", "parameter 'robot'", "name a robot.yaml or one of robots/, by --robot or by 'robot:' in a parameter file");

    public RobotConfig Robot { get; private set; }

    public FeatureExtractor Extractor { get; private set; }

    public string Summary => $"robot {Robot.Name}, schema {Robot.Schema.Id[..12]}, {Robot.Schema.Count} features of {Robot.Sources.Count} sources";

    private void OnWarning(string what) => node.Logger.LogWarning("{What}", what);

    public void Start()
    {
        Extractor.Reset();
        active = true;
    }

    public void Stop() => active = false;

    /// <summary>One status for all sources.</summary>
    public void Describe(Diagnostics diagnostics)
    {
        long now = node.Clock.Now;
        string? silent = null, dead = null;
        for (int i = 0; i < Robot.Sources.Count; i++)
        {
            SourceConfig source = Robot.Sources[i];
            long last = Extractor.Status(i).LastStampNs;
            if (source.Continuous && (last == long.MinValue || now - last > source.Timeout * 1e9))
            {
                silent ??= source.Topic;
                dead ??= source.Optional ? null : source.Topic;
            }
        }

        diagnostics.Status(
            "sources",
            dead is not null ? Diagnostics.Error : silent is not null ? Diagnostics.Warn : Diagnostics.Ok,
            dead is not null ? $"nothing in time on {dead}" : silent is not null ? $"nothing in time on {silent} (optional)" : "all sources are alive");
        for (int i = 0; i < Robot.Sources.Count; i++)
        {
            SourceStatus s = Extractor.Status(i);
            diagnostics.Value($"{Robot.Sources[i].Topic} received", s.Received);
            diagnostics.Value($"{Robot.Sources[i].Topic} late", s.Late);
            diagnostics.Value($"{Robot.Sources[i].Topic} rejected", s.Rejected);
        }
    }

    public void Dispose()
    {
        active = false;
        node.Context.GraphChanged -= AdoptTypes;
        tick?.Dispose();
        Unsubscribe();
    }

    private void Subscribe()
    {
        for (int i = 0; i < Robot.Sources.Count; i++)
        {
            int source = i;
            subscriptions.Add(node.CreateGenericSubscription(
                Robot.Sources[i].Topic, Robot.Sources[i].Type, qos.Input, (ReadOnlySpan<byte> cdr, in MessageInfo _) => OnMessage(source, cdr), statistics: statistics));
        }
    }

    private void Unsubscribe()
    {
        foreach (GenericSubscription subscription in subscriptions)
        {
            subscription.Dispose();
        }

        subscriptions.Clear();
    }

    /// <summary>Where robot.yaml leaves a type open, the one that is published is taken, as offline the bag's is.</summary>
    private void AdoptTypes()
    {
        if (Robot.Sources.All(s => s.TypeIsGiven))
        {
            return;
        }

        GraphSnapshot graph = node.Context.GetGraph();
        foreach (SourceConfig source in Robot.Sources)
        {
            IReadOnlyList<GraphEndpoint> publishers = source.TypeIsGiven ? [] : graph.PublishersOf(node.ResolveTopicName(source.Topic));
            if (publishers.Count == 0 || publishers.Any(p => p.Type == source.Type) || !refused.Add(source.Name + publishers[0].Type))
            {
                continue;
            }

            try
            {
                RobotConfig robot = Robot.WithTypes(new Dictionary<string, string> { [source.Name] = publishers[0].Type });
                Extractor = new FeatureExtractor(robot, OnFeatures) { OnWarning = OnWarning };
                Robot = robot;
            }
            catch (UserErrorException e)
            {
                node.Logger.LogWarning("topic {Topic} is published as {Type}, but source '{Source}' reads {Own}: {Why}", source.Topic, publishers[0].Type, source.Name, source.Type, e.Message);
                continue;
            }

            Unsubscribe();
            Subscribe();
        }
    }

    private void OnMessage(int source, ReadOnlySpan<byte> cdr)
    {
        if (IsReady())
        {
            Extractor.OnSerialized(source, cdr, received);
        }
    }

    private void OnTick()
    {
        if (IsReady())
        {
            Extractor.Advance(received);
        }
    }

    private bool IsReady()
    {
        callbackStart = Clock.Steady.Now;
        received = node.Clock.Now;

        // Simulated time reads 0 until it begins.
        return active && received > 0;
    }

    private void OnFeatures(FeatureVector vector) => onVector(vector, new StageTimes
    {
        SensorToReceive = Math.Max(0, received - vector.StampNs),
        Fusion = Clock.Steady.Now - callbackStart,
    });
}
