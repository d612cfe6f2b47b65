using QDistill.Configuration;

namespace QDistill.Bags;

/// <summary>The bags that a path given by a user stands for.</summary>
public static class BagPaths
{
    private const string Remedy = "give a bag's folder, a .mcap or .db3 file, or a folder of bags";
    private static readonly string[] Endings = [".mcap", ".db3", ".mcap.zstd", ".db3.zstd"];

    /// <summary>Each path itself when it is a bag, else every bag one level below it, in order of name.</summary>
    /// <exception cref="UserErrorException">A path does not exist, or there is no bag.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths)
    {
        var bags = new List<string>();
        foreach (string path in paths)
        {
            if (!Path.Exists(path))
            {
                throw new UserErrorException("does not exist", path, Remedy);
            }

            if (!Directory.Exists(path) || IsBag(path))
            {
                bags.Add(path);
                continue;
            }

            string[] below = [.. Directory.EnumerateDirectories(path).Where(IsBag).Order(StringComparer.Ordinal)];
            if (below.Length == 0)
            {
                throw new UserErrorException("holds no bag", path, Remedy);
            }

            bags.AddRange(below);
        }

        return bags;
    }

    /// <summary>The name of a bag: its folder's, or its file's without the ending.</summary>
    public static string NameOf(string bag)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(bag));
        return File.Exists(full) ? Path.GetFileNameWithoutExtension(full) : Path.GetFileName(full);
    }

    private static bool IsBag(string folder) =>
        File.Exists(Path.Combine(folder, "metadata.yaml")) || Directory.EnumerateFiles(folder).Any(f => Endings.Any(e => f.EndsWith(e, StringComparison.Ordinal)));
}
