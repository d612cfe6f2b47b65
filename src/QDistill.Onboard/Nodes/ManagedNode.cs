using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>The primary states of a managed (lifecycle) node.</summary>
public enum ManagedState
{
    /// <summary>Nothing is loaded.</summary>
    Unconfigured,

    /// <summary>Loaded and warm, but silent.</summary>
    Inactive,

    /// <summary>At work.</summary>
    Active,

    /// <summary>At the end.</summary>
    Finalized,
}

/// <summary>
/// A node with the transitions of ROS 2's managed nodes. A transition that fails cleans up what it began, leaves the node in the state it was in, and tells why by its exception.
/// Transitions and callbacks run on the thread that spins the context.
/// </summary>
public abstract class ManagedNode : IDisposable
{
    /// <summary>Manages a node, which it owns from here on.</summary>
    protected ManagedNode(Node node) => Node = node;

    /// <summary>The node itself.</summary>
    public Node Node { get; }

    /// <summary>The present state.</summary>
    public ManagedState State { get; private set; }

    /// <summary>One line that says what the node works with, once configured.</summary>
    public abstract string Summary { get; }

    /// <summary>Loads and checks everything; Unconfigured to Inactive.</summary>
    /// <exception cref="Configuration.UserErrorException">Something asked for cannot be had; the node stays unconfigured.</exception>
    public void Configure()
    {
        Require(ManagedState.Unconfigured, "configure");
        try
        {
            OnConfigure();
        }
        catch
        {
            OnCleanup();
            throw;
        }

        State = ManagedState.Inactive;
    }

    /// <summary>Starts the work; Inactive to Active.</summary>
    public void Activate()
    {
        Require(ManagedState.Inactive, "activate");
        OnActivate();
        State = ManagedState.Active;
    }

    /// <summary>Falls silent but keeps everything loaded; Active to Inactive.</summary>
    public void Deactivate()
    {
        Require(ManagedState.Active, "deactivate");
        State = ManagedState.Inactive;
        OnDeactivate();
    }

    /// <summary>Lets go of everything; Inactive to Unconfigured.</summary>
    public void Cleanup()
    {
        Require(ManagedState.Inactive, "clean up");
        State = ManagedState.Unconfigured;
        OnCleanup();
    }

    /// <summary>Ends the node from any state.</summary>
    public void Shutdown()
    {
        if (State == ManagedState.Active)
        {
            Deactivate();
        }

        if (State == ManagedState.Inactive)
        {
            Cleanup();
        }

        State = ManagedState.Finalized;
    }

    /// <summary>Shuts down and removes the node from the graph.</summary>
    public void Dispose()
    {
        if (State != ManagedState.Finalized)
        {
            Shutdown();
            Node.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Makes publishers, subscriptions and timers, loads files.</summary>
    protected abstract void OnConfigure();

    /// <summary>Resets what counts from activation.</summary>
    protected abstract void OnActivate();

    /// <summary>Stops what goes on by itself.</summary>
    protected virtual void OnDeactivate()
    {
    }

    /// <summary>Disposes whatever has been made, also after half a configuration.</summary>
    protected abstract void OnCleanup();

    private void Require(ManagedState needed, string transition)
    {
        if (State != needed)
        {
            throw new InvalidOperationException($"cannot {transition} while {State}");
        }
    }
}
