using System.Globalization;
using System.Text.Json.Nodes;

namespace QDistill.Evaluation.Reports;

/// <summary>
/// One table behind a chart: drawn from, shown as the chart's text alternative, and offered as CSV and JSON. Values are numbers, strings, booleans or null;
/// numbers keep seven significant digits and those that are not finite become null.
/// </summary>
/// <param name="Name">The name by which the chart's specification refers to it.</param>
/// <param name="Columns">Column names, snake_case with the unit as suffix (<c>time_s</c>).</param>
public sealed record ChartData(string Name, params string[] Columns)
{
    private readonly List<object?[]> rows = [];

    /// <summary>The rows.</summary>
    public IReadOnlyList<object?[]> Rows => rows;

    /// <summary>Adds a row, one value per column.</summary>
    /// <exception cref="ArgumentException">The number of values is not that of the columns.</exception>
    public void Add(params object?[] values)
    {
        if (values.Length != Columns.Length)
        {
            throw new ArgumentException($"chart data '{Name}' has {Columns.Length} columns; {values.Length} values were given");
        }

        rows.Add(values);
    }

    /// <summary>As <c>{name, columns, rows}</c>, rows being lists: the compact form that the page holds.</summary>
    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["columns"] = new JsonArray([.. Columns.Select(c => (JsonNode)c)]),
        ["rows"] = new JsonArray([.. rows.Select(r => (JsonNode)new JsonArray([.. r.Select(Value)]))]),
    };

    /// <summary>A value as the data table shows it; empty for null.</summary>
    public static string Text(object? value) => value switch
    {
        null => string.Empty,
        double d => double.IsFinite(d) ? Rounded(d).ToString("R", CultureInfo.InvariantCulture) : string.Empty,
        float f => Text((double)f),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    private static JsonNode? Value(object? value) => value switch
    {
        null => null,
        double d => double.IsFinite(d) ? JsonValue.Create(Rounded(d)) : null,
        float f => Value((double)f),
        int i => JsonValue.Create(i),
        long l => JsonValue.Create(l),
        bool b => JsonValue.Create(b),
        string s => JsonValue.Create(s),
        _ => throw new ArgumentException($"a chart cannot hold a value of type {value.GetType().Name}"),
    };

    private static double Rounded(double d) => double.Parse(d.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
