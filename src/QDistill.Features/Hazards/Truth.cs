namespace QDistill.Features;

/// <summary>What hindsight says of a window; the values are those of <c>qdistill_msgs/msg/TeacherLabel</c>.</summary>
public enum Truth : byte
{
    /// <summary>Not known: the future was not observed, or the hazard was already under way.</summary>
    Unknown = 0,

    /// <summary>Observed, and nothing happened within the horizon.</summary>
    Safe = 1,

    /// <summary>A collision, or a violation, within the horizon.</summary>
    Hazard = 2,
}

/// <summary>What gave a hazard away.</summary>
public enum HazardKind
{
    /// <summary>A contact source.</summary>
    Contact,

    /// <summary>Clearance below the margin while closing.</summary>
    Margin,

    /// <summary>A shock felt by the inertial unit.</summary>
    Shock,
}

/// <summary>One hazard found in a recording.</summary>
/// <param name="Kind">What gave it away first.</param>
/// <param name="StartNs">Its onset [ns].</param>
/// <param name="EndNs">When it was last seen [ns].</param>
public readonly record struct HazardEvent(HazardKind Kind, long StartNs, long EndNs);
