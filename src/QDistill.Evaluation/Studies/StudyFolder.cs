using QDistill.Configuration;

namespace QDistill.Evaluation.Studies;

/// <summary>
/// Where a study's results are: <c>study.yaml</c> (the file it was begun with), <c>plan.json</c> (its conditions and runs), <c>runs.jsonl</c> (a line for each
/// finished run) and <c>cache/</c> (simulated bags, fitted teachers and labels; may be deleted, then they are made again).
/// </summary>
/// <param name="Path">The folder.</param>
public sealed record StudyFolder(string Path)
{
    /// <summary>The study file's copy.</summary>
    public string StudyPath => System.IO.Path.Combine(Path, "study.yaml");

    /// <summary>The plan.</summary>
    public string PlanPath => System.IO.Path.Combine(Path, "plan.json");

    /// <summary>The finished runs.</summary>
    public string RunsPath => System.IO.Path.Combine(Path, "runs.jsonl");

    /// <summary>What can be made again.</summary>
    public string CachePath => System.IO.Path.Combine(Path, "cache");

    /// <summary>The plan.</summary>
    /// <exception cref="UserErrorException">The folder holds no study.</exception>
    public StudyPlan LoadPlan() => StudyPlan.Load(PlanPath);

    /// <summary>The finished runs by id, also those of earlier plans.</summary>
    /// <exception cref="UserErrorException">The file is damaged.</exception>
    public IReadOnlyDictionary<string, RunRecord> LoadRuns() => RunStore.Read(RunsPath);

    /// <summary>How far the study is.</summary>
    /// <exception cref="UserErrorException">The folder holds no study.</exception>
    public StudyStatus Status() => StudyStatus.Of(LoadPlan(), LoadRuns());

    /// <summary>
    /// Puts the runs of several folders of one study into one: those of shards, or of interrupted calls on different machines. The lines are written in the plan's
    /// order, so the result does not depend on who did what.
    /// </summary>
    /// <param name="folders">The folders.</param>
    /// <param name="again">Whether runs that are here already are merged too and written anew, instead of being refused.</param>
    /// <exception cref="UserErrorException">They are of different studies, data or code; or two of them have the same run with other numbers; or this folder has runs already.</exception>
    public StudyStatus Merge(IReadOnlyList<string> folders, bool again = false)
    {
        bool here = File.Exists(RunsPath);
        if (here && !again)
        {
            throw new UserErrorException("holds runs already", Path, "merge into a new folder");
        }

        StudyFolder first = new(folders[0]);
        StudyPlan plan = first.LoadPlan();
        string text = plan.ToJson();
        var runs = new Dictionary<string, RunRecord>(StringComparer.Ordinal);
        foreach (StudyFolder folder in folders.Select(f => new StudyFolder(f)).Concat(here && LoadPlan().ToJson() == text ? [this] : []))
        {
            if (folder.LoadPlan().ToJson() != text)
            {
                throw new UserErrorException($"is not the same study as {first.Path}: axes, data or code differ", folder.Path, "merge the shards of one study file, run with one version on the same bags");
            }

            foreach ((string id, RunRecord record) in folder.LoadRuns())
            {
                if (runs.TryGetValue(id, out RunRecord? other) && other.Error is null)
                {
                    if (record.Error is null && record.ToRepeatableJson() != other.ToRepeatableJson())
                    {
                        throw new UserErrorException($"run {id[..12]} has other numbers here than in a folder before it", folder.RunsPath, "remove the line you trust less, and run it again");
                    }

                    continue;
                }

                runs[id] = record;
            }
        }

        AtomicOutput.WriteText(StudyPath, File.Exists(first.StudyPath) ? File.ReadAllText(first.StudyPath) : string.Empty);
        AtomicOutput.WriteText(PlanPath, text);
        AtomicOutput.Write(RunsPath, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            foreach (RunSpec run in plan.Runs)
            {
                if (runs.TryGetValue(run.Id, out RunRecord? record))
                {
                    writer.WriteLine(record.ToJson());
                }
            }
        });
        return Status();
    }
}
