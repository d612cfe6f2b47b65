using QDistill.Features;

namespace QDistill.Evaluation.Replay;

/// <summary>One time of danger in a recording.</summary>
/// <param name="StartNs">Its onset: the first dangerous window [ns].</param>
/// <param name="EndNs">Its last dangerous window [ns].</param>
/// <param name="ReleaseNs">The first window afterwards that is known to be free [ns]; null when the recording ends before.</param>
/// <param name="IsJudged">False for one that is too short to be judged: its time counts neither way.</param>
public readonly record struct Danger(long StartNs, long EndNs, long? ReleaseNs, bool IsJudged = true);

/// <summary>Finds where a recording is dangerous.</summary>
public static class Dangers
{
    /// <summary>The dangers of a recording, in order.</summary>
    public static IReadOnlyList<Danger> Find(FeatureWindows recording, DangerSpec spec) => Find(recording.Stamps, States(recording, spec), spec);

    /// <summary>The dangers of a run of windows; a window of which nothing is known prolongs neither danger nor freedom.</summary>
    /// <param name="stamps">The windows' stamps [n, ns], rising.</param>
    /// <param name="states">Whether each is dangerous [n].</param>
    /// <param name="spec">How neighbours are merged and which are too short.</param>
    public static IReadOnlyList<Danger> Find(ReadOnlySpan<long> stamps, ReadOnlySpan<Truth> states, DangerSpec spec)
    {
        var dangers = new List<Danger>();
        for (int i = 0; i < states.Length; i++)
        {
            long t = stamps[i];
            if (states[i] == Truth.Hazard)
            {
                // A release, or an unknown stretch, that lasts for a moment only does not part a danger in two.
                bool goesOn = dangers.Count > 0 && (dangers[^1].EndNs == stamps[Math.Max(0, i - 1)] || (t - dangers[^1].EndNs) * 1e-9 <= spec.Merge);
                if (goesOn)
                {
                    dangers[^1] = dangers[^1] with { EndNs = t, ReleaseNs = null };
                }
                else
                {
                    dangers.Add(new Danger(t, t, null));
                }
            }
            else if (states[i] == Truth.Safe && dangers.Count > 0 && dangers[^1].ReleaseNs is null)
            {
                dangers[^1] = dangers[^1] with { ReleaseNs = t };
            }
        }

        return [.. dangers.Select(d => d with { IsJudged = (d.EndNs - d.StartNs) * 1e-9 >= spec.Shortest })];
    }

    private static Truth[] States(FeatureWindows w, DangerSpec spec)
    {
        if (spec.Signal is null)
        {
            int constraint = spec.Truth == "collision" ? -1 : w.Robot.Constraints.Select(c => c.Name).ToList().IndexOf(spec.Truth!);
            int count = w.Robot.Constraints.Count;
            return constraint < 0 ? w.Collision : [.. Enumerable.Range(0, w.Count).Select(i => w.Violations[(i * count) + constraint])];
        }

        int j = Signals.Find(w.Schema, spec.Signal);
        var states = new Truth[w.Count];
        for (int i = 0; i < states.Length; i++)
        {
            double v = w.Row(i)[j];
            bool beyond = spec.Operator switch
            {
                "<" => v < spec.Limit,
                "<=" => v <= spec.Limit,
                ">" => v > spec.Limit,
                _ => v >= spec.Limit,
            };
            states[i] = !w.IsValid(i, j) ? Truth.Unknown : beyond ? Truth.Hazard : Truth.Safe;
        }

        return states;
    }
}
