using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>A node: a name under which endpoints, timers and parameters are gathered. Created by <see cref="RosContext.CreateNode"/>.</summary>
public sealed partial class Node : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<IDisposable> children = [];
    private readonly RemapRules remaps;
    private readonly bool usesIntraProcess;
    private int disposed;

    internal Node(RosContext context, string name, string? nameSpace, NodeOptions options)
    {
        Context = context;
        RosArguments global = options.UseGlobalArguments ? context.Options.Arguments : RosArguments.None;
        remaps = options.Arguments.Remaps.Then(options.Remaps).Then(global.Remaps).Then(options.UseGlobalArguments ? context.Options.Remaps : RemapRules.None);
        string renamed = remaps.Node(name);
        RosName.ValidateNode(renamed);
        Name = renamed;
        Namespace = RosName.ResolveNamespace(remaps.Namespace(nameSpace, renamed));
        FullName = RosName.FullyQualified(Namespace, Name);
        Logger = GetLogger(null);
        Clock = new Clock(ClockType.Ros, context);
        usesIntraProcess = options.UseIntraProcess ?? context.Options.UseIntraProcess;
        DefaultCallbackGroup = CreateCallbackGroup(CallbackGroupType.MutuallyExclusive);
        int result = NativeMethods.qd_node_create(context.Handle, Name, Namespace, out nint node);
        Handle = result == NativeMethods.Ok ? new NodeHandle(node, context.Handle) : throw NativeMethods.Failure(result);
        try
        {
            Parameters = new NodeParameters(this, options, ParameterOverrides.Merge(FullName, global.Parameters, options.Arguments.Parameters, options.ParameterOverrides));
            RosOut = options.EnableRosOut && context.Options.Arguments.RosOutLogs ? CreatePublisher<Msgs.RclInterfaces.Log>("/rosout", QoSProfile.RosOut, new PublisherOptions { UseIntraProcess = false }) : null;
            Parameters.Start(options);
            if (options.EnableLoggerService)
            {
                LoggerLevelService.Start(this);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The context.</summary>
    public RosContext Context { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The absolute namespace, <c>/</c> for the root.</summary>
    public string Namespace { get; }

    /// <summary>Namespace and name, such as <c>/ns/talker</c>.</summary>
    public string FullName { get; }

    /// <summary>The node's logger, named as ROS does: <c>ns.talker</c>.</summary>
    public ILogger Logger { get; }

    /// <summary>ROS time: the system's, or that of /clock.</summary>
    public Clock Clock { get; }

    /// <summary>The node's parameters.</summary>
    public NodeParameters Parameters { get; }

    /// <summary>Whether <see cref="Clock"/> follows /clock; the parameter use_sim_time sets it too.</summary>
    public bool UseSimTime
    {
        get => Clock.IsSimulated;
        set => SetUseSimTime(value);
    }

    /// <summary>The group of all callbacks that no other group was given for; mutually exclusive.</summary>
    public CallbackGroup DefaultCallbackGroup { get; }

    internal NodeHandle Handle { get; }

    internal Publisher<Msgs.RclInterfaces.Log>? RosOut { get; }

    /// <summary>Publishes messages of a generated type.</summary>
    /// <param name="topic">The topic's name: relative to the namespace, private (<c>~/x</c>) or absolute.</param>
    /// <param name="qos">Its quality of service; null: <see cref="QoSProfile.Default"/>.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="UserErrorException">The name breaks ROS's rules.</exception>
    public Publisher<T> CreatePublisher<T>(string topic, QoSProfile? qos = null, PublisherOptions? options = null)
        where T : class, IMessage<T>, new()
    {
        string name = ResolveTopicName(topic);
        return new Publisher<T>(this, name, Resolve(qos, name, EndpointKind.Publisher, options?.QoSOverriding), options);
    }

    /// <summary>Receives messages of a generated type; the instance is reused between calls.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="qos">Its quality of service; null: <see cref="QoSProfile.Default"/>.</param>
    /// <param name="callback">Called on the spinning thread.</param>
    /// <param name="ignoreLocal">Whether messages of this context's own publishers are left out.</param>
    /// <exception cref="UserErrorException">The name breaks ROS's rules.</exception>
    public Subscription<T> CreateSubscription<T>(string topic, QoSProfile? qos, Action<T, MessageInfo> callback, bool ignoreLocal = false)
        where T : class, IMessage<T>, new() => CreateSubscription(topic, qos, callback, new SubscriptionOptions { IgnoreLocalPublications = ignoreLocal });

    /// <summary>Receives messages of a generated type; the instance is reused between calls.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="qos">Its quality of service; null: <see cref="QoSProfile.Default"/>.</param>
    /// <param name="callback">Called by the executor.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="UserErrorException">The name breaks ROS's rules.</exception>
    public Subscription<T> CreateSubscription<T>(string topic, QoSProfile? qos, Action<T, MessageInfo> callback, SubscriptionOptions options)
        where T : class, IMessage<T>, new()
    {
        string name = ResolveTopicName(topic);
        return new Subscription<T>(this, name, Resolve(qos, name, EndpointKind.Subscription, options.QoSOverriding), callback, options);
    }

    /// <summary>Receives messages of a generated type; the instance is reused between calls.</summary>
    public Subscription<T> CreateSubscription<T>(string topic, QoSProfile? qos, Action<T> callback, SubscriptionOptions? options = null)
        where T : class, IMessage<T>, new() => CreateSubscription<T>(topic, qos, (message, _) => callback(message), options ?? new SubscriptionOptions());

    /// <summary>Publishes serialized messages.</summary>
    public GenericPublisher CreateGenericPublisher(string topic, MessageType type, QoSProfile? qos = null, PublisherOptions? options = null)
    {
        string name = ResolveTopicName(topic);
        return new GenericPublisher(this, name, type, Resolve(qos, name, EndpointKind.Publisher, options?.QoSOverriding), options);
    }

    /// <summary>Receives serialized messages of any type.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="typeName">The ROS type, such as <c>sensor_msgs/msg/LaserScan</c>; it need not be compiled in.</param>
    /// <param name="qos">Its quality of service; null: <see cref="QoSProfile.Default"/>.</param>
    /// <param name="handler">Called on the spinning thread.</param>
    /// <param name="ignoreLocal">Whether messages of this context's own publishers are left out.</param>
    /// <param name="group">Null: <see cref="DefaultCallbackGroup"/>.</param>
    /// <param name="overriding">The policies that parameters may set; null: none.</param>
    /// <param name="statistics">Publishes statistics of the messages received; null: none.</param>
    public GenericSubscription CreateGenericSubscription(
        string topic, string typeName, QoSProfile? qos, PayloadHandler handler, bool ignoreLocal = false, CallbackGroup? group = null, QoSOverridingOptions? overriding = null, TopicStatisticsOptions? statistics = null)
    {
        string name = ResolveTopicName(topic);
        MessageType type = MessageRegistry.Find(typeName) ?? new MessageType(typeName, string.Empty, string.Empty);
        return new GenericSubscription(this, name, type, Resolve(qos, name, EndpointKind.Subscription, overriding), handler, new SubscriptionOptions { IgnoreLocalPublications = ignoreLocal, CallbackGroup = group, TopicStatistics = statistics });
    }

    /// <summary>Calls back every period of steady time.</summary>
    public Timer CreateTimer(TimeSpan period, Action callback) => CreateTimer(period, callback, Clock.Steady);

    /// <summary>Calls back every period of the given clock.</summary>
    /// <param name="period">The period.</param>
    /// <param name="callback">Called by the executor.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="group">Null: <see cref="DefaultCallbackGroup"/>.</param>
    public Timer CreateTimer(TimeSpan period, Action callback, Clock clock, CallbackGroup? group = null)
    {
        var timer = new Timer(this, period, callback, clock, group);
        Add(timer);
        Context.Executor.Add(timer);
        return timer;
    }

    /// <summary>Gathers callbacks that exclude each other or may overlap, see <see cref="CallbackGroup"/>.</summary>
    public CallbackGroup CreateCallbackGroup(CallbackGroupType type) => new(Context.Executor, this, type);

    /// <summary>A child of the node's logger, named <c>ns.talker.child</c>.</summary>
    public ILogger GetLogger(string? child)
    {
        string name = FullName[1..].Replace('/', '.') + (child is null ? string.Empty : "." + child);
        return new NodeLogger(Context.LoggerFactory.CreateLogger(name), name, this);
    }

    /// <summary>The absolute, renamed form of a topic's name.</summary>
    /// <exception cref="UserErrorException">The name breaks ROS's rules.</exception>
    public string ResolveTopicName(string name) => ResolveName(name, RemapTarget.Topic);

    /// <summary>The absolute, renamed form of a service's name.</summary>
    /// <exception cref="UserErrorException">The name breaks ROS's rules.</exception>
    public string ResolveServiceName(string name) => ResolveName(name, RemapTarget.Service);

    /// <summary>Disposes its endpoints and timers and leaves the graph.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        while (TakeChild() is { } child)
        {
            child.Dispose();
        }

        Context.Forget(this);
        Handle.Dispose();
    }

    /// <summary>The group given, or the default one.</summary>
    /// <exception cref="ArgumentException">It belongs to another node.</exception>
    internal CallbackGroup Own(CallbackGroup? group) => group is null ? DefaultCallbackGroup
        : group.Node == this ? group
        : throw new ArgumentException($"the callback group belongs to node '{group.Node?.FullName}', not to '{FullName}'");

    /// <summary>Whether an endpoint takes part in the intra-process hand-over.</summary>
    /// <exception cref="UserErrorException">It was asked to but cannot.</exception>
    internal bool UsesIntraProcess(bool? asked, QoSProfile qos, string topic)
    {
        if (asked == true && qos.History == HistoryPolicy.KeepAll)
        {
            throw new UserErrorException("the intra-process hand-over needs history 'keep last'", topic, "give the endpoint a depth, or leave its UseIntraProcess off");
        }

        return (asked ?? usesIntraProcess) && qos.History != HistoryPolicy.KeepAll;
    }

    internal void Add(IDisposable child)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed != 0, this);
            children.Add(child);
        }
    }

    internal void Remove(IDisposable child)
    {
        lock (gate)
        {
            children.Remove(child);
        }

        if (child is Timer timer)
        {
            Context.Executor.Remove(timer);
        }
    }

    private IDisposable? TakeChild()
    {
        lock (gate)
        {
            return children.Count > 0 ? children[^1] : null;
        }
    }

    private string ResolveName(string name, RemapTarget target)
    {
        string Expand(string n) => RosName.Expand(n, Namespace, Name, target == RemapTarget.Topic ? "topic" : "service");
        return remaps.Resource(Expand(name), target, Name, Expand);
    }
}
