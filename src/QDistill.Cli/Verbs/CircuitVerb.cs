using System.CommandLine;
using System.Globalization;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Numerics;
using QDistill.Quantum;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill circuit</c>: draws a teacher's circuit and says what it costs.</summary>
internal static class CircuitVerb
{
    private static readonly string[] UsualTechnologies = ["qubit_gate_ns_e3", "qubit_gate_us_e3", "qubit_maj_ns_e4"];

    public static Command Create()
    {
        Option<string> encoding = VerbOptions.Value("--encoding", "the encoding; --list names them", "angle", "NAME");
        Option<string> ansatz = VerbOptions.Value("--ansatz", "the ansatz; --list names them", "hardware-efficient", "NAME");
        Option<int> qubits = VerbOptions.Value("--qubits", "qubits", 4, "N");
        Option<int> layers = VerbOptions.Value("--layers", "layers of the ansatz; 0 leaves the encoding alone", 2, "N");
        Option<int?> features = VerbOptions.Optional<int?>("--features", "features of a sample; as many as qubits unless set, and 2*2^qubits of the encoding 'state'", "N");
        Option<string?> svg = VerbOptions.Optional<string>("--svg", "also draw it into this SVG file", "FILE");
        Option<string> profile = VerbOptions.Value("--profile", "the QIR profile whose size is measured: base, adaptive_ri or adaptive_rif", "base", "NAME");
        Option<string[]> technology = new("--technology") { Description = "qubit technologies to estimate, " + string.Join(", ", ResourceEstimate.Technologies), DefaultValueFactory = _ => UsualTechnologies, HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
        Option<double> budget = VerbOptions.Value("--error-budget", "the probability of failure that the estimates allow", 0.001, "P");
        Option<bool> local = new("--no-estimates") { Description = "leave out what needs the Q# compiler (QIR size and estimates), hence Node.js" };
        Option<ulong> seed = VerbOptions.Seed();
        Option<bool> list = new("--list") { Description = "list encodings and ansätze with their papers instead, and what they cost at --qubits and --layers" };
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "circuit",
            "Draws a teacher's circuit and says what it costs: depth, gates, weights, QIR size, and Microsoft's resource estimates of an error-corrected shot.",
            "qdistill circuit --encoding reuploading --ansatz strongly-entangling --qubits 6 --layers 3",
            "qdistill circuit --ansatz qcnn --qubits 8 --svg qcnn.svg --no-estimates",
            "qdistill circuit --qubits 6 --layers 3 --technology qubit_gate_ns_e4 qubit_maj_ns_e6 --error-budget 0.01 --json",
            "qdistill circuit --list --qubits 8 --layers 3");
        foreach (Option option in new Option[] { encoding, ansatz, qubits, layers, features, svg, profile, technology, budget, local, seed, list, json })
        {
            verb.Add(option);
        }

        verb.SetAction((r, cancellation) =>
        {
            if (r.GetValue(list))
            {
                List(r.GetValue(qubits), r.GetValue(layers), r.GetValue(json));
                return Task.FromResult(0);
            }

            string e = r.GetRequiredValue(encoding);
            int n = r.GetValue(qubits);
            Circuit circuit = TeacherCircuit.Build(e, r.GetRequiredValue(ansatz), n, r.GetValue(layers), r.GetValue(features) ?? (e == FeatureEncoding.State.Name && n is > 0 and <= Circuit.MaxQubits ? 2 << n : n));
            (QirSize Qir, IReadOnlyList<ResourceEstimate> Estimates)? cost = r.GetValue(local) ? null
                : Estimate(circuit, r.GetRequiredValue(profile), r.GetValue(technology) ?? [], r.GetValue(budget), r.GetValue(seed), cancellation);
            if (r.GetValue(svg) is { } file)
            {
                AtomicOutput.WriteText(file, CircuitDrawing.ToSvg(circuit));
            }

            if (r.GetValue(json))
            {
                WriteJson(circuit, cost, r.GetValue(svg));
            }
            else
            {
                WriteTables(circuit, cost);
                if (r.GetValue(svg) is { } drawn)
                {
                    Output.Note($"{drawn}: the drawing");
                }
            }

            return Task.FromResult(0);
        });
        return verb;
    }

    /// <summary>Angles at random: rotations by multiples of π/2 would be cheaper than those of a trained circuit.</summary>
    private static (QirSize, IReadOnlyList<ResourceEstimate>) Estimate(Circuit circuit, string profile, string[] technologies, double budget, ulong seed, CancellationToken cancellation)
    {
        double[] weights = circuit.RandomWeights(seed), input = new double[circuit.InputCount];
        var random = new Philox(seed, 1);
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = random.NextDouble(-Math.PI, Math.PI);
        }

        if (circuit.Preparation == StatePreparation.State)
        {
            double norm = Math.Sqrt(input.Sum(v => v * v));
            input = [.. input.Select(v => v / norm)];
        }

        using var host = new QSharpHost();
        try
        {
            host.Ping();
        }
        catch (UserErrorException missing)
        {
            throw new UserErrorException(missing.What, missing.Where, missing.Remedy + ", or leave the estimates out with --no-estimates", missing);
        }

        IReadOnlyList<ResourceEstimate> estimates = ResourceEstimate.Of(host, circuit, weights, input, technologies, budget, cancellation);
        return (ResourceEstimate.MeasureQir(host, circuit, weights, input, profile, cancellation), estimates);
    }

    private static void WriteTables(Circuit circuit, (QirSize Qir, IReadOnlyList<ResourceEstimate> Estimates)? cost)
    {
        Console.Out.WriteLine(CircuitDrawing.ToText(circuit));
        var rows = new List<IReadOnlyList<string>>
        {
            new[] { "qubits", Output.Count(circuit.Qubits) },
            new[] { "depth", Output.Count(circuit.Depth) },
            new[] { "gates", Output.Count(circuit.Gates.Length) },
            new[] { "  of two qubits", Output.Count(circuit.TwoQubitGates) },
        };
        rows.AddRange(Gates(circuit).Select(g => (IReadOnlyList<string>)["  " + g.Key, Output.Count(g.Value)]));
        rows.Add(["weights", Output.Count(circuit.WeightCount)]);
        rows.Add(["features", Output.Count(circuit.InputCount)]);
        if (cost is { } c)
        {
            rows.Add([$"QIR ({c.Qir.Profile}), bytes", Output.Count(c.Qir.Bytes)]);
            rows.Add([$"QIR ({c.Qir.Profile}), instructions", Output.Count(c.Qir.Instructions)]);
        }

        Output.WriteTable(null, ["what", "count>"], rows);
        if (cost is { Estimates.Count: > 0 } known)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"One shot, error-corrected, failing with probability {known.Estimates[0].ErrorBudget:G4} at most (Microsoft's resource estimator):"));
            Output.WriteTable(
                null,
                ["technology", "code", "distance>", "physical qubits>", "runtime>", "logical qubits>", "cycles>", "T states>", "T factories>"],
                known.Estimates.Select(e => (IReadOnlyList<string>)
                [
                    e.Technology, e.Code, Output.Count(e.CodeDistance), Output.Count(e.PhysicalQubits), Duration(e.RuntimeSeconds), Output.Count(e.LogicalQubits), Output.Count(e.LogicalDepth),
                    Output.Count(e.TStates), Output.Count(e.TFactories),
                ]));
        }
    }

    private static void WriteJson(Circuit circuit, (QirSize Qir, IReadOnlyList<ResourceEstimate> Estimates)? cost, string? svg) => Output.WriteJson(new
    {
        circuit.Origin!.Encoding,
        circuit.Origin.Ansatz,
        circuit.Origin.Layers,
        circuit.Qubits,
        Features = circuit.InputCount,
        Weights = circuit.WeightCount,
        circuit.Depth,
        Gates = Gates(circuit),
        circuit.TwoQubitGates,
        Drawing = CircuitDrawing.ToText(circuit),
        Svg = svg,
        cost?.Qir,
        cost?.Estimates,
    });

    private static SortedDictionary<string, int> Gates(Circuit circuit) =>
        new(circuit.Gates.GroupBy(g => g.Kind).ToDictionary(g => g.Key.ToString(), g => g.Count()), StringComparer.Ordinal);

    /// <summary>Every encoding with one feature a qubit (a whole state for 'state', all amplitudes for 'amplitude') and every ansatz, each by itself.</summary>
    private static void List(int qubits, int layers, bool json)
    {
        var encodings = ((FeatureEncoding[])[.. FeatureEncoding.All, FeatureEncoding.State]).Select(e =>
        {
            int most = e.MaxFeatures(new CircuitBuilder(qubits).Qubits), taken = e.Name is "amplitude" or "state" ? most : Math.Min(qubits, most);
            Circuit c = TeacherCircuit.Build(e.Name, "no-entanglement", qubits, 0, taken);
            return new { e.Name, e.Reuploads, Features = taken, MostFeatures = most, Weights = c.WeightCount, c.Depth, c.TwoQubitGates, e.Paper };
        }).ToList();
        var ansatze = Ansatz.All.Select(a =>
        {
            // Behind an encoding without gates.
            Circuit c = TeacherCircuit.Build("amplitude", a.Name, qubits, layers, 1);
            return new { a.Name, Weights = c.WeightCount, c.Depth, c.TwoQubitGates, a.Paper };
        }).ToList();
        if (json)
        {
            Output.WriteJson(new { Qubits = qubits, Layers = layers, Encodings = encodings, Ansatze = ansatze });
            return;
        }

        Output.WriteTable($"encodings on {qubits} qubits", ["name", "features>", "at most>", "weights>", "depth>", "2-qubit gates>", "paper"], encodings.Select(e => (IReadOnlyList<string>)
            [e.Name, Output.Count(e.Features), Output.Count(e.MostFeatures), Output.Count(e.Weights), Output.Count(e.Depth), Output.Count(e.TwoQubitGates), e.Paper]));
        Output.WriteTable($"ansätze on {qubits} qubits, {layers} layers", ["name", "weights>", "depth>", "2-qubit gates>", "paper"], ansatze.Select(a => (IReadOnlyList<string>)
            [a.Name, Output.Count(a.Weights), Output.Count(a.Depth), Output.Count(a.TwoQubitGates), a.Paper]));
    }

    private static string Duration(double seconds) => seconds switch
    {
        < 1e-3 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:F0} us"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:F1} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s"),
    };
}
