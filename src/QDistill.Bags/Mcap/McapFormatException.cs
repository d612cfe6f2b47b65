namespace QDistill.Bags.Mcap;

/// <summary>Bytes that are not what the MCAP format says they must be. Becomes a warning or a user error where the policy for damage is known.</summary>
internal sealed class McapFormatException(string what, Exception? inner = null) : Exception(what, inner);
