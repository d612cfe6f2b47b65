using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace QDistill.Distillation.Teachers;

/// <summary>How fitted numbers are written in teacher files: shortest forms that read back to the same bits.</summary>
internal static class TeacherText
{
    public static string List(IEnumerable<double> values) => $"[{string.Join(", ", values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]";

    public static string List(IEnumerable<float> values) => $"[{string.Join(", ", values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}]";

    public static string List(IEnumerable<string> values) => $"[{string.Join(", ", values.Select(Quote))}]";

    public static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>The first 12 hex digits of the text's SHA-256.</summary>
    public static string Id(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
}
