using System.Text.Json;

namespace QDistill.Cli.Tests;

/// <summary><c>qdistill plateau</c> and <c>qdistill spins</c>.</summary>
public sealed class QuantumVerbTests : IDisposable
{
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Plateaus_are_measured_by_qubits_and_depth()
    {
        string output = CommandLine.Run("plateau", "--ansatz", "no-entanglement", "--qubits", "1", "2", "--layers", "1", "--samples", "4000", "--csv", folder["p.csv"], "--json").Succeeded().Output;
        JsonElement[] rows = [.. JsonDocument.Parse(output).RootElement.EnumerateArray()];

        // ⟨Z…Z⟩ = Π cos θ: the mean over RY and RZ is half of 2^−n.
        Assert.Equal(0.25, rows[0].GetProperty("mean_variance").GetDouble(), 0.02);
        Assert.Equal(0.125, rows[1].GetProperty("mean_variance").GetDouble(), 0.02);
        Assert.Equal(3, File.ReadAllLines(folder["p.csv"]).Length);
        Assert.StartsWith("'Q1' in the Pauli string", CommandLine.Run("plateau", "--observable", "Z0 Q1").Refusal());
    }

    [Fact]
    public void States_of_a_chain_are_made_and_compressed()
    {
        string energies = CommandLine.Run("spins", "states", "--chain", "heisenberg", "--sites", "4", "--sweep", "1", "--periodic", "--output", folder["s.npy"], "--json").Succeeded().Output;
        Assert.Equal(-8, JsonDocument.Parse(energies).RootElement.GetProperty("states")[0].GetProperty("energy").GetDouble(), 1e-8);

        // One state fits into one qubit.
        string result = CommandLine.Run("spins", "compress", folder["s.npy"], "--latent", "1", "--layers", "4", "--output", folder["l.npy"], "--json").Succeeded().Output;
        Assert.InRange(JsonDocument.Parse(result).RootElement.GetProperty("mean_fidelity").GetDouble(), 0.97, 1.0000001);
        Assert.Equal(128 + (2 * 16), new FileInfo(folder["l.npy"]).Length);
    }

    [Fact]
    public void What_is_no_file_of_states_or_no_chain_is_refused_in_one_sentence()
    {
        File.WriteAllText(folder["text.npy"], "not numpy at all");
        Assert.Equal(folder["text.npy"] + ": is not a numpy file (.npy) of version 1 or 2; write it with numpy.save.", CommandLine.Run("spins", "compress", folder["text.npy"]).Refusal());
        Assert.Equal("--chain: unknown chain 'isng'; did you mean 'ising'.", CommandLine.Run("spins", "states", "--chain", "isng", "--output", folder["x.npy"]).Refusal());
        Assert.StartsWith("--sweep: '1:2' is neither", CommandLine.Run("spins", "states", "--sweep", "1:2", "--output", folder["x.npy"]).Refusal());
        Assert.False(File.Exists(folder["x.npy"]));
    }
}
