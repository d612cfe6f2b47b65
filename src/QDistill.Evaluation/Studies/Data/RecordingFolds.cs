namespace QDistill.Evaluation.Studies;

/// <summary>
/// Leaves recordings out: k parts of recordings, each in turn the test, the next the validation, the others the training. Every recording is tested once, so that
/// intervals over folds speak of other drives. Recordings with many hazards are spread first, so that each part has some.
/// </summary>
internal static class RecordingFolds
{
    /// <summary>For each recording its part, from 0.</summary>
    /// <param name="hazards">Windows with a hazard ahead, for each recording.</param>
    /// <param name="windows">Windows of each recording.</param>
    /// <param name="folds">The number of parts.</param>
    public static int[] Assign(IReadOnlyList<int> hazards, IReadOnlyList<int> windows, int folds)
    {
        int[] part = new int[hazards.Count];
        int[] hazardsOf = new int[folds], windowsOf = new int[folds];
        foreach (int r in Enumerable.Range(0, hazards.Count).OrderByDescending(r => hazards[r]).ThenByDescending(r => windows[r]).ThenBy(r => r))
        {
            int best = Enumerable.Range(0, folds).OrderBy(f => hazards[r] > 0 ? hazardsOf[f] : 0).ThenBy(f => windowsOf[f]).ThenBy(f => f).First();
            part[r] = best;
            hazardsOf[best] += hazards[r];
            windowsOf[best] += windows[r];
        }

        return part;
    }

    /// <summary>What a recording is for in a fold (from 0): its test, its validation, or its training.</summary>
    public static string Use(int part, int fold, int folds) => part == fold ? "test" : part == (fold + 1) % folds ? "validation" : "training";
}
