using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>What a node has on the network and its context's executor serves: publishers, subscriptions, clients, services.</summary>
public abstract class Waitable : IDisposable, ICallbackWork
{
    private EntityHandle? entity;
    private int disposed;
    private int queued;

    private protected Waitable(Node node, CallbackGroup? group)
    {
        Node = node;
        Group = node.Own(group);
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>The gid on the network; of a client or service that of its request endpoint.</summary>
    public Gid Gid { get; private set; }

    /// <summary>Whether it was disposed.</summary>
    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    /// <summary>The callback group.</summary>
    public CallbackGroup Group { get; }

    /// <summary>The executor's token while attached.</summary>
    internal ulong Token { get; set; }

    internal EntityHandle Entity => entity ?? throw new InvalidOperationException("the endpoint is not open");

    /// <summary>Leaves the network; peers see it at once. A callback that runs now on another thread may still end after this returns.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        Closing();
        Node.Remove(this);
        Node.Context.Executor.Remove(this);
        Entity.Dispose();
        Closed();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs the callbacks that are due, on the executor's thread.</summary>
    /// <returns>Whether a callback ran.</returns>
    internal abstract bool Execute();

    /// <summary>Whether <see cref="Execute"/> runs nothing of the user's and waits for nobody.</summary>
    internal virtual bool RunsNoCallback => false;

    /// <summary>Whether several threads may be in <see cref="Execute"/> at once.</summary>
    private protected bool IsReentrant => Group.Type == CallbackGroupType.Reentrant && Node.Context.Options.ExecutorThreads != 1;

    /// <summary>False when it already waits for a thread: that run will find what came since.</summary>
    internal bool TryQueue() => Interlocked.Exchange(ref queued, 1) == 0;

    /// <summary>Serves it after <see cref="TryQueue"/>.</summary>
    internal bool ServeQueued()
    {
        Volatile.Write(ref queued, 0);
        return Serve();
    }

    bool ICallbackWork.Run() => ServeQueued();

    /// <summary><see cref="Execute"/>, unless another thread disposes it meanwhile.</summary>
    internal bool Serve()
    {
        try
        {
            return !IsDisposed && Execute();
        }
        catch (ObjectDisposedException) when (IsDisposed)
        {
            return false;
        }
    }

    /// <summary>The last step of construction: from here on another thread may call <see cref="Execute"/>.</summary>
    private protected void Open(int result, nint created)
    {
        if (result < 0)
        {
            throw NativeMethods.Failure(result);
        }

        entity = new EntityHandle(created, Node.Handle);
        NativeMethods.Check(NativeMethods.qd_entity_gid(entity, out Gid gid));
        Gid = gid;
        Node.Add(this);
        Node.Context.Executor.Add(this);
    }

    /// <summary>Whether it has its endpoint.</summary>
    private protected bool IsOpen => entity is not null;

    /// <summary>Called once, before it leaves the network.</summary>
    private protected virtual void Closing()
    {
    }

    /// <summary>Called once, after it left the network.</summary>
    private protected virtual void Closed()
    {
    }
}
