namespace QDistill.Evaluation.Reports;

/// <summary>One number of the summary line.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">The number as text.</param>
/// <param name="Unit">Its unit; null for none.</param>
/// <param name="Detail">A smaller line beneath, such as an interval; null for none.</param>
public sealed record KeyFigure(string Label, string Value, string? Unit = null, string? Detail = null);

/// <summary>A section of a report: a heading and blocks in order. All text is plain text; the page escapes it.</summary>
public sealed class ReportSection
{
    private readonly List<object> blocks = [];

    internal ReportSection(string title) => Title = title;

    /// <summary>The heading.</summary>
    public string Title { get; }

    /// <summary>Strings (paragraphs), tables, charts, lists of key figures or of notes, in order.</summary>
    internal IReadOnlyList<object> Blocks => blocks;

    /// <summary>Adds a paragraph.</summary>
    public ReportSection Text(string paragraph)
    {
        blocks.Add(paragraph);
        return this;
    }

    /// <summary>Adds a list of sentences.</summary>
    public ReportSection Notes(IEnumerable<string> notes)
    {
        blocks.Add((IReadOnlyList<string>)[.. notes]);
        return this;
    }

    /// <summary>Adds a line of key figures.</summary>
    public ReportSection KeyFigures(IEnumerable<KeyFigure> figures)
    {
        blocks.Add((IReadOnlyList<KeyFigure>)[.. figures]);
        return this;
    }

    /// <summary>Adds a table.</summary>
    public ReportSection Table(ReportTable table)
    {
        blocks.Add(table);
        return this;
    }

    /// <summary>Adds a chart; neighbours that are half or a third wide stand side by side.</summary>
    public ReportSection Chart(ReportChart chart)
    {
        blocks.Add(chart);
        return this;
    }
}
