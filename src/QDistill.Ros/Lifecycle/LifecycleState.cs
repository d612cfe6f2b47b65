namespace QDistill.Ros;

/// <summary>The states of a managed node, with lifecycle_msgs' numbers; the last six are passed through during a transition.</summary>
public enum LifecycleState
{
    /// <summary>None.</summary>
    Unknown = 0,

    /// <summary>Created, not configured.</summary>
    Unconfigured = 1,

    /// <summary>Configured, not at work.</summary>
    Inactive = 2,

    /// <summary>At work.</summary>
    Active = 3,

    /// <summary>At its end.</summary>
    Finalized = 4,

    /// <summary>In on_configure.</summary>
    Configuring = 10,

    /// <summary>In on_cleanup.</summary>
    CleaningUp = 11,

    /// <summary>In on_shutdown.</summary>
    ShuttingDown = 12,

    /// <summary>In on_activate.</summary>
    Activating = 13,

    /// <summary>In on_deactivate.</summary>
    Deactivating = 14,

    /// <summary>In on_error.</summary>
    ErrorProcessing = 15,
}

/// <summary>What a transition's callback gives.</summary>
public enum CallbackReturn
{
    /// <summary>Done: the goal state is entered.</summary>
    Success,

    /// <summary>Not done: back to the state before (from a shutdown: finalized all the same).</summary>
    Failure,

    /// <summary>Broken: on_error is asked.</summary>
    Error,
}

/// <summary>One arrow of the state machine.</summary>
/// <param name="Id">lifecycle_msgs' number.</param>
/// <param name="Label">Its name.</param>
/// <param name="Start">From.</param>
/// <param name="Goal">To.</param>
public readonly record struct LifecycleTransition(byte Id, string Label, LifecycleState Start, LifecycleState Goal);

/// <summary>The state machine of ROS 2's managed nodes, as data.</summary>
public static class LifecycleGraph
{
    private const string Success = "transition_success";
    private const string Failure = "transition_failure";
    private const string Error = "transition_error";

    /// <summary>All states in rcl_lifecycle's order.</summary>
    public static IReadOnlyList<LifecycleState> States { get; } = Enum.GetValues<LifecycleState>();

    /// <summary>All transitions in rcl_lifecycle's order.</summary>
    public static IReadOnlyList<LifecycleTransition> Transitions { get; } =
    [
        new(1, "configure", LifecycleState.Unconfigured, LifecycleState.Configuring),
        new(10, Success, LifecycleState.Configuring, LifecycleState.Inactive),
        new(11, Failure, LifecycleState.Configuring, LifecycleState.Unconfigured),
        new(12, Error, LifecycleState.Configuring, LifecycleState.ErrorProcessing),
        new(2, "cleanup", LifecycleState.Inactive, LifecycleState.CleaningUp),
        new(20, Success, LifecycleState.CleaningUp, LifecycleState.Unconfigured),
        new(21, Failure, LifecycleState.CleaningUp, LifecycleState.Inactive),
        new(22, Error, LifecycleState.CleaningUp, LifecycleState.ErrorProcessing),
        new(3, "activate", LifecycleState.Inactive, LifecycleState.Activating),
        new(30, Success, LifecycleState.Activating, LifecycleState.Active),
        new(31, Failure, LifecycleState.Activating, LifecycleState.Inactive),
        new(32, Error, LifecycleState.Activating, LifecycleState.ErrorProcessing),
        new(4, "deactivate", LifecycleState.Active, LifecycleState.Deactivating),
        new(40, Success, LifecycleState.Deactivating, LifecycleState.Inactive),
        new(41, Failure, LifecycleState.Deactivating, LifecycleState.Active),
        new(42, Error, LifecycleState.Deactivating, LifecycleState.ErrorProcessing),
        new(5, "shutdown", LifecycleState.Unconfigured, LifecycleState.ShuttingDown),
        new(6, "shutdown", LifecycleState.Inactive, LifecycleState.ShuttingDown),
        new(7, "shutdown", LifecycleState.Active, LifecycleState.ShuttingDown),
        new(50, Success, LifecycleState.ShuttingDown, LifecycleState.Finalized),
        new(51, Failure, LifecycleState.ShuttingDown, LifecycleState.Finalized),
        new(52, Error, LifecycleState.ShuttingDown, LifecycleState.ErrorProcessing),
        new(60, Success, LifecycleState.ErrorProcessing, LifecycleState.Unconfigured),
        new(61, Failure, LifecycleState.ErrorProcessing, LifecycleState.Finalized),
        new(62, Error, LifecycleState.ErrorProcessing, LifecycleState.Finalized),
    ];

    /// <summary>The label of a state, such as <c>cleaningup</c>.</summary>
    public static string Label(LifecycleState state) => state.ToString().ToLowerInvariant();

    internal static LifecycleTransition Outcome(LifecycleState state, CallbackReturn result)
    {
        string label = result == CallbackReturn.Success ? Success : result == CallbackReturn.Failure ? Failure : Error;
        return Transitions.First(t => t.Start == state && t.Label == label);
    }
}
