using QDistill.Features;

namespace QDistill.Distillation.Labelling;

/// <summary>The topics of a labelled bag.</summary>
public static class LabelledBagTopics
{
    /// <summary><c>qdistill_msgs/msg/FusedFeatures</c>: one per window.</summary>
    public const string Features = FusedFeaturesMessage.Topic;

    /// <summary><c>qdistill_msgs/msg/TeacherLabel</c>: one per window, with the features' stamp.</summary>
    public const string Labels = "/qdistill/teacher_labels";

    /// <summary><c>qdistill_msgs/msg/TeacherDetails</c>: one per window, with the features' stamp; only in bags that were labelled with details.</summary>
    public const string Details = "/qdistill/teacher_details";

    /// <summary><c>std_msgs/msg/String</c>: one <see cref="LabellingInfo"/>, first in the bag.</summary>
    public const string Info = "/qdistill/labelling";

    /// <summary><c>std_msgs/msg/String</c>: the ledger as YAML, last in the bag.</summary>
    public const string Ledger = "/qdistill/ledger";
}
