using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>A circuit compiled to QIR.</summary>
/// <param name="Profile">The target profile.</param>
/// <param name="Bytes">The size of the text.</param>
/// <param name="Instructions">Calls of quantum instructions (<c>__quantum__qis__…</c>), measurements included.</param>
public sealed record QirSize(string Profile, int Bytes, int Instructions);

/// <summary>What Microsoft's resource estimator says of one shot of a circuit, error-corrected on one kind of qubits.</summary>
/// <param name="Technology">The qubit parameters' name.</param>
/// <param name="Code">The error-correcting code.</param>
/// <param name="ErrorBudget">The probability of failure allowed.</param>
/// <param name="PhysicalQubits">Physical qubits, T factories included.</param>
/// <param name="RuntimeSeconds">Runtime of one shot [s].</param>
/// <param name="LogicalQubits">Logical qubits after layout.</param>
/// <param name="LogicalDepth">Logical cycles.</param>
/// <param name="CodeDistance">The code distance.</param>
/// <param name="TStates">T states that rotations and T gates consume.</param>
/// <param name="TFactories">T factories that make them side by side.</param>
/// <param name="Rotations">Rotations by arbitrary angles, before they are synthesised from T gates.</param>
public sealed record ResourceEstimate(
    string Technology,
    string Code,
    double ErrorBudget,
    long PhysicalQubits,
    double RuntimeSeconds,
    long LogicalQubits,
    long LogicalDepth,
    int CodeDistance,
    long TStates,
    long TFactories,
    long Rotations)
{
    /// <summary>The estimator's qubit technologies: gate-based with times of ns or µs, Majorana (maj); the last number is the exponent of the error rate.</summary>
    public static IReadOnlyList<string> Technologies { get; } = ["qubit_gate_ns_e3", "qubit_gate_ns_e4", "qubit_gate_us_e3", "qubit_gate_us_e4", "qubit_maj_ns_e4", "qubit_maj_ns_e6"];

    /// <summary>The target profiles of QIR.</summary>
    public static IReadOnlyList<string> Profiles { get; } = ["base", "adaptive_ri", "adaptive_rif"];

    /// <summary>Compiles one sample's circuit with a measurement of every qubit to QIR and measures its size.</summary>
    /// <exception cref="UserErrorException">The circuit has no name, the profile is unknown, or the host cannot run.</exception>
    public static QirSize MeasureQir(QSharpHost host, Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> input, string profile, CancellationToken cancellation = default)
    {
        Require(profile, Profiles, "profile");
        string source = $"namespace QDistill.Generated {{\n    @EntryPoint()\n    operation Main() : Result[] {Program(circuit, weights, input)}\n}}\n";
        string qir = host.Qir(source, profile, cancellation);
        int calls = qir.Split('\n').Count(l => l.Contains("call ", StringComparison.Ordinal) && l.Contains("@__quantum__qis__", StringComparison.Ordinal));
        return new QirSize(profile, Encoding.UTF8.GetByteCount(qir), calls);
    }

    /// <summary>Estimates one shot of one sample's circuit.</summary>
    /// <param name="host">The Q# host.</param>
    /// <param name="circuit">A circuit of a named encoding and ansatz.</param>
    /// <param name="weights">[p]; which angles they are matters little, but multiples of π/2 cost less than others.</param>
    /// <param name="input">[d]</param>
    /// <param name="technologies">Names of <see cref="Technologies"/>.</param>
    /// <param name="errorBudget">The probability of failure allowed, in (0, 1).</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="UserErrorException">The circuit has no name, a technology is unknown, there is no estimate at this budget, or the host cannot run.</exception>
    public static IReadOnlyList<ResourceEstimate> Of(
        QSharpHost host, Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> input, IReadOnlyList<string> technologies, double errorBudget = 0.001, CancellationToken cancellation = default)
    {
        if (!(errorBudget > 0 && errorBudget < 1))
        {
            throw new UserErrorException($"an error budget of {errorBudget} cannot be estimated: it is a probability above 0 and below 1");
        }

        foreach (string t in technologies)
        {
            Require(t, Technologies, "qubit technology");
        }

        string program = Program(circuit, weights, input);
        var estimates = new List<ResourceEstimate>();
        foreach (string t in technologies)
        {
            var parameters = new JsonObject { ["qubitParams"] = new JsonObject { ["name"] = t }, ["errorBudget"] = errorBudget };
            JsonElement e = host.Estimate(program, parameters.ToJsonString(), cancellation).Deserialize<JsonElement>();
            if (!e.TryGetProperty("physicalCounts", out JsonElement counts))
            {
                string reason = e.TryGetProperty("message", out JsonElement m) ? m.GetString()!.ReplaceLineEndings(" ").TrimEnd('.') : "the estimator gave none";
                throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"there is no estimate for {t} at an error budget of {errorBudget}: {reason}"));
            }

            JsonElement breakdown = counts.GetProperty("breakdown"), job = e.GetProperty("jobParams");
            estimates.Add(new ResourceEstimate(
                job.GetProperty("qubitParams").GetProperty("name").GetString()!,
                job.GetProperty("qecScheme").GetProperty("name").GetString()!,
                errorBudget,
                (long)counts.GetProperty("physicalQubits").GetDouble(),
                counts.GetProperty("runtime").GetDouble() * 1e-9,
                (long)breakdown.GetProperty("algorithmicLogicalQubits").GetDouble(),
                (long)breakdown.GetProperty("logicalDepth").GetDouble(),
                e.GetProperty("logicalQubit").GetProperty("codeDistance").GetInt32(),
                (long)breakdown.GetProperty("numTstates").GetDouble(),
                (long)breakdown.GetProperty("numTfactories").GetDouble(),
                e.GetProperty("logicalCounts").GetProperty("rotationCount").GetInt64()));
        }

        return estimates;
    }

    private static string Program(Circuit circuit, ReadOnlySpan<double> weights, ReadOnlySpan<double> input)
    {
        CircuitOrigin origin = circuit.Origin ?? throw new UserErrorException("only circuits made of a named encoding and ansatz exist in Q#, but this one was put together by hand");
        circuit.Check(weights, input, 1);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{ use qs = Qubit[{circuit.Qubits}]; QDistill.Teacher.Prepare(\"{origin.Encoding}\", \"{origin.Ansatz}\", {origin.Layers}, ");
        return text.AppendLiteral(weights).Append(", ").AppendLiteral(input).Append(", qs); Std.Measurement.MResetEachZ(qs) }").ToString();
    }

    private static void Require(string name, IReadOnlyList<string> known, string what)
    {
        if (!known.Contains(name))
        {
            throw new UserErrorException($"unknown {what} '{name}'", null, NearestKey.Hint(name, known) ?? $"one of {string.Join(", ", known)}");
        }
    }
}
