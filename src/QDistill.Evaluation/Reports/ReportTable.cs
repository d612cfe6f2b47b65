using System.Globalization;
using QDistill.Metrics;

namespace QDistill.Evaluation.Reports;

/// <summary>A column of a <see cref="ReportTable"/>.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Unit">Unit or direction, shown beneath the heading (<c>ms</c>, <c>higher is better</c>); null for none.</param>
/// <param name="IsNumber">Numbers are set right and in figures of equal width.</param>
public sealed record ReportColumn(string Title, string? Unit = null, bool IsNumber = true);

/// <summary>A cell: its text, a smaller second line (an interval), and whether it stands out as the best of its column.</summary>
public readonly record struct ReportCell(string Text, string? Detail = null, bool Best = false)
{
    /// <summary>What a missing value looks like.</summary>
    public const string Missing = "–";

    /// <summary>Plain text.</summary>
    public static implicit operator ReportCell(string text) => new(text);

    /// <summary>A number with fixed decimals, so that points align down the column.</summary>
    public static ReportCell Number(double? value, int decimals = 3) => new(Format(value, decimals));

    /// <summary>A count.</summary>
    public static ReportCell Count(long? value) => new(value?.ToString("N0", CultureInfo.InvariantCulture) ?? Missing);

    /// <summary>A value with its interval beneath.</summary>
    public static ReportCell WithInterval(double? value, Interval? interval, int decimals = 3, bool best = false) =>
        new(Format(value, decimals), interval is { Low: { } low, High: { } high } ? $"{Format(low, decimals)} to {Format(high, decimals)}" : null, best);

    /// <summary>A number as the tables write it: a true minus sign, and a dash when it is missing or not finite.</summary>
    public static string Format(double? value, int decimals) => value is { } v && double.IsFinite(v)
        ? v.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).Replace('-', '−')
        : Missing;
}

/// <summary>A table of a report. The first cell of each row is the row's heading.</summary>
/// <param name="Caption">Says what the table holds and how its numbers were made.</param>
/// <param name="Columns">Columns, the first being the row heading.</param>
public sealed record ReportTable(string Caption, params ReportColumn[] Columns)
{
    private readonly List<ReportCell[]> rows = [];

    /// <summary>The rows.</summary>
    public IReadOnlyList<ReportCell[]> Rows => rows;

    /// <summary>Adds a row, one cell per column.</summary>
    /// <exception cref="ArgumentException">The number of cells is not that of the columns.</exception>
    public ReportTable Add(params ReportCell[] cells)
    {
        if (cells.Length != Columns.Length)
        {
            throw new ArgumentException($"the table '{Caption}' has {Columns.Length} columns; {cells.Length} cells were given");
        }

        rows.Add(cells);
        return this;
    }
}
