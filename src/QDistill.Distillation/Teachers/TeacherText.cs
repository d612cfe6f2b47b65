using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;

namespace QDistill.Distillation.Teachers;

/// <summary>How fitted numbers are written in teacher files: shortest forms that read back to the same bits.</summary>
internal static class TeacherText
{
    public const string Remedy = "the file was damaged: fit the teacher again";

    public static string List(IEnumerable<double> values) => $"[{string.Join(", ", values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]";

    public static string List(IEnumerable<float> values) => $"[{string.Join(", ", values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]";

    public static string List(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Quote))}]";

    public static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Reads <paramref name="into"/>.Length finite numbers; <paramref name="needed"/> says what needs so many.</summary>
    public static void Read(ConfigSection fitted, string key, Span<double> into, string needed)
    {
        IReadOnlyList<double> values = fitted.Doubles(key);
        if (values.Count != into.Length)
        {
            throw fitted.Error(key, $"holds {values.Count} numbers, but {needed} {into.Length}", Remedy);
        }

        for (int i = 0; i < into.Length; i++)
        {
            into[i] = double.IsFinite(values[i]) ? values[i] : throw fitted.Error(key, $"number {i} is not finite", Remedy);
        }
    }

    /// <summary>Reads at least one index below <paramref name="below"/>.</summary>
    public static int[] ReadIndices(ConfigSection fitted, string key, int below)
    {
        int[] indices = [.. fitted.Doubles(key).Select(c => c >= 0 && c < below && c == Math.Floor(c)
            ? (int)c
            : throw fitted.Error(key, FormattableString.Invariant($"{c} is no index below {below}"), Remedy))];
        return indices.Length > 0 ? indices : throw fitted.Error(key, "is empty", Remedy);
    }

    /// <summary>Reads a normalisation: as many means as positive scales.</summary>
    public static Normalisation ReadNormalisation(ConfigSection fitted)
    {
        int d = fitted.Doubles("mean").Count;
        double[] mean = new double[d], scale = new double[d];
        Read(fitted, "mean", mean, "there must be");
        Read(fitted, "scale", scale, "mean has");
        if (d == 0 || scale.Any(s => (float)s <= 0))
        {
            throw fitted.Error("scale", d == 0 ? "is empty" : "holds a number that is not positive", Remedy);
        }

        return new Normalisation([.. mean.Select(v => (float)v)], [.. scale.Select(v => (float)v)]);
    }

    /// <summary>Reads the outputs' names: at least one, none twice.</summary>
    public static IReadOnlyList<string> ReadOutputs(ConfigSection fitted)
    {
        IReadOnlyList<string> outputs = fitted.Strings("outputs");
        return outputs.Count > 0 && outputs.Distinct().Count() == outputs.Count ? outputs : throw fitted.Error("outputs", "must name at least one output, and none twice", Remedy);
    }

    /// <summary>The first 12 hex digits of the text's SHA-256.</summary>
    public static string Id(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
}
