using System.Globalization;
using QDistill.Bags.Metadata;
using QDistill.Bags.Sqlite;
using QDistill.Configuration;

namespace QDistill.Bags.Sources;

/// <summary>
/// A .db3 file of rosbag2's sqlite3 storage in log-time order, of any schema so far: with or without QoS, type hashes, message definitions,
/// embedded metadata. Rows of equal time come in the order they were written.
/// </summary>
internal sealed class SqliteSource : BagSource
{
    private readonly SqliteDatabase database;
    private readonly SqliteStatement? rows;
    private readonly SqliteStatement? row;
    private readonly (long Time, long Id)[]? order;
    private readonly Selection selection;
    private readonly string? privateCopy;
    private readonly Dictionary<long, BagTopic> topicOf = [];
    private int at;
    private long from;
    private bool started;

    public SqliteSource(string path, string shownPath, bool deleteAfterOpening, TopicTable topics, Selection selection, List<string> warnings)
        : base(shownPath)
    {
        this.selection = selection;
        Warnings = warnings;
        string opened = path;
        if (!deleteAfterOpening && LeftOverJournal(path) is { } journal)
        {
            // Never touch the user's file: sqlite would write to it to take the journal in.
            privateCopy = opened = CopyWithJournal(path);
            warnings.Add($"{path}: the recorder did not close it; what {System.IO.Path.GetFileName(journal)} holds was taken into account (on a copy)");
        }

        SqliteDatabase? connection = null;
        try
        {
            database = connection = SqliteDatabase.Open(opened, immutable: privateCopy is null);
            RequireTables(shownPath);
            ReadTopics(topics);
            ReadDefinitions();
            ReadMetadata();
            ReadCounts();
            string ids = string.Join(',', topicOf.Where(t => selection.Wants(t.Value.Name)).Select(t => t.Key.ToString(CultureInfo.InvariantCulture)));
            string which = topicOf.Values.All(t => selection.Wants(t.Name)) ? string.Empty : $" AND topic_id IN ({ids})";
            if (HasTimeIndex())
            {
                rows = database.Prepare($"SELECT topic_id, timestamp, data FROM messages WHERE timestamp BETWEEN ?1 AND ?2{which} ORDER BY timestamp, id");
            }
            else
            {
                order = ReadOrder(which);
                row = database.Prepare("SELECT topic_id, timestamp, data FROM messages WHERE id = ?1");
            }
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw Damaged(e);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
        finally
        {
            // The connection has the file open; its name is no longer needed.
            if (deleteAfterOpening)
            {
                File.Delete(path);
            }

            DeletePrivateCopy();
        }

        Seek(long.MinValue);
    }

    public override void Seek(long time)
    {
        from = Math.Max(selection.StartTime, time);
        rows?.Reset();
        row?.Reset();
        started = false;
        at = -1;
        Bound = MessageCount == 0 ? long.MaxValue : Math.Max(StartTime, from);
        IsReady = false;
    }

    public override void Prepare()
    {
        if (IsReady || Bound == long.MaxValue)
        {
            return;
        }

        try
        {
            if (rows is not null)
            {
                if (!started)
                {
                    rows.Bind(1, from);
                    rows.Bind(2, selection.EndTime);
                    started = true;
                }

                Ready(rows.Step(), rows);
            }
            else
            {
                if (!started)
                {
                    at = Array.FindIndex(order!, o => o.Time >= from);
                    at = at < 0 ? order!.Length : at;
                    started = true;
                }
                else
                {
                    at++;
                }

                row!.Reset();
                bool any = at < order!.Length && order[at].Time <= selection.EndTime;
                if (any)
                {
                    row.Bind(1, order[at].Id);
                    any = row.Step();
                }

                Ready(any, row);
            }
        }
        catch (SqliteException e)
        {
            if (!selection.SkipDamaged)
            {
                throw Damaged(e);
            }

            Warnings.Add($"{Path}: {e.Message}; the messages from log time {Math.Max(Bound, from)} ns on cannot be read");
            (Bound, IsReady) = (long.MaxValue, false);
        }
    }

    public override void Take(out BagMessage message)
    {
        SqliteStatement statement = rows ?? row!;
        long time = statement.Int64(1);
        IsReady = false;
        message = new BagMessage(topicOf[statement.Int64(0)], time, time, statement.Blob(2));
    }

    /// <summary>Lets sqlite check every page, and looks for messages of no topic.</summary>
    public void Check(Action<BagCheckSeverity, string, string> find)
    {
        try
        {
            using SqliteStatement integrity = database.Prepare("PRAGMA integrity_check(20)");
            while (integrity.Step())
            {
                if (integrity.Text(0) != "ok")
                {
                    find(BagCheckSeverity.Error, "structure", $"sqlite3 finds: {integrity.Text(0).ReplaceLineEndings(" ")}");
                }
            }

            using SqliteStatement orphans = database.Prepare("SELECT count(*) FROM messages WHERE topic_id NOT IN (SELECT id FROM topics)");
            if (orphans.Step() && orphans.Int64(0) > 0)
            {
                find(BagCheckSeverity.Error, "structure", $"{orphans.Int64(0)} messages belong to topics that the topics table lacks");
            }
        }
        catch (SqliteException e)
        {
            find(BagCheckSeverity.Error, "structure", $"sqlite3 reports '{e.Message}'");
        }
    }

    public override void Dispose()
    {
        rows?.Dispose();
        row?.Dispose();
        database?.Dispose();
        DeletePrivateCopy();
    }

    private static string? LeftOverJournal(string path) =>
        new[] { path + "-wal", path + "-journal" }.FirstOrDefault(p => File.Exists(p) && new FileInfo(p).Length > 0);

    private static string CopyWithJournal(string path)
    {
        string folder = Directory.CreateTempSubdirectory("qdistill-").FullName;
        string copy = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(path));
        try
        {
            File.Copy(path, copy);
            foreach (string suffix in new[] { "-wal", "-journal" }.Where(s => File.Exists(path + s)))
            {
                File.Copy(path + suffix, copy + suffix);
            }

            return copy;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Directory.Delete(folder, recursive: true);
            throw BagErrors.Unreadable(path, e);
        }
    }

    private void DeletePrivateCopy()
    {
        if (privateCopy is not null && System.IO.Path.GetDirectoryName(privateCopy) is { } folder && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private UserErrorException Damaged(SqliteException e) => e.Code == SqliteException.NotADatabase
        ? BagErrors.NotABag(Path, $"those of something that sqlite3 calls '{e.Message}'")
        : new UserErrorException($"sqlite3 reports '{e.Message}'", Path, $"recover what is left with: sqlite3 '{Path}' .recover | sqlite3 recovered.db3", e);

    private void Ready(bool any, SqliteStatement statement)
    {
        if (!any)
        {
            (Bound, IsReady) = (long.MaxValue, false);
            return;
        }

        if (!topicOf.ContainsKey(statement.Int64(0)))
        {
            if (selection.SkipDamaged)
            {
                // Without its topic a message has no meaning; the check counts them.
                IsReady = false;
                Bound = statement.Int64(1);
                return;
            }

            string what = $"a message at log time {statement.Int64(1)} ns belongs to topic number {statement.Int64(0)}, which the topics table lacks";
            throw BagErrors.Damaged(Path, what);
        }

        (Bound, IsReady) = (statement.Int64(1), true);
    }

    private void RequireTables(string shownPath)
    {
        foreach (string table in new[] { "messages", "topics" })
        {
            if (Columns(table).Count == 0)
            {
                throw new UserErrorException($"is a sqlite3 database, but has no table '{table}', so it is not a rosbag2 bag", shownPath, "give a file that 'ros2 bag record' made");
            }
        }
    }

    private HashSet<string> Columns(string table)
    {
        var columns = new HashSet<string>(StringComparer.Ordinal);
        using SqliteStatement s = database.Prepare($"SELECT name FROM pragma_table_info('{table}')");
        while (s.Step())
        {
            columns.Add(s.Text(0));
        }

        return columns;
    }

    private void ReadTopics(TopicTable topics)
    {
        HashSet<string> columns = Columns("topics");
        string Column(string name) => columns.Contains(name) ? name : "''";
        using SqliteStatement s = database.Prepare(
            $"SELECT id, name, type, {Column("serialization_format")}, {Column("offered_qos_profiles")}, {Column("type_description_hash")} FROM topics ORDER BY id");
        while (s.Step())
        {
            BagTopic topic = topics.Get(s.Text(1), s.Text(2));
            topicOf[s.Int64(0)] = topic;
            if (s.Text(3).Length > 0)
            {
                topic.SerializationFormat = s.Text(3);
            }

            if (s.Text(5).Length > 0)
            {
                topic.TypeHash = s.Text(5);
            }

            if (topic.OfferedQoS.Count == 0)
            {
                try
                {
                    topic.OfferedQoS = QoSYaml.Parse(s.Text(4), $"{Path}, topic {topic.Name}, offered_qos_profiles");
                }
                catch (UserErrorException e)
                {
                    Warnings.Add($"{e.Message} The topic's QoS is treated as not known.");
                }
            }
        }
    }

    private void ReadDefinitions()
    {
        if (Columns("message_definitions").Count == 0)
        {
            return;
        }

        using SqliteStatement s = database.Prepare("SELECT topic_type, encoding, encoded_message_definition FROM message_definitions");
        while (s.Step())
        {
            string type = s.Text(0), encoding = s.Text(1), text = s.Text(2);
            foreach (BagTopic topic in topicOf.Values.Where(t => t.Type == type && encoding.Length > 0))
            {
                topic.DefinitionEncoding = encoding;
                topic.Definition = encoding == "ros2msg" ? text : null;
            }
        }
    }

    private void ReadMetadata()
    {
        if (Columns("schema").Contains("ros_distro"))
        {
            using SqliteStatement s = database.Prepare("SELECT ros_distro FROM schema");
            RosDistro = s.Step() ? s.Text(0) : string.Empty;
        }

        if (Columns("metadata").Contains("metadata"))
        {
            using SqliteStatement s = database.Prepare("SELECT metadata FROM metadata ORDER BY id DESC LIMIT 1");
            EmbeddedMetadata = s.Step() ? s.Text(0) : null;
        }
    }

    private void ReadCounts()
    {
        using SqliteStatement s = database.Prepare("SELECT topic_id, count(*), min(timestamp), max(timestamp) FROM messages GROUP BY topic_id");
        while (s.Step())
        {
            MessageCount += s.Int64(1);
            StartTime = Math.Min(StartTime, s.Int64(2));
            EndTime = Math.Max(EndTime, s.Int64(3));
            if (topicOf.TryGetValue(s.Int64(0), out BagTopic? topic))
            {
                topic.MessageCount += s.Int64(1);
            }
        }
    }

    private bool HasTimeIndex()
    {
        using SqliteStatement s = database.Prepare(
            "SELECT 1 FROM pragma_index_list('messages') AS l, pragma_index_info(l.name) AS i WHERE i.seqno = 0 AND i.name = 'timestamp' AND l.partial = 0");
        return s.Step();
    }

    /// <summary>Times and row numbers of a table without an index, so that only these 16 bytes a message are sorted, not the data.</summary>
    private (long Time, long Id)[] ReadOrder(string which)
    {
        var list = new List<(long, long)>();
        using SqliteStatement s = database.Prepare($"SELECT timestamp, id FROM messages WHERE 1{which}");
        while (s.Step())
        {
            list.Add((s.Int64(0), s.Int64(1)));
        }

        (long, long)[] sorted = [.. list];
        Array.Sort(sorted);
        return sorted;
    }
}
