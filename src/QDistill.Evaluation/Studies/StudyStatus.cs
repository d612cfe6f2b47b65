namespace QDistill.Evaluation.Studies;

/// <summary>How far a study is.</summary>
public sealed record StudyStatus
{
    /// <summary>The study's name.</summary>
    public required string Name { get; init; }

    /// <summary>Runs of the plan.</summary>
    public required int Runs { get; init; }

    /// <summary>Finished ones.</summary>
    public required int Done { get; init; }

    /// <summary>Those that could not be done; they are tried again by the next call.</summary>
    public required int Failed { get; init; }

    /// <summary>Those still to do.</summary>
    public int Open => Runs - Done - Failed;

    /// <summary>Lines of earlier plans or other code, which do not count.</summary>
    public required int Unused { get; init; }

    /// <summary>Computing time of the finished runs together [s].</summary>
    public required double Seconds { get; init; }

    /// <summary>Why runs failed, each sentence once.</summary>
    public required IReadOnlyList<string> Errors { get; init; }

    /// <summary>Finished and planned runs by role; the same run may serve several roles.</summary>
    public required IReadOnlyDictionary<string, string> ByRole { get; init; }

    internal static StudyStatus Of(StudyPlan plan, IReadOnlyDictionary<string, RunRecord> runs)
    {
        var ids = plan.Runs.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        RunRecord[] mine = [.. ids.Where(runs.ContainsKey).Select(i => runs[i])];
        return new StudyStatus
        {
            Name = plan.Name,
            Runs = ids.Count,
            Done = mine.Count(r => r.Error is null),
            Failed = mine.Count(r => r.Error is not null),
            Unused = runs.Keys.Count(k => !ids.Contains(k)),
            Seconds = Math.Round(mine.Sum(r => r.Timings.GetValueOrDefault("total")), 1),
            Errors = [.. mine.Select(r => r.Error).OfType<string>().Distinct()],
            ByRole = plan.Conditions.GroupBy(c => c.Role).ToDictionary(g => g.Key, g =>
            {
                string[] of = [.. g.SelectMany(c => c.Runs.Values).Distinct()];
                return $"{of.Count(i => runs.TryGetValue(i, out RunRecord? r) && r.Error is null)}/{of.Length}";
            }),
        };
    }
}
