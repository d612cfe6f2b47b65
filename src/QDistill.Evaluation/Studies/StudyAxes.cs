namespace QDistill.Evaluation.Studies;

/// <summary>One entry of one axis while all other axes keep their first: what it gains, pooled over the data on which it is complete.</summary>
/// <param name="Axis">The axis in words: signal, teacher, label budget or back end.</param>
/// <param name="Level">The entry's name.</param>
/// <param name="Base">The name of the axis' first entry.</param>
/// <param name="OverBase">Against the first entry, unit by unit; null for that entry itself.</param>
/// <param name="OverControls">Against each of the four controls that are there, by role.</param>
public sealed record AxisLevel(string Axis, string Level, string Base, StudyComparison? OverBase, IReadOnlyDictionary<string, StudyComparison> OverControls)
{
    /// <summary>How many of the data it is complete on.</summary>
    public required int Data { get; init; }
}

/// <summary>
/// What each axis does by itself, from the base cell: the part of a study that is complete first. All entries of an axis against the same thing (the first entry, or one of the controls) are a family
/// for Holm's correction.
/// </summary>
internal static class StudyAxes
{
    /// <summary>Every entry of every axis that is complete on some of the data; axes with the first entry alone are left out.</summary>
    public static IReadOnlyList<AxisLevel> Of(StudyPlan plan, IReadOnlyList<ConditionResult> results, Func<IEnumerable<(ConditionResult Condition, ConditionResult Other)>, StudyComparison?> compare)
    {
        Dictionary<string, ConditionResult> byKey = results.ToDictionary(r => r.Condition.Key);
        ConditionResult[] quantum = [.. results.Where(r => r.Condition.Role == StudyRole.Quantum && r.Condition.TestKind == TestKind.AsRecorded)];
        if (quantum.Length == 0)
        {
            return [];
        }

        (string Name, Func<StudyCondition, string> Of)[] axes = [("signal", c => c.Recipe), ("teacher", c => c.Teacher), ("label budget", c => c.Labels), ("back end", c => c.Backend)];
        StudyCondition first = quantum[0].Condition;
        var levels = new List<AxisLevel>();
        foreach ((string axis, Func<StudyCondition, string> of) in axes)
        {
            ConditionResult[] alone = [.. quantum.Where(q => q.IsComplete && axes.All(o => o.Name == axis || o.Of(q.Condition) == o.Of(first)))];
            string[] entries = [.. alone.Select(q => of(q.Condition)).Distinct().OrderBy(e => e == of(first) ? 0 : 1)];
            if (entries.Length < 2)
            {
                continue;
            }

            AxisLevel Level(string entry)
            {
                ConditionResult[] here = [.. alone.Where(q => of(q.Condition) == entry)];
                IEnumerable<(ConditionResult, ConditionResult)> Pairs(Func<ConditionResult, ConditionResult?> other) => here.Select(q => (q, other(q))).Where(p => p.Item2 is { IsComplete: true }).Select(p => (p.q, p.Item2!));
                return new AxisLevel(
                    axis,
                    entry,
                    of(first),
                    entry == of(first) ? null : compare(Pairs(q => alone.FirstOrDefault(b => b.Condition.Data == q.Condition.Data && of(b.Condition) == of(first)))),
                    StudyRole.Controls
                        .Select(c => (Role: c, Comparison: compare(Pairs(q => q.Condition.Controls.TryGetValue(c, out string? key) ? byKey[key] : null))))
                        .Where(c => c.Comparison is not null)
                        .ToDictionary(c => c.Role, c => c.Comparison!))
                {
                    Data = here.Length,
                };
            }

            levels.AddRange(Corrected([.. entries.Select(Level)]));
        }

        return levels;
    }

    private static AxisLevel[] Corrected(AxisLevel[] axis)
    {
        Dictionary<string, Queue<StudyComparison>> families = StudyRole.Controls.ToDictionary(c => c, c => new Queue<StudyComparison>(StudyAnalysis.Correct([.. axis.Select(l => l.OverControls.GetValueOrDefault(c)).OfType<StudyComparison>()])));
        var overBase = new Queue<StudyComparison>(StudyAnalysis.Correct([.. axis.Select(l => l.OverBase).OfType<StudyComparison>()]));
        return
        [
            .. axis.Select(l => l with
            {
                OverBase = l.OverBase is null ? null : overBase.Dequeue(),
                OverControls = l.OverControls.Keys.ToDictionary(c => c, c => families[c].Dequeue()),
            }),
        ];
    }
}
