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

    /// <summary>A stage by its place in the order of time, 0 to 4.</summary>
    internal readonly long this[int stage] => stage switch
    {
        0 => SensorToReceive,
        1 => Fusion,
        2 => Queue,
        3 => Inference,
        _ => Publish,
    };

    /// <summary>The sum of all.</summary>
    public readonly long Total => SensorToReceive + Fusion + Queue + Inference + Publish;
}
