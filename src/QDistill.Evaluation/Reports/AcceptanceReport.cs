using System.Text.Json.Nodes;
using QDistill.Evaluation.Replay;

namespace QDistill.Evaluation.Reports;

/// <summary>Shows an acceptance test's verdicts: a section of the replay report, and the <c>acceptance</c> of its JSON.</summary>
public static class AcceptanceReport
{
    /// <summary>
    /// By predictor's key: <c>accepted</c>, <c>sentence</c>, <c>limits</c> (by key: <c>limit</c>, <c>median</c>, <c>worst</c>, <c>judged</c>, <c>met_by</c>, <c>met</c>) and <c>dangers</c>. Times
    /// in seconds, shares in [0, 1]; a time that never came is null beside <c>never: true</c>.
    /// </summary>
    public static JsonObject ToJson(IReadOnlyList<AcceptanceVerdict> verdicts)
    {
        var all = new JsonObject();
        foreach (AcceptanceVerdict v in verdicts)
        {
            var limits = new JsonObject();
            foreach (LimitOutcome l in v.Limits)
            {
                limits[l.Key] = new JsonObject
                {
                    ["limit"] = l.Limit,
                    ["median"] = Finite(l.Median),
                    ["worst"] = Finite(l.Worst),
                    ["worst_is_never"] = l.Worst is double.PositiveInfinity,
                    ["judged"] = l.Judged,
                    ["met_by"] = l.MetBy,
                    ["met"] = l.Met,
                };
            }

            all[v.Key] = new JsonObject
            {
                ["name"] = v.Name,
                ["accepted"] = v.Accepted,
                ["sentence"] = v.Sentence(),
                ["limits"] = limits,
                ["dangers"] = new JsonArray([.. v.Dangers.Select(d => (JsonNode)new JsonObject
                {
                    ["bag"] = d.Bag,
                    ["start_s"] = d.StartS,
                    ["duration_s"] = d.DurationS,
                    ["time_to_stop_s"] = Finite(d.TimeToStop),
                    ["stopped"] = double.IsFinite(d.TimeToStop),
                    ["hold"] = d.Hold,
                    ["time_to_resume_s"] = Finite(d.TimeToResume),
                    ["resumed"] = d.TimeToResume is { } r ? double.IsFinite(r) : null,
                    ["met"] = d.Met,
                })]),
            };
        }

        return all;
    }

    /// <summary>Fills a section with the verdicts, the first being the one under test.</summary>
    public static void Fill(ReportSection section, IReadOnlyList<AcceptanceVerdict> verdicts)
    {
        AcceptanceVerdict first = verdicts[0];
        section.KeyFigures(first.Limits.Select(l => new KeyFigure(
            Capital(l.Name),
            AcceptanceVerdict.Text(l.Key == "false_stop" ? l.Median : l.Worst, l),
            null,
            FormattableString.Invariant($"{(l.IsMost ? "at most" : "at least")} {AcceptanceVerdict.Text(l.Limit, l)}{(l.Met ? string.Empty : ", not met")}"))));
        section.Text($"{first.Name}: {first.Sentence()}. The recordings were played through the nodes' own judgement, alarm and governor; times to stop and to resume are those of the worst danger.");
        var table = new ReportTable(
            "Every limit and how many dangers meet it. A danger whose end lies too near the next one, or too near the recording's end, has no time to resume.",
            new ReportColumn("Predictor", null, false),
            new ReportColumn("Limit", null, false),
            new ReportColumn("Asked for"),
            new ReportColumn("Median"),
            new ReportColumn("Worst"),
            new ReportColumn("Met by"),
            new ReportColumn("Verdict", null, false));
        foreach (AcceptanceVerdict v in verdicts)
        {
            foreach (LimitOutcome l in v.Limits)
            {
                table.Add(
                    v.Name,
                    l.Name,
                    (l.IsMost ? "≤ " : "≥ ") + AcceptanceVerdict.Text(l.Limit, l),
                    AcceptanceVerdict.Text(l.Median, l),
                    AcceptanceVerdict.Text(l.Worst, l),
                    l.Key == "false_stop" ? ReportCell.Missing : FormattableString.Invariant($"{l.MetBy} of {l.Judged}"),
                    v.Problem is null ? l.Met ? "met" : "not met" : "nothing proved");
            }
        }

        section.Table(table);
        var dangers = new ReportTable(
            $"Every danger, as {first.Name} met it.",
            new ReportColumn("Recording", null, false),
            new ReportColumn("At", "s"),
            new ReportColumn("Lasts", "s"),
            new ReportColumn("Time to stop", "s"),
            new ReportColumn("Held", "%"),
            new ReportColumn("Time to resume", "s"),
            new ReportColumn("Verdict", null, false));
        foreach (DangerOutcome d in first.Dangers)
        {
            dangers.Add(
                d.Bag, ReportCell.Number(d.StartS, 1), ReportCell.Number(d.DurationS, 1), Time(d.TimeToStop), ReportCell.Number(100 * d.Hold, 0), Time(d.TimeToResume), d.Met ? "met" : "not met");
        }

        section.Table(dangers);
    }

    private static ReportCell Time(double? seconds) => seconds is double.PositiveInfinity ? "never" : ReportCell.Number(seconds, 2);

    private static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
