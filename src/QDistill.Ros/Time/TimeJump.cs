namespace QDistill.Ros;

/// <summary>The kinds of clocks of ROS 2, with rcl's numbers.</summary>
public enum ClockType
{
    /// <summary>ROS time: the system's, or what /clock says when simulated time is on.</summary>
    Ros = 1,

    /// <summary>The system's time since the Unix epoch.</summary>
    System = 2,

    /// <summary>A clock that never jumps; its origin means nothing.</summary>
    Steady = 3,
}

/// <summary>Whether a jump of ROS time changed its source, with rcl's numbers.</summary>
public enum ClockChange
{
    /// <summary>It was and is that of /clock.</summary>
    RosTimeNoChange = 1,

    /// <summary>Simulated time was switched on.</summary>
    RosTimeActivated = 2,

    /// <summary>Simulated time was switched off.</summary>
    RosTimeDeactivated = 3,
}

/// <summary>A jump of ROS time.</summary>
/// <param name="From">Time before, ns.</param>
/// <param name="To">Time after, ns.</param>
/// <param name="Change">Whether the source changed.</param>
public readonly record struct TimeJump(long From, long To, ClockChange Change)
{
    /// <summary>Whether simulated time was switched on or off by it.</summary>
    public bool SourceChanged => Change != ClockChange.RosTimeNoChange;

    /// <summary>The size of the jump, ns; negative: backwards; 0 when the source changed, since times of two sources have no distance.</summary>
    public long Delta => SourceChanged ? 0 : To - From;
}

/// <summary>Which jumps a callback is told of.</summary>
/// <param name="OnClockChange">Whether of changes of the source.</param>
/// <param name="MinForward">The smallest jump forward, ns; 0: none.</param>
/// <param name="MinBackward">The smallest jump backward, ns, as a negative number; 0: none.</param>
public readonly record struct JumpThreshold(bool OnClockChange, long MinForward, long MinBackward)
{
    internal bool Passes(in TimeJump jump) => jump.SourceChanged ? OnClockChange
        : (MinForward != 0 && jump.Delta >= MinForward) || (MinBackward != 0 && jump.Delta <= MinBackward);
}
