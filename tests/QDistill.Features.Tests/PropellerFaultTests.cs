using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;

namespace QDistill.Features.Tests;

public class PropellerFaultTests
{
    private static readonly string[] Names = ["imu.vibration", "imu.vibration_low", "imu.vibration_high", "imu.rate_vibration"];

    /// <summary>A flight's inertial features at 5 Hz while it flies, one row of <see cref="Names"/> per window.</summary>
    private static List<float[]> Flight(int broken)
    {
        string yaml = File.ReadAllText(Path.Combine(SharedData.Repository, "robots", "x500.yaml"));
        RobotConfig x500 = RobotConfig.Parse(yaml.Replace("fusion: {trigger: pose, rate: 50}", "fusion: {trigger: imu, rate: 5}"), "x500.yaml");
        int source = x500.Sources.ToList().FindIndex(s => s.Role == SourceRole.Imu);
        var rows = new List<float[]>();
        var extractor = new FeatureExtractor(x500, x => rows.Add([.. Names.Select(x.Value)]));
        string folder = SharedData.PathOf($"datasets/uav_propeller_fault/{broken}");
        using var lines = new StreamReader(new GZipStream(File.OpenRead(Directory.GetFiles(folder, "*.jsonl.gz").Single()), CompressionMode.Decompress));
        var messages = new List<(long Stamp, byte[] Cdr)>();
        while (lines.ReadLine() is { } line)
        {
            // The log's lines become the messages that PX4 sends, by its layout.
            using JsonDocument json = JsonDocument.Parse(line);
            long micros = json.RootElement.GetProperty("timestamp").GetInt64();
            var cdr = new byte[52];
            cdr[1] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(cdr.AsSpan(4), micros);
            for (int i = 0; i < 3; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(cdr.AsSpan(12 + (4 * i)), json.RootElement.GetProperty("gyro_rad")[i].GetSingle());
                BinaryPrimitives.WriteSingleLittleEndian(cdr.AsSpan(32 + (4 * i)), json.RootElement.GetProperty("accelerometer_m_s2")[i].GetSingle());
            }

            messages.Add((micros * 1000, cdr));
        }

        foreach ((long stamp, byte[] cdr) in messages.OrderBy(m => m.Stamp))
        {
            Assert.True(extractor.OnSerialized(source, cdr, stamp));
        }

        Assert.Equal(0, extractor.Status(source).Rejected);
        return [.. rows.Where(r => r[0] > 0.5f)]; // on the ground, motors off, nothing shakes
    }

    private static double Auroc(IEnumerable<float> healthy, IEnumerable<float> broken)
    {
        float[] h = [.. healthy];
        double above = 0, pairs = 0;
        foreach (float b in broken)
        {
            foreach (float a in h)
            {
                above += b > a ? 1 : b == a ? 0.5 : 0;
                pairs++;
            }
        }

        return above / pairs;
    }

    [DataFact("datasets/uav_propeller_fault/0", "datasets/uav_propeller_fault/2", "datasets/uav_propeller_fault/4")]
    public void Vibration_tells_broken_propellers_from_whole_ones()
    {
        List<float[]> whole = Flight(0), two = Flight(2), four = Flight(4);
        var table = new System.Text.StringBuilder($"windows {whole.Count} {two.Count} {four.Count}");
        for (int j = 0; j < Names.Length; j++)
        {
            int k = j;
            table.Append($"\n{Names[j]}: medians {Median(whole, k):F3} {Median(two, k):F3} {Median(four, k):F3}, AUROC two {Auroc(whole.Select(r => r[k]), two.Select(r => r[k])):F3} "
                + $"four {Auroc(whole.Select(r => r[k]), four.Select(r => r[k])):F3} both {Auroc(whole.Select(r => r[k]), two.Concat(four).Select(r => r[k])):F3}");
        }

        if (Environment.GetEnvironmentVariable("QDISTILL_TABLE") is { } path)
        {
            File.WriteAllText(path + ".propellers", table.ToString());
        }

        Assert.All(new[] { whole, two, four }, f => Assert.True(f.Count > 100, table.ToString()));
        Assert.True(Auroc(whole.Select(r => r[0]), two.Concat(four).Select(r => r[0])) > 0.8, table.ToString());
        Assert.True(Auroc(whole.Select(r => r[2]), two.Concat(four).Select(r => r[2])) > 0.8, table.ToString());

        static float Median(List<float[]> rows, int k) => rows.Select(r => r[k]).Order().ElementAt(rows.Count / 2);
    }
}
