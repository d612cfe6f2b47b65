using System.Diagnostics;
using System.Runtime.CompilerServices;
using QDistill.Configuration;
using QDistill.Quantum.Noise;

namespace QDistill.Quantum;

/// <summary>
/// The back end <c>noisy</c>: circuits under a <see cref="NoiseModel"/>. With 0 shots it answers exactly from the density matrix; with shots it samples that, or runs a trajectory for each
/// shot where there is none (too many qubits, or loss). The read-out confusion can be inverted in the estimates.
/// </summary>
public sealed class NoisyBackend : ITeacherBackend
{
    private readonly ParallelOptions parallel;
    private readonly ConditionalWeakTable<Circuit, Dictionary<string, NoisySimulator>> simulators = [];

    /// <summary>Creates the back end.</summary>
    /// <param name="noise">What goes wrong.</param>
    /// <param name="shots">Shots per sample and measurement basis; 0 for exact answers.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="mitigateReadout">Whether to invert the read-out confusion. Estimates are unbiased again, at a larger variance, which is reported.</param>
    /// <param name="threads">Threads; 0 for one per processor.</param>
    /// <exception cref="UserErrorException">The number of shots is negative, or the confusion cannot be inverted.</exception>
    public NoisyBackend(NoiseModel noise, int shots, ulong seed, bool mitigateReadout = false, int threads = 0)
    {
        if (shots < 0)
        {
            throw new UserErrorException($"{shots} shots cannot be taken");
        }

        Noise = noise;
        Shots = shots;
        Seed = seed;
        Mitigation = mitigateReadout ? new ReadoutMitigation(noise.ReadOneForZero, noise.ReadZeroForOne) : null;
        parallel = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount };
    }

    /// <inheritdoc/>
    public string Name => "noisy";

    /// <inheritdoc/>
    public bool IsExact => Shots == 0;

    /// <summary>The noise.</summary>
    public NoiseModel Noise { get; }

    /// <summary>Shots per sample and measurement basis.</summary>
    public int Shots { get; }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The read-out inversion in use, or null.</summary>
    public ReadoutMitigation? Mitigation { get; }

    /// <summary>Shots dropped so far because a qubit was lost.</summary>
    public long LostShots => Interlocked.Read(ref lostShots);

    private long lostShots;

    /// <inheritdoc/>
    public Ledger Ledger { get; } = new();

    /// <inheritdoc/>
    public Evaluation Evaluate(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest? request = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        request ??= new EvaluationRequest();
        circuit.Check(weights, inputs, batch);
        MeasurementPlan plan = MeasurementPlan.For(request.Observables ?? Observable.EachZ(circuit.Qubits), request.Probabilities);
        int m = plan.Observables, d = circuit.InputCount, dimension = circuit.Dimension, n = circuit.Qubits;
        double[] expectations = new double[batch * m], variances = new double[batch * m];
        double[]? probabilities = request.Probabilities ? new double[checked(batch * dimension)] : null;
        (double[] w, double[] x) = (weights.ToArray(), inputs.ToArray());
        NoisySimulator[] prepared = [.. plan.Bases.Select(b => Prepare(circuit, b))];
        if (Shots == 0 && !prepared.All(p => p.HasDensityMatrix))
        {
            throw new UserErrorException($"exact noisy answers need at most {NoisySimulator.MaxDensityQubits} qubits and no loss", null, "ask for a number of shots");
        }

        Exception? failure = null;
        Parallel.For(0, (batch + PauliProgram.Lanes - 1) / PauliProgram.Lanes, new ParallelOptions { MaxDegreeOfParallelism = parallel.MaxDegreeOfParallelism, CancellationToken = cancellation }, block =>
        {
            try
            {
                int first = block * PauliProgram.Lanes, count = Math.Min(PauliProgram.Lanes, batch - first);
                double[] exact = new double[count * dimension], frequencies = new double[dimension];
                for (int b = 0; b < prepared.Length; b++)
                {
                    MeasurementPlan.Basis basis = plan.Bases[b];
                    if (prepared[b].HasDensityMatrix)
                    {
                        prepared[b].Probabilities(w, x.AsSpan(first * d, count * d), count, exact);
                    }

                    for (int i = first; i < first + count; i++)
                    {
                        int taken = Measure(prepared[b], w, x.AsSpan(i * d, d), exact.AsSpan((i - first) * dimension, dimension), SampledBackend.Stream(request.FirstSample + i, b), frequencies);
                        MeasurementPlan.Estimate(basis, frequencies, Mitigation, n, taken, expectations.AsSpan(i * m, m), variances.AsSpan(i * m, m));
                        if (b == 0 && probabilities is not null)
                        {
                            Mitigation?.Apply(frequencies, n);
                            frequencies.CopyTo(probabilities, i * dimension);
                        }
                    }
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        });
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        long circuits = (long)batch * plan.Bases.Count;
        Ledger.Record(circuits, circuits * Shots, circuit.Depth, circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return new Evaluation(batch, m, expectations, variances, probabilities, Shots * plan.Bases.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Probabilities, or relative frequencies of the shots that were not lost; returns their number, 0 when exact.</summary>
    private int Measure(NoisySimulator simulator, double[] weights, ReadOnlySpan<double> input, ReadOnlySpan<double> exact, ulong stream, double[] frequencies)
    {
        if (Shots == 0)
        {
            exact.CopyTo(frequencies);
            return 0;
        }

        int[] counts = new int[frequencies.Length];
        int lost = 0;
        if (simulator.HasDensityMatrix)
        {
            new OutcomeSampler(counts.Length).Sample(exact, Shots, Seed, stream, counts);
        }
        else
        {
            lost = simulator.Trajectories(weights, input, Shots, Seed, stream, counts);
            Interlocked.Add(ref lostShots, lost);
        }

        int taken = Shots - lost;
        if (taken == 0)
        {
            throw new UserErrorException($"a qubit was lost in every one of the {Shots} shots of a sample", null, "take more shots or lower the loss");
        }

        for (int k = 0; k < counts.Length; k++)
        {
            frequencies[k] = (double)counts[k] / taken;
        }

        return taken;
    }

    private NoisySimulator Prepare(Circuit circuit, MeasurementPlan.Basis basis)
    {
        string key = string.Concat(Enumerable.Range(0, circuit.Qubits).Select(q => basis[q]));
        Dictionary<string, NoisySimulator> known = simulators.GetOrCreateValue(circuit);
        lock (known)
        {
            return known.TryGetValue(key, out NoisySimulator? simulator)
                ? simulator
                : known[key] = new NoisySimulator(basis.IsComputational ? circuit : circuit.Then(basis.Change(circuit.Qubits)), Noise);
        }
    }
}
