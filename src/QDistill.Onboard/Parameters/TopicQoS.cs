using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>How a node receives and sends.</summary>
public sealed record TopicQoS
{
    /// <summary>Whether inputs are asked for reliably; best effort hears every publisher, reliable only reliable ones.</summary>
    public bool InputReliable { get; init; }

    /// <summary>How many messages of an input wait at most; older ones are dropped.</summary>
    public int InputDepth { get; init; } = 10;

    /// <summary>Whether outputs are sent reliably.</summary>
    public bool OutputReliable { get; init; } = true;

    /// <summary>How many messages of an output are kept for slow or lossy readers.</summary>
    public int OutputDepth { get; init; } = 10;

    /// <summary>The profile of inputs.</summary>
    public QoSProfile Input => Profile(InputReliable, InputDepth);

    /// <summary>The profile of outputs.</summary>
    public QoSProfile Output => Profile(OutputReliable, OutputDepth);

    internal static TopicQoS Read(ConfigSection? section, TopicQoS d) => section is null ? d : new TopicQoS
    {
        InputReliable = Reliable(section, "input_reliability", d.InputReliable),
        InputDepth = (int)section.Int("input_depth", d.InputDepth, 1, 10_000),
        OutputReliable = Reliable(section, "output_reliability", d.OutputReliable),
        OutputDepth = (int)section.Int("output_depth", d.OutputDepth, 1, 10_000),
    };

    private static bool Reliable(ConfigSection section, string key, bool otherwise) =>
        section.Choice(key, ["reliable", "best_effort"], otherwise ? "reliable" : "best_effort") == "reliable";

    private static QoSProfile Profile(bool reliable, int depth) =>
        new() { Reliability = reliable ? ReliabilityPolicy.Reliable : ReliabilityPolicy.BestEffort, Depth = depth };
}
