namespace QDistill.Onboard;

/// <summary>When an alarm goes on and off.</summary>
public sealed record AlarmOptions
{
    /// <summary>A probability at or above this speaks for the alarm.</summary>
    public float OnThreshold { get; init; } = 0.5f;

    /// <summary>A probability below this speaks against it; between the two nothing changes.</summary>
    public float OffThreshold { get; init; } = 0.4f;

    /// <summary>Consecutive predictions that must speak for the alarm before it goes on.</summary>
    public int OnCount { get; init; } = 3;

    /// <summary>Consecutive predictions that must speak against it before it goes off.</summary>
    public int OffCount { get; init; } = 3;

    /// <summary>Once on, it stays on for at least this long [ns].</summary>
    public long Hold { get; init; } = 500_000_000;
}
