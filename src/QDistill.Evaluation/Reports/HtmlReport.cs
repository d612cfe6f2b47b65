using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using QDistill.Configuration;

namespace QDistill.Evaluation.Reports;

/// <summary>
/// Builds one self-contained HTML page: text, tables and Vega-Lite charts with their libraries, styles and data inside. The page asks nothing of the network
/// (its content security policy forbids it), follows the reader's light or dark preference, prints, and gives every chart a text alternative, its data
/// and the command that makes it again.
/// </summary>
public sealed class HtmlReport
{
    private const int RowsShown = 200;
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly List<ReportSection> sections = [];

    /// <summary>The title, shown and used as the page's.</summary>
    public required string Title { get; init; }

    /// <summary>A line beneath the title; null for none.</summary>
    public string? Subtitle { get; init; }

    /// <summary>The command that makes the whole page again; shown at the end and for every chart without its own.</summary>
    public string? Command { get; init; }

    /// <summary>A closing line: versions and the like; null for none.</summary>
    public string? Footer { get; init; }

    /// <summary>Adds a section.</summary>
    public ReportSection Section(string title)
    {
        var section = new ReportSection(title);
        sections.Add(section);
        return section;
    }

    /// <summary>Writes the page whole.</summary>
    /// <exception cref="UserErrorException">The file cannot be written, or a chart library is not installed.</exception>
    public void Write(string path)
    {
        string html = ToHtml();
        AtomicOutput.WriteText(path, html);
    }

    /// <summary>The page's text.</summary>
    /// <exception cref="UserErrorException">A chart library is not installed.</exception>
    public string ToHtml()
    {
        var page = new StringBuilder(1 << 20);
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:\">\n")
            .Append("<meta name=\"generator\" content=\"QDistill\">\n<link rel=\"icon\" href=\"data:,\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Escape(Title)}</title>\n<style>\n{Resource("report.css")}</style>\n</head>\n<body>\n")
            .Append("<header>\n<div class=\"bar\"><span class=\"mark\">QDistill</span><button type=\"button\" id=\"theme\" aria-label=\"Switch between light and dark\">Dark</button></div>\n")
            .Append(CultureInfo.InvariantCulture, $"<h1>{Escape(Title)}</h1>\n");
        if (Subtitle is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"subtitle\">{Escape(Subtitle)}</p>\n");
        }

        if (sections.Count > 2)
        {
            page.Append("<nav aria-label=\"Sections\"><ul>");
            for (int i = 0; i < sections.Count; i++)
            {
                page.Append(CultureInfo.InvariantCulture, $"<li><a href=\"#s{i + 1}\">{Escape(sections[i].Title)}</a></li>");
            }

            page.Append("</ul></nav>\n");
        }

        page.Append("</header>\n<main>\n<noscript><p class=\"warning\">The charts need JavaScript; the tables do not.</p></noscript>\n");
        int figure = 0;
        for (int i = 0; i < sections.Count; i++)
        {
            WriteSection(page, sections[i], i + 1, ref figure);
        }

        page.Append("</main>\n<footer>\n");
        if (Command is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>This page is made again by</p><pre><code>{Escape(Command)}</code></pre>\n");
        }

        if (Footer is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{Escape(Footer)}</p>\n");
        }

        page.Append("</footer>\n");
        if (figure > 0)
        {
            foreach ((string name, string script, string licence) in ChartLibraries.All)
            {
                page.Append(CultureInfo.InvariantCulture, $"<script type=\"text/plain\" data-licence=\"{name}\">\n{licence}</script>\n<script>{script}</script>\n");
            }
        }

        return page.Append(CultureInfo.InvariantCulture, $"<script>\n{Resource("report.js")}</script>\n</body>\n</html>\n").ToString();
    }

    private void WriteSection(StringBuilder page, ReportSection section, int number, ref int figure)
    {
        page.Append(CultureInfo.InvariantCulture, $"<section id=\"s{number}\" aria-labelledby=\"h{number}\">\n<h2 id=\"h{number}\">{Escape(section.Title)}</h2>\n");
        bool inGrid = false;
        foreach (object block in section.Blocks)
        {
            bool wantsGrid = block is ReportChart;
            if (wantsGrid != inGrid)
            {
                page.Append(wantsGrid ? "<div class=\"grid\">\n" : "</div>\n");
                inGrid = wantsGrid;
            }

            switch (block)
            {
                case string paragraph:
                    page.Append(CultureInfo.InvariantCulture, $"<p>{Escape(paragraph)}</p>\n");
                    break;
                case IReadOnlyList<string> notes:
                    page.Append("<ul class=\"notes\">").AppendJoin(string.Empty, notes.Select(n => $"<li>{Escape(n)}</li>")).Append("</ul>\n");
                    break;
                case IReadOnlyList<KeyFigure> figures:
                    WriteKeyFigures(page, figures);
                    break;
                case ReportTable table:
                    WriteTable(page, table);
                    break;
                case ReportChart chart:
                    WriteChart(page, chart, ++figure);
                    break;
            }
        }

        page.Append(inGrid ? "</div>\n</section>\n" : "</section>\n");
    }

    private static void WriteKeyFigures(StringBuilder page, IReadOnlyList<KeyFigure> figures)
    {
        page.Append("<dl class=\"key\">");
        foreach (KeyFigure f in figures)
        {
            string unit = f.Unit is null ? string.Empty : $" <span class=\"unit\">{Escape(f.Unit)}</span>";
            string detail = f.Detail is null ? string.Empty : $"<dd class=\"detail\">{Escape(f.Detail)}</dd>";
            page.Append(CultureInfo.InvariantCulture, $"<div><dt>{Escape(f.Label)}</dt><dd>{Escape(f.Value)}{unit}</dd>{detail}</div>");
        }

        page.Append("</dl>\n");
    }

    private static void WriteTable(StringBuilder page, ReportTable table)
    {
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{Escape(table.Caption)}\"><table>\n<thead><tr>");
        foreach (ReportColumn c in table.Columns)
        {
            string unit = c.Unit is null ? string.Empty : $"<span class=\"unit\">{Escape(c.Unit)}</span>";
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{Number(c)}>{Escape(c.Title)}{unit}</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        foreach (ReportCell[] row in table.Rows)
        {
            page.Append("<tr>");
            for (int i = 0; i < row.Length; i++)
            {
                string text = row[i].Best ? $"<strong>{Escape(row[i].Text)}</strong>" : Escape(row[i].Text);
                string detail = row[i].Detail is { } d ? $"<span class=\"detail\">{Escape(d)}</span>" : string.Empty;
                string element = i == 0 ? "th scope=\"row\"" : "td";
                page.Append(CultureInfo.InvariantCulture, $"<{element}{Number(table.Columns[i])}>{text}{detail}</{element[..2]}>");
            }

            page.Append("</tr>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"</tbody></table></div>\n<p class=\"caption\" aria-hidden=\"true\">{Escape(table.Caption)}</p>\n"); // its words are the table's label

        static string Number(ReportColumn c) => c.IsNumber ? " class=\"n\"" : string.Empty;
    }

    private void WriteChart(StringBuilder page, ReportChart chart, int number)
    {
        string width = chart.Width.ToString().ToLowerInvariant();
        page.Append(CultureInfo.InvariantCulture, $"<figure id=\"f{number}\" class=\"{width}\">\n<h3 id=\"t{number}\">{Escape(chart.Title)}</h3>\n")
            .Append(CultureInfo.InvariantCulture, $"<div class=\"chart\" role=\"img\" aria-label=\"{Escape(chart.Description)}\" style=\"min-height:{chart.Height}px\"></div>\n");
        if (chart.Caption is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"<figcaption>{Escape(chart.Caption)}</figcaption>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"<details><summary>Data<span class=\"visually-hidden\"> of {Escape(chart.Title)}</span></summary>\n");
        if ((chart.Command ?? Command) is { } command)
        {
            page.Append(CultureInfo.InvariantCulture, $"<pre><code>{Escape(command)}</code></pre>\n");
        }

        foreach (ChartData data in chart.Data)
        {
            WriteData(page, data);
        }

        JsonObject payload = new()
        {
            ["spec"] = chart.Spec.DeepClone(),
            ["data"] = new JsonArray([.. chart.Data.Select(d => (JsonNode)d.ToJson())]),
        };

        // The default JSON encoder writes <, > and & as \u escapes, so the text cannot leave its script element.
        page.Append("</details>\n<script type=\"application/json\" class=\"payload\">").Append(payload.ToJsonString()).Append("</script>\n</figure>\n");
    }

    private static void WriteData(StringBuilder page, ChartData data)
    {
        string name = Escape(data.Name);
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"download\"><b>{name}</b>, {data.Rows.Count} rows: ")
            .Append(CultureInfo.InvariantCulture, $"<a data-set=\"{name}\" data-format=\"csv\" download=\"{name}.csv\" href=\"#\">CSV</a> <a data-set=\"{name}\" data-format=\"json\" download=\"{name}.json\" href=\"#\">JSON</a></p>\n");
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{name}\"><table><thead><tr>");
        page.AppendJoin(string.Empty, data.Columns.Select(c => $"<th scope=\"col\">{Escape(c)}</th>")).Append("</tr></thead><tbody>\n");
        foreach (object?[] row in data.Rows.Take(RowsShown))
        {
            page.Append("<tr>").AppendJoin(string.Empty, row.Select(v => $"<td{(v is string ? string.Empty : " class=\"n\"")}>{Escape(ChartData.Text(v))}</td>")).Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
        if (data.Rows.Count > RowsShown)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"download\">The table stops after {RowsShown} rows; the files hold all.</p>\n");
        }
    }

    private static string Escape(string text) => Encoder.Encode(text);

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("QDistill.Evaluation.Reports." + name)
            ?? throw new InvalidOperationException($"the page part '{name}' is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
