using System.Globalization;
using QDistill.Msgs.LifecycleMsgs;
using QDistill.Ros;

namespace QDistill.Cli.Launch;

/// <summary>Configures and activates lifecycle nodes of other processes, and hears of every transition of theirs.</summary>
internal sealed class LifecycleBringUp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly RosContext context = new();
    private readonly Node node;
    private readonly Dictionary<string, Client<ChangeState, ChangeState.Request, ChangeState.Response>> clients = [];
    private readonly Dictionary<string, string> states = [];
    private readonly Thread spinner;

    /// <summary>Begins to listen.</summary>
    /// <param name="nodes">The fully qualified names.</param>
    /// <param name="entered">Called with a node and the label of the state that it has entered, on another thread.</param>
    public LifecycleBringUp(IEnumerable<string> nodes, Action<string, string> entered)
    {
        node = context.CreateNode("launch_qdistill_" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        foreach (string name in nodes)
        {
            clients[name] = node.CreateClient<ChangeState, ChangeState.Request, ChangeState.Response>(name + "/change_state");
            node.CreateSubscription<TransitionEvent>(name + "/transition_event", QoSProfile.Default, (e, _) =>
            {
                string state = e.GoalState.Label;
                lock (states)
                {
                    states[name] = state;
                }

                entered(name, state);
            });
        }

        spinner = new Thread(() => context.Spin()) { IsBackground = true, Name = "bring-up" };
        spinner.Start();
    }

    /// <summary>Forgets what a node's state was: its process has started anew.</summary>
    public void Forget(string name)
    {
        lock (states)
        {
            states.Remove(name);
        }
    }

    /// <summary>Configures a node as soon as it is there, then activates it.</summary>
    /// <returns>What it refused, <c>configure</c> or <c>activate</c>; null when it is active.</returns>
    public async Task<string?> RunAsync(string name, CancellationToken cancellation)
    {
        foreach ((byte id, string label, string reached) in new[] { (Transition.TRANSITION_CONFIGURE, "configure", "inactive"), (Transition.TRANSITION_ACTIVATE, "activate", "active") })
        {
            if (!await ChangeAsync(name, id, reached, cancellation).ConfigureAwait(false))
            {
                return label;
            }
        }

        return null;
    }

    /// <summary>Leaves the graph.</summary>
    public void Dispose()
    {
        context.Stop();
        spinner.Join();
        node.Dispose();
        context.Dispose();
    }

    // A reply may be lost with the server of a process that died shortly before; the node's own event tells whether the transition was made.
    private async Task<bool> ChangeAsync(string name, byte id, string reached, CancellationToken cancellation)
    {
        var request = new ChangeState.Request();
        request.Transition.Id = id;
        while (true)
        {
            try
            {
                await clients[name].WaitForServiceAsync(Timeout.InfiniteTimeSpan, cancellation).ConfigureAwait(false);
                return (await clients[name].CallAsync(request, Patience, cancellation).ConfigureAwait(false)).Success;
            }
            catch (TimeoutException)
            {
                lock (states)
                {
                    if (states.GetValueOrDefault(name) == reached)
                    {
                        return true;
                    }
                }
            }
        }
    }
}
