namespace QDistill.Ros;

/// <summary>What the generated <c>CopyFrom</c> methods do with fields of several elements. A message copied onto itself stays as it is.</summary>
internal static class MessageCopy
{
    /// <summary>Copies primitives or strings.</summary>
    public static void Elements<T>(Sequence<T> target, Sequence<T> source)
    {
        if (!ReferenceEquals(target, source))
        {
            target.Assign(source.Span);
        }
    }

    /// <summary>Copies messages, each into the one that the target holds at its place.</summary>
    public static void Messages<T>(Sequence<T> target, Sequence<T> source)
        where T : class, IMessage<T>, new()
    {
        target.Resize(source.Count);
        Span<T> to = target.Span, from = source.Span;
        for (int i = 0; i < to.Length; i++)
        {
            to[i].CopyFrom(from[i]);
        }
    }

    /// <summary>Copies the messages of a fixed array.</summary>
    public static void Messages<T>(T[] target, T[] source)
        where T : class, IMessage<T>, new()
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i].CopyFrom(source[i]);
        }
    }
}
