using System.Buffers.Binary;

namespace QDistill.Bags.Tests;

/// <summary>A bag whose message i is known: three topics in turn, sizes from 16 to 215 bytes, times that rise but for a jitter.</summary>
internal static class Sequence
{
    public static readonly RecordedType Type = new("test_msgs/msg/Numbered", "int64 number\nuint8[] rest\n", string.Empty);

    public static BagWriterTopic[] AddTopics(BagWriter writer) => [writer.AddTopic("/a", Type), writer.AddTopic("/b", Type, OfferedQoS.SensorData), writer.AddTopic("/c", Type)];

    public static byte[] Data(long i)
    {
        byte[] data = new byte[16 + (i * 7919 % 200)];
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(12), data.Length - 16);
        for (int k = 16; k < data.Length; k++)
        {
            data[k] = (byte)((i * 31) + (k * k));
        }

        data[1] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(4), i);
        return data;
    }

    public static long Time(long i) => 1_000_000_000_000_000_000 + (i * 1_000_000) + (i * 7 % 5 * 300_000);

    public static void Write(BagWriter writer, BagWriterTopic[] topics, long i) => writer.Write(topics[i % 3], Time(i), Time(i) - 500, Data(i));

    /// <summary>The message's number, after a check that every byte of it is right.</summary>
    public static long Number(in BagMessage m)
    {
        long i = BinaryPrimitives.ReadInt64LittleEndian(m.Data[4..]);
        Assert.True(m.Data.SequenceEqual(Data(i)), $"message {i} has other bytes");
        Assert.Equal((Time(i), Time(i) - 500), (m.LogTime, m.PublishTime));
        Assert.Equal(i % 3, m.Topic.Name[1] - 'a');
        return i;
    }

    /// <summary>Writes messages 0 to n - 1.</summary>
    public static void Create(string folder, long n, BagWriteOptions options)
    {
        using BagWriter writer = BagWriter.Create(folder, options);
        BagWriterTopic[] topics = AddTopics(writer);
        for (long i = 0; i < n; i++)
        {
            Write(writer, topics, i);
        }

        writer.Close();
    }

    /// <summary>The numbers of all messages in the order they are read.</summary>
    public static List<long> Numbers(BagReader reader)
    {
        var numbers = new List<long>();
        while (reader.Read(out BagMessage m))
        {
            numbers.Add(Number(m));
        }

        return numbers;
    }

    public static List<long> Numbers(string path, BagReadOptions? options = null)
    {
        using BagReader reader = BagReader.Open(path, options);
        return Numbers(reader);
    }

    public static IEnumerable<long> InTimeOrder(long n) => Enumerable.Range(0, (int)n).Select(i => (long)i).OrderBy(Time);
}
