using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Evaluation.Conditions;
using QDistill.Features;

namespace QDistill.Evaluation.Studies;

/// <summary>Public robot data sets that are no bags, read where they lie. Each becomes a few recordings that folds can leave out.</summary>
internal static class DatasetFiles
{
    /// <summary>The data sets by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["scitos_g5", "robot_failures"];

    /// <summary>The sensor whose readings a data set holds, by its key in a condition.</summary>
    public static string SensorOf(string name) => name == "scitos_g5" ? "range" : "force";

    /// <summary>Reads a data set from its folder.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="condition">What the raw readings go through before features are formed of them; null for nothing. The truth stays.</param>
    /// <exception cref="UserErrorException">A file is absent or not of the expected form (file and line are named), or the condition cannot be applied to it.</exception>
    public static IReadOnlyList<StudyRecording> Read(string name, string folder, Condition? condition = null)
    {
        string sensor = SensorOf(name);
        if (condition is not null)
        {
            ReadingEditor.Require(condition, name, sensor);
        }

        ReadingEditor? Editor(string recording, int sources) => condition is null ? null : new ReadingEditor(condition, sensor, recording, sources);
        return name == "scitos_g5" ? Scitos(folder, Editor) : Failures(folder, Editor);
    }

    /// <summary>
    /// SCITOS-G5 wall following (Freire et al., UCI): 24 ultrasound ranges at 9 Hz, and what the driver did. The hazard is that it turns sharply, its way out when something is
    /// close ahead; it is the present, not the future. Twelve stretches of the one drive are its recordings.
    /// </summary>
    private static List<StudyRecording> Scitos(string folder, Func<string, int, ReadingEditor?> editor)
    {
        const int Sensors = 24, Stretches = 12;
        const double Rate = 9;
        const float Reach = 5;
        string path = Path.Combine(folder, "sensor_readings_24.data");
        var rows = new List<(float[] X, bool Turn)>();
        int number = 0;
        foreach (string line in Lines(path))
        {
            number++;
            string[] parts = line.Split(',');
            if (line.Length == 0 || (number == 1 && parts[0].StartsWith('S')))
            {
                continue;
            }

            rows.Add(parts.Length == Sensors + 1
                ? ([.. parts[..Sensors].Select(p => Number(p, path, number))], parts[Sensors].Trim() == "Sharp-Right-Turn")
                : throw new UserErrorException($"has {parts.Length} values where {Sensors} ranges and a class are expected", $"{path}:{number}"));
        }

        string[] names = [.. Enumerable.Range(1, Sensors).Select(i => $"range_{i}")];
        int length = (rows.Count + Stretches - 1) / Stretches;
        return [.. rows.Chunk(Math.Max(1, length)).Select((part, i) => Stretch($"stretch {i + 1}", part, i * length))];

        StudyRecording Stretch(string stretch, (float[] X, bool Turn)[] part, int first)
        {
            if (editor(stretch, Sensors) is { } disturbed)
            {
                part = [.. part.Select(r => (r.X.Select((x, s) => disturbed.Range(s, x, Reach)).ToArray(), r.Turn))];
            }

            return Recording(stretch, names, "sharp_turn", part, Rate, first);
        }
    }

    /// <summary>
    /// Robot execution failures (Lopes, Camarinha-Matos, UCI): 15 readings of force and torque after a failure was felt. The hazard is a collision, against normal runs and
    /// obstructions; LP3 holds the positions of lost parts instead and is left out. Mean, deviation, extremes and slope of each channel are the features; every tenth
    /// instance makes a recording. The files repeat many instances under other classes: those of equal readings stay in one recording, so that none is trained and tested on.
    /// </summary>
    private static List<StudyRecording> Failures(string folder, Func<string, int, ReadingEditor?> editor)
    {
        const int Readings = 15, Channels = 6, Parts = 10;
        string[] channels = ["fx", "fy", "fz", "tx", "ty", "tz"];
        string[] names = [.. channels.SelectMany(c => new[] { $"{c}_mean", $"{c}_deviation", $"{c}_least", $"{c}_greatest", $"{c}_slope" })];
        string[] titles = [.. Enumerable.Range(1, Parts).Select(i => $"part {i}")];
        List<(float[] X, bool Collision)>[] parts = [.. titles.Select(_ => new List<(float[], bool)>())];
        var partOf = new Dictionary<string, int>();
        ReadingEditor?[] editors = [.. titles.Select(t => editor(t, 1))];

        foreach (string file in (string[])["lp1.data", "lp2.data", "lp4.data", "lp5.data"])
        {
            string path = Path.Combine(folder, file);
            string? label = null;
            var readings = new List<float[]>();
            int number = 0;
            foreach (string line in Lines(path).Append(string.Empty))
            {
                number++;
                string text = line.Trim();
                if (text.Length > 0 && char.IsLetter(text[0]))
                {
                    label = text;
                }
                else if (text.Length > 0)
                {
                    string[] values = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                    readings.Add(values.Length == Channels ? [.. values.Select(v => Number(v, path, number))]
                        : throw new UserErrorException($"has {values.Length} values where {Channels} are expected", $"{path}:{number}"));
                    if (readings.Count == Readings)
                    {
                        // fr_collision, left_col, collision_in_part …, but not obstructions.
                        bool collision = (label ?? throw new UserErrorException("has readings without a class above them", $"{path}:{number}")).Contains("col", StringComparison.Ordinal);
                        string same = string.Join(' ', readings.SelectMany(r => r).Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
                        if (!partOf.TryGetValue(same, out int part))
                        {
                            partOf[same] = part = partOf.Count % Parts;
                        }

                        parts[part].Add((Summary([.. readings.Select(r => editors[part] is { } e ? e.Force(r) : r)]), collision));
                        readings.Clear();
                        label = null;
                    }
                }
                else if (readings.Count > 0)
                {
                    throw new UserErrorException($"an instance has {readings.Count} readings where {Readings} are expected", $"{path}:{number}");
                }
            }
        }

        return [.. parts.Select((p, i) => Recording(titles[i], names, "collision", [.. p], 0, 0))];

        // Lost readings are left out; what cannot be said of those that are left is not a number.
        static float[] Summary(float[]?[] readings)
        {
            float[] x = new float[Channels * 5];
            int[] there = [.. Enumerable.Range(0, readings.Length).Where(i => readings[i] is not null)];
            if (there.Length == 0)
            {
                x.AsSpan().Fill(float.NaN);
                return x;
            }

            double middle = there.Average(), spread = there.Sum(i => (i - middle) * (i - middle));
            for (int c = 0; c < Channels; c++)
            {
                double[] v = [.. there.Select(i => (double)readings[i]![c])];
                double mean = v.Average();
                x[c * 5] = (float)mean;
                x[(c * 5) + 1] = (float)Math.Sqrt(v.Average(a => (a - mean) * (a - mean)));
                x[(c * 5) + 2] = (float)v.Min();
                x[(c * 5) + 3] = (float)v.Max();
                x[(c * 5) + 4] = (float)(v.Select((a, i) => (there[i] - middle) * a).Sum() / spread);
            }

            return x;
        }
    }

    private static StudyRecording Recording(string name, string[] features, string output, (float[] X, bool Hazard)[] rows, double rate, int first)
    {
        long[] stamps = [.. rows.Select((_, i) => (long)((first + i) * 1e9 / (rate > 0 ? rate : 1)))];
        return new StudyRecording
        {
            Name = name,
            Table = new TeacherDataset(
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', features)))),
                features, [output], [name], stamps, new int[rows.Length], [.. rows.SelectMany(r => r.X)], [.. rows.Select(r => r.Hazard ? Truth.Hazard : Truth.Safe)]),
            Due = stamps,
            Undisturbed = rows.Length,
        };
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot be read ({e.Message})", path, "give the data set's folder as 'path'", e);
        }
    }

    private static float Number(string text, string path, int line) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float v) && float.IsFinite(v) ? v : throw new UserErrorException($"'{text}' is not a number", $"{path}:{line}");
}
