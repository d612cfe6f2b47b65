using System.Globalization;
using QDistill.Bags.Check;
using QDistill.Bags.Metadata;
using QDistill.Bags.Sources;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Bags;

/// <summary>Checks a bag: structure and CRCs, metadata against content, order, types, header stamps against log times.</summary>
public static class BagCheck
{
    /// <summary>Checks the whole bag; reads every byte of it.</summary>
    /// <param name="path">The bag's folder or one of its files.</param>
    /// <param name="definitions">Message definitions for types that the bag does not describe (<see cref="MessageDefinitions.FromFolder"/>), or null.</param>
    /// <returns>The report; a bag that cannot even be opened gives one with that error.</returns>
    public static BagCheckReport Run(string path, MessageDefinitions? definitions = null)
    {
        var findings = new List<BagCheckFinding>();
        BagInfo? info = null;
        List<TopicCheck> topics = [];
        try
        {
            using BagReader reader = BagReader.Open(path, new BagReadOptions { SkipDamaged = true, AnySerializationFormat = true });
            info = reader.Info;
            foreach (BagSource source in reader.Sources)
            {
                CheckFile(source, findings);
            }

            topics = CheckMessages(reader, definitions, findings);
            CheckMetadata(reader, topics, findings);

            // Files that were checked byte by byte have told most of this already, in more detail.
            foreach (string warning in info.Warnings.Where(w => !findings.Any(f => f.Severity == BagCheckSeverity.Error && w.StartsWith(f.Where, StringComparison.Ordinal))))
            {
                findings.Add(new BagCheckFinding(BagCheckSeverity.Warning, "open", path, warning.TrimEnd('.')));
            }
        }
        catch (UserErrorException e)
        {
            findings.Add(new BagCheckFinding(BagCheckSeverity.Error, "open", e.Where ?? path, e.Remedy is null ? e.What : $"{e.What}; {e.Remedy}"));
        }

        return new BagCheckReport
        {
            Path = path,
            Info = info,
            Findings = [.. findings.OrderByDescending(f => f.Severity)],
            Topics = topics,
        };
    }

    private static void CheckFile(BagSource source, List<BagCheckFinding> findings)
    {
        void Find(BagCheckSeverity severity, string code, string message) => findings.Add(new BagCheckFinding(severity, code, source.Path, message));
        switch (source)
        {
            case McapSource mcap:
                mcap.Check(Find);
                break;
            case SqliteSource sqlite:
                sqlite.Check(Find);
                break;
        }
    }

    private static List<TopicCheck> CheckMessages(BagReader reader, MessageDefinitions? definitions, List<BagCheckFinding> findings)
    {
        var checkers = reader.Info.Topics.ToDictionary(t => t, t => new TopicChecker(t, definitions));
        while (reader.Read(out BagMessage m))
        {
            checkers[m.Topic].Add(m);
        }

        return [.. reader.Info.Topics.Select(t => checkers[t].Finish(findings))];
    }

    private static void CheckMetadata(BagReader reader, List<TopicCheck> topics, List<BagCheckFinding> findings)
    {
        if (reader.Metadata is not { } metadata)
        {
            findings.Add(new BagCheckFinding(BagCheckSeverity.Info, "metadata", reader.Info.Files[0], "there is no metadata.yaml"));
            return;
        }

        void Find(FormattableString text) =>
            findings.Add(new BagCheckFinding(BagCheckSeverity.Warning, "metadata", metadata.Source, text.ToString(CultureInfo.InvariantCulture)));
        if (metadata.RelativePaths.Count != reader.Sources.Count)
        {
            // One file of a split bag was given: its metadata speaks of all.
            return;
        }

        long read = topics.Sum(t => t.MessageCount);
        if (metadata.MessageCount != read)
        {
            Find($"message_count is {metadata.MessageCount}, but {read} messages are there");
        }

        foreach (TopicMetadata topic in metadata.Topics)
        {
            long count = topics.Where(t => t.Name == topic.Name && t.Type == topic.Type).Sum(t => t.MessageCount);
            if (count != topic.MessageCount)
            {
                Find($"topic '{topic.Name}' has {topic.MessageCount} messages in the metadata, but {count} are there");
            }
        }

        foreach (TopicCheck topic in topics.Where(t => t.MessageCount > 0 && !metadata.Topics.Any(m => m.Name == t.Name && m.Type == t.Type)))
        {
            Find($"topic '{topic.Name}' of type {topic.Type} is not in the metadata");
        }

        if (read > 0 && (metadata.StartNs != reader.Info.StartNs || metadata.DurationNs != reader.Info.DurationNs))
        {
            Find($"starting_time {metadata.StartNs} and duration {metadata.DurationNs} ns do not agree with the messages: {reader.Info.StartNs} and {reader.Info.DurationNs}");
        }

        foreach ((FileMetadata file, BagSource source) in metadata.Files.Zip(reader.Sources))
        {
            if (file.MessageCount != source.MessageCount)
            {
                Find($"file '{file.Path}' has {file.MessageCount} messages in the metadata, but {source.MessageCount} are there");
            }
        }
    }
}
