using QDistill.Ros.Transport;

namespace QDistill.Ros;

/// <summary>Something that a context's executor serves: endpoints, services, clients.</summary>
public abstract class Waitable
{
    private protected Waitable()
    {
    }

    /// <summary>The executor's token while attached.</summary>
    internal ulong Token { get; set; }

    internal abstract EntityHandle Entity { get; }

    /// <summary>Runs the callbacks that are due, on the executor's thread.</summary>
    /// <returns>Whether a callback ran.</returns>
    internal abstract bool Execute();
}
