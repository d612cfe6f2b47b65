using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// The back end <c>azure</c>: the Q# programs, compiled to QIR of the target's profile and run as Azure Quantum jobs. Before anything is submitted the cost is estimated and compared with the limit. Job ids are on disk before the
/// jobs exist, so a run that was cut off collects what it has paid for.
/// </summary>
public sealed class AzureBackend : ITeacherBackend
{
    private readonly AzureOptions options;
    private readonly AzureQuantumClient client;
    private readonly QSharpHost host;
    private readonly JobStore jobs;
    private double limit;
    private AzureTarget? target;

    /// <summary>Creates the back end; nothing is sent yet.</summary>
    /// <exception cref="UserErrorException">The connection string is missing or incomplete, or a number is out of range.</exception>
    public AzureBackend(AzureOptions options)
    {
        if (options.Shots < 1 || options.PricePerShot < 0 || options.PricePerJob < 0 || options.MaxInFlight < 1)
        {
            throw new UserErrorException("the back end 'azure' needs at least 1 shot and 1 job in flight, and prices that are not negative");
        }

        this.options = options;
        client = new AzureQuantumClient(options);
        host = new QSharpHost(options.QSharp);
        jobs = new JobStore(options.JobsFile);
        limit = options.MaxCost;
    }

    /// <inheritdoc/>
    public string Name => "azure";

    /// <inheritdoc/>
    public bool IsExact => false;

    /// <inheritdoc/>
    public Ledger Ledger { get; } = new();

    /// <summary>The profile of a target: what its hardware can do while it runs.</summary>
    public static string ProfileOf(string target) =>
        target.StartsWith("ionq", StringComparison.Ordinal) || target.StartsWith("rigetti", StringComparison.Ordinal) ? "base"
        : target.StartsWith("quantinuum", StringComparison.Ordinal) && target.Contains(".h2", StringComparison.Ordinal) ? "adaptive_ri"
        : "adaptive_rif";

    /// <summary>Raises what all queries together may cost: someone has seen the estimate and agreed.</summary>
    public void Approve(double cost) => limit = Math.Max(limit, Ledger.EstimatedPrice + cost);

    /// <inheritdoc/>
    public Evaluation Evaluate(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int batch, EvaluationRequest? request = null, CancellationToken cancellation = default)
    {
        long start = Stopwatch.GetTimestamp();
        request ??= new EvaluationRequest();
        circuit.Check(weights, inputs, batch);
        if (circuit.Origin is null)
        {
            throw new UserErrorException("the back end 'azure' runs circuits made of a named encoding and ansatz, but this one was put together by hand");
        }

        MeasurementPlan plan = MeasurementPlan.For(request.Observables ?? Observable.EachZ(circuit.Qubits), request.Probabilities);
        int n = circuit.Qubits, m = plan.Observables, d = circuit.InputCount, dimension = circuit.Dimension, pack = Math.Max(1, options.PackQubits / n);
        var parts = new List<Part>();
        for (int b = 0; b < plan.Bases.Count; b++)
        {
            for (int first = 0; first < batch; first += pack)
            {
                int count = Math.Min(pack, batch - first);
                string source = Source(circuit, weights, inputs.Slice(first * d, count * d), count, plan.Bases[b]);
                parts.Add(new Part(b, first, count, count * n, source, Key(source, request.FirstSample + first)));
            }
        }

        Dictionary<Part, Guid> there = Collectable(parts, cancellation);
        int fresh = parts.Count - there.Count;
        double price = options.PricePerJob + (options.PricePerShot * options.Shots), estimate = fresh * price;
        if (fresh > 0 && Ledger.EstimatedPrice + estimate > limit)
        {
            string spent = Ledger.EstimatedPrice > 0 ? string.Create(CultureInfo.InvariantCulture, $", after {Ledger.EstimatedPrice:0.##} already spent") : string.Empty;
            throw new UserErrorException(
                string.Create(CultureInfo.InvariantCulture, $"{fresh} jobs of {options.Shots} shots on {options.Target} would cost about {estimate:0.##}{spent}, more than the limit of {limit:0.##}"),
                null,
                "raise --max-cost, or ask for fewer windows or shots");
        }

        double[] expectations = new double[batch * m], variances = new double[batch * m];
        double[]? frequencies = request.Probabilities ? new double[checked(batch * dimension)] : null;
        double paid = 0;
        for (int from = 0; from < parts.Count; from += options.MaxInFlight)
        {
            List<Part> wave = parts.GetRange(from, Math.Min(options.MaxInFlight, parts.Count - from));
            List<(Part Part, Guid Id)> submitted = [.. wave.Select(p => (p, there.TryGetValue(p, out Guid known) ? known : Submit(p, cancellation)))];
            foreach ((Part part, Guid id) in submitted)
            {
                AzureJob job = Wait(id, cancellation);
                paid += job.Cost ?? price;
                double[] counts = Counts(job, part, n, cancellation);
                for (int i = 0; i < part.Count; i++)
                {
                    Span<double> own = counts.AsSpan(i * dimension, dimension);
                    double taken = 0;
                    foreach (double c in own)
                    {
                        taken += c;
                    }

                    if (taken == 0)
                    {
                        throw new UserErrorException($"job {id} on {options.Target} has no good shot");
                    }

                    for (int k = 0; k < dimension; k++)
                    {
                        own[k] /= taken;
                    }

                    int row = part.First + i;
                    MeasurementPlan.Estimate(plan.Bases[part.Basis], own, null, n, (int)taken, expectations.AsSpan(row * m, m), variances.AsSpan(row * m, m));
                    if (frequencies is not null && part.Basis == 0)
                    {
                        own.CopyTo(frequencies.AsSpan(row * dimension));
                    }
                }
            }
        }

        long circuits = (long)batch * plan.Bases.Count;
        Ledger.Record(circuits, circuits * options.Shots, circuit.Depth, circuit.TwoQubitGates, Stopwatch.GetElapsedTime(start).TotalSeconds, paid);
        return new Evaluation(batch, m, expectations, variances, frequencies, options.Shots * plan.Bases.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        host.Dispose();
    }

    /// <summary>A Q# program that prepares samples side by side and measures them.</summary>
    internal static string Source(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> inputs, int count, MeasurementPlan.Basis basis)
    {
        int n = circuit.Qubits, d = circuit.InputCount;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"namespace QDistill.Generated {{\n    @EntryPoint()\n    operation Main() : Result[] {{\n        use qs = Qubit[{n * count}];\n");
        for (int i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"        QDistill.Teacher.Prepare(\"{circuit.Origin!.Encoding}\", \"{circuit.Origin.Ansatz}\", {circuit.Origin.Layers}, ");
            text.AppendLiteral(weights).Append(", ").AppendLiteral(inputs.Slice(i * d, d));
            text.Append(CultureInfo.InvariantCulture, $", qs[{i * n}..{((i + 1) * n) - 1}]);\n");
            for (int q = 0; q < n; q++)
            {
                if (basis[q] == 'Y')
                {
                    text.Append(CultureInfo.InvariantCulture, $"        Adjoint S(qs[{(i * n) + q}]);\n");
                }

                if (basis[q] != 'Z')
                {
                    text.Append(CultureInfo.InvariantCulture, $"        H(qs[{(i * n) + q}]);\n");
                }
            }
        }

        return text.Append("        Std.Measurement.MResetEachZ(qs)\n    }\n}\n").ToString();
    }

    private string Key(string source, long sample)
    {
        string identity = string.Create(CultureInfo.InvariantCulture, $"{options.Target}\n{options.Shots}\n{sample}\n{source}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <summary>
    /// The jobs of an earlier run that have a result or still may. One that was written down but never arrived, or that ended without a result, must be submitted and paid for like a new one.
    /// </summary>
    private Dictionary<Part, Guid> Collectable(List<Part> parts, CancellationToken cancellation)
    {
        var there = new Dictionary<Part, Guid>();
        foreach (Part part in parts)
        {
            if (jobs.Find(part.Key) is not { } id || client.Job(id, cancellation) is not { } job)
            {
                continue;
            }

            if (job is { IsFinished: true, IsSuccess: false })
            {
                jobs.Forget(part.Key);
            }
            else
            {
                there.Add(part, id);
            }
        }

        return there;
    }

    private Guid Submit(Part part, CancellationToken cancellation)
    {
        // Known already where the id was written down but the job never arrived.
        Guid id = jobs.Find(part.Key) ?? jobs.Add(part.Key);
        AzureTarget at = Target(part.Qubits, cancellation);
        string profile = at.Profile ?? ProfileOf(options.Target);
        string qir = host.Qir(part.Source, profile, cancellation);
        client.Submit(id, at.Provider, qir, profile switch { "base" => "Base", "adaptive_ri" => "Adaptive_RI", _ => "Adaptive_RIF" }, cancellation);
        return id;
    }

    /// <summary>The target, which must exist, be up, take one of the compiler's profiles and have the qubits.</summary>
    private AzureTarget Target(int qubits, CancellationToken cancellation)
    {
        if (target is null)
        {
            IReadOnlyList<AzureTarget> targets = client.Targets(cancellation);
            AzureTarget found = targets.FirstOrDefault(t => t.Id == options.Target)
                ?? throw new UserErrorException($"the workspace has no target '{options.Target}'", null, NearestKey.Hint(options.Target, targets.Select(t => t.Id)));
            if (found.Availability == "Unavailable")
            {
                throw new UserErrorException($"the target '{options.Target}' is unavailable at the moment", null, "try later or choose another");
            }

            if (found.Profile is not (null or "base" or "adaptive_ri" or "adaptive_rif"))
            {
                throw new UserErrorException($"the target '{options.Target}' takes programs of the profile '{found.Profile}', which the Q# compiler does not make", null, "choose a target of the profile base, adaptive_ri or adaptive_rif");
            }

            target = found;
        }

        return target.Qubits is not { } most || qubits <= most
            ? target
            : throw new UserErrorException($"a job of {qubits} qubits does not fit the target '{options.Target}', which has {most}", null, "ask for fewer qubits, or pack fewer windows into a job");
    }

    private AzureJob Wait(Guid id, CancellationToken cancellation)
    {
        for (TimeSpan pause = options.PollStart; ; pause = pause * 1.5 < options.PollCeiling ? pause * 1.5 : options.PollCeiling)
        {
            AzureJob job = client.Job(id, cancellation) ?? throw new UserErrorException($"job {id} has vanished from the workspace");
            if (job.IsFinished)
            {
                return job.IsSuccess ? job : throw new UserErrorException($"job {id} on {options.Target} ended as {job.Status}{(job.Error is null ? string.Empty : ": " + job.Error.Replace(". [", " [", StringComparison.Ordinal))}", null, "run again: the other jobs are collected, this one is submitted anew");
            }

            cancellation.WaitHandle.WaitOne(pause);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private double[] Counts(AzureJob job, Part part, int n, CancellationToken cancellation)
    {
        double[] counts = new double[part.Count << n];
        foreach ((int[] bits, double count) in AzureResult.Read(client.Result(job, cancellation), options.Shots))
        {
            if (bits.Length != part.Count * n)
            {
                throw new UserErrorException($"the job's result has outcomes of {bits.Length} bits, {part.Count * n} were expected");
            }

            for (int i = 0; i < part.Count; i++)
            {
                int k = 0;
                for (int q = 0; q < n; q++)
                {
                    k |= bits[(i * n) + q] << q;
                }

                counts[(i << n) + k] += count;
            }
        }

        return counts;
    }

    private sealed record Part(int Basis, int First, int Count, int Qubits, string Source, string Key);
}
