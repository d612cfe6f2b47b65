using System.Text;
using QDistill.Bags.Compression;
using QDistill.Bags.Mcap;
using QDistill.Bags.Metadata;
using QDistill.Bags.Sources;
using QDistill.Configuration;

namespace QDistill.Bags;

/// <summary>Finds the files of a bag, recognises what each one is by its content, and puts the reader together.</summary>
internal static class BagOpener
{
    private const string MetadataName = "metadata.yaml";
    private static readonly string[] Extensions = [".mcap", ".db3", ".mcap.zstd", ".db3.zstd"];

    private enum FileKind
    {
        Mcap,
        Sqlite,
        Zstd,
    }

    public static BagReader Open(string path, BagReadOptions options)
    {
        var info = new BagInfo();
        (IReadOnlyList<string> files, BagMetadata? metadata) = Locate(path, info.WarningList);
        var topics = new TopicTable();
        var selection = new Selection(options);
        var sources = new List<BagSource>(files.Count);
        try
        {
            foreach (string file in files)
            {
                sources.Add(OpenFile(file, topics, selection, info.WarningList));
            }

            metadata ??= Embedded(sources, info.WarningList);
            Describe(info, files, sources, topics, metadata);
            Complete(topics, metadata);
            info.Topics = [.. topics.All.OrderBy(t => t.Name, StringComparer.Ordinal).ThenBy(t => t.Type, StringComparer.Ordinal)];
            RefuseUnknownFormats(info, selection, options, metadata?.Source ?? path);
            return new BagReader([.. sources], info, metadata, selection);
        }
        catch
        {
            foreach (BagSource source in sources)
            {
                source.Dispose();
            }

            throw;
        }
    }

    /// <summary>The files of a bag in their order, and its metadata.yaml if it has one.</summary>
    private static (IReadOnlyList<string> Files, BagMetadata? Metadata) Locate(string path, List<string> warnings)
    {
        if (Directory.Exists(path))
        {
            string metadataPath = Path.Combine(path, MetadataName);
            return File.Exists(metadataPath) ? FromMetadata(metadataPath, warnings) : (FilesIn(path), null);
        }

        if (!File.Exists(path))
        {
            throw BagErrors.NotFound(path);
        }

        if (Path.GetFileName(path) == MetadataName)
        {
            return FromMetadata(path, warnings);
        }

        // One file of a bag: metadata.yaml beside it still knows about compression and QoS.
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, MetadataName);
        if (!File.Exists(beside))
        {
            return ([path], null);
        }

        try
        {
            BagMetadata metadata = BagMetadata.Load(beside);
            bool listed = metadata.RelativePaths.Any(p => Path.GetFileName(p) == Path.GetFileName(path));
            return ([path], listed ? metadata : null);
        }
        catch (UserErrorException e)
        {
            warnings.Add($"{e.Message} It is not used.");
            return ([path], null);
        }
    }

    private static (IReadOnlyList<string> Files, BagMetadata Metadata) FromMetadata(string metadataPath, List<string> warnings)
    {
        BagMetadata metadata = BagMetadata.Load(metadataPath);
        if (metadata.Storage is not ("mcap" or "sqlite3"))
        {
            throw BagErrors.UnknownStorage(metadata.Storage, metadataPath);
        }

        if (metadata.Version > BagMetadata.NewestVersion)
        {
            warnings.Add($"{metadataPath}: version {metadata.Version} is newer than {BagMetadata.NewestVersion}, the newest known here; it was read as that");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(metadataPath))!;
        var files = new List<string>();
        foreach (string relative in metadata.RelativePaths)
        {
            files.Add(Resolve(folder, relative, metadata, metadataPath));
        }

        return files.Count > 0
            ? (files, metadata)
            : throw new UserErrorException("lists no files (relative_file_paths)", metadataPath, "remove it to read the .mcap or .db3 files beside it");
    }

    private static string Resolve(string folder, string relative, BagMetadata metadata, string metadataPath)
    {
        string first = Path.Combine(folder, relative);
        string[] candidates =
        [
            first,
            Path.Combine(folder, "..", relative), // versions up to 3 name the folder too
            Path.Combine(folder, Path.GetFileName(relative)),
            first + ".zstd", // the list was written before the file was compressed,
            metadata.CompressionMode.Length > 0 && first.EndsWith(".zstd", StringComparison.Ordinal) ? first[..^".zstd".Length] : first, // or it was decompressed since
        ];
        return candidates.FirstOrDefault(File.Exists) ?? (Directory.Exists(first) ? first : throw BagErrors.MissingPart(first, metadataPath));
    }

    private static List<string> FilesIn(string folder)
    {
        string[] all;
        try
        {
            all = Directory.GetFiles(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BagErrors.Unreadable(folder, e);
        }

        var files = all.Where(f => Extensions.Any(x => f.EndsWith(x, StringComparison.Ordinal))).ToList();

        // A file and its decompressed twin are one.
        files.RemoveAll(f => f.EndsWith(".zstd", StringComparison.Ordinal) && files.Contains(f[..^".zstd".Length]));
        files.Sort(CompareNatural);
        return files.Count > 0 ? files : throw BagErrors.EmptyFolder(folder);
    }

    /// <summary>Numbers within names count as numbers: bag_2 comes before bag_10.</summary>
    internal static int CompareNatural(string a, string b)
    {
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]))
            {
                int startA = i, startB = j;
                while (i < a.Length && char.IsAsciiDigit(a[i]))
                {
                    i++;
                }

                while (j < b.Length && char.IsAsciiDigit(b[j]))
                {
                    j++;
                }

                ReadOnlySpan<char> x = a.AsSpan(startA, i - startA).TrimStart('0'), y = b.AsSpan(startB, j - startB).TrimStart('0');
                int order = x.Length != y.Length ? x.Length - y.Length : x.SequenceCompareTo(y);
                if (order != 0)
                {
                    return order;
                }
            }
            else if (a[i] != b[j])
            {
                return a[i] - b[j];
            }
            else
            {
                i++;
                j++;
            }
        }

        int rest = (a.Length - i) - (b.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(a, b);
    }

    private static BagSource OpenFile(string path, TopicTable topics, Selection selection, List<string> warnings)
    {
        string opened = path;
        bool temporary = false;
        FileKind kind = Recognise(path, path);
        if (kind == FileKind.Zstd)
        {
            opened = CompressedFile.Decompress(path, out string? warning);
            temporary = true;
            if (warning is not null)
            {
                warnings.Add($"{path}: {warning}");
            }

            try
            {
                if (new FileInfo(opened).Length == 0)
                {
                    throw BagErrors.Damaged(path, "nothing of it can be decompressed" + (warning is null ? string.Empty : $": {warning}"));
                }

                kind = Recognise(opened, path);
            }
            catch
            {
                File.Delete(opened);
                throw;
            }
        }

        return kind == FileKind.Sqlite
            ? new SqliteSource(opened, path, temporary, topics, selection, warnings)
            : new McapSource(new McapFile(opened, path, temporary), topics, selection, warnings);
    }

    /// <summary>What a file is by its first bytes, whatever its name says.</summary>
    private static FileKind Recognise(string path, string shownPath)
    {
        Span<byte> first = stackalloc byte[16];
        int length;
        try
        {
            using FileStream stream = File.OpenRead(path);
            length = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BagErrors.Unreadable(shownPath, e);
        }

        first = first[..length];
        if (length == 0)
        {
            throw BagErrors.EmptyFile(shownPath);
        }

        if (first.StartsWith(McapFile.Magic))
        {
            return FileKind.Mcap;
        }

        if (first.StartsWith("SQLite format 3\0"u8))
        {
            return FileKind.Sqlite;
        }

        if (CompressedFile.IsZstd(first) && path == shownPath)
        {
            return FileKind.Zstd;
        }

        throw first switch
        {
            _ when first.StartsWith("#ROSBAG"u8) => BagErrors.NotABag(shownPath, "those of a ROS 1 bag", "convert it to a ROS 2 bag first (for example with rosbags-convert)"),
            _ when first.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'M', (byte)'C', (byte)'A', (byte)'P']) => BagErrors.NotABag(shownPath, $"those of an MCAP file of another version or cut off ({Convert.ToHexString(first)})"),
            _ => BagErrors.NotABag(shownPath, Shown(first)),
        };
    }

    private static string Shown(ReadOnlySpan<byte> first) => first.ContainsAnyExceptInRange((byte)' ', (byte)'~')
        && first.IndexOfAnyExcept("\n\r\t !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8) >= 0
        ? Convert.ToHexString(first)
        : $"text ('{Encoding.ASCII.GetString(first).ReplaceLineEndings(" ").Trim()}...')";

    private static BagMetadata? Embedded(List<BagSource> sources, List<string> warnings)
    {
        // A single file without metadata.yaml: rosbag2 keeps a copy inside.
        if (sources is not [{ EmbeddedMetadata: { } text } source])
        {
            return null;
        }

        try
        {
            return BagMetadata.Parse(text, $"{source.Path}, embedded metadata");
        }
        catch (UserErrorException e)
        {
            warnings.Add($"{e.Message} It is not used.");
            return null;
        }
    }

    private static void Describe(BagInfo info, IReadOnlyList<string> files, List<BagSource> sources, TopicTable topics, BagMetadata? metadata)
    {
        info.Files = files;
        info.Storage = sources[0] is SqliteSource ? "sqlite3" : "mcap";
        info.MessageCount = sources.Sum(s => s.MessageCount);
        if (info.MessageCount > 0)
        {
            info.StartNs = sources.Min(s => s.StartTime);
            info.EndNs = sources.Max(s => s.EndTime);
        }

        info.MetadataVersion = metadata?.Version ?? 0;
        info.RosDistro = metadata?.RosDistro is { Length: > 0 } distro ? distro : sources[0].RosDistro;
        info.Compression = metadata is { CompressionFormat.Length: > 0 } ? $"{metadata.CompressionFormat} ({metadata.CompressionMode.ToLowerInvariant()})" : string.Empty;
    }

    /// <summary>What only metadata knows of the topics.</summary>
    private static void Complete(TopicTable topics, BagMetadata? metadata)
    {
        foreach (TopicMetadata known in metadata?.Topics ?? [])
        {
            BagTopic topic = topics.Get(known.Name, known.Type);
            if (topic.OfferedQoS.Count == 0)
            {
                topic.OfferedQoS = known.OfferedQoS;
            }

            if (topic.TypeHash.Length == 0)
            {
                topic.TypeHash = known.TypeHash;
            }

            // What metadata says of the format is what rosbag2 goes by.
            if (known.SerializationFormat.Length > 0)
            {
                topic.SerializationFormat = known.SerializationFormat;
            }
        }
    }

    private static void RefuseUnknownFormats(BagInfo info, Selection selection, BagReadOptions options, string where)
    {
        BagTopic? odd = info.Topics.FirstOrDefault(t => t.SerializationFormat != "cdr" && selection.Wants(t.Name));
        if (odd is not null && !options.AnySerializationFormat)
        {
            throw BagErrors.UnknownSerialization(odd.Name, odd.SerializationFormat, where);
        }
    }
}
