using System.Globalization;
using QDistill.Bags.Sources;

namespace QDistill.Bags.Tests;

/// <summary>Order by log time, stability, selection, seeking and memory, on bags whose physical order is as bad as can be.</summary>
public class OrderAndSelectionTests
{
    private static readonly RecordedType Type = new("test_msgs/msg/Numbered", "int64 number\nuint8[] rest\n", string.Empty);

    [Theory]
    [InlineData(BagCompression.None)]
    [InlineData(BagCompression.Zstd)]
    public void A_shuffled_bag_is_read_in_order_of_time_and_equal_times_in_order_of_writing(BagCompression compression)
    {
        using var temp = new TempDirectory();
        (long Time, long Number)[] written = Shuffled(temp["bag"], 5000, distinctTimes: 700, compression);
        Assert.Equal(written.OrderBy(w => w.Time), Read(temp["bag"]));
    }

    [Fact]
    public void Memory_stays_within_its_limit_even_when_every_chunk_overlaps_every_other()
    {
        using var temp = new TempDirectory();
        (long Time, long Number)[] written = Shuffled(temp["bag"], 5000, distinctTimes: 5000, BagCompression.Zstd);
        using BagReader reader = BagReader.Open(temp["bag"]);
        var source = (McapSource)Assert.Single(reader.Sources);
        source.ResidentLimit = 60_000;
        Assert.True(source.Index.Chunks.Count > 40);
        Assert.Equal(written.OrderBy(w => w.Time), Read(reader));
        Assert.InRange(source.ResidentPeak, 1, 60_000 + (2 * 20_000));
    }

    [Fact]
    public void A_sorted_bag_holds_one_chunk_at_a_time()
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 20_000, new BagWriteOptions { ChunkSize = 10_000 });
        using BagReader reader = BagReader.Open(temp["bag"]);
        Assert.Equal(Sequence.InTimeOrder(20_000), Sequence.Numbers(reader));
        var source = (McapSource)Assert.Single(reader.Sources);
        Assert.True(source.Index.Chunks.Count > 150);

        // The jitter of the times lets neighbours overlap, no more.
        Assert.InRange(source.ResidentPeak, 1, 3 * 11_000);
    }

    [Fact]
    public void Topics_and_times_select_and_both_ends_are_included()
    {
        using var temp = new TempDirectory();
        (long Time, long Number)[] written = Shuffled(temp["bag"], 2000, distinctTimes: 300, BagCompression.Lz4);
        string[] topics = ["/t1", "/nowhere"];
        foreach ((long from, long to) in new[] { (100L, 200L), (0L, 0L), (299L, 299L), (500L, 900L), (-5L, 3L), (200L, 100L) })
        {
            var options = new BagReadOptions { Topics = topics, StartTime = from, EndTime = to };
            using BagReader reader = BagReader.Open(temp["bag"], options);
            Assert.Equal(written.Where(w => w.Number % 3 == 1 && w.Time >= from && w.Time <= to).OrderBy(w => w.Time), Read(reader));
            Assert.Equal(2000, reader.Info.MessageCount);
            Assert.Equal(3, reader.Info.Topics.Count);
        }
    }

    [Fact]
    public void Seeking_goes_anywhere_any_number_of_times()
    {
        using var temp = new TempDirectory();
        (long Time, long Number)[] written = Shuffled(temp["bag"], 3000, distinctTimes: 500, BagCompression.Zstd);
        using BagReader reader = BagReader.Open(temp["bag"], new BagReadOptions { StartTime = 10 });
        var random = new Random(1);
        for (int round = 0; round < 20; round++)
        {
            long time = random.Next(-10, 520);
            reader.Seek(time);
            Assert.Equal(written.Where(w => w.Time >= Math.Max(time, 10)).OrderBy(w => w.Time).Take(50), Read(reader, 50));
        }
    }

    [DataFact("golden/bags/sqlite3_plain")]
    public void Sqlite_selects_and_seeks_alike_with_and_without_its_time_index()
    {
        using var temp = new TempDirectory();
        string source = SharedData.PathOf("golden/bags/sqlite3_plain/sqlite3_plain_0.db3");
        CopyWritable(source, temp["bare.db3"]);
        Tool.Run("sqlite3", temp["bare.db3"], "drop index timestamp_idx; update messages set timestamp = timestamp / 200000000 * 200000000; vacuum");
        File.Copy(temp["bare.db3"], temp["indexed.db3"]);
        Tool.Run("sqlite3", temp["indexed.db3"], "create index timestamp_idx on messages (timestamp asc)");
        List<Recorded> bare = Recorded.All(temp["bare.db3"]), indexed = Recorded.All(temp["indexed.db3"]);
        Assert.Equal(200, bare.Count);
        Assert.Equal(indexed, bare);
        Assert.True(bare.Select(m => m.LogTime).Distinct().Count() < 20);
        var options = new BagReadOptions { Topics = ["/imu", "/scan"], StartTime = bare[50].LogTime, EndTime = bare[150].LogTime };
        IEnumerable<Recorded> expected = bare.Where(m => m.Topic is "/imu" or "/scan" && m.LogTime >= bare[50].LogTime && m.LogTime <= bare[150].LogTime);
        foreach (string path in new[] { temp["bare.db3"], temp["indexed.db3"] })
        {
            using BagReader reader = BagReader.Open(path, options);
            Assert.Equal(expected, Recorded.All(reader));
            reader.Seek(bare[100].LogTime);
            Assert.Equal(expected.Where(m => m.LogTime >= bare[100].LogTime), Recorded.All(reader));
            reader.Seek(0);
            Assert.Equal(expected, Recorded.All(reader));
        }
    }

    [DataFact("golden/bags/sqlite3_plain")]
    public void Messages_compressed_one_by_one_are_decompressed_in_sqlite_too()
    {
        using var temp = new TempDirectory();
        string source = SharedData.PathOf("golden/bags/sqlite3_plain");
        List<Recorded> expected = Recorded.All(source);
        string sql = string.Concat(MessagesAsZstd(source, temp).Select((hex, i) => $"update messages set data = x'{hex}' where id = (select id from messages order by timestamp, id limit 1 offset {i});\n"));
        Directory.CreateDirectory(temp["bag"]);
        CopyWritable(Path.Combine(source, "sqlite3_plain_0.db3"), temp["bag/sqlite3_plain_0.db3"]);
        Tool.Run("sqlite3", "begin;\n" + sql + "commit;\n", [temp["bag/sqlite3_plain_0.db3"]]);
        string metadata = File.ReadAllText(Path.Combine(source, "metadata.yaml"))
            .Replace("compression_format: \"\"", "compression_format: zstd").Replace("compression_mode: \"\"", "compression_mode: MESSAGE");
        File.WriteAllText(temp["bag/metadata.yaml"], metadata);
        Assert.Equal(expected, Recorded.All(temp["bag"]));
        Assert.Equal(expected, Recorded.All(temp["bag/sqlite3_plain_0.db3"]));
    }

    [DataFact("golden/bags/sqlite3_plain")]
    public void What_a_killed_recorder_left_in_its_journal_is_read_and_the_bag_stays_untouched()
    {
        using var temp = new TempDirectory();
        CopyWritable(SharedData.PathOf("golden/bags/sqlite3_plain/sqlite3_plain_0.db3"), temp["x.db3"]);
        string sql = "pragma journal_mode=wal;\npragma wal_autocheckpoint=0;\ninsert into messages (topic_id, timestamp, data) select topic_id, timestamp + 10000000000, data from messages;\n.shell kill -9 $PPID\n";
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Tool.Run("sqlite3", sql, [temp["x.db3"]]));
        Assert.True(new FileInfo(temp["x.db3-wal"]).Length > 0);
        byte[] before = File.ReadAllBytes(temp["x.db3"]);
        string[] files = Directory.GetFiles(temp.Path);
        using (BagReader reader = BagReader.Open(temp["x.db3"]))
        {
            Assert.Equal(400, Recorded.All(reader).Count);
            Assert.Contains("x.db3-wal", Assert.Single(reader.Info.Warnings));
        }

        Assert.Equal(before, File.ReadAllBytes(temp["x.db3"]));
        Assert.Equal(files, Directory.GetFiles(temp.Path));
    }

    [Fact]
    public void Split_files_that_overlap_in_time_are_merged_with_or_without_metadata()
    {
        using var temp = new TempDirectory();
        Directory.CreateDirectory(temp["split"]);
        var all = new List<(long, long)>();
        for (int i = 0; i < 12; i++)
        {
            (long Time, long Number)[] part = Shuffled(temp["part"], 300, distinctTimes: 100, BagCompression.Zstd, offset: 40 * i, firstNumber: 1000 * i);
            all.AddRange(part);
            File.Move(temp["part/part_0.mcap"], temp[$"split/split_{i}.mcap"]);
            Directory.Delete(temp["part"], recursive: true);
        }

        Assert.Equal(all.OrderBy(m => m.Item1), Read(temp["split"]));
        string names = string.Concat(Enumerable.Range(0, 12).Select(i => string.Create(CultureInfo.InvariantCulture, $"    - split_{i}.mcap\n")));
        File.WriteAllText(temp["split/metadata.yaml"], "rosbag2_bagfile_information:\n  version: 4\n  storage_identifier: mcap\n  relative_file_paths:\n" + names);
        using BagReader reader = BagReader.Open(temp["split"]);
        Assert.Equal(all.OrderBy(m => m.Item1), Read(reader));
        Assert.Equal(3600, reader.Info.MessageCount);
        reader.Seek(250);
        Assert.Equal(all.Where(m => m.Item1 >= 250).OrderBy(m => m.Item1), Read(reader));
    }

    [DataFact("golden/bags/sqlite3_plain")]
    public void Paths_may_hold_any_character()
    {
        using var temp = new TempDirectory();
        string folder = temp["a?b#c %41 'ä'"];
        Directory.CreateDirectory(folder);
        CopyWritable(SharedData.PathOf("golden/bags/sqlite3_plain/sqlite3_plain_0.db3"), Path.Combine(folder, "x?y.db3"));
        Assert.Equal(200, Recorded.All(folder).Count);
        Sequence.Create(Path.Combine(folder, "m?c"), 20, new BagWriteOptions());
        Assert.Equal(Sequence.InTimeOrder(20), Sequence.Numbers(Path.Combine(folder, "m?c")));
    }

    [Theory]
    [InlineData(BagCompression.None)]
    [InlineData(BagCompression.Zstd)]
    public void Reading_allocates_next_to_nothing_per_message(BagCompression compression)
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 20_000, new BagWriteOptions { Compression = compression, ChunkSize = 100_000 });
        using BagReader reader = BagReader.Open(temp["bag"]);
        for (int i = 0; i < 5000; i++)
        {
            Assert.True(reader.Read(out _));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (reader.Read(out _))
        {
        }

        // One cursor per chunk of some 600 messages.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 15_000 * 2);
    }

    /// <summary>A copy without the original's read-only mode.</summary>
    private static void CopyWritable(string from, string to) => File.WriteAllBytes(to, File.ReadAllBytes(from));

    /// <summary>Writes messages with random times and returns them as written.</summary>
    private static (long Time, long Number)[] Shuffled(string folder, int n, int distinctTimes, BagCompression compression, long offset = 0, long firstNumber = 0)
    {
        var random = new Random(n);
        using BagWriter writer = BagWriter.Create(folder, new BagWriteOptions { Compression = compression, ChunkSize = 10_000 });
        BagWriterTopic[] topics = [writer.AddTopic("/t0", Type), writer.AddTopic("/t1", Type), writer.AddTopic("/t2", Type)];
        var written = new (long, long)[n];
        for (int i = 0; i < n; i++)
        {
            written[i] = (offset + random.Next(distinctTimes), firstNumber + i);
            writer.Write(topics[(firstNumber + i) % 3], written[i].Item1, 0, Sequence.Data(firstNumber + i));
        }

        writer.Close();
        return written;
    }

    private static List<(long Time, long Number)> Read(string path)
    {
        using BagReader reader = BagReader.Open(path);
        return Read(reader);
    }

    private static List<(long Time, long Number)> Read(BagReader reader, int most = int.MaxValue)
    {
        var read = new List<(long, long)>();
        while (read.Count < most && reader.Read(out BagMessage m))
        {
            long number = BitConverter.ToInt64(m.Data[4..]);
            Assert.True(m.Data.SequenceEqual(Sequence.Data(number)));
            read.Add((m.LogTime, number));
        }

        return read;
    }

    private static List<string> MessagesAsZstd(string path, TempDirectory temp)
    {
        // One frame per message, made by the zstd tool.
        var files = new List<string>();
        using (BagReader reader = BagReader.Open(path))
        {
            while (reader.Read(out BagMessage m))
            {
                files.Add(temp[$"m{files.Count}"]);
                File.WriteAllBytes(files[^1], m.Data.ToArray());
            }
        }

        Tool.Run("zstd", ["-q", .. files]);
        return [.. files.Select(f => Convert.ToHexString(File.ReadAllBytes(f + ".zst")))];
    }
}
