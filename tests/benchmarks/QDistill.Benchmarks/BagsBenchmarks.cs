using System.Diagnostics;
using System.Globalization;
using QDistill.Bags;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>
/// Reading and writing of bags of a robot's shape: 100,000 messages, 157 MB (IMU, odometry, scans, camera images). Peers in the same run: the reference
/// implementation @mcap/core on Node.js for reading, and for writing the plain copying of the same bytes to a file.
/// </summary>
internal static class BagsBenchmarks
{
    private const int Messages = 100_000;
    private static readonly (string Topic, int Size, int Of20)[] Shape = [("/imu", 324, 10), ("/odom", 724, 6), ("/scan", 2940, 3), ("/image", 15_000, 1)];

    private static readonly byte[] Noise = MakeNoise();

    public static void Run(BenchReport report)
    {
        string folder = Directory.CreateTempSubdirectory("qdistill-bench-").FullName;
        try
        {
            byte[][] data = Data();
            long bytes = Write(Path.Combine(folder, "warm"), BagCompression.None, data);
            foreach (BagCompression compression in new[] { BagCompression.None, BagCompression.Lz4, BagCompression.Zstd })
            {
                string name = compression.ToString().ToLowerInvariant();
                string bag = Path.Combine(folder, name);
                double[] write = new double[5], copy = new double[5];
                for (int i = 0; i < write.Length; i++)
                {
                    write[i] = Seconds(() => Write(bag, compression, data));
                    copy[i] = Seconds(() => Copy(Path.Combine(folder, "copy"), data));
                }

                Rate(report, $"write mcap {name}", bytes, write, "plain file", copy);
            }

            string db3 = Path.Combine(folder, "sqlite.db3");
            WriteSqlite(db3, data);
            using Process node = StartPeer();
            foreach (string name in new[] { "none", "lz4", "zstd" })
            {
                string bag = Path.Combine(folder, name), file = Path.Combine(bag, name + "_0.mcap");
                double[] ours = new double[5], peer = new double[5];
                for (int i = -1; i < ours.Length; i++)
                {
                    (double seconds, double other) = (Seconds(() => Read(bag, bytes)), AskPeer(node, file, bytes));
                    if (i >= 0)
                    {
                        (ours[i], peer[i]) = (seconds, other);
                    }
                }

                Rate(report, $"read mcap {name}", bytes, ours, "@mcap/core", peer);
                report.Add(new BenchRow($"read mcap {name}", "messages/s", Messages / BenchReport.Quantile(ours, 0.5), 0));
            }

            // The lower bound for sqlite: its own command line tool fetching every blob.
            double[] sqlite = new double[5], tool = new double[5];
            for (int i = 0; i < sqlite.Length; i++)
            {
                sqlite[i] = Seconds(() => Read(db3, bytes));
                tool[i] = Seconds(() => RunTool("sqlite3", db3, "select sum(length(cast(data as blob))), sum(timestamp) from (select * from messages order by timestamp)"));
            }

            Rate(report, "read sqlite3", bytes, sqlite, "sqlite3 tool", tool);
            report.Add(new BenchRow("read sqlite3", "messages/s", Messages / BenchReport.Quantile(sqlite, 0.5), 0));
            report.Time("open zstd bag and its info", "ms", () => BagReader.Open(Path.Combine(folder, "zstd")).Dispose());
            Play(report, Path.Combine(folder, "zstd"));
            node.StandardInput.Close();
            node.WaitForExit();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>How punctually 4,000 of the messages, 1,000 each second, are published.</summary>
    private static void Play(BenchReport report, string bag)
    {
        using var context = new RosContext(RosContextOptions.Loopback(98));
        using BagReader reader = BagReader.Open(bag);
        using var player = new BagPlayer(reader, context.CreateNode("bench_player"), new BagPlayOptions { EndOffset = TimeSpan.FromSeconds(4) });
        BagPlayStatistics statistics = player.Play();
        report.Add(new BenchRow("player at 1 kHz: lateness, median", "us", statistics.LatenessMedian * 1e6, 0));
        report.Add(new BenchRow("player at 1 kHz: lateness, p99", "us", statistics.LatenessP99 * 1e6, 0));
        report.Add(new BenchRow("player at 1 kHz: lateness, max", "us", statistics.LatenessMax * 1e6, 0));
        Console.Error.WriteLine($"  {statistics}");
    }

    private static void Rate(BenchReport report, string name, long bytes, double[] ours, string peerName, double[] peer)
    {
        double[] mine = [.. ours.Select(s => bytes / s / 1e6)], others = [.. peer.Select(s => bytes / s / 1e6)];
        double[] ratio = [.. mine.Zip(others, (a, b) => a / b)];
        report.Add(new BenchRow($"{peerName}, for {name}", "MB/s", BenchReport.Quantile(others, 0.5), Spread(others)));
        report.Add(new BenchRow(name, "MB/s", BenchReport.Quantile(mine, 0.5), Spread(mine), peerName, BenchReport.Quantile(ratio, 0.5)));
    }

    private static double Spread(double[] values) => BenchReport.Quantile(values, 0.75) - BenchReport.Quantile(values, 0.25);

    private static double Seconds(Action action)
    {
        long begun = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>One message of each kind, to be filled anew each time by <see cref="Fill"/>.</summary>
    private static byte[][] Data() => [.. Shape.Select(s => new byte[s.Size])];

    /// <summary>Half of every message is noise that does not come again within a chunk, as sensor data are.</summary>
    private static void Fill(byte[] message, int i) => Noise.AsSpan((int)(i * 15_485_863L % (Noise.Length - message.Length)), message.Length / 2).CopyTo(message.AsSpan(message.Length / 2));

    private static byte[] MakeNoise()
    {
        byte[] noise = new byte[64 << 20];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private static int Kind(int i)
    {
        int at = i % 20;
        for (int k = 0; ; k++)
        {
            at -= Shape[k].Of20;
            if (at < 0)
            {
                return k;
            }
        }
    }

    private static long Write(string folder, BagCompression compression, byte[][] data)
    {
        using BagWriter writer = BagWriter.Create(folder, new BagWriteOptions { Compression = compression, Overwrite = true });
        BagWriterTopic[] topics = [.. Shape.Select(s => writer.AddTopic(s.Topic, new RecordedType("std_msgs/msg/ByteMultiArray", "byte[] data\n", string.Empty)))];
        long bytes = 0;
        for (int i = 0; i < Messages; i++)
        {
            int kind = Kind(i);
            Fill(data[kind], i);
            writer.Write(topics[kind], i * 1_000_000L, i * 1_000_000L, data[kind]);
            bytes += data[kind].Length;
        }

        writer.Close();
        return bytes;
    }

    private static void Copy(string path, byte[][] data)
    {
        using (FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            for (int i = 0; i < Messages; i++)
            {
                Fill(data[Kind(i)], i);
                file.Write(data[Kind(i)]);
            }

            file.Flush(flushToDisk: true);
        }
    }

    private static void Read(string path, long expected)
    {
        using BagReader reader = BagReader.Open(path);
        long bytes = 0, messages = 0;
        while (reader.Read(out BagMessage m))
        {
            bytes += m.Data.Length;
            messages++;
        }

        if (messages != Messages || bytes != expected)
        {
            throw new InvalidOperationException($"{messages} messages and {bytes} bytes were read");
        }
    }

    private static void WriteSqlite(string path, byte[][] data)
    {
        Array.ForEach(data, d => Fill(d, d.Length));
        string kinds = string.Join(" ", data.Select((d, k) => $"insert into kinds values ({k}, x'{Convert.ToHexString(d)}');"));
        string sql = "create table topics(id integer primary key, name text, type text, serialization_format text, offered_qos_profiles text);"
            + "create table messages(id integer primary key, topic_id integer, timestamp integer, data blob); create table kinds(k integer primary key, data blob);"
            + string.Concat(Shape.Select((s, k) => $"insert into topics values ({k}, '{s.Topic}', 'std_msgs/msg/ByteMultiArray', 'cdr', '');")) + kinds
            + $"with recursive n(i) as (select 0 union all select i + 1 from n where i < {Messages - 1}) "
            + "insert into messages select i + 1, k, i * 1000000, (select data from kinds where kinds.k = n2.k) from "
            + "(select i, case when i % 20 < 10 then 0 when i % 20 < 16 then 1 when i % 20 < 19 then 2 else 3 end as k from n) as n2;"
            + "create index timestamp_idx on messages (timestamp asc);";
        RunTool("sqlite3", path, sql);
    }

    private static void RunTool(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed");
        }
    }

    private static Process StartPeer() => Process.Start(new ProcessStartInfo("node", [Path.Combine("tests", "benchmarks", "QDistill.Benchmarks", "bags_peer.mjs")])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static double AskPeer(Process node, string file, long expected)
    {
        node.StandardInput.WriteLine(file);
        node.StandardInput.Flush();
        string[] answer = node.StandardOutput.ReadLine()!.Split(' ');
        return long.Parse(answer[1], CultureInfo.InvariantCulture) == Messages && long.Parse(answer[2], CultureInfo.InvariantCulture) == expected
            ? double.Parse(answer[0], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"the peer read {answer[1]} messages and {answer[2]} bytes");
    }
}
