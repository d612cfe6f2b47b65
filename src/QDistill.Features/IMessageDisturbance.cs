namespace QDistill.Features;

/// <summary>Receives a serialized message of one source.</summary>
/// <param name="source">The source's index in <see cref="RobotConfig.Sources"/>.</param>
/// <param name="cdr">The bytes, encapsulation header included; valid during the call.</param>
/// <param name="receiptNs">When it is received [ns].</param>
public delegate void MessageSink(int source, ReadOnlySpan<byte> cdr, long receiptNs);

/// <summary>What a recording's messages go through before features are formed of them: noise, losses, delays. Reproducible: the same recording comes out the same.</summary>
public interface IMessageDisturbance
{
    /// <summary>Begins a recording.</summary>
    /// <param name="recording">The recording's name.</param>
    /// <param name="robot">The robot, with the message types that the recording uses.</param>
    /// <param name="sink">Receives what is left, in order of receipt.</param>
    IMessageStream Begin(string recording, RobotConfig robot, MessageSink sink);
}

/// <summary>One recording on its way through a disturbance.</summary>
public interface IMessageStream
{
    /// <summary>Takes in a message; messages come in order of receipt.</summary>
    void Take(int source, ReadOnlySpan<byte> cdr, long receiptNs);

    /// <summary>Hands on what is still held back.</summary>
    void Complete();
}
