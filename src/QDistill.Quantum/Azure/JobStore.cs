using System.Globalization;
using QDistill.Configuration;

namespace QDistill.Quantum;

/// <summary>
/// Job ids by the contents of their programs, one line each, on disk before the job exists: whoever runs again finds its jobs. Of several lines of one program the last counts.
/// </summary>
internal sealed class JobStore
{
    private readonly string? path;
    private readonly Dictionary<string, Guid> known = [];

    public JobStore(string? path)
    {
        this.path = path;
        if (path is null || !File.Exists(path))
        {
            return;
        }

        string[] lines = File.ReadAllLines(path);
        for (int i = 0; i < lines.Length; i++)
        {
            string[] parts = lines[i].Split(' ');
            if (parts.Length == 2 && Guid.TryParse(parts[1], out Guid id))
            {
                known[parts[0]] = id;
            }
            else if (i + 1 < lines.Length)
            {
                // Only the last line can have been cut off.
                throw new UserErrorException("is not a line of key and job id", string.Create(CultureInfo.InvariantCulture, $"{path}:{i + 1}"), "restore the file or remove it (its jobs will be submitted again)");
            }
        }
    }

    /// <summary>The id of a program's job, or null.</summary>
    public Guid? Find(string key) => known.TryGetValue(key, out Guid id) ? id : null;

    /// <summary>Forgets a program's job, which ended without a result; the next id takes its place on disk too.</summary>
    public void Forget(string key) => known.Remove(key);

    /// <summary>A new id for a program's job, on disk when this returns.</summary>
    public Guid Add(string key)
    {
        var id = Guid.NewGuid();
        known[key] = id;
        if (path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            bool cut = File.Exists(path) && new FileInfo(path).Length > 0 && !File.ReadAllText(path).EndsWith('\n');
            using var stream = new FileStream(path, FileMode.Append, FileAccess.Write);
            using var writer = new StreamWriter(stream);
            writer.Write($"{(cut ? "\n" : string.Empty)}{key} {id}\n");
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }

        return id;
    }
}
