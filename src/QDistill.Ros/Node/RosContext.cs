using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>
/// One participant on the network with its nodes and the executor that serves them. All callbacks run one after the other on the thread that calls
/// <see cref="Spin"/>, unless <see cref="RosContextOptions.ExecutorThreads"/> says otherwise; everything else may be called from any thread. Disposing it disposes
/// its nodes.
/// </summary>
public sealed class RosContext : IDisposable
{
    private readonly ContextHandle handle;
    private readonly Lock gate = new();
    private readonly List<Node> nodes = [];
    private readonly CancellationTokenSource shutdown = new();
    private long busyPollTicks;
    private int disposed;

    /// <summary>Joins the domain.</summary>
    /// <param name="options">Options; what they leave open comes from ROS's environment variables.</param>
    /// <exception cref="UserErrorException">The native transport is missing, an option or variable is wrong, or the network refuses.</exception>
    public RosContext(RosContextOptions? options = null)
    {
        Options = options ?? new RosContextOptions();
        TransportLibrary.EnsureLoaded();
        RosEnvironment environment = RosEnvironment.Resolve(Options);
        if (Options.Arguments.LogConfigFile is { } configuration)
        {
            throw new UserErrorException($"logs cannot be configured by the file '{configuration}'", "--log-config-file", "leave it out; --log-level sets levels and RCUTILS_CONSOLE_OUTPUT_FORMAT the lines");
        }

        DomainId = environment.DomainId;
        LoggerFactory = Options.LoggerFactory ?? new RosLoggerFactory();
        LoggerLevels = ConfigureLogging();
        Logger = LoggerFactory.CreateLogger("qdistill");
        ILogger rcl = LoggerFactory.CreateLogger("rcl");
        foreach (string warning in environment.Warnings.Concat(Options.Arguments.Warnings))
        {
            rcl.LogWarning("{Warning}", warning);
        }

        handle = Open(environment, Enclave(Options));
        NativeMethods.Check(NativeMethods.qd_context_gid(handle, out Gid gid));
        Gid = gid;
        try
        {
            Executor = new Executor(this, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Raised on the spinning thread after nodes or endpoints came or went.</summary>
    public event Action? GraphChanged;

    /// <summary>The middleware, such as <c>cyclonedds 0.10.2</c>.</summary>
    public static string Middleware
    {
        get
        {
            TransportLibrary.EnsureLoaded();
            return TransportLibrary.Implementation;
        }
    }

    /// <summary>The options given.</summary>
    public RosContextOptions Options { get; }

    /// <summary>The domain joined.</summary>
    public int DomainId { get; }

    /// <summary>The participant's gid.</summary>
    public Gid Gid { get; }

    /// <summary>Where loggers come from.</summary>
    public ILoggerFactory LoggerFactory { get; }

    /// <summary>The levels of this context's loggers; those of its <see cref="RosLoggerFactory"/>.</summary>
    public LoggerLevels LoggerLevels { get; }

    /// <summary>The context's own logger.</summary>
    public ILogger Logger { get; }

    /// <summary>Cancelled when the context shuts down; sleeps and waits should observe it.</summary>
    public CancellationToken ShutdownToken => shutdown.Token;

    /// <summary>Whether <see cref="Shutdown"/> or <see cref="Dispose"/> was called.</summary>
    public bool IsShutdown => shutdown.IsCancellationRequested;

    /// <summary>
    /// How long spinning looks for work without sleeping before it sleeps until there is some; zero, the default: not at all. A message is then seen as soon as the middleware has it, without
    /// the time that waking up takes, and the price is a whole processor. Timers, services and stopping are not held up. May be set at any time, from any thread; it holds from the next wait on.
    /// </summary>
    public TimeSpan BusyPoll
    {
        get => new(Volatile.Read(ref busyPollTicks));
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            Volatile.Write(ref busyPollTicks, value.Ticks);
            Executor.SetBusyPoll(value.Ticks * TimeSpan.NanosecondsPerTick);
        }
    }

    /// <summary>The nodes now.</summary>
    public IReadOnlyList<Node> Nodes
    {
        get
        {
            lock (gate)
            {
                return [.. nodes];
            }
        }
    }

    internal Executor Executor { get; }

    internal IntraProcessHub IntraProcess { get; } = new();

    internal ContextHandle Handle => handle;

    /// <summary>Creates a node; it is visible to the graph at once.</summary>
    /// <param name="name">Its name: letters, digits, underscores.</param>
    /// <param name="nameSpace">Its namespace; null or empty for the root.</param>
    /// <param name="options">Its options.</param>
    /// <exception cref="UserErrorException">Name or namespace break ROS's rules.</exception>
    public Node CreateNode(string name, string? nameSpace = null, NodeOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        var node = new Node(this, name, nameSpace, options ?? new NodeOptions());
        lock (gate)
        {
            nodes.Add(node);
        }

        return node;
    }

    /// <summary>Serves callbacks until <paramref name="cancellation"/>, <see cref="Stop"/> or <see cref="Shutdown"/>.</summary>
    /// <exception cref="InvalidOperationException">Another thread spins this context, or a callback calls this.</exception>
    public void Spin(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, shutdown.Token);
        Executor.Spin(both.Token);
    }

    /// <summary>Waits up to <paramref name="timeout"/> for work and runs the callbacks that are ready then.</summary>
    /// <returns>Whether a callback ran.</returns>
    public bool SpinOnce(TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        return Executor.SpinOnce(timeout);
    }

    /// <summary>Serves callbacks until the condition, looked at after each round of callbacks, holds.</summary>
    /// <returns>Whether it holds; false on time-out or <see cref="Stop"/>.</returns>
    public bool SpinUntil(Func<bool> condition, TimeSpan timeout)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        return Executor.SpinUntil(condition, timeout);
    }

    /// <summary>Serves callbacks until the task is done, and gives its result or throws its exception.</summary>
    /// <exception cref="TimeoutException">It was not done in time.</exception>
    public T SpinUntilComplete<T>(Task<T> task, TimeSpan timeout)
    {
        _ = task.ContinueWith(_ => Executor.Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return SpinUntil(() => task.IsCompleted, timeout) ? task.GetAwaiter().GetResult() : throw new TimeoutException($"nothing came within {timeout.TotalSeconds:G3} s");
    }

    /// <summary>Makes <see cref="Spin"/> (or the next one, when none runs) return after the callback that runs now. May be called from callbacks and signal handlers.</summary>
    public void Stop() => Executor.Stop();

    /// <summary>Runs an action on the spinning thread, between callbacks.</summary>
    public void Post(Action action) => Executor.Post(action);

    /// <summary>What is known of the domain now, own nodes included.</summary>
    public GraphSnapshot GetGraph() => GraphSnapshot.Read(handle);

    /// <summary>A number that grows with every change of the graph.</summary>
    public ulong GraphVersion => NativeMethods.qd_graph_version(handle);

    /// <summary>Ends spinning for good and cancels <see cref="ShutdownToken"/>; nodes stay until <see cref="Dispose"/>.</summary>
    public void Shutdown()
    {
        if (!shutdown.IsCancellationRequested)
        {
            shutdown.Cancel();
        }
    }

    /// <summary>
    /// Shuts down, waits until running callbacks (but the one that calls this) have ended, disposes all nodes and leaves the domain; peers forget the nodes at once.
    /// Called by one of several executor threads, it returns at once and the thread that spins does the rest.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        Shutdown();
        if (Executor.IsOnCallbackThread)
        {
            Executor.WhenIdle(Close);
            Executor.Stop();
            return;
        }

        Executor.Stop();
        Executor.AwaitIdle();
        Close();
    }

    internal void Forget(Node node)
    {
        lock (gate)
        {
            nodes.Remove(node);
        }
    }

    private void Close()
    {
        foreach (Node node in Nodes)
        {
            node.Dispose();
        }

        Executor.Dispose();
        handle.Dispose();
        if (Options.LoggerFactory is null)
        {
            LoggerFactory.Dispose();
        }

        shutdown.Dispose();
    }

    internal void ReportCallbackFailure(Exception e, string where)
    {
        if (Options.CallbackExceptions == CallbackExceptionPolicy.Throw)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e);
        }

        Logger.LogError(e, "A callback for '{Where}' failed: {Message}", where, e.Message);
    }

    internal unsafe bool RaiseGraphChanged()
    {
        const int most = 16;
        Gid* sources = stackalloc Gid[most];
        int count = NativeMethods.Check(NativeMethods.qd_graph_take_malformed(handle, out _, sources, most));
        for (int i = 0; i < count; i++)
        {
            Logger.LogError("An announcement on ros_discovery_info from {Source} is malformed and was ignored; its nodes may not be shown", sources[i]);
        }

        if (GraphChanged is not { } changed)
        {
            return false;
        }

        changed();
        return true;
    }

    /// <summary>Levels belong to ROS's own factory, so that all its loggers have them; beside another factory they hold for nodes' loggers.</summary>
    private LoggerLevels ConfigureLogging()
    {
        if (LoggerFactory is RosLoggerFactory own)
        {
            own.Configure(Options.Arguments, Options.WriteLogFile);
            return own.Levels;
        }

        var levels = new LoggerLevels();
        levels.Apply(Options.Arguments);
        return levels;
    }

    private static string Enclave(RosContextOptions options)
    {
        string enclave = options.Enclave ?? options.Arguments.Enclave ?? "/";
        return enclave == "/" || RosName.Problem(enclave, "context name") is not { } problem
            ? enclave
            : throw new UserErrorException($"Enclave name is not valid: '{problem}'", $"'{enclave}'", "write for example --enclave /fleet/agv");
    }

    private static ContextHandle Open(RosEnvironment environment, string enclave)
    {
        nint peers = Marshal.StringToCoTaskMemUTF8(string.Join(';', environment.StaticPeers));
        nint configuration = Marshal.StringToCoTaskMemUTF8(environment.TransportConfiguration);
        nint enclaveText = Marshal.StringToCoTaskMemUTF8(enclave);
        try
        {
            var native = new NativeContextOptions
            {
                Size = (uint)Marshal.SizeOf<NativeContextOptions>(),
                DomainId = (uint)environment.DomainId,
                Discovery = (int)environment.Range,
                Humble = environment.IsHumble ? 1 : 0,
                StaticPeers = peers,
                Configuration = configuration,
                Enclave = enclaveText,
            };
            int result = NativeMethods.qd_context_create(native, out nint context);
            return result == NativeMethods.Ok
                ? new ContextHandle(context)
                : throw new UserErrorException(NativeMethods.LastError, null, "check ROS_DOMAIN_ID, ROS_AUTOMATIC_DISCOVERY_RANGE, ROS_STATIC_PEERS and CYCLONEDDS_URI");
        }
        finally
        {
            Marshal.FreeCoTaskMem(peers);
            Marshal.FreeCoTaskMem(configuration);
            Marshal.FreeCoTaskMem(enclaveText);
        }
    }
}
