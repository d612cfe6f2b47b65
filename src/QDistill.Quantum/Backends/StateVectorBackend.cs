using System.Diagnostics;

namespace QDistill.Quantum;

/// <summary>The back end <c>statevector</c>: exact results from our own simulator.</summary>
public sealed class StateVectorBackend(StateVectorOptions? options = null) : ITeacherBackend
{
    private const int Chunk = 4096;
    private readonly EngineCache engines = new(options ?? new StateVectorOptions());

    /// <inheritdoc/>
    public string Name => "statevector";

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public Ledger Ledger { get; } = new();

    /// <inheritdoc/>
    public Evaluation Evaluate(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest? request = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        request ??= new EvaluationRequest();
        circuit.Check(weights, inputs, batch);
        StateVector engine = engines.Get(circuit, request.Observables);
        int m = engine.Observables.Count, d = circuit.InputCount, dimension = circuit.Dimension;
        double[] expectations = new double[batch * m];
        double[]? probabilities = request.Probabilities ? new double[checked(batch * dimension)] : null;
        if (batch <= Chunk)
        {
            engine.Run(weights, inputs, batch, expectations, probabilities);
        }

        for (int first = 0; batch > Chunk && first < batch; first += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(Chunk, batch - first);
            double[] e = new double[count * m];
            double[]? p = probabilities is null ? null : new double[count * dimension];
            engine.Run(weights, inputs.Slice(first * d, count * d), count, e, p);
            e.CopyTo(expectations, first * m);
            p?.CopyTo(probabilities!, first * dimension);
        }

        Ledger.Record(batch, 0, circuit.Depth, circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return new Evaluation(batch, m, expectations, new double[batch * m], probabilities, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => engines.Dispose();
}
