using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.StdSrvs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// <c>velocity_governor</c>: scales <c>~/input/cmd_vel</c> by <c>~/input/collision_risk</c> and publishes <c>~/output/cmd_vel</c>. When either input dies it publishes stops.
/// It is no safety stop: one works without software.
/// </summary>
public sealed class VelocityGovernorNode : FlightNode<VelocityGovernorOptions>
{
    private readonly Twist plain = new();
    private readonly TwistStamped stamped = new();
    private SpeedGovernor governor;
    private bool isStamped;
    private bool active;
    private Subscription<Twist>? commands;
    private Subscription<TwistStamped>? stampedCommands;
    private Subscription<CollisionRisk>? risks;
    private Publisher<Twist>? output;
    private Publisher<TwistStamped>? stampedOutput;
    private Service<SetBool, SetBool.Request, SetBool.Response>? toggle;
    private Timer? watchdog;

    /// <summary>Makes the node <c>velocity_governor</c>, unconfigured.</summary>
    /// <param name="context">The context whose spinning runs its callbacks.</param>
    /// <param name="options">Its parameters' defaults.</param>
    /// <param name="node">The node's name and options.</param>
    /// <exception cref="Configuration.UserErrorException">A parameter that was given is not allowed.</exception>
    public VelocityGovernorNode(RosContext context, VelocityGovernorOptions options, NodeStart? node = null)
        : base(context, node ?? new NodeStart("velocity_governor"), VelocityGovernorOptions.Parameters, options)
    {
        governor = new SpeedGovernor(Options.Governor);
        StartDiagnostics();
    }

    /// <inheritdoc/>
    public override string Summary => Options.Governor.Enabled
        ? $"slowing from {Options.Governor.SlowFrom:G3}, stopping from {Options.Governor.StopFrom:G3}, {(Options.Stamped ? "TwistStamped" : "Twist")}"
        : "passing commands unchanged";

    /// <inheritdoc/>
    public override OperationOptions Operation => Options.Operation;

    /// <summary>Why the last command was scaled as it was.</summary>
    public GovernorReason Reason => governor.Reason;

    private protected override void SetUp()
    {
        isStamped = Options.Stamped;
        SubscriptionOptions options = Options.Statistics.Subscription;
        if (isStamped)
        {
            stampedOutput = Node.CreatePublisher<TwistStamped>("~/output/cmd_vel", QoSProfile.KeepLast(1));
            stampedCommands = Node.CreateSubscription<TwistStamped>("~/input/cmd_vel", QoSProfile.KeepLast(1), OnCommand, options);
        }
        else
        {
            output = Node.CreatePublisher<Twist>("~/output/cmd_vel", QoSProfile.KeepLast(1));
            commands = Node.CreateSubscription<Twist>("~/input/cmd_vel", QoSProfile.KeepLast(1), OnCommand, options);
        }

        risks = Node.CreateSubscription<CollisionRisk>("~/input/collision_risk", QoSProfile.KeepLast(1), OnRisk, options);
        toggle = Node.CreateService<SetBool, SetBool.Request, SetBool.Response>("~/toggle", OnToggle);
        watchdog = Node.CreateTimer(TimeSpan.FromSeconds(1 / Options.WatchdogRate), OnWatchdog);
    }

    private protected override void Begin()
    {
        governor = new SpeedGovernor(Options.Governor);
        active = true;
    }

    private protected override void End()
    {
        active = false;
        Stop();
    }

    private protected override void TearDown()
    {
        watchdog?.Dispose();
        toggle?.Dispose();
        risks?.Dispose();
        commands?.Dispose();
        stampedCommands?.Dispose();
        output?.Dispose();
        stampedOutput?.Dispose();
        (watchdog, toggle, risks, commands, stampedCommands, output, stampedOutput) = (null, null, null, null, null, null, null);
    }

    private protected override void Describe(Diagnostics round)
    {
        bool dead = governor.Reason is GovernorReason.NoRisk or GovernorReason.InvalidCommand;
        round.Status("governor", active && dead ? Diagnostics.Error : Diagnostics.Ok, active ? governor.Reason.ToString() : "inactive");
        round.Value("scale", governor.Scale);
    }

    private protected override void OnChanged(IReadOnlyList<Parameter> changes)
    {
        governor.Options = Options.Governor;
        if (watchdog is not null)
        {
            watchdog.Period = TimeSpan.FromSeconds(1 / Options.WatchdogRate);
        }
    }

    // The parameter is the one truth.
    private void OnToggle(SetBool.Request request, SetBool.Response response)
    {
        string? refusal = Node.Parameters.Set("enabled", request.Data);
        (response.Success, response.Message) = (refusal is null, refusal ?? (request.Data ? "commands are governed" : "commands pass unchanged"));
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
        if (!active)
        {
            return;
        }

        long now = Clock.Steady.Now;
        governor.Command(IsFinite(command.Linear) && IsFinite(command.Angular), now);
        double scale = governor.Update(now);
        double turning = governor.Options.KeepCurvature || scale == 0 ? scale : 1;
        (double drive, double turn) = scale == 0 ? (1, 1) : governor.Limit(scale * Length(command.Linear), turning * Length(command.Angular));
        Send(command, scale * drive, turning * turn);
    }

    private void OnWatchdog()
    {
        if (!active || !governor.Options.Enabled)
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
        Twist target = isStamped ? stamped.Twist : plain;

        // Zero times a command that is no number would be none either.
        Scale(target.Linear, linear == 0 ? null : command?.Linear, linear);
        Scale(target.Angular, angular == 0 ? null : command?.Angular, angular);
        if (isStamped)
        {
            stamped.Header.Stamp.SetNanoseconds(Node.Clock.Now);
            stampedOutput?.Publish(stamped);
        }
        else
        {
            output?.Publish(plain);
        }
    }

    private static bool IsFinite(Vector3 v) => double.IsFinite(v.X) && double.IsFinite(v.Y) && double.IsFinite(v.Z);

    private static double Length(Vector3 v) => Math.Sqrt((v.X * v.X) + (v.Y * v.Y) + (v.Z * v.Z));

    private static void Scale(Vector3 target, Vector3? source, double scale) =>
        (target.X, target.Y, target.Z) = source is null ? (0, 0, 0) : (source.X * scale, source.Y * scale, source.Z * scale);
}
