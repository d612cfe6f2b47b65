using System.CommandLine;
using System.Security.Cryptography;
using QDistill.Configuration;
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
    private readonly Option<string?> target = VerbOptions.Optional<string>("--target", "the target of the back end 'azure', for example ionq.simulator; the workspace's connection string stands in AZURE_QUANTUM_CONNECTION_STRING", "NAME");
    private readonly Option<double?> maxCost = VerbOptions.Optional<double?>("--max-cost", "the most that jobs on 'azure' may cost by the prices given; nothing is sent above it. Without it a terminal is asked, and anything else refused", "PRICE");
    private readonly Option<double> pricePerShot = VerbOptions.Value("--price-per-shot", "the target's price of a shot", 0.0, "PRICE").Within(0, 1e6);
    private readonly Option<double> pricePerJob = VerbOptions.Value("--price-per-job", "the target's price of a job", 0.0, "PRICE").Within(0, 1e9);
    private readonly Option<int> packQubits = VerbOptions.Value("--pack-qubits", "qubits one job on 'azure' may use: windows are packed side by side; 0: one window a job", 0, "N").Within(0, 10_000);

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[name, shots, threads, noise, mitigate, target, maxCost, pricePerShot, pricePerJob, packQubits])
        {
            verb.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    public BackendChoice Read(ParseResult r, ulong seed) => new(
        r.GetRequiredValue(name),
        r.GetValue(shots),
        seed,
        r.GetValue(threads),
        r.GetValue(noise),
        r.GetValue(mitigate),
        r.GetValue(target),
        r.GetValue(maxCost),
        r.GetValue(pricePerShot),
        r.GetValue(pricePerJob),
        r.GetValue(packQubits));
}

/// <summary>A back end as chosen on the command line.</summary>
internal sealed record BackendChoice(
    string Name, int Shots, ulong Seed, int Threads, string? NoiseFile, bool MitigateReadout, string? Target, double? MaxCost, double PricePerShot, double PricePerJob, int PackQubits)
{
    /// <summary>The noise a label was made under: the file's name and hash, or <c>none</c>.</summary>
    public string NoiseId => Name != "noisy" || NoiseFile is null
        ? "none"
        : $"{Path.GetFileName(NoiseFile)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(NoiseFile)))[..12]}{(MitigateReadout ? ", read-out mitigated" : string.Empty)}";

    /// <summary>Creates the back end.</summary>
    /// <param name="jobsFile">Where job ids of <c>azure</c> are kept, so that a run that was cut off collects its jobs.</param>
    /// <exception cref="UserErrorException">The name is unknown, or what it needs is missing.</exception>
    public ITeacherBackend Create(string jobsFile)
    {
        if (Name == "noisy" && NoiseFile is null)
        {
            throw new UserErrorException("the back end 'noisy' needs a noise model", "--backend", "give one with --noise FILE (see docs/quantum.md)");
        }

        if (Name == "azure" && Target is null)
        {
            throw new UserErrorException("the back end 'azure' needs a target", "--backend", "give one with --target, for example ionq.simulator");
        }

        return TeacherBackend.Create(Name, new TeacherBackendOptions
        {
            Shots = Shots,
            Seed = Seed,
            Threads = Threads,
            Noise = Name == "noisy" ? NoiseModel.Load(NoiseFile!) : null,
            MitigateReadout = MitigateReadout,
            Azure = Name != "azure" ? null : new AzureOptions
            {
                Target = Target!,
                Shots = Shots == 0 ? 500 : Shots,
                PricePerShot = PricePerShot,
                PricePerJob = PricePerJob,
                MaxCost = MaxCost ?? 0,
                PackQubits = PackQubits,
                JobsFile = jobsFile,
            },
        });
    }

    /// <summary>Shows what a run on hardware would cost before anything is sent; refuses it above --max-cost, and without that option asks.</summary>
    /// <param name="backend">What <see cref="Create"/> gave; learns of the agreement.</param>
    /// <param name="windows">How many windows will be asked about.</param>
    /// <param name="qubits">The circuit's qubits.</param>
    /// <exception cref="UserErrorException">Names the estimate and the limit.</exception>
    public void RequireAffordable(ITeacherBackend backend, long windows, int qubits)
    {
        if (backend is not AzureBackend azure)
        {
            return;
        }

        int pack = Math.Max(1, PackQubits / Math.Max(1, qubits));
        long jobs = (windows + pack - 1) / pack;
        double estimate = jobs * (PricePerJob + (PricePerShot * (Shots == 0 ? 500 : Shots)));
        string limit = MaxCost is { } given ? FormattableString.Invariant($" (limit {given:0.##})") : string.Empty;
        Output.Note(FormattableString.Invariant($"{Target}: about {jobs} jobs, estimated price {estimate:0.##}{limit}"));
        if (estimate <= (MaxCost ?? 0))
        {
            return;
        }

        if (MaxCost is null && !Console.IsInputRedirected && !Console.IsErrorRedirected)
        {
            Console.Error.Write(FormattableString.Invariant($"Spend about {estimate:0.##} on {Target}? [y/N] "));
            if (Console.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes")
            {
                azure.Approve(estimate);
                return;
            }

            throw new UserErrorException($"nothing was sent to {Target}", "--max-cost", "answer 'y', or give a limit");
        }

        string than = MaxCost is { } most ? FormattableString.Invariant($", more than the limit of {most:0.##}") : ", and no limit was given";
        throw new UserErrorException(FormattableString.Invariant($"labelling {windows} windows on {Target} would cost about {estimate:0.##}{than}"), "--max-cost", MaxCost is null ? "give one" : "raise it, or ask for fewer windows or shots");
    }
}
