namespace QDistill.Evaluation.Studies;

/// <summary>Values that several runs need and one of them makes: the others wait for it. Only the last few are kept in memory.</summary>
/// <typeparam name="T">The value.</typeparam>
internal sealed class OnceCache<T>(int kept)
{
    private readonly Lock guard = new();
    private readonly LinkedList<(string Key, Lazy<T> Value)> recent = new();

    /// <summary>The value of a key, made by the first who asks. A user's error is kept too: it would only be met again.</summary>
    public T Get(string key, Func<T> make)
    {
        Lazy<T> value;
        lock (guard)
        {
            LinkedListNode<(string Key, Lazy<T> Value)>? node = recent.First;
            while (node is not null && node.Value.Key != key)
            {
                node = node.Next;
            }

            if (node is null)
            {
                node = new LinkedListNode<(string, Lazy<T>)>((key, new Lazy<T>(make, LazyThreadSafetyMode.ExecutionAndPublication)));
                if (recent.Count >= kept)
                {
                    recent.RemoveLast();
                }
            }
            else
            {
                recent.Remove(node);
            }

            recent.AddFirst(node);
            value = node.Value.Value;
        }

        return value.Value;
    }
}
