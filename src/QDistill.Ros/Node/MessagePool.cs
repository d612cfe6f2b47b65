namespace QDistill.Ros;

/// <summary>Message instances that go round: as many as are ever in use at the same time.</summary>
internal sealed class MessagePool<T>
    where T : class, new()
{
    private readonly Stack<T> more = new();
    private T? one = new();

    public T Rent()
    {
        if (Interlocked.Exchange(ref one, null) is { } message)
        {
            return message;
        }

        lock (more)
        {
            return more.Count > 0 ? more.Pop() : new T();
        }
    }

    public void Return(T message)
    {
        if (Interlocked.CompareExchange(ref one, message, null) is null)
        {
            return;
        }

        lock (more)
        {
            more.Push(message);
        }
    }
}
