namespace QDistill.Evaluation.Conditions;

/// <summary>Which messages of a source are lost: independently of each other, or by Gilbert's two-state channel (Bell System Technical Journal 39, 1960) in bursts of a mean length at the same share.</summary>
internal sealed class LossChannel(SensorDisturbance sensor)
{
    private readonly double share = sensor["dropout"], length = sensor["dropout_length"];
    private bool lost;

    /// <summary>Whether the next message is lost.</summary>
    /// <param name="uniform">The message's own draw from [0, 1).</param>
    public bool IsLost(double uniform)
    {
        double chance = length < 1 || share >= 1 ? share : lost ? 1 - (1 / length) : share / (length * (1 - share));
        return lost = uniform < chance;
    }
}
