using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// <c>velocity_governor</c>: scales <c>~/input/cmd_vel</c> by <c>~/input/collision_risk</c> and publishes <c>~/output/cmd_vel</c>. When either input dies it publishes stops.
/// It is no safety stop: one works without software.
/// </summary>
public sealed class VelocityGovernorNode : ManagedNode
{
    private readonly VelocityGovernorOptions options;
    private readonly Twist plain = new();
    private readonly TwistStamped stamped = new();
    private SpeedGovernor governor;
    private Subscription<Twist>? commands;
    private Subscription<TwistStamped>? stampedCommands;
    private Subscription<CollisionRisk>? risks;
    private Publisher<Twist>? output;
    private Publisher<TwistStamped>? stampedOutput;
    private Diagnostics? diagnostics;
    private Timer? watchdog;
    private Timer? diagnosticsTimer;

    /// <summary>Makes the node <c>velocity_governor</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters.</param>
    /// <param name="node">The node's name and options.</param>
    public VelocityGovernorNode(RosContext context, VelocityGovernorOptions options, NodeStart? node = null)
        : base((node ?? new NodeStart("velocity_governor")).Create(context))
    {
        this.options = options;
        governor = new SpeedGovernor(options.Governor);
    }

    /// <inheritdoc/>
    public override string Summary => options.Governor.Disabled
        ? "passing commands unchanged"
        : $"slowing from {options.Governor.SlowFrom:G3}, stopping from {options.Governor.StopFrom:G3}, {(options.Stamped ? "TwistStamped" : "Twist")}";

    /// <summary>Why the last command was scaled as it was.</summary>
    public GovernorReason Reason => governor.Reason;

    /// <inheritdoc/>
    protected override void OnConfigure()
    {
        if (options.Stamped)
        {
            stampedOutput = Node.CreatePublisher<TwistStamped>("~/output/cmd_vel", QoSProfile.KeepLast(1));
            stampedCommands = Node.CreateSubscription<TwistStamped>("~/input/cmd_vel", QoSProfile.KeepLast(1), OnCommand);
        }
        else
        {
            output = Node.CreatePublisher<Twist>("~/output/cmd_vel", QoSProfile.KeepLast(1));
            commands = Node.CreateSubscription<Twist>("~/input/cmd_vel", QoSProfile.KeepLast(1), OnCommand);
        }

        risks = Node.CreateSubscription<CollisionRisk>("~/input/collision_risk", QoSProfile.KeepLast(1), OnRisk);
        diagnostics = new Diagnostics(Node);
        watchdog = Node.CreateTimer(TimeSpan.FromSeconds(1 / options.WatchdogRate), OnWatchdog, Clock.Steady);
        diagnosticsTimer = Node.CreateTimer(TimeSpan.FromSeconds(1), OnDiagnostics, Clock.Steady);
    }

    /// <inheritdoc/>
    protected override void OnActivate() => governor = new SpeedGovernor(options.Governor);

    /// <inheritdoc/>
    protected override void OnDeactivate() => Stop();

    /// <inheritdoc/>
    protected override void OnCleanup()
    {
        diagnosticsTimer?.Dispose();
        watchdog?.Dispose();
        diagnostics?.Dispose();
        risks?.Dispose();
        commands?.Dispose();
        stampedCommands?.Dispose();
        output?.Dispose();
        stampedOutput?.Dispose();
        (diagnosticsTimer, watchdog, diagnostics, risks, commands, stampedCommands, output, stampedOutput) = (null, null, null, null, null, null, null, null);
    }

    private void OnRisk(CollisionRisk message, MessageInfo info) => governor.Risk(message.Probability, message.Alarm, Clock.Steady.Now);

    private void OnCommand(Twist message, MessageInfo info) => Govern(message);

    private void OnCommand(TwistStamped message, MessageInfo info)
    {
        stamped.Header.FrameId = message.Header.FrameId;
        Govern(message.Twist);
    }

    private void Govern(Twist command)
    {
        if (State != ManagedState.Active)
        {
            return;
        }

        long now = Clock.Steady.Now;
        governor.Command(IsFinite(command.Linear) && IsFinite(command.Angular), now);
        double scale = governor.Update(now);
        Send(command, scale, options.Governor.KeepCurvature || scale == 0 ? scale : 1);
    }

    private void OnWatchdog()
    {
        if (State != ManagedState.Active || options.Governor.Disabled)
        {
            return;
        }

        long now = Clock.Steady.Now;
        governor.Update(now);

        // A live command is answered as it comes; the watchdog speaks only when that cannot be waited for.
        if (governor.Reason is GovernorReason.NoCommand or GovernorReason.NoRisk or GovernorReason.Alarm or GovernorReason.Risk)
        {
            Stop();
        }
    }

    private void Stop() => Send(null, 0, 0);

    private void Send(Twist? command, double linear, double angular)
    {
        Twist target = options.Stamped ? stamped.Twist : plain;

        // Zero times a command that is no number would be none either.
        Scale(target.Linear, linear == 0 ? null : command?.Linear, linear);
        Scale(target.Angular, angular == 0 ? null : command?.Angular, angular);
        if (options.Stamped)
        {
            stamped.Header.Stamp.SetNanoseconds(Node.Clock.Now);
            stampedOutput?.Publish(stamped);
        }
        else
        {
            output?.Publish(plain);
        }
    }

    private void OnDiagnostics()
    {
        diagnostics!.Begin();
        bool dead = governor.Reason is GovernorReason.NoRisk or GovernorReason.InvalidCommand;
        diagnostics.Status("governor", dead ? Diagnostics.Error : Diagnostics.Ok, State == ManagedState.Active ? governor.Reason.ToString() : "inactive");
        diagnostics.Value("scale", governor.Scale);
        diagnostics.Publish();
    }

    private static bool IsFinite(Vector3 v) => double.IsFinite(v.X) && double.IsFinite(v.Y) && double.IsFinite(v.Z);

    private static void Scale(Vector3 target, Vector3? source, double scale) =>
        (target.X, target.Y, target.Z) = source is null ? (0, 0, 0) : (source.X * scale, source.Y * scale, source.Z * scale);
}
