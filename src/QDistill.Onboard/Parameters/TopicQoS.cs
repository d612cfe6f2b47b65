using QDistill.Ros;
using static QDistill.Ros.ParameterTiming;

namespace QDistill.Onboard;

/// <summary>How a node receives and sends.</summary>
public sealed record TopicQoS
{
    private static readonly string Reliable = QoSPolicyNames.NameOf(ReliabilityPolicy.Reliable);
    private static readonly string BestEffort = QoSPolicyNames.NameOf(ReliabilityPolicy.BestEffort);

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

    internal static ParameterTable<TopicQoS> Parameters { get; } = new ParameterTable<TopicQoS>()
        .Text("qos.input_reliability", Configure, "How inputs are received: best_effort hears every publisher, reliable only reliable ones.", o => Word(o.InputReliable), (o, v) => o with { InputReliable = v == Reliable }, BestEffort, Reliable)
        .Whole("qos.input_depth", Configure, 1, 10_000, "Messages of an input that wait at most; older ones are dropped.", o => o.InputDepth, (o, v) => o with { InputDepth = v })
        .Text("qos.output_reliability", Configure, "How outputs are sent.", o => Word(o.OutputReliable), (o, v) => o with { OutputReliable = v == Reliable }, Reliable, BestEffort)
        .Whole("qos.output_depth", Configure, 1, 10_000, "Messages of an output that are kept for slow or lossy readers.", o => o.OutputDepth, (o, v) => o with { OutputDepth = v });

    private static string Word(bool reliable) => reliable ? Reliable : BestEffort;

    private static QoSProfile Profile(bool reliable, int depth) =>
        new() { Reliability = reliable ? ReliabilityPolicy.Reliable : ReliabilityPolicy.BestEffort, Depth = depth };
}
