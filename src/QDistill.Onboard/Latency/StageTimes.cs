namespace QDistill.Onboard;

/// <summary>Where the time of one prediction went; all in nanoseconds.</summary>
public record struct StageTimes
{
    /// <summary>From the sensor's stamp to the node's callback. In two processes it ends where the features leave the fusion node, and so holds the fusion too.</summary>
    public long SensorToReceive { get; set; }

    /// <summary>Making the features; 0 where another process does.</summary>
    public long Fusion { get; set; }

    /// <summary>From the features' being sent to their callback: transport and waiting.</summary>
    public long Queue { get; set; }

    /// <summary>Checking the input and running the model.</summary>
    public long Inference { get; set; }

    /// <summary>Serializing and handing over the predictions.</summary>
    public long Publish { get; set; }

    /// <summary>The sum of all.</summary>
    public readonly long Total => SensorToReceive + Fusion + Queue + Inference + Publish;
}
