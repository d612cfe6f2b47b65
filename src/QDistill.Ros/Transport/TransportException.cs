namespace QDistill.Ros;

/// <summary>The middleware refused something; the message is its sentence.</summary>
public sealed class TransportException : Exception
{
    internal TransportException(string message, int code)
        : base(message) => Code = code;

    /// <summary>The transport ABI's result code (negative).</summary>
    public int Code { get; }
}
