using System.Diagnostics;
using QDistill.Configuration;

namespace QDistill.Bags.Tests;

public class ResumeTests
{
    [Theory]
    [InlineData(BagCompression.None, false)]
    [InlineData(BagCompression.Zstd, false)]
    [InlineData(BagCompression.Lz4, false)]
    [InlineData(BagCompression.Zstd, true)]
    public void Cut_off_at_any_byte_a_bag_resumes_with_every_whole_message_and_ends_as_if_never_cut(BagCompression compression, bool whileClosing)
    {
        const long n = 300;
        var options = new BagWriteOptions { Compression = compression, ChunkSize = 4000 };
        using var temp = new TempDirectory();
        Sequence.Create(temp["whole"], n, options);
        byte[] whole = File.ReadAllBytes(temp["whole/whole_0.mcap"]);
        (long, long)[] ends = ChunkEnds(temp["whole/whole_0.mcap"]);
        long dataEnd = ends[^1].Item1;
        var random = new Random(7 + (int)compression);
        for (int round = 0; round < 36; round++)
        {
            int cut = whileClosing ? random.Next(whole.Length - (int)dataEnd + 1) + (int)dataEnd : round < 15 ? round * 6 : random.Next((int)dataEnd + 1);
            string folder = temp[$"bag{round}"];
            string part = AtomicOutput.TemporaryName(folder);
            Directory.CreateDirectory(part);
            File.WriteAllBytes(Path.Combine(part, Path.GetFileName(folder) + "_0.mcap"), whole[..cut]);
            long least = ends.Where(e => e.Item1 <= cut).Select(e => e.Item2).DefaultIfEmpty(0).Max();
            using (BagWriter writer = BagWriter.Resume(folder, options))
            {
                Assert.Empty(writer.Warnings);
                Assert.InRange(writer.MessageCount, least, n);
                if (compression == BagCompression.None && cut > 100)
                {
                    // Without compression nothing stands between a message's last byte and its recovery.
                    Assert.Equal(MessagesWithin(whole.AsSpan(0, cut)), writer.MessageCount);
                }

                BagWriterTopic[] topics = Sequence.AddTopics(writer);
                for (int t = 0; t < 3; t++)
                {
                    long count = (writer.MessageCount + 2 - t) / 3;
                    Assert.Equal(count, topics[t].MessageCount);
                    Assert.Equal(count == 0 ? long.MinValue : Enumerable.Range(0, (int)count).Max(k => Sequence.Time((3 * k) + t)), topics[t].LastLogTime);
                }

                for (long i = writer.MessageCount; i < n; i++)
                {
                    Sequence.Write(writer, topics, i);
                }

                writer.Close();
            }

            using BagReader reader = BagReader.Open(folder);
            Assert.Empty(reader.Info.Warnings);
            Assert.Equal(Sequence.InTimeOrder(n), Sequence.Numbers(reader));
            Assert.True(BagCheck.Run(folder).IsSound);
            if (round == 20)
            {
                Assert.Equal(n, Tool.ReadWithMcapCore(Path.Combine(folder, Path.GetFileName(folder) + "_0.mcap"), stream: true).Count(l => l.Kind() == "message"));
            }
        }
    }

    [Fact]
    public void A_writer_killed_at_any_moment_is_resumed_until_the_bag_is_whole()
    {
        using var temp = new TempDirectory();
        var random = new Random(11);
        long kept = 0;
        for (int life = 0; ; life++)
        {
            using Process writer = Process.Start(new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "write", temp["bag"]]) { RedirectStandardOutput = true })!;
            string first = writer.StandardOutput.ReadLine()!;
            long resumed = long.Parse(first["kept ".Length..]);
            Assert.True(resumed >= kept - (50_000 / 25), $"{resumed} messages were kept after {kept}");
            Assert.True(life == 0 || resumed > 0);
            string? line = first;
            if (life < 4)
            {
                // Somewhere within the next messages, not at a boundary that the writer knows of.
                long until = resumed + 10_000 + random.Next(30_000);
                while ((line = writer.StandardOutput.ReadLine()) is not null && line != "closed" && long.Parse(line) < until)
                {
                }

                writer.Kill();
                writer.WaitForExit();
                if (line is not null and not "closed")
                {
                    kept = long.Parse(line);
                    Assert.False(Path.Exists(temp["bag"]));
                    continue;
                }
            }

            writer.StandardOutput.ReadToEnd();
            writer.WaitForExit();
            Assert.Equal(0, writer.ExitCode);
            break;
        }

        using BagReader reader = BagReader.Open(temp["bag"]);
        Assert.Empty(reader.Info.Warnings);
        Assert.Equal(Program.Total, reader.Info.MessageCount);
        Assert.Equal(Sequence.InTimeOrder(Program.Total), Sequence.Numbers(reader));
        Assert.Single(Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void What_was_flushed_is_there_while_the_bag_is_still_being_written()
    {
        using var temp = new TempDirectory();
        using BagWriter writer = BagWriter.Create(temp["bag"]);
        BagWriterTopic[] topics = Sequence.AddTopics(writer);
        for (long i = 0; i < 10; i++)
        {
            Sequence.Write(writer, topics, i);
        }

        writer.Flush();
        Sequence.Write(writer, topics, 10);
        using BagReader reader = BagReader.Open(AtomicOutput.TemporaryName(temp["bag"]));
        Assert.Equal(Sequence.InTimeOrder(10), Sequence.Numbers(reader));
        Assert.NotEmpty(reader.Info.Warnings);
    }

    [Fact]
    public void Damage_within_an_unfinished_bag_costs_what_lies_behind_it_and_is_told()
    {
        using var temp = new TempDirectory();
        var options = new BagWriteOptions { ChunkSize = 4000 };
        Sequence.Create(temp["whole"], 300, options);
        byte[] bytes = File.ReadAllBytes(temp["whole/whole_0.mcap"]);
        (long, long)[] ends = ChunkEnds(temp["whole/whole_0.mcap"]);
        bytes[ends[2].Item1 - 10] ^= 0x10;
        string part = AtomicOutput.TemporaryName(temp["bag"]);
        Directory.CreateDirectory(part);
        File.WriteAllBytes(Path.Combine(part, "bag_0.mcap"), bytes);
        using BagWriter writer = BagWriter.Resume(temp["bag"], options);
        Assert.Equal(ends[1].Item2, writer.MessageCount);
        Assert.Contains("cannot be kept", Assert.Single(writer.Warnings));
    }

    [Fact]
    public void A_bag_of_another_recorder_is_not_resumed()
    {
        using var temp = new TempDirectory();
        string part = AtomicOutput.TemporaryName(temp["bag"]);
        Directory.CreateDirectory(part);
        string path = Path.Combine(part, "bag_0.mcap");
        using (var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite))
        using (var writer = new Mcap.McapWriter(handle, new Mcap.McapWriterOptions()))
        {
            writer.WriteHeader("ros2", "libmcap 1.3.0");
            writer.Finish();
        }

        var e = Assert.Throws<UserErrorException>(() => BagWriter.Resume(temp["bag"]));
        Assert.Contains("was written by 'libmcap 1.3.0'", e.Message);
        Assert.True(File.Exists(path));
    }

    /// <summary>Where each whole chunk (without its indexes) ends, and how many messages the file holds up to there.</summary>
    private static (long End, long Messages)[] ChunkEnds(string path)
    {
        using var file = new Mcap.McapFile(path, path);
        using var loader = new Mcap.McapChunkLoader(file);
        long count = 0;
        return [.. Mcap.McapIndex.Build(file, loader, skipDamaged: false).Chunks.Select(c =>
        {
            byte[] buffer = [];
            int length = loader.Load(c, ref buffer);
            count += MessageRecords(buffer.AsSpan(0, length));
            return (c.RecordsOffset + c.StoredSize, count);
        })];
    }

    /// <summary>Counts whole message records in the start of an uncompressed file of ours, by nothing but opcodes and lengths.</summary>
    private static long MessagesWithin(ReadOnlySpan<byte> file)
    {
        long count = 0;
        int at = 8;
        while (at + 9 <= file.Length)
        {
            int opcode = file[at];
            int length = (int)BitConverter.ToInt64(file.Slice(at + 1, 8));
            if (opcode == (int)Mcap.McapOpcode.Chunk)
            {
                int start = at + 9 + 40;
                count += start < file.Length ? MessageRecords(file[start..Math.Min(file.Length, at + 9 + length)]) : 0;
            }
            else if (opcode == (int)Mcap.McapOpcode.DataEnd)
            {
                break;
            }

            at += 9 + length;
        }

        return count;
    }

    private static long MessageRecords(ReadOnlySpan<byte> records)
    {
        long count = 0;
        while (records.Length >= 9)
        {
            long length = BitConverter.ToInt64(records.Slice(1, 8));
            if (length > records.Length - 9)
            {
                break;
            }

            count += records[0] == (int)Mcap.McapOpcode.Message ? 1 : 0;
            records = records[(9 + (int)length)..];
        }

        return count;
    }
}
