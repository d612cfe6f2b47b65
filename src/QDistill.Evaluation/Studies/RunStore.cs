using System.Text;
using QDistill.Configuration;

namespace QDistill.Evaluation.Studies;

/// <summary>
/// <c>runs.jsonl</c>: one line for each finished run, appended and forced to disk before the next begins. One process writes; a line that a kill or a full disk
/// cut off is dropped when the file is opened again. Of several lines with one id the last counts.
/// </summary>
internal sealed class RunStore : IDisposable
{
    private readonly string path;
    private readonly FileStream stream;
    private readonly Lock guard = new();
    private readonly Dictionary<string, RunRecord> records;

    private readonly FileStream held;

    private RunStore(string path, FileStream held, FileStream stream, Dictionary<string, RunRecord> records) => (this.path, this.held, this.stream, this.records) = (path, held, stream, records);

    /// <summary>Bytes of a cut-off line that were dropped when the file was opened.</summary>
    public long Dropped { get; private init; }

    /// <summary>Opens the file for appending, making it if need be.</summary>
    /// <exception cref="UserErrorException">Another process has it open, it cannot be written, or a line in its middle is damaged.</exception>
    public static RunStore Open(string path)
    {
        FileStream? held = null, stream = null;
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Directory.CreateDirectory(folder);

            // Only FileShare.None excludes another writer on Linux, and it would exclude readers too: hence a file of its own. The kernel frees it with the process.
            held = new FileStream(Path.Combine(folder, $".{Path.GetFileName(path)}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            (Dictionary<string, RunRecord> records, long good) = Parse(path, ReadAll(stream));
            long dropped = stream.Length - good;
            if (dropped > 0)
            {
                stream.SetLength(good);
            }

            stream.Seek(0, SeekOrigin.End);
            return new RunStore(path, held, stream, records) { Dropped = dropped };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            held?.Dispose();
            throw new UserErrorException($"cannot be written ({e.Message})", path, "is another 'study run' at work in this folder? Check also free space and permissions", e);
        }
        catch
        {
            stream?.Dispose();
            held?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the records of a file that others may be writing.</summary>
    /// <exception cref="UserErrorException">The file cannot be read, or a line in its middle is damaged.</exception>
    public static IReadOnlyDictionary<string, RunRecord> Read(string path)
    {
        if (!File.Exists(path))
        {
            return new Dictionary<string, RunRecord>();
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return Parse(path, ReadAll(stream)).Records;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot be read ({e.Message})", path, "check its permissions", e);
        }
    }

    /// <summary>The record of a run, or null.</summary>
    public RunRecord? Find(string id)
    {
        lock (guard)
        {
            return records.GetValueOrDefault(id);
        }
    }

    /// <summary>Appends a record and forces it to disk.</summary>
    /// <exception cref="UserErrorException">The disk is full or the file cannot be written.</exception>
    public void Append(RunRecord record)
    {
        byte[] line = Encoding.UTF8.GetBytes(record.ToJson() + "\n");
        lock (guard)
        {
            long before = stream.Length;
            try
            {
                stream.Write(line);
                stream.Flush(flushToDisk: true);
            }
            catch (Exception e) when (e is IOException or ArgumentException)
            {
                // .NET reports a file that may not grow further (EFBIG) as an argument error.
                TryTruncate(before);
                throw new UserErrorException($"a finished run cannot be written ({e.Message})", path, "free some space; what was finished before is kept", e);
            }

            records[record.Id] = record;
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        held.Dispose();
    }

    private static byte[] ReadAll(FileStream stream)
    {
        byte[] all = new byte[stream.Length];
        stream.ReadExactly(all);
        return all;
    }

    private static (Dictionary<string, RunRecord> Records, long Good) Parse(string path, byte[] all)
    {
        var records = new Dictionary<string, RunRecord>(StringComparer.Ordinal);
        int at = 0, number = 0;
        while (at < all.Length)
        {
            int end = Array.IndexOf(all, (byte)'\n', at);
            number++;
            RunRecord? record = end < 0 ? null : RunRecord.FromJson(Encoding.UTF8.GetString(all, at, end - at));
            if (record is null)
            {
                // After a power cut even a line with an end may hold nothing but zeros; only the last one may be so.
                return end < 0 || end == all.Length - 1
                    ? (records, at)
                    : throw new UserErrorException("is not a run's line", $"{path}:{number}", "remove that line; its run will be done again");
            }

            records[record.Id] = record;
            at = end + 1;
        }

        return (records, at);
    }

    private void TryTruncate(long length)
    {
        try
        {
            stream.SetLength(length);
            stream.Seek(0, SeekOrigin.End);
        }
        catch (IOException)
        {
            // The next opening drops the cut-off line.
        }
    }
}
