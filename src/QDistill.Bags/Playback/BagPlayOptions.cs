using QDistill.Ros;

namespace QDistill.Bags;

/// <summary>How a bag is played.</summary>
public sealed record BagPlayOptions
{
    /// <summary>Bag seconds per second, 0.001 to 1000; <see cref="double.PositiveInfinity"/> plays as fast as messages can be published.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>Where to start, counted from the bag's first message.</summary>
    public TimeSpan StartOffset { get; init; }

    /// <summary>Where to end, counted from the bag's first message; null = at its end.</summary>
    public TimeSpan? EndOffset { get; init; }

    /// <summary>Whether to start again at the end, until cancelled.</summary>
    public bool Loop { get; init; }

    /// <summary>Whether to wait for <see cref="BagPlayer.Resume"/> before the first message.</summary>
    public bool StartPaused { get; init; }

    /// <summary>How often the bag's time is published on <c>/clock</c> [Hz]; 0 = not at a rate. A <c>/clock</c> topic of the bag itself is then left out.</summary>
    public double ClockRate { get; init; }

    /// <summary>Whether every message's log time is published on <c>/clock</c> just before it.</summary>
    public bool ClockPerMessage { get; init; }

    /// <summary>Other names for topics: recorded name to played name.</summary>
    public IReadOnlyDictionary<string, string> Remaps { get; init; } = new Dictionary<string, string>();

    /// <summary>QoS to use instead of the recorded one, by recorded name.</summary>
    public IReadOnlyDictionary<string, QoSProfile> QoSOverrides { get; init; } = new Dictionary<string, QoSProfile>();

    /// <summary>Topics (by recorded name) that must have a subscription before the first message; waits at most <see cref="WaitTimeout"/>.</summary>
    public IReadOnlyCollection<string> WaitFor { get; init; } = [];

    /// <summary>How long to wait for subscriptions at the start, and for acknowledgements of reliable topics at the end.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
