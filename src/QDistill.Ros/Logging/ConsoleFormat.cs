using System.Globalization;
using System.Text;

namespace QDistill.Ros;

/// <summary>
/// A line of the console in the format of <c>RCUTILS_CONSOLE_OUTPUT_FORMAT</c>. Known tokens: {severity}, {time}, {time_as_nanoseconds}, {date_time_with_ms}, {name},
/// {message}, {function_name}, {file_name}, {line_number}; \n, \t and the like are control characters; anything else stands for itself.
/// </summary>
/// <param name="format">The format.</param>
public sealed class ConsoleFormat(string format)
{
    /// <summary>ROS's default.</summary>
    public const string Default = "[{severity}] [{time}] [{name}]: {message}";

    private static readonly (string Escape, char Value)[] Escapes = [("\\a", '\a'), ("\\b", '\b'), ("\\f", '\f'), ("\\n", '\n'), ("\\r", '\r'), ("\\t", '\t'), ("\\v", '\v'), ("\\\\", '\\')];

    private readonly string format = Unescape(format);

    /// <summary>Writes one line, without its end.</summary>
    /// <param name="severity">The severity's word.</param>
    /// <param name="nanoseconds">The time, ns since the Unix epoch.</param>
    /// <param name="name">The logger's name.</param>
    /// <param name="message">The message.</param>
    /// <param name="location">Where it is logged.</param>
    public string Line(string severity, long nanoseconds, string name, string message, LogLocation location = default)
    {
        var line = new StringBuilder(format.Length + name.Length + message.Length + 32);
        for (int i = 0; i < format.Length;)
        {
            int close = format[i] == '{' ? format.IndexOf('}', i) : -1;
            string? value = close < 0 ? null : Value(format.AsSpan(i + 1, close - i - 1), severity, nanoseconds, name, message, location);
            if (value is null)
            {
                line.Append(format[i++]);
            }
            else
            {
                line.Append(value);
                i = close + 1;
            }
        }

        return line.ToString();
    }

    private static string? Value(ReadOnlySpan<char> token, string severity, long nanoseconds, string name, string message, LogLocation location) => token switch
    {
        "severity" => severity,
        "time" => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1_000_000_000}.{nanoseconds % 1_000_000_000:D9}"),
        "time_as_nanoseconds" => nanoseconds.ToString("D19", CultureInfo.InvariantCulture),
        "date_time_with_ms" => DateTime.UnixEpoch.AddTicks(nanoseconds / TimeSpan.NanosecondsPerTick).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        "name" => name,
        "message" => message,
        "function_name" => location.Function ?? string.Empty,
        "file_name" => location.File ?? string.Empty,
        "line_number" => location.Line.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            (string Escape, char Value) found = i + 1 < text.Length ? Escapes.FirstOrDefault(e => e.Escape[0] == text[i] && e.Escape[1] == text[i + 1]) : default;
            if (found.Escape is null)
            {
                result.Append(text[i]);
            }
            else
            {
                result.Append(found.Value);
                i++;
            }
        }

        return result.ToString();
    }
}
