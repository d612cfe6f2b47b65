using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;

namespace QDistill.Cli.Tests;

/// <summary><c>qdistill circuit</c>, run as users run it.</summary>
public class CircuitVerbTests
{
    [Fact]
    public void TheDrawingAndTheCountsNeedNoNodeJs()
    {
        using var folder = new TempDirectory();
        (int code, string output, string errors) = Run("/nowhere/node", "--encoding", "angle", "--ansatz", "hardware-efficient", "--qubits", "3", "--layers", "2", "--no-estimates", "--svg", folder["circuit.svg"]);
        Assert.True(code == 0, errors);

        // Counted by hand: 3 RY of the encoding, 2 × (3 RY + 3 RZ), 2 rings of 3 CNOTs.
        Assert.Contains("q0 :", output, StringComparison.Ordinal);
        Assert.Matches(@"gates +21\b", output);
        Assert.Matches(@"of two qubits +6\b", output);
        Assert.Matches(@"RY +9\b", output);
        Assert.Matches(@"RZ +6\b", output);
        Assert.Matches(@"weights +12\b", output);
        XElement svg = XElement.Load(folder["circuit.svg"]);
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Equal(9, svg.Descendants().Count(t => t.Value.StartsWith("RY", StringComparison.Ordinal) && !t.HasElements));
        Assert.Contains("circuit.svg", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void TheJsonHoldsMicrosoftsEstimates()
    {
        (int code, string output, string errors) = Run(null, "--qubits", "3", "--layers", "1", "--json", "--technology", "qubit_gate_ns_e3", "qubit_gate_ns_e4", "qubit_gate_us_e3", "qubit_maj_ns_e4");
        Assert.True(code == 0, errors);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement root = document.RootElement;
        Assert.Equal(3, root.GetProperty("gates").GetProperty("CNOT").GetInt32());
        Assert.Equal(5, root.GetProperty("depth").GetInt32() - 1);
        JsonElement qir = root.GetProperty("qir");

        // 6 RY, 3 RZ, 3 CNOTs and 3 measurements (with resets, where the profile has them).
        Assert.Equal("base", qir.GetProperty("profile").GetString());
        Assert.InRange(qir.GetProperty("instructions").GetInt32(), 15, 18);
        Assert.True(qir.GetProperty("bytes").GetInt32() > 1000);
        JsonElement[] estimates = [.. root.GetProperty("estimates").EnumerateArray()];
        Assert.Equal(["qubit_gate_ns_e3", "qubit_gate_ns_e4", "qubit_gate_us_e3", "qubit_maj_ns_e4"], estimates.Select(e => e.GetProperty("technology").GetString()));
        Assert.All(estimates, e => Assert.Equal(9, e.GetProperty("rotations").GetInt32()));

        // Better qubits need fewer of them, slower ones more time, and 2·3 + √(8·3) + 1 logical qubits hold three (arXiv:2211.07629).
        Assert.True(Number(1, "physical_qubits") < Number(0, "physical_qubits"));
        Assert.True(Number(2, "runtime_seconds") > 100 * Number(0, "runtime_seconds"));
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(Math.Ceiling(6 + Math.Sqrt(24)) + 1, Number(i, "logical_qubits")));

        double Number(int i, string name) => estimates[i].GetProperty(name).GetDouble();
    }

    [Fact]
    public void TheTableNamesTheTechnologies()
    {
        (int code, string output, string errors) = Run(null, "--qubits", "2", "--layers", "1", "--profile", "adaptive_ri");
        Assert.True(code == 0, errors);
        Assert.Contains("QIR (adaptive_ri), bytes", output, StringComparison.Ordinal);
        Assert.Contains("physical qubits", output, StringComparison.Ordinal);
        Assert.Matches("qubit_gate_us_e3 +surface_code", output);
    }

    [Fact]
    public void RefusalsAreOneSentence()
    {
        Refused(Run("/nowhere/node", "--qubits", "2"), "Node.js", "/nowhere/node", "--no-estimates");
        Refused(Run(null, "--ansatz", "hardware-eficient"), "unknown ansatz", "hardware-efficient");
        Refused(Run(null, "--qubits", "25", "--no-estimates"), "25 qubits");
        Refused(Run(null, "--features", "99", "--no-estimates"), "takes 1 to 16 features, not 99");
        Refused(Run(null, "--technology", "qubit_gate_ns_e5"), "unknown qubit technology", "qubit_gate_ns_e");
        Refused(Run(null, "--profile", "basic"), "unknown profile 'basic'", "base");
        Refused(Run(null, "--error-budget", "2"), "error budget of 2");
    }

    [Fact]
    public void TheListAndTheHelpShowWhatThereIs()
    {
        (_, string list, _) = Run(null, "--list");
        Assert.Contains("reuploading-scaled", list, StringComparison.Ordinal);
        Assert.Contains("strongly-entangling", list, StringComparison.Ordinal);
        (_, string help, _) = Run(null, "--help");
        Assert.Contains("Examples:", help, StringComparison.Ordinal);
        Assert.Contains("qdistill circuit --list", help, StringComparison.Ordinal);
    }

    private static void Refused((int Code, string Output, string Errors) run, params string[] parts)
    {
        Assert.Equal((1, string.Empty), (run.Code, run.Output));
        Assert.StartsWith("qdistill: ", Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.All(parts, p => Assert.Contains(p, run.Errors, StringComparison.Ordinal));
    }

    private static (int Code, string Output, string Errors) Run(string? node, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "qdistill"), ["circuit", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["QDISTILL_HOME"] = SharedData.Repository;
        start.Environment.Remove("QDISTILL_TRACE");
        if (node is not null)
        {
            start.Environment["QDISTILL_NODE"] = node;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
