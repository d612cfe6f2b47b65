namespace QDistill.Ros;

/// <summary>What action servers and clients share: a node, a name, a type.</summary>
public abstract class ActionEndpoint : IDisposable
{
    private protected const string Below = "/_action/";
    private int disposed;

    private protected ActionEndpoint(Node node, string name, ActionType type)
    {
        Node = node;
        Name = name;
        Type = type;
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>The absolute name, after renaming.</summary>
    public string Name { get; }

    /// <summary>The action's type.</summary>
    public ActionType Type { get; }

    /// <summary>Whether it was disposed.</summary>
    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    /// <summary>Leaves the network; peers see it at once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        Node.Remove(this);
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Called once by <see cref="Dispose"/>.</summary>
    private protected abstract void Close();
}
