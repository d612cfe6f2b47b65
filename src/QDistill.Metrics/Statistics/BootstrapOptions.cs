namespace QDistill.Metrics;

/// <summary>How resamples are drawn.</summary>
public sealed record BootstrapOptions
{
    /// <summary>The defaults: 1000 resamples of single windows, 95 %.</summary>
    public static BootstrapOptions Default { get; } = new();

    /// <summary>Number of resamples.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Nominal coverage of the interval.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Seed; resample i draws from stream i, so the result does not depend on the number of threads.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Group of each window (its bag, its encounter). Windows of one bag are dependent, so whole groups are drawn with replacement (the cluster bootstrap); single
    /// windows would give intervals that are too narrow. Below about ten groups prefer <see cref="BlockLength"/>.
    /// </summary>
    public IReadOnlyList<int>? Groups { get; init; }

    /// <summary>
    /// When above 1: blocks of this many consecutive windows are drawn (the moving block bootstrap, Künsch 1989), none across two groups, until as many windows
    /// are drawn as there are. Choose a few times the horizon over the sample spacing.
    /// </summary>
    public int BlockLength { get; init; }
}
