namespace QDistill.Bags.Tests;

/// <summary>A process to be killed: <c>write FOLDER</c> writes, or goes on with, the bag of <see cref="Sequence"/> and tells each thousandth message.</summary>
internal static class Program
{
    public const int Total = 200_000;

    public static int Main(string[] args)
    {
        if (args is not ["write", string folder])
        {
            Console.Error.WriteLine("usage: QDistill.Bags.Tests write FOLDER");
            return 2;
        }

        var options = new BagWriteOptions { ChunkSize = 50_000 };
        using BagWriter writer = BagWriter.CanResume(folder) ? BagWriter.Resume(folder, options) : BagWriter.Create(folder, options);
        BagWriterTopic[] topics = Sequence.AddTopics(writer);
        Console.WriteLine($"kept {writer.MessageCount}");
        for (long i = writer.MessageCount; i < Total; i++)
        {
            Sequence.Write(writer, topics, i);
            if (i % 1000 == 0)
            {
                Console.WriteLine(i);
            }
        }

        writer.Close();
        Console.WriteLine("closed");
        return 0;
    }
}
