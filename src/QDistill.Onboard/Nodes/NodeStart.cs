using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>How a node enters the graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace; null for the root.</param>
/// <param name="Options">Simulated time, remappings and parameter overrides; the parameter services and /rosout are always there.</param>
public sealed record NodeStart(string Name, string? Namespace = null, NodeOptions? Options = null);
