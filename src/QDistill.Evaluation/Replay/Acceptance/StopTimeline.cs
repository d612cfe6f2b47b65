namespace QDistill.Evaluation.Replay;

/// <summary>What a robot's nodes made of one recording: which share of the commanded speed they let through, over time.</summary>
/// <param name="Bag">The recording's name.</param>
/// <param name="StampsNs">The outputs' times [n, ns], rising.</param>
/// <param name="Passed">The share of the commanded speed that passes [n], in [0, 1]: 0 while stopped. An alarm without a governor passes 0 or 1.</param>
/// <param name="Dangers">The recording's dangers, in order.</param>
public sealed record StopTimeline(string Bag, IReadOnlyList<long> StampsNs, IReadOnlyList<double> Passed, IReadOnlyList<Danger> Dangers);
