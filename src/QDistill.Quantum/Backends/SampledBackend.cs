using System.Diagnostics;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// The back end <c>sampled</c>: what hardware without noise would say. Exact probabilities from our own simulator, then seeded shots; every sample and basis has its own
/// random stream, so results depend on seed, sample number and shots alone.
/// </summary>
public sealed class SampledBackend : ITeacherBackend
{
    private const int Chunk = 4096;
    private readonly EngineCache engines;
    private readonly ParallelOptions parallel;
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<Circuit, Dictionary<string, Circuit>> rotated = [];

    /// <summary>Creates the back end.</summary>
    /// <param name="shots">Shots per sample and measurement basis.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="options">How the simulator runs.</param>
    /// <exception cref="UserErrorException">The number of shots is below 1.</exception>
    public SampledBackend(int shots, ulong seed, StateVectorOptions? options = null)
    {
        if (shots < 1)
        {
            throw new UserErrorException($"{shots} shots give no estimate", null, "ask for at least 1 shot, or use the back end 'statevector' for exact values");
        }

        Shots = shots;
        Seed = seed;
        engines = new EngineCache(options ?? new StateVectorOptions());
        parallel = (options ?? new StateVectorOptions()).Parallel;
    }

    /// <inheritdoc/>
    public string Name => "sampled";

    /// <inheritdoc/>
    public bool IsExact => false;

    /// <summary>Shots per sample and measurement basis.</summary>
    public int Shots { get; }

    /// <summary>The seed of every random stream.</summary>
    public ulong Seed { get; }

    /// <inheritdoc/>
    public Ledger Ledger { get; } = new();

    /// <inheritdoc/>
    public Evaluation Evaluate(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest? request = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        request ??= new EvaluationRequest();
        circuit.Check(weights, inputs, batch);
        IReadOnlyList<Observable> observables = request.Observables ?? Observable.EachZ(circuit.Qubits);
        MeasurementPlan plan = MeasurementPlan.For(observables, request.Probabilities);
        int m = observables.Count, d = circuit.InputCount, dimension = circuit.Dimension;
        double[] expectations = new double[batch * m], variances = new double[batch * m];
        double[]? frequencies = request.Probabilities ? new double[checked(batch * dimension)] : null;
        for (int b = 0; b < plan.Bases.Count; b++)
        {
            MeasurementPlan.Basis basis = plan.Bases[b];
            Circuit measured = Measured(circuit, basis);
            StateVector engine = engines.Get(measured, []);
            for (int first = 0; first < batch; first += Chunk)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = Math.Min(Chunk, batch - first);
                double[] exact = engine.Probabilities(weights, inputs.Slice(first * d, count * d), count);
                (int offset, int index) = (first, b);
                Parallel.For(0, (count + 63) / 64, parallel, () => (new OutcomeSampler(dimension), new int[dimension]), (block, _, tools) =>
                {
                    (OutcomeSampler sampler, int[] counts) = tools;
                    for (int i = block * 64; i < Math.Min(count, (block + 1) * 64); i++)
                    {
                        int row = offset + i;
                        sampler.Sample(exact.AsSpan(i * dimension, dimension), Shots, Seed, Stream(request.FirstSample + row, index), counts);
                        MeasurementPlan.Estimate(basis, counts, Shots, expectations.AsSpan(row * m, m), variances.AsSpan(row * m, m));
                        if (frequencies is not null && index == 0)
                        {
                            for (int k = 0; k < dimension; k++)
                            {
                                frequencies[(row * dimension) + k] = (double)counts[k] / Shots;
                            }
                        }
                    }

                    return tools;
                }, _ => { });
            }
        }

        long circuits = (long)batch * plan.Bases.Count;
        Ledger.Record(circuits, circuits * Shots, circuit.Depth, circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return new Evaluation(batch, m, expectations, variances, frequencies, Shots * plan.Bases.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => engines.Dispose();

    /// <summary>The random stream of a sample in a basis.</summary>
    internal static ulong Stream(long sample, int basis) => ((ulong)sample << 12) | (uint)basis;

    private Circuit Measured(Circuit circuit, MeasurementPlan.Basis basis)
    {
        if (basis.IsComputational)
        {
            return circuit;
        }

        Dictionary<string, Circuit> known = rotated.GetOrCreateValue(circuit);
        string key = string.Concat(Enumerable.Range(0, circuit.Qubits).Select(q => basis[q]));
        lock (known)
        {
            return known.TryGetValue(key, out Circuit? measured) ? measured : known[key] = circuit.Then(basis.Change(circuit.Qubits));
        }
    }
}
