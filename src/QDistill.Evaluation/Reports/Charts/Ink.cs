using System.Text.Json;
using System.Text.Json.Nodes;

namespace QDistill.Evaluation.Reports.Charts;

/// <summary>
/// The inks of the charts, as CSS variables that the page defines for light, dark and print (one list, in report.css), and the pieces of Vega-Lite that all
/// charts share. Series colours are told apart by readers with any colour vision, and lines also by their dashes.
/// </summary>
public static class Ink
{
    private const int SeriesColours = 7;

    /// <summary>Text and main marks.</summary>
    public const string Main = "var(--ink)";

    /// <summary>Secondary marks: references, unobtrusive rules.</summary>
    public const string Muted = "var(--muted)";

    /// <summary>Contacts, thresholds, hazards.</summary>
    public const string Alarm = "var(--alarm)";

    /// <summary>What is safe or merely background.</summary>
    public const string Calm = "var(--calm)";

    /// <summary>The colour of series number <paramref name="index"/>.</summary>
    public static string Series(int index) => $"var(--s{index % SeriesColours})";

    /// <summary>Vega-Lite colour and dash channels over the series, in the order given, with one legend above the chart when there is more than one.</summary>
    internal static string SeriesChannels(IReadOnlyList<string> names, string field, bool dashes = true)
    {
        int widest = 44 + (7 * Math.Min(30, names.Select(n => n.Length).DefaultIfEmpty().Max())); // estimated width of a legend entry [px]
        string domain = Json(names), colours = Json([.. names.Select((_, i) => Series(i))]);
        int[][] patterns = [[1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 4], [10, 3], [1, 3]];
        string dash = JsonSerializer.Serialize(names.Select((_, i) => dashes ? patterns[i % patterns.Length] : patterns[0]));
        string legend = names.Count > 1 ? $$"""{"title": null, "orient": "top", "columns": "@columns:{{widest}}", "symbolType": "stroke", "symbolSize": 250, "labelLimit": 220}""" : "null";
        return $$"""
            "color": {"field": "{{field}}", "type": "nominal", "scale": {"domain": {{domain}}, "range": {{colours}}}, "legend": {{legend}} },
            "strokeDash": {"field": "{{field}}", "type": "nominal", "scale": {"domain": {{domain}}, "range": {{dash}}}, "legend": {{legend}} }
            """;
    }

    /// <summary>A list of strings as JSON.</summary>
    internal static string Json(IReadOnlyList<string> values) => JsonSerializer.Serialize(values);

    /// <summary>A string as JSON.</summary>
    internal static string Json(string value) => JsonSerializer.Serialize(value);

    /// <summary>A number as JSON.</summary>
    internal static string Json(double value) => JsonSerializer.Serialize(value);

    /// <summary>Parses a specification written out in place.</summary>
    internal static JsonObject Spec(string json) => JsonNode.Parse(json)!.AsObject();
}
