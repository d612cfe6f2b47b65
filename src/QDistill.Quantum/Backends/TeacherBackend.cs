using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>What the creation of a back end may depend on.</summary>
public sealed record TeacherBackendOptions
{
    /// <summary>Shots per sample and measurement basis; 0 means exact where the back end can be, and 1024 where it cannot.</summary>
    public int Shots { get; init; }

    /// <summary>The seed of shots.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads or host processes; 0 means one thread per processor and one host process.</summary>
    public int Threads { get; init; }

    /// <summary>The noise of the back end <c>noisy</c>.</summary>
    public NoiseModel? Noise { get; init; }

    /// <summary>Whether the back end <c>noisy</c> inverts read-out errors.</summary>
    public bool MitigateReadout { get; init; }

    /// <summary>Whether and how the answers of the back end <c>noisy</c> are extrapolated to zero noise.</summary>
    public ZeroNoise? ZeroNoise { get; init; }

    /// <summary>How the back end <c>azure</c> submits jobs.</summary>
    public AzureOptions? Azure { get; init; }

    /// <summary>How the Q# host is found and watched.</summary>
    public QSharpHostOptions? QSharp { get; init; }
}

/// <summary>Creates back ends by name.</summary>
public static class TeacherBackend
{
    /// <summary>The shots of a back end that cannot be exact, when no number is given.</summary>
    public const int DefaultShots = 1024;

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["statevector", "sampled", "noisy", "qsharp", "azure"];

    /// <summary>The shots that a back end of that name takes when it is asked for <paramref name="shots"/>: 0 where it is exact.</summary>
    public static int ShotsOf(string name, int shots) => name == "sampled" && shots == 0 ? DefaultShots : shots;

    /// <summary>Creates the back end of that name.</summary>
    /// <exception cref="UserErrorException">The name is unknown, or the options do not fit.</exception>
    public static ITeacherBackend Create(string name, TeacherBackendOptions? options = null)
    {
        options ??= new TeacherBackendOptions();
        var engine = new StateVectorOptions { Threads = options.Threads };
        return name switch
        {
            "statevector" => new StateVectorBackend(engine),
            "sampled" => new SampledBackend(ShotsOf(name, options.Shots), options.Seed, engine),
            "noisy" => Noisy(options),
            "azure" => new AzureBackend(options.Azure ?? throw new UserErrorException("the back end 'azure' needs a target")),
            "qsharp" => new QSharpBackend(
                (options.QSharp ?? new QSharpHostOptions()) with { Seed = options.QSharp?.Seed ?? (options.Shots > 0 ? options.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture) : null) },
                options.Shots,
                Math.Max(1, options.Threads)),
            _ => throw new UserErrorException($"unknown back end '{name}'", null, NearestKey.Hint(name, Names)),
        };
    }

    private static ITeacherBackend Noisy(TeacherBackendOptions options)
    {
        var noisy = new NoisyBackend(options.Noise ?? throw new UserErrorException("the back end 'noisy' needs a noise model"), options.Shots, options.Seed, options.MitigateReadout, options.Threads);
        return options.ZeroNoise is { } zero ? new ZeroNoiseBackend(noisy, zero.Scales, zero.Kind) : noisy;
    }
}
