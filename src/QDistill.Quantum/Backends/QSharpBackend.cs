using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// The back end <c>qsharp</c>: the Q# programs of the same names, run by Microsoft's simulator. By default every sample's state is dumped exactly; with a number of
/// shots the programs are measured that often. Every request compiles the program anew, so many samples go into one.
/// </summary>
public sealed class QSharpBackend : ITeacherBackend
{
    private readonly QSharpHost[] hosts;
    private readonly int shots;
    private readonly string? seed;

    /// <summary>Creates the back end.</summary>
    /// <param name="options">How the host process is found and watched.</param>
    /// <param name="shots">Shots per sample and measurement basis; 0 takes exact states.</param>
    /// <param name="processes">Host processes that work side by side; shots do not depend on their number.</param>
    public QSharpBackend(QSharpHostOptions? options = null, int shots = 0, int processes = 1)
    {
        if (shots < 0 || processes < 1)
        {
            throw new UserErrorException($"the back end 'qsharp' cannot run with {shots} shots in {processes} processes");
        }

        this.shots = shots;
        seed = options?.Seed;
        hosts = [.. Enumerable.Range(0, processes).Select(i => new QSharpHost(seed is not null ? options! with { Seed = $"{seed}/{i}" } : options))];
    }

    /// <inheritdoc/>
    public string Name => "qsharp";

    /// <inheritdoc/>
    public bool IsExact => shots == 0;

    /// <inheritdoc/>
    public Ledger Ledger { get; } = new();

    /// <summary>The first host process.</summary>
    public QSharpHost Host => hosts[0];

    /// <inheritdoc/>
    public Evaluation Evaluate(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest? request = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        request ??= new EvaluationRequest();
        circuit.Check(weights, inputs, batch);
        if (circuit.Origin is null && shots > 0)
        {
            throw new UserErrorException("the back end 'qsharp' takes shots of circuits made of a named encoding and ansatz, but this one was put together by hand", null, "ask it for exact states, or sample on another back end");
        }

        IReadOnlyList<Observable> observables = request.Observables ?? Observable.EachZ(circuit.Qubits);
        MeasurementPlan plan = MeasurementPlan.For(observables, request.Probabilities);
        int m = observables.Count, d = circuit.InputCount, dimension = circuit.Dimension;
        double[] expectations = new double[batch * m], variances = new double[batch * m];
        double[]? probabilities = request.Probabilities ? new double[checked(batch * dimension)] : null;
        (double[] w, double[] x) = (weights.ToArray(), inputs.ToArray());

        // Compiling a request costs as much as some 300 samples at 6 qubits, so that many share it, but no more than a few seconds' work.
        // With a seed each request starts a worker of its own, which many samples must pay for.
        int share = (batch + hosts.Length - 1) / hosts.Length;
        int chunk = shots > 0 ? (shots <= 1024 ? 256 : 64) : Math.Clamp(Math.Min(share, 1 << 18 >> circuit.Qubits), 1, 4096);
        int chunks = (batch + chunk - 1) / chunk;
        Exception? failure = null;
        Parallel.For(0, hosts.Length, new ParallelOptions { MaxDegreeOfParallelism = hosts.Length }, h =>
        {
            try
            {
                for (int c = h; c < chunks && Volatile.Read(ref failure) is null; c += hosts.Length)
                {
                    int first = c * chunk, count = Math.Min(chunk, batch - first);
                    ReadOnlySpan<double> rows = x.AsSpan(first * d, count * d);
                    Span<double> e = expectations.AsSpan(first * m, count * m), v = variances.AsSpan(first * m, count * m);
                    Span<double> p = probabilities is null ? default : probabilities.AsSpan(first * dimension, count * dimension);
                    if (shots == 0)
                    {
                        Exact(hosts[h], circuit, w, rows, count, observables, e, p, cancellation);
                    }
                    else
                    {
                        Sampled(hosts[h], circuit, w, rows, count, plan, request.FirstSample + first, e, v, p, cancellation);
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

        long circuits = (long)batch * (shots == 0 ? 1 : plan.Bases.Count);
        Ledger.Record(circuits, circuits * shots, circuit.Depth, circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds);
        return new Evaluation(batch, m, expectations, variances, probabilities, shots * plan.Bases.Count);
    }

    /// <summary>The exact states of a batch [batch, 2^n].</summary>
    public Complex[] States(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, CancellationToken cancellation = default)
    {
        circuit.Check(weights, inputs, batch);
        double[] dump = hosts[0].Dump(Expression("DumpBatch", circuit, weights, inputs, batch, string.Empty), circuit.Qubits, cancellation);
        var states = new Complex[batch * circuit.Dimension];
        for (int i = 0; i < states.Length; i++)
        {
            states[i] = new Complex(dump[2 * i], dump[(2 * i) + 1]);
        }

        return states;
    }

    /// <summary>Microsoft's resource estimate of one run of a teacher's circuit on fault-tolerant hardware.</summary>
    /// <param name="circuit">A circuit of named parts.</param>
    /// <param name="weights">[p]</param>
    /// <param name="input">[d]</param>
    /// <param name="parameters">The estimator's parameters as JSON, or null for its defaults.</param>
    public System.Text.Json.Nodes.JsonNode Estimate(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> input, string? parameters = null)
    {
        circuit.Check(weights, input, 1);
        string bases = string.Join(",", Enumerable.Repeat(0, circuit.Qubits));
        return hosts[0].Estimate(Expression("CountBatch", circuit, weights, input, 1, $",[{bases}],1"), parameters);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (QSharpHost host in hosts)
        {
            host.Dispose();
        }
    }

    private static string Expression(string operation, Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, string more)
    {
        CircuitOrigin origin = circuit.Origin!;
        var text = new StringBuilder(128 + (20 * (weights.Length + inputs.Length)));
        text.Append(CultureInfo.InvariantCulture, $"QDistill.Teacher.{operation}(\"{origin.Encoding}\",\"{origin.Ansatz}\",{circuit.Qubits},{origin.Layers},");
        return text.AppendLiteral(weights).Append(',').AppendLiteral(inputs, batch).Append(more).Append(')').ToString();
    }

    private static void Exact(
        QSharpHost host,
        Circuit circuit,
        double[] weights,
        ReadOnlySpan<double> inputs,
        int count,
        IReadOnlyList<Observable> observables,
        Span<double> expectations,
        Span<double> probabilities,
        CancellationToken cancellation)
    {
        int dimension = circuit.Dimension, m = observables.Count;
        ReadOnlySpan<double> dump = Dump(host, circuit, weights, inputs, count, cancellation);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<double> state = dump.Slice(2 * i * dimension, 2 * dimension);
            for (int k = 0; k < m; k++)
            {
                double e = 0;
                foreach ((double c, PauliString p) in observables[k].Terms)
                {
                    e += c * Expectation(state, p);
                }

                expectations[(i * m) + k] = e;
            }

            for (int k = 0; k < dimension && !probabilities.IsEmpty; k++)
            {
                probabilities[(i * dimension) + k] = (state[2 * k] * state[2 * k]) + (state[(2 * k) + 1] * state[(2 * k) + 1]);
            }
        }
    }

    /// <summary>
    /// The states of a batch [count, 2^n, 2]: the gates run in a row (<see cref="StraightLineProgram"/>), and the Q# program of the circuit's name runs the first sample too, which must come out the same.
    /// Where the gates cannot be written in a row, that program runs them all.
    /// </summary>
    private static ReadOnlySpan<double> Dump(QSharpHost host, Circuit circuit, double[] weights, ReadOnlySpan<double> inputs, int count, CancellationToken cancellation)
    {
        bool named = circuit.Origin is not null;
        StringBuilder text = new StringBuilder().Append('{');
        if (named)
        {
            text.Append(Expression("DumpBatch", circuit, weights, inputs[..circuit.InputCount], 1, string.Empty)).Append(';');
        }

        if (!StraightLineProgram.TryAppend(text, circuit, weights, inputs, count))
        {
            return named
                ? host.Dump(Expression("DumpBatch", circuit, weights, inputs, count, string.Empty), circuit.Qubits, cancellation)
                : throw new UserErrorException("the back end 'qsharp' runs circuits put together by hand only from |0…0⟩ and from gates that Q# has, up to 1000 of them");
        }

        ReadOnlySpan<double> dump = host.Dump(text.Append('}').ToString(), circuit.Qubits, cancellation);
        if (!named)
        {
            return dump;
        }

        int one = 2 * circuit.Dimension;
        double apart = Distance(dump[..one], dump.Slice(one, one));
        return apart < 1e-9
            ? dump[one..]
            : throw new UserErrorException($"the Q# program of encoding '{circuit.Origin!.Encoding}' and ansatz '{circuit.Origin.Ansatz}' gives another state than the circuit's gates (an amplitude is {apart:G3} off)", null, "install program and Q# sources of the same version");
    }

    private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double most = 0;
        for (int i = 0; i < a.Length; i++)
        {
            most = Math.Max(most, Math.Abs(a[i] - b[i]));
        }

        return most;
    }

    private static double Expectation(ReadOnlySpan<double> state, PauliString p)
    {
        double re = 0, im = 0;
        for (int a = 0; a < state.Length / 2; a++)
        {
            int b = a ^ p.XMask;
            double r = (state[2 * a] * state[2 * b]) + (state[(2 * a) + 1] * state[(2 * b) + 1]);
            double i = (state[2 * a] * state[(2 * b) + 1]) - (state[(2 * a) + 1] * state[2 * b]);
            double sign = (BitOperations.PopCount((uint)(b & p.ZMask)) & 1) == 0 ? 1 : -1;
            re += sign * r;
            im += sign * i;
        }

        return (p.YCount & 3) switch { 0 => re, 1 => -im, 2 => -re, _ => im };
    }

    private void Sampled(
        QSharpHost host,
        Circuit circuit,
        double[] weights,
        ReadOnlySpan<double> inputs,
        int count,
        MeasurementPlan plan,
        long firstSample,
        Span<double> expectations,
        Span<double> variances,
        Span<double> frequencies,
        CancellationToken cancellation)
    {
        int dimension = circuit.Dimension, m = plan.Observables;
        for (int b = 0; b < plan.Bases.Count; b++)
        {
            string bases = string.Join(",", Enumerable.Range(0, circuit.Qubits).Select(q => plan.Bases[b][q] switch { 'X' => 1, 'Y' => 2, _ => 0 }));
            string reply = host.Run(Expression("CountBatch", circuit, weights, inputs, count, $",[{bases}],{shots}"), seed: seed is null ? null : $"{seed}/{firstSample}/{b}", cancellation: cancellation)[0];
            using JsonDocument rows = JsonDocument.Parse(reply);
            int[] counts = new int[dimension];
            for (int i = 0; i < count; i++)
            {
                for (int k = 0; k < dimension; k++)
                {
                    counts[k] = rows.RootElement[i][k].GetInt32();
                }

                MeasurementPlan.Estimate(plan.Bases[b], counts, shots, expectations.Slice(i * m, m), variances.Slice(i * m, m));
                for (int k = 0; b == 0 && k < dimension && !frequencies.IsEmpty; k++)
                {
                    frequencies[(i * dimension) + k] = (double)counts[k] / shots;
                }
            }
        }
    }
}
