namespace QDistill.Ros;

/// <summary>A ROS message, request or response that can be read from and written to CDR.</summary>
public interface IMessage
{
    /// <summary>Overwrites every field from the reader; nested messages, sequences and equal strings are reused.</summary>
    /// <exception cref="CdrException">The bytes do not fit the type.</exception>
    void Read(ref CdrReader reader);

    /// <summary>Writes every field in wire order.</summary>
    /// <exception cref="CdrException">A string or sequence exceeds its bound.</exception>
    void Write(ref CdrWriter writer);

    /// <summary>The message's type.</summary>
    MessageType GetMessageType();
}

/// <summary>A message class generated from a .msg, .srv or .action file.</summary>
public interface IMessage<TSelf> : IMessage
    where TSelf : class, IMessage<TSelf>, new()
{
    /// <summary>The class's message type.</summary>
    static abstract MessageType Type { get; }

    /// <summary>Copies every field, deeply, reusing what this message holds; the source is only read.</summary>
    void CopyFrom(TSelf source);
}

/// <summary>A service, generated from a .srv file; its request and response are the nested classes of the same names.</summary>
public interface IService<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>, new()
    where TResponse : class, IMessage<TResponse>, new()
{
    /// <summary>The service's type.</summary>
    static abstract ServiceType Type { get; }
}

/// <summary>An action, generated from an .action file; goal, result and feedback are the nested classes of the same names.</summary>
public interface IAction<TGoal, TResult, TFeedback>
    where TGoal : class, IMessage<TGoal>, new()
    where TResult : class, IMessage<TResult>, new()
    where TFeedback : class, IMessage<TFeedback>, new()
{
    /// <summary>The action's type.</summary>
    static abstract ActionType Type { get; }
}
