using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QDistill.Ros;

/// <content>Arrays and sequences: primitives are copied in one go, message elements are reused.</content>
public ref partial struct CdrReader
{
    /// <summary>Reads a sequence's count and checks that as many elements of at least <paramref name="minimumSize"/> bytes can follow.</summary>
    /// <param name="minimumSize">The fewest bytes that one element takes.</param>
    /// <param name="bound">The most elements allowed.</param>
    public int ReadCount(int minimumSize, int bound = int.MaxValue)
    {
        uint count = ReadUInt32();
        if ((long)count * minimumSize > body.Length - position)
        {
            position -= 4;
            ThrowTooLong(count, minimumSize);
        }

        if (count > (uint)bound)
        {
            position -= 4;
            ThrowBound((int)count, bound);
        }

        return (int)count;
    }

    /// <summary>Reads a fixed array of primitives.</summary>
    public void Read<T>(Span<T> into)
        where T : unmanaged
    {
        if (into.IsEmpty)
        {
            return;
        }

        int size = Unsafe.SizeOf<T>(), at = Aligned(size);
        long length = (long)into.Length * size;
        if (at > body.Length || length > body.Length - at)
        {
            ThrowTooLong((uint)into.Length, size);
        }

        body.Slice(at, (int)length).CopyTo(MemoryMarshal.AsBytes(into));
        position = at + (int)length;
        if (typeof(T) == typeof(bool))
        {
            Normalise(MemoryMarshal.AsBytes(into));
        }
        else if (swap && size > 1)
        {
            Reverse(into);
        }
    }

    /// <summary>Reads a sequence of primitives.</summary>
    public void Read<T>(Sequence<T> into)
        where T : unmanaged
    {
        int count = ReadCount(Unsafe.SizeOf<T>(), into.MaxCount);
        Read(into.Reset(count));
    }

    /// <summary>Reads a fixed array of messages into the array's own elements.</summary>
    public void ReadMessages<T>(T[] into)
        where T : class, IMessage
    {
        foreach (T element in into)
        {
            element.Read(ref this);
        }
    }

    /// <summary>Reads a sequence of messages; the sequence's old elements are reused.</summary>
    public void ReadMessages<T>(Sequence<T> into)
        where T : class, IMessage
    {
        // One octet is the least that a message takes; the elements grow with what is really there.
        int count = ReadCount(1, into.MaxCount);
        into.Clear();
        for (int i = 0; i < count; i++)
        {
            into.AddNew().Read(ref this);
        }
    }

    /// <summary>Reads a fixed array of UTF-8 strings.</summary>
    public void ReadStrings(string[] into, int stringBound = 0)
    {
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = ReadString(into[i], stringBound);
        }
    }

    /// <summary>Reads a sequence of UTF-8 strings.</summary>
    public void ReadStrings(Sequence<string> into, int stringBound = 0)
    {
        int count = ReadCount(4, into.MaxCount);
        into.Clear();
        for (int i = 0; i < count; i++)
        {
            into.SetLast(ReadString(into.AddNew(), stringBound));
        }
    }

    /// <summary>Reads a fixed array of UTF-16 strings.</summary>
    public void ReadWStrings(string[] into, int stringBound = 0)
    {
        for (int i = 0; i < into.Length; i++)
        {
            into[i] = ReadWString(into[i], stringBound);
        }
    }

    /// <summary>Reads a sequence of UTF-16 strings.</summary>
    public void ReadWStrings(Sequence<string> into, int stringBound = 0)
    {
        int count = ReadCount(4, into.MaxCount);
        into.Clear();
        for (int i = 0; i < count; i++)
        {
            into.SetLast(ReadWString(into.AddNew(), stringBound));
        }
    }

    private static void Normalise(Span<byte> bools)
    {
        // A .NET bool must be 0 or 1.
        if (bools.IndexOfAnyExceptInRange((byte)0, (byte)1) >= 0)
        {
            foreach (ref byte b in bools)
            {
                b = b == 0 ? (byte)0 : (byte)1;
            }
        }
    }

    private static void Reverse<T>(Span<T> values)
        where T : unmanaged
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 2:
                Span<short> two = MemoryMarshal.Cast<T, short>(values);
                BinaryPrimitives.ReverseEndianness(two, two);
                break;
            case 4:
                Span<int> four = MemoryMarshal.Cast<T, int>(values);
                BinaryPrimitives.ReverseEndianness(four, four);
                break;
            case 8:
                Span<long> eight = MemoryMarshal.Cast<T, long>(values);
                BinaryPrimitives.ReverseEndianness(eight, eight);
                break;
        }
    }
}
