using System.CommandLine;
using QDistill.Configuration;
using QDistill.Distillation.Runs;
using QDistill.Quantum;

namespace QDistill.Cli.Terminal;

/// <summary>The options that choose and set up what runs a teacher's circuits; the same for every verb that asks a teacher.</summary>
internal sealed class BackendOptions
{
    private readonly Option<string> name = VerbOptions.Value("--backend", $"what runs the circuits: {string.Join(", ", TeacherBackend.Names)}", "statevector", "NAME");
    private readonly Option<int> shots = VerbOptions.Value("--shots", "shots per window and measurement basis; 0: exact where the back end can be", 0, "N").Within(0, 100_000_000);
    private readonly Option<int> threads = VerbOptions.Value("--threads", "threads of a simulator; 0: one per processor", 0, "N").Within(0, 1024);
    private readonly Option<string?> noise = VerbOptions.Optional<string>("--noise", "the noise model of the back end 'noisy'", "FILE");
    private readonly Option<bool> mitigate = new("--mitigate-readout") { Description = "let the back end 'noisy' invert read-out errors" };
    private readonly Option<string?> zeroNoise = VerbOptions.Optional<string>("--zero-noise", $"extrapolate the answers of the back end 'noisy' to zero noise from folded circuits: {string.Join(", ", ZeroNoise.Names)}; with noise scales as in linear:1,1.5,2", "KIND");
    private readonly Option<string?> target = VerbOptions.Optional<string>("--target", "the target of the back end 'azure', for example ionq.simulator; the workspace's connection string stands in AZURE_QUANTUM_CONNECTION_STRING", "NAME");
    private readonly Option<double?> maxCost = VerbOptions.Optional<double?>("--max-cost", "the most that jobs on 'azure' may cost by the prices given; nothing is sent above it. Without it a terminal is asked, and anything else refused", "PRICE");
    private readonly Option<double> pricePerShot = VerbOptions.Value("--price-per-shot", "the target's price of a shot", 0.0, "PRICE").Within(0, 1e6);
    private readonly Option<double> pricePerJob = VerbOptions.Value("--price-per-job", "the target's price of a job", 0.0, "PRICE").Within(0, 1e9);
    private readonly Option<int> packQubits = VerbOptions.Value("--pack-qubits", "qubits one job on 'azure' may use: windows are packed side by side; 0: one window a job", 0, "N").Within(0, 10_000);

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[name, shots, threads, noise, mitigate, zeroNoise, target, maxCost, pricePerShot, pricePerJob, packQubits])
        {
            verb.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="UserErrorException">An option was given that belongs to another back end, and so would do nothing.</exception>
    public BackendChoice Read(ParseResult r, ulong seed)
    {
        string chosen = r.GetRequiredValue(name);
        Belongs(r, chosen, "noisy", noise, mitigate, zeroNoise);
        Belongs(r, chosen, "azure", target, maxCost, pricePerShot, pricePerJob, packQubits);
        if (chosen == "statevector" && r.GetValue(shots) > 0)
        {
            throw new UserErrorException("the back end 'statevector' is exact and takes no shots", "--shots", "add --backend sampled");
        }

        return new()
        {
            Name = chosen,
            Shots = r.GetValue(shots),
            Seed = seed,
            Threads = r.GetValue(threads),
            NoiseFile = r.GetValue(noise),
            MitigateReadout = r.GetValue(mitigate),
            ZeroNoise = r.GetValue(zeroNoise),
            Target = r.GetValue(target),
            MaxCost = r.GetValue(maxCost),
            PricePerShot = r.GetValue(pricePerShot),
            PricePerJob = r.GetValue(pricePerJob),
            PackQubits = r.GetValue(packQubits),
        };
    }

    private static void Belongs(ParseResult r, string chosen, string owner, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (chosen != owner && r.GetResult(option) is { Implicit: false })
            {
                throw new UserErrorException($"belongs to the back end '{owner}' and would do nothing on '{chosen}'", option.Name, $"leave it out, or choose --backend {owner}");
            }
        }
    }
}
