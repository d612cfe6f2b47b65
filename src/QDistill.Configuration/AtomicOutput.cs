namespace QDistill.Configuration;

/// <summary>
/// Outputs that appear whole: written under a temporary name beside their target and renamed when complete, so that a reader never meets half a file
/// and a cut-off run never spoils what was there before.
/// </summary>
public static class AtomicOutput
{
    /// <summary>Writes a text file whole.</summary>
    public static void WriteText(string path, string text) => Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(text);
    });

    /// <summary>Writes a file whole through a stream.</summary>
    /// <exception cref="UserErrorException">The folder cannot be made or the file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = TemporaryName(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (FileStream stream = File.Create(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new UserErrorException($"cannot be written ({e.Message})", path, "check free space and permissions", e);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>The temporary name used for a target: hidden, beside it, on the same file system.</summary>
    public static string TemporaryName(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.part");
    }

    /// <summary>Puts a finished folder in its place; a folder of that name already there is replaced.</summary>
    public static void PublishDirectory(string temporary, string target)
    {
        if (Directory.Exists(target))
        {
            string old = TemporaryName(target) + ".old";
            if (Directory.Exists(old))
            {
                Directory.Delete(old, recursive: true);
            }

            Directory.Move(target, old);
            Directory.Move(temporary, target);
            Directory.Delete(old, recursive: true);
        }
        else
        {
            Directory.Move(temporary, target);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }
}
