namespace QDistill.Quantum;

/// <summary>Keeps the prepared simulators of the last few circuits and sets of observables.</summary>
internal sealed class EngineCache(StateVectorOptions options) : IDisposable
{
    private const int Kept = 8;
    private readonly Lock guard = new();
    private readonly LinkedList<(Circuit Circuit, Observable[] Observables, StateVector Engine)> recent = new();

    /// <summary>The simulator for a circuit; null observables mean Z_i. It must not be used after further calls have pushed it out.</summary>
    public StateVector Get(Circuit circuit, IReadOnlyList<Observable>? observables)
    {
        Observable[] wanted = [.. observables ?? Observable.EachZ(circuit.Qubits)];
        lock (guard)
        {
            for (var node = recent.First; node is not null; node = node.Next)
            {
                if (ReferenceEquals(node.Value.Circuit, circuit) && Same(node.Value.Observables, wanted))
                {
                    recent.Remove(node);
                    recent.AddFirst(node);
                    return node.Value.Engine;
                }
            }

            var engine = new StateVector(circuit, wanted, options);
            recent.AddFirst((circuit, wanted, engine));
            if (recent.Count > Kept)
            {
                // Not disposed: another thread may still be running it; its buffers are freed with it.
                recent.RemoveLast();
            }

            return engine;
        }
    }

    public void Dispose()
    {
        lock (guard)
        {
            foreach ((_, _, StateVector engine) in recent)
            {
                engine.Dispose();
            }

            recent.Clear();
        }
    }

    private static bool Same(Observable[] a, Observable[] b)
    {
        bool same = a.Length == b.Length;
        for (int i = 0; same && i < a.Length; i++)
        {
            same = ReferenceEquals(a[i], b[i]) || a[i].Terms.AsSpan().SequenceEqual(b[i].Terms.AsSpan());
        }

        return same;
    }
}
