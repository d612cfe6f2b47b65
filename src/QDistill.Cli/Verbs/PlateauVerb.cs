using System.CommandLine;
using System.Globalization;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Quantum;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill plateau</c>: whether an ansatz of a size can still be trained.</summary>
internal static class PlateauVerb
{
    public static Command Create()
    {
        Option<string> ansatz = VerbOptions.Value("--ansatz", "the ansatz; 'qdistill circuit --list' names them", "hardware-efficient", "NAME");
        Option<int[]> qubits = new("--qubits") { Description = "numbers of qubits", DefaultValueFactory = _ => [2, 4, 6, 8], HelpName = "N", AllowMultipleArgumentsPerToken = true };
        Option<int[]> layers = new("--layers") { Description = "numbers of layers", DefaultValueFactory = _ => [1, 4, 16], HelpName = "N", AllowMultipleArgumentsPerToken = true };
        Option<string> observable = VerbOptions.Value("--observable", "global (Z on every qubit), local (Z of qubit 0), or a sum of Pauli strings such as 'Z0 Z1 - 0.5*X2'", "global", "SUM");
        Option<int> samples = VerbOptions.Value("--samples", "random sets of weights for each size", 500, "N").Within(2, 1_000_000);
        Option<string?> csv = VerbOptions.Optional<string>("--csv", "also write the rows into this file", "FILE");
        Option<ulong> seed = VerbOptions.Seed();
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "plateau",
            "Measures the variance of an ansatz's gradients over random weights by qubits and depth. Where it falls exponentially with the qubits (a barren plateau), training by shots is hopeless.",
            "qdistill plateau --ansatz strongly-entangling --qubits 2 4 6 8 --layers 1 5 20",
            "qdistill plateau --observable local --samples 2000 --csv plateau.csv");
        foreach (Option option in new Option[] { ansatz, qubits, layers, observable, samples, csv, seed, json })
        {
            verb.Add(option);
        }

        verb.SetAction((r, cancellation) =>
        {
            string name = r.GetRequiredValue(observable);
            Observable? given = name is "global" or "local" ? null : Observable.Parse(name);
            IReadOnlyList<GradientVariance> rows = BarrenPlateau.Measure(
                r.GetRequiredValue(ansatz),
                r.GetRequiredValue(qubits),
                r.GetRequiredValue(layers),
                name == "global" ? null : _ => given ?? Observable.Z(0),
                r.GetValue(samples),
                r.GetValue(seed),
                cancellation: cancellation);
            if (r.GetValue(csv) is { } file)
            {
                AtomicOutput.WriteText(file, BarrenPlateau.ToCsv(rows));
                Output.Note($"{file}: the rows");
            }

            if (r.GetValue(json))
            {
                Output.WriteJson(rows);
            }
            else
            {
                Output.WriteTable(null, ["qubits>", "layers>", "weights>", "variance>", "± error>", "mean over all weights>"], rows.Select(g => (IReadOnlyList<string>)
                    [Output.Count(g.Qubits), Output.Count(g.Layers), Output.Count(g.Weights), Power(g.Variance), Power(g.StandardError), Power(g.MeanVariance)]));
            }

            return Task.FromResult(0);
        });
        return verb;
    }

    private static string Power(double value) => value.ToString("0.000E+0", CultureInfo.InvariantCulture);
}
