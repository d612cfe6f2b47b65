using System.Text.Json.Nodes;

namespace QDistill.Evaluation.Reports;

/// <summary>How wide a chart stands on a wide screen; on a narrow one all are full.</summary>
public enum ChartWidth
{
    /// <summary>The whole column.</summary>
    Full,

    /// <summary>Two side by side.</summary>
    Half,

    /// <summary>Three side by side: small multiples.</summary>
    Third,
}

/// <summary>One figure: a Vega-Lite specification with the data it draws and the words that go with it.</summary>
public sealed record ReportChart
{
    /// <summary>Heading of the figure.</summary>
    public required string Title { get; init; }

    /// <summary>What the chart shows, in one or two sentences with its main numbers: what a reader who cannot see it is told.</summary>
    public required string Description { get; init; }

    /// <summary>How to read it; null when the title suffices.</summary>
    public string? Caption { get; init; }

    /// <summary>
    /// Vega-Lite v6 without data values: datasets are referred to by name. Colours are CSS variables of the page (<see cref="Charts.Ink"/>), so that light, dark
    /// and print need no redrawing; the string <c>@width</c> stands for the inner width in
    /// pixels, <c>@columns:n</c> for the number of legend columns of n pixels that fit.
    /// </summary>
    public required JsonObject Spec { get; init; }

    /// <summary>The datasets.</summary>
    public required IReadOnlyList<ChartData> Data { get; init; }

    /// <summary>The command that makes the figure again; null to use the report's.</summary>
    public string? Command { get; init; }

    /// <summary>Width on a wide screen.</summary>
    public ChartWidth Width { get; init; }

    /// <summary>Height reserved before the chart is drawn [CSS px].</summary>
    public int Height { get; init; } = 300;
}
