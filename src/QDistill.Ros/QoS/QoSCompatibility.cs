namespace QDistill.Ros;

/// <summary>DDS's rules of what a publisher must offer for what a subscription requests (DDS 1.4, 2.2.3; ROS's <c>rmw_qos_profile_check_compatible</c>).</summary>
public static class QoSCompatibility
{
    /// <summary>The first policy that keeps the two apart, in the order in which Cyclone DDS and Fast DDS report it; null: they match.</summary>
    /// <param name="offered">Of the publisher.</param>
    /// <param name="requested">Of the subscription.</param>
    public static QoSPolicyKind? FirstConflict(QoSProfile offered, QoSProfile requested)
    {
        if (requested.Reliability != ReliabilityPolicy.BestEffort && offered.Reliability == ReliabilityPolicy.BestEffort)
        {
            return QoSPolicyKind.Reliability;
        }

        if (requested.Durability == DurabilityPolicy.TransientLocal && offered.Durability != DurabilityPolicy.TransientLocal)
        {
            return QoSPolicyKind.Durability;
        }

        if (Limit(offered.Deadline) > Limit(requested.Deadline))
        {
            return QoSPolicyKind.Deadline;
        }

        bool kind = requested.Liveliness == LivelinessPolicy.ManualByTopic && offered.Liveliness != LivelinessPolicy.ManualByTopic;
        return kind || Limit(offered.LivelinessLeaseDuration) > Limit(requested.LivelinessLeaseDuration) ? QoSPolicyKind.Liveliness : null;
    }

    // Zero is rmw's "not specified", which is no limit.
    private static TimeSpan Limit(TimeSpan time) => time <= TimeSpan.Zero ? QoSProfile.Infinite : time;
}
