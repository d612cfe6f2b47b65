namespace QDistill.Ros;

/// <summary>Where in the source a message is logged.</summary>
/// <param name="File">The source file.</param>
/// <param name="Function">The member.</param>
/// <param name="Line">The line, from 1.</param>
public readonly record struct LogLocation(string File, string Function, int Line)
{
    /// <summary>Not known.</summary>
    public static LogLocation None { get; } = new(string.Empty, string.Empty, 0);
}

/// <summary>A message that knows where it is logged; the methods of <see cref="RosLoggerExtensions"/> make it.</summary>
/// <param name="Message">The message.</param>
/// <param name="Location">The place.</param>
internal readonly record struct LocatedMessage(string Message, LogLocation Location)
{
    public static Func<LocatedMessage, Exception?, string> Text { get; } = static (m, _) => m.Message;

    public static LogLocation LocationOf<TState>(TState state) => state is LocatedMessage located ? located.Location : LogLocation.None;

    public override string ToString() => Message;
}
