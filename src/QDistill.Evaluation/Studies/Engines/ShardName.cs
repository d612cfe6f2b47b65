using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Evaluation.Studies;

/// <summary>
/// The contract between a study and whatever runs its shards side by side: <c>--shard auto/N</c> takes the shard's number from the scheduler's own variable and puts its runs
/// into <c>FOLDER/shards/I</c>, from where they are merged.
/// </summary>
public static class ShardName
{
    /// <summary>The variables in which schedulers number the tasks of an array, and the number of their first.</summary>
    private static readonly (string Variable, int First)[] Numbers = [("SLURM_ARRAY_TASK_ID", 1), ("JOB_COMPLETION_INDEX", 0)];

    /// <summary>The folder of shard <paramref name="index"/> (from 1).</summary>
    public static string Folder(string study, int index) => Path.Combine(study, "shards", index.ToString(CultureInfo.InvariantCulture));

    /// <summary>Works <c>auto/N</c> out; other shards come back as they are, with the folder given.</summary>
    /// <param name="shard">The text of <c>--shard</c>.</param>
    /// <param name="folder">The study's folder.</param>
    /// <exception cref="UserErrorException">No scheduler has numbered this process, or its number is not within the shards.</exception>
    public static (StudyShard Shard, string Folder) Resolve(string shard, string folder)
    {
        if (!shard.StartsWith("auto/", StringComparison.Ordinal))
        {
            return (StudyShard.Parse(shard), folder);
        }

        foreach ((string variable, int first) in Numbers)
        {
            if (int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                var resolved = StudyShard.Parse(FormattableString.Invariant($"{number - first + 1}/{shard[5..]}"));
                return (resolved, Folder(folder, resolved.Index));
            }
        }

        throw new UserErrorException(
            $"'{shard}' needs a scheduler's number, but none of {string.Join(", ", Numbers.Select(n => n.Variable))} is set", "--shard", "run it in a Slurm job array or a Kubernetes Indexed Job, or write i/N");
    }
}
