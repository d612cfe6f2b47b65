using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace QDistill.Ros;

/// <summary>
/// A field of several elements (<c>T[]</c>, <c>T[&lt;=N]</c>): a growable list over one array that is kept between messages. Elements that are messages are kept
/// too, and reused when the sequence grows again. Not thread-safe.
/// </summary>
public sealed class Sequence<T> : IReadOnlyList<T>, ISequence
{
    private readonly Func<T>? create;
    private T[] items = [];
    private int count;

    /// <summary>Creates an empty sequence of primitives without a bound.</summary>
    public Sequence()
    {
        MaxCount = int.MaxValue;
    }

    /// <summary>Creates an empty sequence.</summary>
    /// <param name="maxCount">The bound of the type.</param>
    /// <param name="create">Makes a new element; null for primitives, whose new elements are zero.</param>
    public Sequence(int maxCount, Func<T>? create = null)
    {
        MaxCount = maxCount;
        this.create = create;
    }

    /// <summary>The most elements that the type allows; <see cref="int.MaxValue"/> when unbounded.</summary>
    public int MaxCount { get; }

    /// <summary>The number of elements.</summary>
    public int Count => count;

    /// <summary>The elements; valid until the sequence changes size.</summary>
    public Span<T> Span => items.AsSpan(0, count);

    /// <summary>One element.</summary>
    public T this[int index]
    {
        get => Span[index];
        set => Span[index] = value;
    }

    /// <summary>Makes the sequence empty; array and message elements are kept for reuse.</summary>
    public void Clear() => count = 0;

    /// <summary>Appends an element.</summary>
    /// <exception cref="ArgumentException">The sequence would exceed its bound.</exception>
    public void Add(T item)
    {
        Grow(count + 1);
        items[count++] = item;
    }

    /// <summary>Appends an element that was there before, or a new one, and returns it; its content is whatever it was.</summary>
    /// <exception cref="ArgumentException">The sequence would exceed its bound.</exception>
    public T AddNew()
    {
        Grow(count + 1);
        ref T slot = ref items[count++];
        if (create is not null && slot is null)
        {
            slot = create();
        }

        return slot;
    }

    /// <summary>Appends elements.</summary>
    /// <exception cref="ArgumentException">The sequence would exceed its bound.</exception>
    public void AddRange(ReadOnlySpan<T> values)
    {
        Grow((long)count + values.Length);
        values.CopyTo(items.AsSpan(count));
        count += values.Length;
    }

    /// <summary>Replaces the content by a copy of <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">The sequence would exceed its bound.</exception>
    public void Assign(ReadOnlySpan<T> values)
    {
        count = 0;
        AddRange(values);
    }

    /// <summary>
    /// Sets the number of elements. New primitives are zero, new strings empty; a new message element is one that was there before (with its old content) or a
    /// new one.
    /// </summary>
    /// <exception cref="ArgumentException">The size is negative or exceeds the bound.</exception>
    public void Resize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        int old = count;
        if (size > old)
        {
            Grow(size);
            if (create is null)
            {
                items.AsSpan(old, size - old).Clear();
            }
            else
            {
                for (int i = old; i < size; i++)
                {
                    if (items[i] is null || typeof(T) == typeof(string))
                    {
                        items[i] = create();
                    }
                }
            }
        }

        count = size;
    }

    /// <summary>A copy of the elements.</summary>
    public T[] ToArray() => Span.ToArray();

    /// <summary>Enumerates the elements without allocating.</summary>
    public Span<T>.Enumerator GetEnumerator() => Span.GetEnumerator();

    IEnumerator<T> IEnumerable<T>.GetEnumerator()
    {
        for (int i = 0; i < count; i++)
        {
            yield return items[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<T>)this).GetEnumerator();

    object ISequence.GetBoxed(int index) => this[index]!;

    void ISequence.SetBoxed(int index, object value) => this[index] = (T)value;

    /// <summary>Sets the size without clearing; for readers that overwrite every element.</summary>
    internal Span<T> Reset(int size)
    {
        Grow(size);
        count = size;
        return items.AsSpan(0, size);
    }

    /// <summary>Overwrites the last element: the second half of reading a string into a reused slot.</summary>
    internal void SetLast(T item) => items[count - 1] = item;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Grow(long needed)
    {
        if (needed > items.Length)
        {
            GrowSlowly(needed);
        }
    }

    private void GrowSlowly(long needed)
    {
        if (needed > MaxCount)
        {
            ThrowBound(needed);
        }

        long size = Math.Max(Math.Max(needed, 4), Math.Min(items.Length * 2L, items.Length + (1L << 20)));
        Array.Resize(ref items, (int)Math.Min(Math.Min(size, MaxCount), Array.MaxLength));
    }

    [DoesNotReturn]
    private void ThrowBound(long needed) => throw new ArgumentException($"{needed} elements exceed the bound {MaxCount} of the type");
}

/// <summary>A sequence whose element type is only known at run time.</summary>
internal interface ISequence
{
    int Count { get; }

    object GetBoxed(int index);

    void SetBoxed(int index, object value);

    void Resize(int size);
}
