using System.CommandLine;
using System.Globalization;
using System.Numerics;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Quantum;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill spins</c>: quantum data for experiments with teachers that are given states, not features.</summary>
internal static class SpinsVerb
{
    private static readonly string[] Chains = ["ising", "heisenberg", "cluster"];

    public static Command Create() => new("spins", "Makes states of spin chains (quantum data) and compresses such states.") { States(), Compress() };

    private static Command States()
    {
        Option<string> chain = VerbOptions.Value("--chain", $"the chain: {string.Join(", ", Chains)}", "ising", "NAME");
        Option<int> sites = VerbOptions.Value("--sites", "spins", 8, "N").Within(2, 18);
        Option<string> sweep = VerbOptions.Value("--sweep", "the parameter that differs from state to state, FROM:TO:COUNT or one number: the field of ising and cluster, the anisotropy of heisenberg", "0.1:2:20", "RANGE");
        Option<double> coupling = VerbOptions.Value("--coupling", "J", 1.0, "J").Within(-1e6, 1e6);
        Option<double> pair = VerbOptions.Value("--pair", "the pair field of cluster", 0.0, "H").Within(-1e6, 1e6);
        Option<double> twist = VerbOptions.Value("--twist", "the Dzyaloshinskii-Moriya term of heisenberg, which makes its ground states complex", 0.0, "D").Within(-1e6, 1e6);
        Option<bool> periodic = new("--periodic") { Description = "close the chain of ising or heisenberg" };
        Option<double?> quench = VerbOptions.Optional<double?>("--quench", "instead of ground states, |0101...> after this time under each Hamiltonian", "TIME").Within(-1e4, 1e4);
        Option<string> output = VerbOptions.Required<string>("--output", "the states as a numpy file, complex128 [count, 2^sites]", "FILE");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "states",
            "Writes exact ground states (Lanczos) or quenched states of a spin chain, one for each value of a parameter, and lists their energies.",
            "qdistill spins states --chain cluster --sites 9 --sweep 0:2:41 --pair 0.2 --output cluster.npy",
            "qdistill spins states --chain heisenberg --sites 6 --sweep 0.5:1.5:11 --twist 0.4 --output twisted.npy",
            "qdistill spins states --chain ising --sites 8 --sweep 1 --quench 2.5 --output quenched.npy --json");
        foreach (Option option in new Option[] { chain, sites, sweep, coupling, pair, twist, periodic, quench, output, json })
        {
            verb.Add(option);
        }

        verb.SetAction((r, cancellation) =>
        {
            (string name, int n) = (r.GetRequiredValue(chain), r.GetValue(sites));
            double[] values = Range(r.GetRequiredValue(sweep));
            Observable Hamiltonian(double x) => name switch
            {
                "ising" => SpinChain.Ising(n, r.GetValue(coupling), x, r.GetValue(periodic)),
                "heisenberg" => SpinChain.Heisenberg(n, r.GetValue(coupling), r.GetValue(periodic), x, r.GetValue(twist)),
                "cluster" => SpinChain.Cluster(n, r.GetValue(coupling), x, r.GetValue(pair)),
                _ => throw new UserErrorException($"unknown chain '{name}'", "--chain", NearestKey.Hint(name, Chains)),
            };
            _ = Hamiltonian(values[0]);
            var states = new Complex[checked(values.Length << n)];
            double[] energies = new double[values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                Observable h = Hamiltonian(values[i]);
                Complex[] state = r.GetValue(quench) is { } time ? TimeEvolution.Of(h, Neel(n), time) : GroundState.Of(h, n).State;
                state.CopyTo(states, i << n);
                energies[i] = GroundState.Energy(h, state);
            }

            StatesFile.Write(r.GetRequiredValue(output), states, values.Length);
            if (r.GetValue(json))
            {
                Output.WriteJson(new { Chain = name, Sites = n, Quench = r.GetValue(quench), Output = r.GetRequiredValue(output), States = values.Select((v, i) => new { Parameter = v, Energy = energies[i] }) });
            }
            else
            {
                Output.WriteTable(null, [name == "heisenberg" ? "anisotropy>" : "field>", "energy>"], values.Select((v, i) => (IReadOnlyList<string>)[Output.Number(v, 6), Output.Number(energies[i], 9)]));
                Output.Note($"{r.GetRequiredValue(output)}: {values.Length} states of {n} qubits");
            }

            return Task.FromResult(0);
        });
        return verb;
    }

    private static Command Compress()
    {
        var file = new Argument<string>("states") { Description = "a numpy file of states [count, 2^n], complex or real" };
        Option<int> latent = VerbOptions.Value("--latent", "the qubits that stay", 1, "N");
        Option<string> ansatz = VerbOptions.Value("--ansatz", "the encoder's ansatz; 'qdistill circuit --list' names them", "strongly-entangling", "NAME");
        Option<int> layers = VerbOptions.Value("--layers", "the encoder's layers", 3, "N").Within(1, 1000);
        Option<int> iterations = VerbOptions.Value("--iterations", "steps of Adam", 300, "N").Within(1, 1_000_000);
        Option<double> rate = VerbOptions.Value("--learning-rate", "Adam's step size", 0.05, "R").Within(1e-9, 10);
        Option<ulong> seed = VerbOptions.Seed();
        Option<string?> output = VerbOptions.Optional<string>("--output", "also write the latent states, complex128 [count, 2^latent]", "FILE");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "compress",
            "Trains a quantum autoencoder on states and says with which fidelity each survives.",
            "qdistill spins compress cluster.npy --latent 4 --layers 4",
            "qdistill spins compress twisted.npy --latent 2 --output latent.npy --json");
        verb.Add(file);
        foreach (Option option in new Option[] { latent, ansatz, layers, iterations, rate, seed, output, json })
        {
            verb.Add(option);
        }

        verb.SetAction((r, cancellation) =>
        {
            string path = r.GetRequiredValue(file);
            (Complex[] states, int count, int qubits) = StatesFile.Read(path);
            using var coder = new QuantumAutoencoder(r.GetRequiredValue(ansatz), qubits, r.GetValue(latent), r.GetValue(layers));
            double[] weights, fidelities;
            try
            {
                weights = coder.Train(states, count, r.GetValue(iterations), r.GetValue(rate), r.GetValue(seed), cancellation);
                fidelities = coder.Fidelities(weights, states, count);
            }
            catch (UserErrorException e) when (e.Where is null)
            {
                throw new UserErrorException(e.What, path, e.Remedy, e);
            }

            if (r.GetValue(output) is { } small)
            {
                StatesFile.Write(small, coder.Compress(weights, states, count), count);
                Output.Note($"{small}: {count} states of {r.GetValue(latent)} qubits");
            }

            if (r.GetValue(json))
            {
                Output.WriteJson(new { States = count, Qubits = qubits, Latent = r.GetValue(latent), MeanFidelity = fidelities.Average(), Fidelities = fidelities, Weights = weights });
            }
            else
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} states of {qubits} qubits in {r.GetValue(latent)}: fidelity {fidelities.Average():F4} in the mean, {fidelities.Min():F4} at least"));
            }

            return Task.FromResult(0);
        });
        return verb;
    }

    private static Complex[] Neel(int sites)
    {
        var state = new Complex[1 << sites];
        state[0x2AAAA & ((1 << sites) - 1)] = 1;
        return state;
    }

    private static double[] Range(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length is 1 or 3 && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double from) && Math.Abs(from) <= 1e6)
        {
            if (parts.Length == 1)
            {
                return [from];
            }

            if (double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double to) && Math.Abs(to) <= 1e6
                && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 2 and <= 10_000)
            {
                return [.. Enumerable.Range(0, count).Select(i => from + ((to - from) * i / (count - 1)))];
            }
        }

        throw new UserErrorException($"'{text}' is neither a number nor FROM:TO:COUNT with 2 to 10000 values", "--sweep", "write for example 0.1:2:20");
    }
}
