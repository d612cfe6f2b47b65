namespace QDistill.Onboard;

/// <summary>What a prediction is worth; the numbers of <c>qdistill_msgs/msg/CollisionRisk.status</c>.</summary>
public enum PredictionStatus : byte
{
    /// <summary>The model judged complete, fresh input.</summary>
    Ok = 0,

    /// <summary>The model judged input that lacks a whole feature group; the mean of its training data stood in for what was missing.</summary>
    Degraded = 1,

    /// <summary>Nothing new came in time: the probability is the configured fail-safe value.</summary>
    StaleInput = 2,

    /// <summary>What came cannot be believed: the probability is the configured fail-safe value.</summary>
    InvalidInput = 3,

    /// <summary>No usable model: the probability is the configured fail-safe value.</summary>
    NoModel = 4,

    /// <summary>The input lies outside of what the model was trained on.</summary>
    OutOfDistribution = 5,
}
