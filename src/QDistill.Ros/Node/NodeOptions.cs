namespace QDistill.Ros;

/// <summary>Options of a node.</summary>
public sealed record NodeOptions
{
    /// <summary>Whether the node's clock follows /clock.</summary>
    public bool UseSimTime { get; init; }

    /// <summary>Renamings of this node's names, tried after the context's.</summary>
    public RemapRules Remaps { get; init; } = RemapRules.None;
}
