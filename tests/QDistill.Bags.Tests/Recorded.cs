using System.Security.Cryptography;

namespace QDistill.Bags.Tests;

/// <summary>One message as a value, for comparisons.</summary>
internal readonly record struct Recorded(string Topic, long LogTime, long PublishTime, int Length, string Sha1)
{
    public static Recorded Of(in BagMessage m) => new(m.Topic.Name, m.LogTime, m.PublishTime, m.Data.Length, Convert.ToHexStringLower(SHA1.HashData(m.Data)));

    public static List<Recorded> All(string path, BagReadOptions? options = null)
    {
        using BagReader reader = BagReader.Open(path, options);
        return All(reader);
    }

    public static List<Recorded> All(BagReader reader)
    {
        var all = new List<Recorded>();
        while (reader.Read(out BagMessage m))
        {
            all.Add(Of(m));
        }

        return all;
    }

    /// <summary>Copies a bag message by message; returns what was copied.</summary>
    public static List<Recorded> Copy(string from, string to, BagWriteOptions? options = null)
    {
        using BagReader reader = BagReader.Open(from);
        using BagWriter writer = BagWriter.Create(to, options);
        List<Recorded> copied = CopyInto(reader, writer);
        writer.Close();
        return copied;
    }

    public static List<Recorded> CopyInto(BagReader reader, BagWriter writer)
    {
        var copied = new List<Recorded>();
        var topics = reader.Info.Topics.ToDictionary(t => t, writer.AddTopic);
        while (reader.Read(out BagMessage m))
        {
            writer.Write(topics[m.Topic], m.LogTime, m.PublishTime, m.Data);
            copied.Add(Of(m));
        }

        return copied;
    }
}
