using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace QDistill.Cli.Terminal;

/// <summary>What a verb prints: tables for people on stdout, or one JSON document for machines; progress and notes go to stderr.</summary>
internal static class Output
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Prints a value as indented snake_case JSON.</summary>
    public static void WriteJson<T>(T value) => System.Console.Out.WriteLine(ToJson(value));

    /// <summary>The JSON that <see cref="WriteJson"/> prints.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, Json);

    /// <summary>Prints a table; columns whose heading ends in '&gt;' are right-aligned numbers.</summary>
    public static void WriteTable(string? title, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        if (title is not null)
        {
            table.Title(Markup.Escape(title));
        }

        foreach (string heading in headings)
        {
            bool right = heading.EndsWith('>');
            var column = new TableColumn(Markup.Escape(right ? heading[..^1] : heading)) { NoWrap = true };
            table.AddColumn(right ? column.RightAligned() : column);
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        Console().Write(table);
    }

    /// <summary>A number for a table: <paramref name="digits"/> decimals, or a dash when not available.</summary>
    public static string Number(double? value, int digits = 3) =>
        value is { } v && double.IsFinite(v) ? v.ToString("F" + digits, CultureInfo.InvariantCulture) : "-";

    /// <summary>A count with thousands separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A note for people, on stderr.</summary>
    public static void Note(string text) => System.Console.Error.WriteLine(text);

    // Piped output has no width: a table must not be folded there.
    private static IAnsiConsole Console()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Out) });
        if (System.Console.IsOutputRedirected)
        {
            console.Profile.Width = 240;
        }

        return console;
    }
}
