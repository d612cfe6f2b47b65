using System.Security.Cryptography;
using QDistill.Configuration;
using QDistill.Quantum;

namespace QDistill.Distillation.Runs;

/// <summary>What runs a teacher's circuits, as a user chose it on the command line or in a goal.</summary>
public sealed record BackendChoice
{
    private const int AzureShots = 500;

    /// <summary>One of <see cref="TeacherBackend.Names"/>.</summary>
    public string Name { get; init; } = "statevector";

    /// <summary>Shots per window and measurement basis; 0: exact where the back end can be.</summary>
    public int Shots { get; init; }

    /// <summary>The seed of shots.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads of a simulator; 0: one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>The noise model of the back end <c>noisy</c>.</summary>
    public string? NoiseFile { get; init; }

    /// <summary>Whether the back end <c>noisy</c> inverts read-out errors.</summary>
    public bool MitigateReadout { get; init; }

    /// <summary>How the answers of the back end <c>noisy</c> are extrapolated to zero noise, as <see cref="Quantum.ZeroNoise.Parse"/> reads it; null: not at all.</summary>
    public string? ZeroNoise { get; init; }

    /// <summary>The target of the back end <c>azure</c>.</summary>
    public string? Target { get; init; }

    /// <summary>The most that jobs on <c>azure</c> may cost by the prices given; null: the observer is asked, and who cannot be asked has not agreed.</summary>
    public double? MaxCost { get; init; }

    /// <summary>The target's price of a shot.</summary>
    public double PricePerShot { get; init; }

    /// <summary>The target's price of a job.</summary>
    public double PricePerJob { get; init; }

    /// <summary>Qubits that one job may use; 0: one window a job.</summary>
    public int PackQubits { get; init; }

    /// <summary>The noise a label was made under: the file's name and hash, or <c>none</c>.</summary>
    public string NoiseId => Name != "noisy" || NoiseFile is null
        ? "none"
        : $"{Path.GetFileName(NoiseFile)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(NoiseFile)))[..12]}{(MitigateReadout ? ", read-out mitigated" : string.Empty)}{(ZeroNoise is null ? string.Empty : $", zero-noise {Quantum.ZeroNoise.Parse(ZeroNoise)}")}";

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
            ZeroNoise = Name == "noisy" && ZeroNoise is not null ? Quantum.ZeroNoise.Parse(ZeroNoise) : null,
            Azure = Name != "azure" ? null : new AzureOptions
            {
                Target = Target!,
                Shots = Shots == 0 ? AzureShots : Shots,
                PricePerShot = PricePerShot,
                PricePerJob = PricePerJob,
                MaxCost = MaxCost ?? 0,
                PackQubits = PackQubits,
                JobsFile = jobsFile,
            },
        });
    }

    /// <summary>Shows what a run on hardware would cost before anything is sent; refuses it above the limit, and without one asks.</summary>
    /// <param name="backend">What <see cref="Create"/> gave; learns of the agreement.</param>
    /// <param name="windows">How many windows will be asked about.</param>
    /// <param name="qubits">The circuit's qubits.</param>
    /// <param name="observer">Told the estimate, and asked.</param>
    /// <exception cref="UserErrorException">Names the estimate and the limit.</exception>
    public void RequireAffordable(ITeacherBackend backend, long windows, int qubits, IRunObserver observer)
    {
        if (backend is not AzureBackend azure)
        {
            return;
        }

        int pack = Math.Max(1, PackQubits / Math.Max(1, qubits));
        long jobs = (windows + pack - 1) / pack;
        double estimate = jobs * (PricePerJob + (PricePerShot * (Shots == 0 ? AzureShots : Shots)));
        string limit = MaxCost is { } given ? FormattableString.Invariant($" (limit {given:0.##})") : string.Empty;
        observer.Note(FormattableString.Invariant($"{Target}: about {jobs} jobs, estimated price {estimate:0.##}{limit}"));
        if (estimate <= (MaxCost ?? 0))
        {
            return;
        }

        if (MaxCost is null && observer.Confirm(FormattableString.Invariant($"Spend about {estimate:0.##} on {Target}?")) is { } agreed)
        {
            if (agreed)
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
