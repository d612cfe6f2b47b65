using Microsoft.Extensions.Logging;
using QDistill.Msgs.LifecycleMsgs;

namespace QDistill.Ros;

/// <summary>
/// A managed node: subclasses override the callbacks; operators drive it by <c>~/change_state</c> (as <c>ros2 lifecycle set</c> does) and watch <c>~/transition_event</c>.
/// Callbacks run one at a time on the thread that asks for the transition. A callback that throws has returned <see cref="CallbackReturn.Error"/>.
/// </summary>
public abstract class LifecycleNode : IDisposable
{
    private readonly Lock gate = new();
    private readonly Publisher<TransitionEvent> events;
    private readonly List<IManagedEntity> managed = [];
    private readonly ILogger stateMachine;

    /// <summary>Creates the node with its five services and its event topic, unconfigured.</summary>
    /// <param name="context">The context.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="nameSpace">Its namespace.</param>
    /// <param name="options">Its options; null: <see cref="NodeOptions.Full"/>.</param>
    protected LifecycleNode(RosContext context, string name, string? nameSpace = null, NodeOptions? options = null)
    {
        Node = context.CreateNode(name, nameSpace, options ?? NodeOptions.Full);
        stateMachine = context.LoggerFactory.CreateLogger("rcl_lifecycle");
        events = Node.CreatePublisher<TransitionEvent>("~/transition_event");
        Node.CreateService<ChangeState, ChangeState.Request, ChangeState.Response>("~/change_state", (request, response) =>
            response.Success = ChangeState(request.Transition.Id, request.Transition.Label));
        Node.CreateService<GetState, GetState.Request, GetState.Response>("~/get_state", (_, response) => Fill(response.CurrentState, State));
        Node.CreateService<GetAvailableStates, GetAvailableStates.Request, GetAvailableStates.Response>("~/get_available_states", (_, response) =>
        {
            foreach (LifecycleState state in LifecycleGraph.States)
            {
                Fill(Grow(response.AvailableStates), state);
            }
        });
        Node.CreateService<GetAvailableTransitions, GetAvailableTransitions.Request, GetAvailableTransitions.Response>("~/get_available_transitions", (_, response) =>
            Fill(response.AvailableTransitions, LifecycleGraph.Transitions.Where(t => t.Start == State)));
        Node.CreateService<GetAvailableTransitions, GetAvailableTransitions.Request, GetAvailableTransitions.Response>("~/get_transition_graph", (_, response) =>
            Fill(response.AvailableTransitions, LifecycleGraph.Transitions));
    }

    /// <summary>The node: publishers, subscriptions, parameters, logger.</summary>
    public Node Node { get; }

    /// <summary>The state now.</summary>
    public LifecycleState State { get; private set; } = LifecycleState.Unconfigured;

    /// <summary>Unconfigured to inactive.</summary>
    /// <returns>Whether the callback succeeded; so for the next four.</returns>
    public bool Configure() => ChangeState(Transition.TRANSITION_CONFIGURE, string.Empty);

    /// <summary>Inactive to unconfigured.</summary>
    public bool Cleanup() => ChangeState(Transition.TRANSITION_CLEANUP, string.Empty);

    /// <summary>Inactive to active.</summary>
    public bool Activate() => ChangeState(Transition.TRANSITION_ACTIVATE, string.Empty);

    /// <summary>Active to inactive.</summary>
    public bool Deactivate() => ChangeState(Transition.TRANSITION_DEACTIVATE, string.Empty);

    /// <summary>To finalized, from any primary state.</summary>
    public bool Shutdown() => ChangeState(0, "shutdown");

    /// <summary>Configures and activates, for start-up without a manager.</summary>
    public bool AutoStart() => Configure() && Activate();

    /// <summary>A publisher that is silent unless the node is active.</summary>
    public LifecyclePublisher<T> CreateLifecyclePublisher<T>(string topic, QoSProfile? qos = null)
        where T : class, IMessage<T>, new()
    {
        var publisher = new LifecyclePublisher<T>(Node.CreatePublisher<T>(topic, qos), Node.Logger);
        lock (gate)
        {
            managed.Add(publisher);
            ((IManagedEntity)publisher).SetActive(State == LifecycleState.Active);
        }

        return publisher;
    }

    /// <summary>Leaves the graph.</summary>
    public virtual void Dispose()
    {
        Node.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Prepares: parameters, models, buffers.</summary>
    protected virtual CallbackReturn OnConfigure(LifecycleState previous) => CallbackReturn.Success;

    /// <summary>Undoes <see cref="OnConfigure"/>.</summary>
    protected virtual CallbackReturn OnCleanup(LifecycleState previous) => CallbackReturn.Success;

    /// <summary>Starts work.</summary>
    protected virtual CallbackReturn OnActivate(LifecycleState previous) => CallbackReturn.Success;

    /// <summary>Stops work.</summary>
    protected virtual CallbackReturn OnDeactivate(LifecycleState previous) => CallbackReturn.Success;

    /// <summary>Ends for good.</summary>
    protected virtual CallbackReturn OnShutdown(LifecycleState previous) => CallbackReturn.Success;

    /// <summary>Mends: success leads to unconfigured, anything else to finalized (the default).</summary>
    protected virtual CallbackReturn OnError(LifecycleState previous) => CallbackReturn.Failure;

    private static T Grow<T>(Sequence<T> sequence)
    {
        sequence.Resize(sequence.Count + 1);
        return sequence[sequence.Count - 1];
    }

    private static void Fill(State message, LifecycleState state) => (message.Id, message.Label) = ((byte)state, LifecycleGraph.Label(state));

    private static void Fill(Sequence<TransitionDescription> list, IEnumerable<LifecycleTransition> transitions)
    {
        foreach (LifecycleTransition t in transitions)
        {
            TransitionDescription d = Grow(list);
            (d.Transition.Id, d.Transition.Label) = (t.Id, t.Label);
            Fill(d.StartState, t.Start);
            Fill(d.GoalState, t.Goal);
        }
    }

    // A label, when given, wins over the id, as in rclcpp.
    private bool ChangeState(byte id, string label)
    {
        lock (gate)
        {
            LifecycleTransition wanted = LifecycleGraph.Transitions.FirstOrDefault(t => t.Start == State && (label.Length > 0 ? t.Label == label : t.Id == id));
            if (wanted.Label is null)
            {
                // The lines of rcl and rclcpp: by its label rcl alone complains, by its id the node too.
                string state = LifecycleGraph.Label(State);
                stateMachine.LogWarning("No transition matching {Transition} found for current state {State}", label.Length > 0 ? label : id, state);
                if (label.Length == 0)
                {
                    Node.Logger.LogError("Unable to start transition {Transition} from current state {State}: Transition is not registered.", id, state);
                }

                return false;
            }

            LifecycleState previous = State;
            Enter(wanted.Goal);
            CallbackReturn result = Run(wanted.Goal, previous);
            Enter(LifecycleGraph.Outcome(wanted.Goal, result).Goal);
            if (State == LifecycleState.ErrorProcessing)
            {
                Node.Logger.LogWarning("Error occurred while doing error handling."); // rclcpp's words for: on_error is called
                Enter(LifecycleGraph.Outcome(State, Run(State, previous)).Goal);
            }

            foreach (IManagedEntity entity in managed)
            {
                entity.SetActive(State == LifecycleState.Active);
            }

            return result == CallbackReturn.Success;
        }
    }

    private CallbackReturn Run(LifecycleState state, LifecycleState previous)
    {
        try
        {
            return state switch
            {
                LifecycleState.Configuring => OnConfigure(previous),
                LifecycleState.CleaningUp => OnCleanup(previous),
                LifecycleState.Activating => OnActivate(previous),
                LifecycleState.Deactivating => OnDeactivate(previous),
                LifecycleState.ShuttingDown => OnShutdown(previous),
                _ => OnError(previous),
            };
        }
        catch (Exception e)
        {
            Node.Logger.LogError("Caught exception in callback for transition {State}", (int)state);
            Node.Logger.LogError(e, "Original error: {Message}", e.Message);
            return CallbackReturn.Error;
        }
    }

    private void Enter(LifecycleState goal)
    {
        // rclcpp leaves stamp and transition empty.
        var message = new TransitionEvent();
        Fill(message.StartState, State);
        Fill(message.GoalState, goal);
        State = goal;
        events.Publish(message);
    }
}
