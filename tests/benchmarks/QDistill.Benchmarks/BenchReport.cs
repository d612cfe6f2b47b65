using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace QDistill.Benchmarks;

/// <summary>One figure: median and spread (interquartile range) of its repetitions, and, where there is a peer, the ratio to it, with its 95 % interval where one was worked out.</summary>
public sealed record BenchRow(
    string Name,
    string Unit,
    double Median,
    double Spread,
    string? Peer = null,
    double? Ratio = null,
    double? RatioLow = null,
    double? RatioHigh = null)
{
    /// <summary>The ratio as text, its interval in brackets.</summary>
    public string RatioText() => Ratio is not { } r ? string.Empty : RatioLow is { } low && RatioHigh is { } high ? $"{r:F3} [{low:F2}, {high:F2}]" : $"{r:F3}";
}

/// <summary>
/// Collects a room's figures, prints them as a table and writes <c>out/bench/ROOM.json</c>. Times are taken in rounds in which subject and
/// peer alternate, and the ratio is the median of the rounds' ratios, so that a drifting machine moves both alike.
/// </summary>
/// <param name="room">The room.</param>
/// <param name="part">The one part of it that is wanted; null: all.</param>
public sealed class BenchReport(string room, string? part = null)
{
    private readonly List<BenchRow> rows = [];
    private readonly List<string> sections = [];

    /// <summary>Runs a part of the room's figures, unless only another is wanted.</summary>
    public void Section(string name, Action<BenchReport> run)
    {
        sections.Add(name);
        if (part is null || part == name)
        {
            run(this);
        }
    }

    public void Add(BenchRow row)
    {
        rows.Add(row);
        Console.Error.WriteLine($"  {row.Name}: {row.Median:G4} {row.Unit}" + (row.Ratio is null ? string.Empty : $"  ({row.RatioText()} x {row.Peer})"));
    }

    /// <summary>Times one action alone; <paramref name="perCall"/> operations are done by each call.</summary>
    public double Time(string name, string unit, Action action, double perCall = 1, int rounds = 15, double minSeconds = 0.05)
    {
        int calls = Calibrate(action, minSeconds);
        double[] t = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            t[i] = Measure(action, calls) / perCall;
        }

        double scale = Scale(unit);
        Add(new BenchRow(name, unit, Quantile(t, 0.5) * scale, (Quantile(t, 0.75) - Quantile(t, 0.25)) * scale));
        return Quantile(t, 0.5);
    }

    /// <summary>Times a subject against a peer, alternately; the row's ratio is subject over peer.</summary>
    public double Compare(string name, string unit, Action subject, string peerName, Action peer, double perCall = 1, int rounds = 15, double minSeconds = 0.05)
    {
        int a = Calibrate(subject, minSeconds), b = Calibrate(peer, minSeconds);
        double[] s = new double[rounds], p = new double[rounds], ratio = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            s[i] = Measure(subject, a) / perCall;
            p[i] = Measure(peer, b) / perCall;
            ratio[i] = s[i] / p[i];
        }

        double scale = Scale(unit);
        Add(new BenchRow(peerName, unit, Quantile(p, 0.5) * scale, (Quantile(p, 0.75) - Quantile(p, 0.25)) * scale));
        Add(new BenchRow(name, unit, Quantile(s, 0.5) * scale, (Quantile(s, 0.75) - Quantile(s, 0.25)) * scale, peerName, Quantile(ratio, 0.5)));
        return Quantile(ratio, 0.5);
    }

    public void Finish(string folder)
    {
        if (part is not null && !sections.Contains(part))
        {
            throw new ArgumentException($"the room '{room}' has no part '{part}'; it has: {string.Join(", ", sections)}");
        }

        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, (part is null ? room : $"{room}-{part}") + ".json");
        File.WriteAllText(path + ".part", JsonSerializer.Serialize(rows, new JsonSerializerOptions
        {
            WriteIndented = true,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        }));
        File.Move(path + ".part", path, overwrite: true);

        var table = new Table().Border(TableBorder.Simple).AddColumns("name", "unit", "median", "spread", "peer", "ratio");
        foreach (int column in new[] { 2, 3, 5 })
        {
            table.Columns[column].RightAligned();
        }

        foreach (BenchRow r in rows)
        {
            table.AddRow(
                Markup.Escape(r.Name), Markup.Escape(r.Unit), r.Median.ToString("G4"), r.Spread.ToString("G2"), Markup.Escape(r.Peer ?? string.Empty), Markup.Escape(r.RatioText()));
        }

        AnsiConsole.Write(table);
        Console.WriteLine(path);
    }

    public static double Quantile(double[] values, double q)
    {
        double[] sorted = [.. values.Order()];
        double at = q * (sorted.Length - 1);
        int low = (int)at;
        return low + 1 < sorted.Length ? sorted[low] + ((at - low) * (sorted[low + 1] - sorted[low])) : sorted[low];
    }

    private static double Scale(string unit) => unit switch
    {
        "ns" => 1e9,
        "us" => 1e6,
        "ms" => 1e3,
        "s" => 1,
        _ => throw new ArgumentException($"times are given in ns, us, ms or s, not {unit}"),
    };

    private static int Calibrate(Action action, double minSeconds)
    {
        // The first call is the compiler's.
        action();
        for (int calls = 1; ; calls *= 2)
        {
            double seconds = Measure(action, calls) * calls;
            if (seconds >= minSeconds || calls >= 1 << 28)
            {
                return calls;
            }
        }
    }

    private static double Measure(Action action, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }
}
