namespace QDistill.Ros;

/// <summary>The policies that can keep two endpoints apart, with rmw's numbers.</summary>
public enum QoSPolicyKind
{
    /// <summary>Not a policy of ROS.</summary>
    Invalid = 1,

    /// <summary>Durability.</summary>
    Durability = 2,

    /// <summary>Deadline.</summary>
    Deadline = 4,

    /// <summary>Liveliness, its lease included.</summary>
    Liveliness = 8,

    /// <summary>Reliability.</summary>
    Reliability = 16,

    /// <summary>History.</summary>
    History = 32,

    /// <summary>Lifespan.</summary>
    Lifespan = 64,

    /// <summary>Depth.</summary>
    Depth = 128,

    /// <summary>The lease of liveliness; DDS reports it as <see cref="Liveliness"/>.</summary>
    LivelinessLeaseDuration = 256,

    /// <summary>Whether ROS's naming conventions are left aside.</summary>
    AvoidRosNamespaceConventions = 512,
}

/// <summary>Endpoints matched or lost.</summary>
/// <param name="TotalCount">Ever matched.</param>
/// <param name="TotalCountChange">Of these, since the last event.</param>
/// <param name="CurrentCount">Matched now.</param>
/// <param name="CurrentCountChange">The change since the last event.</param>
public readonly record struct MatchedStatus(int TotalCount, int TotalCountChange, int CurrentCount, int CurrentCountChange);

/// <summary>An endpoint on the same topic did not match.</summary>
/// <param name="TotalCount">How often.</param>
/// <param name="TotalCountChange">Of these, since the last event.</param>
/// <param name="LastPolicy">The policy that kept the last one away.</param>
public readonly record struct IncompatibleQoSStatus(int TotalCount, int TotalCountChange, QoSPolicyKind LastPolicy);

/// <summary>Something happened a number of times: a deadline was missed, liveliness was lost, a message was lost.</summary>
/// <param name="TotalCount">How often.</param>
/// <param name="TotalCountChange">Of these, since the last event.</param>
public readonly record struct CountStatus(int TotalCount, int TotalCountChange);

/// <summary>Publishers became alive or silent.</summary>
/// <param name="AliveCount">Alive now.</param>
/// <param name="NotAliveCount">Matched but silent now.</param>
/// <param name="AliveCountChange">The change since the last event.</param>
/// <param name="NotAliveCountChange">The change since the last event.</param>
public readonly record struct LivelinessChangedStatus(int AliveCount, int NotAliveCount, int AliveCountChange, int NotAliveCountChange);
