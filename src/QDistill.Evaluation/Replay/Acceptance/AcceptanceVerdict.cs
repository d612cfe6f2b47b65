namespace QDistill.Evaluation.Replay;

/// <summary>How one danger was met.</summary>
/// <param name="Bag">The recording.</param>
/// <param name="StartS">The danger's onset, from the recording's first output [s].</param>
/// <param name="DurationS">How long it lasted [s].</param>
/// <param name="TimeToStop">From the onset to the stop [s]; infinite when there was none while the danger lasted.</param>
/// <param name="Hold">Share of the danger's samples that were stopped; null when the robot never stopped and the hold counts from the stop.</param>
/// <param name="TimeToResume">From the danger's end to moving again [s]; infinite when it did not; null when the next danger, or the recording's end, came before that could be told.</param>
/// <param name="Met">Whether every figure that exists meets its limit.</param>
public sealed record DangerOutcome(string Bag, double StartS, double DurationS, double TimeToStop, double? Hold, double? TimeToResume, bool Met);

/// <summary>One limit, and how it was met.</summary>
/// <param name="Key">Its key in <c>safety.yaml</c>: <c>time_to_stop</c>, <c>hold</c>, <c>time_to_resume</c>, <c>false_stop</c>.</param>
/// <param name="Name">Its name in tables.</param>
/// <param name="Unit"><c>s</c> or <c>1</c>.</param>
/// <param name="IsMost">Whether the limit is the most that is allowed; else the least.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Median">The median over the dangers; for <c>false_stop</c> the figure itself. Null when there was nothing to judge.</param>
/// <param name="Worst">The worst danger's; null likewise.</param>
/// <param name="Judged">How many dangers have the figure.</param>
/// <param name="MetBy">How many of them meet the limit.</param>
/// <param name="Met">Whether enough do.</param>
public sealed record LimitOutcome(string Key, string Name, string Unit, bool IsMost, double Limit, double? Median, double? Worst, int Judged, int MetBy, bool Met);

/// <summary>What an acceptance test found of one predictor.</summary>
/// <param name="Key">The predictor's key: <c>student</c>, <c>ttc_rule</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Limits">Every limit.</param>
/// <param name="Dangers">Every danger that was judged.</param>
/// <param name="Problem">Why nothing could be proved, as a sentence without its full stop; else null.</param>
public sealed record AcceptanceVerdict(string Key, string Name, IReadOnlyList<LimitOutcome> Limits, IReadOnlyList<DangerOutcome> Dangers, string? Problem)
{
    /// <summary>Whether every limit is met, by enough dangers to prove something.</summary>
    public bool Accepted => Problem is null && Limits.All(l => l.Met);

    /// <summary>The verdict as one sentence, with the first cause when it is a refusal.</summary>
    public string Sentence()
    {
        if (Accepted)
        {
            return FormattableString.Invariant($"accepted: every limit is met in {Dangers.Count} dangers");
        }

        if (Problem is not null)
        {
            return "not accepted: " + Problem;
        }

        IEnumerable<string> missed = Limits.Where(l => !l.Met).Select(l => l.Key == "false_stop"
            ? FormattableString.Invariant($"{l.Name} {Text(l.Median, l)} (at most {Text(l.Limit, l)})")
            : FormattableString.Invariant($"{l.Name} {Text(l.Worst, l)} at worst, {l.MetBy} of {l.Judged} dangers within {Text(l.Limit, l)}"));
        return "not accepted: " + string.Join("; ", missed);
    }

    /// <summary>A figure as text, in its limit's unit; <c>never</c> when it is infinite.</summary>
    public static string Text(double? value, LimitOutcome limit) => value switch
    {
        null => "-",
        double.PositiveInfinity => "never",
        { } v when limit.Unit == "s" => FormattableString.Invariant($"{v:0.00} s"),
        { } v => FormattableString.Invariant($"{100 * v:0.#} %"),
    };
}
