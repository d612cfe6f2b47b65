using Microsoft.Extensions.Logging;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// What the onboard nodes have in common: a ROS 2 lifecycle node that loads and checks everything when it is configured, works while it is active, and tells on <c>/diagnostics</c>, in every
/// state, what keeps it from working. A configuration that fails cleans up what it began, says why in one sentence, and leaves the node unconfigured and alive; an error anywhere else
/// leads back to unconfigured as well.
/// </summary>
public abstract class FlightNode : LifecycleNode
{
    private readonly string defaultNameOfDiagnostics;
    private Diagnostics? diagnostics;
    private Timer? diagnosticsTimer;
    private readonly Wakefulness wakefulness = new();
    private UserErrorException? problem;
    private bool quiet;

    private protected FlightNode(RosContext context, NodeStart start)
        : base(context, start.Name, start.Namespace, (start.Options ?? new NodeOptions()) with { StartParameterServices = true, EnableRosOut = true, EnableLoggerService = true })
        => defaultNameOfDiagnostics = Node.Name;

    /// <summary>One line that says what the node works with, once configured.</summary>
    public abstract string Summary { get; }

    /// <summary>How the node is run.</summary>
    public abstract OperationOptions Operation { get; }

    /// <summary>Why the last configuration or activation failed, in one sentence; null when it did not.</summary>
    public string? Problem => problem?.Message;

    /// <summary>Configures and activates the node without a manager.</summary>
    /// <exception cref="UserErrorException">It cannot be configured; the node stays unconfigured. Nothing is logged.</exception>
    public void StartUp()
    {
        quiet = true;
        bool active = AutoStart();
        quiet = false;
        if (!active)
        {
            throw problem ?? new UserErrorException($"the node could not be {(State == LifecycleState.Unconfigured ? "configured" : "activated")}; its log says why", Node.FullName);
        }
    }

    /// <summary>Shuts down, in order, and removes the node from the graph.</summary>
    public override void Dispose()
    {
        if (State is LifecycleState.Unconfigured or LifecycleState.Inactive or LifecycleState.Active)
        {
            Shutdown();
        }

        diagnosticsTimer?.Dispose();
        diagnostics?.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes publishers, subscriptions and timers; loads and checks files.</summary>
    /// <exception cref="UserErrorException">Something asked for cannot be had.</exception>
    private protected abstract void SetUp();

    /// <summary>Begins the work; resets what counts from activation.</summary>
    private protected abstract void Begin();

    /// <summary>Ends the work.</summary>
    private protected abstract void End();

    /// <summary>Disposes whatever has been made, also after half a configuration.</summary>
    private protected abstract void TearDown();

    /// <summary>Adds the node's statuses to the diagnostics while it is configured.</summary>
    private protected abstract void Describe(Diagnostics round);

    /// <summary>Begins to tell about itself; called when the parameters are there.</summary>
    private protected void StartDiagnostics()
    {
        diagnostics = new Diagnostics(Node, Operation.FullNames ? Node.FullName : defaultNameOfDiagnostics);
        diagnosticsTimer = Node.CreateTimer(TimeSpan.FromSeconds(Operation.DiagnosticsPeriod), OnDiagnostics);
    }

    /// <summary>Takes up a new diagnostics period.</summary>
    private protected void RestartDiagnostics()
    {
        var period = TimeSpan.FromSeconds(Operation.DiagnosticsPeriod);
        if (diagnosticsTimer is not null && diagnosticsTimer.Period != period)
        {
            diagnosticsTimer.Period = period;
        }
    }

    /// <inheritdoc/>
    protected sealed override CallbackReturn OnConfigure(LifecycleState previous)
    {
        problem = null;
        try
        {
            SetUp();
            return CallbackReturn.Success;
        }
        catch (UserErrorException e)
        {
            TearDown();
            problem = e;
            if (!quiet)
            {
                Node.Logger.LogError("{Problem}", e.Message);
            }

            return CallbackReturn.Failure;
        }
    }

    /// <inheritdoc/>
    protected sealed override CallbackReturn OnActivate(LifecycleState previous)
    {
        Begin();
        foreach (string remark in wakefulness.Begin(Node.Context, Operation.RealTime))
        {
            Node.Logger.LogWarning("{Remark}", remark);
        }

        return CallbackReturn.Success;
    }

    /// <inheritdoc/>
    protected sealed override CallbackReturn OnDeactivate(LifecycleState previous)
    {
        wakefulness.End();
        End();
        return CallbackReturn.Success;
    }

    /// <inheritdoc/>
    protected sealed override CallbackReturn OnCleanup(LifecycleState previous)
    {
        TearDown();
        return CallbackReturn.Success;
    }

    /// <inheritdoc/>
    protected sealed override CallbackReturn OnShutdown(LifecycleState previous)
    {
        if (previous == LifecycleState.Active)
        {
            wakefulness.End();
            End();
        }

        TearDown();
        return CallbackReturn.Success;
    }

    /// <summary>Cleans up whatever there is; the node can be configured again.</summary>
    protected sealed override CallbackReturn OnError(LifecycleState previous)
    {
        wakefulness.End();
        TearDown();
        problem ??= new UserErrorException("the node met an error it did not expect and went back to unconfigured; its log says which", null, "configure it again");
        return CallbackReturn.Success;
    }

    private void OnDiagnostics()
    {
        diagnostics!.Begin();
        bool works = State == LifecycleState.Active;
        diagnostics.Status("lifecycle", works ? Diagnostics.Ok : problem is null ? Diagnostics.Warn : Diagnostics.Error, works || problem is null ? LifecycleGraph.Label(State) : $"{LifecycleGraph.Label(State)}: {problem.Message}");
        if (State is LifecycleState.Active or LifecycleState.Inactive)
        {
            Describe(diagnostics);
        }

        diagnostics.Publish();
    }
}

/// <summary>A flight node whose options are its ROS parameters: declared at the start, checked at every set, and taken up live where they may be.</summary>
/// <typeparam name="TOptions">The options.</typeparam>
public abstract class FlightNode<TOptions> : FlightNode
    where TOptions : class
{
    private readonly ParameterTable<TOptions> table;
    private volatile TOptions options;

    private protected FlightNode(RosContext context, NodeStart start, ParameterTable<TOptions> table, TOptions defaults)
        : base(context, start)
    {
        this.table = table;
        options = defaults;
        try
        {
            options = table.Declare(Node.Parameters, defaults);
            RefuseUnknown();
        }
        catch
        {
            base.Dispose();
            throw;
        }

        Node.Parameters.AddOnSetCallback(changes => table.Change(options, changes, State == LifecycleState.Unconfigured, out TOptions changed) ?? Refuse(changed));
        Node.Parameters.Changed += changes =>
        {
            if (this.table.Change(options, changes, mayConfigure: true, out TOptions changed) is null)
            {
                options = changed;
                OnChanged(changes);
                RestartDiagnostics();
            }
        };
    }

    /// <summary>Its parameters' values now.</summary>
    public TOptions Options => options;

    /// <summary>Why options that are well formed cannot be used now; null when they can.</summary>
    private protected virtual string? Refuse(TOptions changed) => null;

    /// <summary>Takes up changed options; may be called from any thread that sets parameters.</summary>
    private protected abstract void OnChanged(IReadOnlyList<Parameter> changes);

    // A pattern that fits every node may hold what is meant for the others; anything else that no parameter has is misspelt.
    private void RefuseUnknown()
    {
        foreach (ParameterOverride given in Node.Parameters.UndeclaredOverrides)
        {
            if (!given.Scope.EndsWith('*') || !NodeRunner.IsParameterOfAny(given.Name))
            {
                throw new UserErrorException($"node '{Node.FullName}' has no parameter '{given.Name}'", given.Origin.ToString(), NearestKey.Hint(given.Name, table.Names));
            }
        }
    }
}
