namespace QDistill.Ros;

/// <summary>Which callbacks of a group may run at the same time, when the context has several <see cref="RosContextOptions.ExecutorThreads"/>.</summary>
public enum CallbackGroupType
{
    /// <summary>One at a time.</summary>
    MutuallyExclusive,

    /// <summary>Any number, also several of one subscription or timer; what they share they must protect themselves.</summary>
    Reentrant,
}

/// <summary>
/// Callbacks that exclude each other or may overlap. Every endpoint and timer belongs to one group of its node: to <see cref="Node.DefaultCallbackGroup"/> (mutually
/// exclusive) unless another is given. With one executor thread, ROS's default, all callbacks run one after the other and groups change nothing.
/// </summary>
public sealed class CallbackGroup
{
    [ThreadStatic]
    private static CallbackGroup? current;

    internal CallbackGroup(Executor executor, Node? node, CallbackGroupType type)
    {
        Node = node;
        Type = type;
        SynchronizationContext = new CallbackSynchronizationContext(executor, this);
    }

    /// <summary>Which of its callbacks may run at the same time.</summary>
    public CallbackGroupType Type { get; }

    /// <summary>The group whose callback runs on this executor thread, or null.</summary>
    internal static CallbackGroup? Current
    {
        get => current;
        set => current = value;
    }

    /// <summary>The node; null: the context's own group.</summary>
    internal Node? Node { get; }

    /// <summary>Brings continuations back to this group.</summary>
    internal SynchronizationContext SynchronizationContext { get; }

    /// <summary>What waits to run. Guarded by the lock of <see cref="CallbackThreads"/>, as is <see cref="IsActive"/>.</summary>
    internal Queue<ICallbackWork> Waiting { get; } = new();

    /// <summary>Of a mutually exclusive group: whether one of its callbacks runs or is about to.</summary>
    internal bool IsActive { get; set; }
}

/// <summary>Something that an executor thread runs. Implemented by what lives long (endpoints, timers), so that handing it over allocates nothing.</summary>
internal interface ICallbackWork
{
    /// <summary>Runs the callbacks that are due.</summary>
    /// <returns>Whether a callback ran.</returns>
    bool Run();
}

/// <summary>An action as work.</summary>
internal sealed class PostedWork(SendOrPostCallback action, object? state) : ICallbackWork
{
    public bool Run()
    {
        action(state);
        return true;
    }
}
