using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace QDistill.Cli.Terminal;

/// <summary>What a verb prints: tables for people on stdout, or one JSON document for machines; progress and notes go to stderr. Tables carry no colour.</summary>
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
    public static void WriteJson<T>(T value) => Console.Out.WriteLine(ToJson(value));

    /// <summary>The JSON that <see cref="WriteJson"/> prints.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, Json);

    /// <summary>
    /// Prints a table; columns whose heading ends in '&gt;' are right-aligned numbers. On a terminal too narrow for it the last column of text is folded; elsewhere
    /// nothing is.
    /// </summary>
    public static void WriteTable(string? title, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        int folding = headings.Count - 1;
        while (folding > 0 && headings[folding].EndsWith('>'))
        {
            folding--;
        }

        for (int i = 0; i < headings.Count; i++)
        {
            bool right = headings[i].EndsWith('>');
            var column = new TableColumn(Markup.Escape(right ? headings[i][..^1] : headings[i])) { NoWrap = i != folding };
            table.AddColumn(right ? column.RightAligned() : column);
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        if (title is not null)
        {
            Console.Out.WriteLine(title);
        }

        foreach (string line in Render(table).Split('\n'))
        {
            if (line.TrimEnd() is { Length: > 0 } text)
            {
                Console.Out.WriteLine(text);
            }
        }

        Console.Out.WriteLine();
    }

    /// <summary>A number for a table: <paramref name="digits"/> decimals, or a dash when not available.</summary>
    public static string Number(double? value, int digits = 3) =>
        value is { } v && double.IsFinite(v) ? v.ToString("F" + digits, CultureInfo.InvariantCulture) : "-";

    /// <summary>A count with thousands separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A note for people, on stderr.</summary>
    public static void Note(string text) => Console.Error.WriteLine(text);

    private static string Render(Table table)
    {
        using var text = new StringWriter { NewLine = "\n" };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });

        // Piped output has no width: a table must not be folded there.
        const int unfolded = 10_000;
        console.Profile.Width = Console.IsOutputRedirected ? unfolded : TerminalWidth() is var width and > 0 ? width : unfolded;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        return text.ToString();
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
