using System.Text;
using Microsoft.Win32.SafeHandles;
using QDistill.Bags.Mcap;
using QDistill.Bags.Metadata;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Bags;

/// <summary>
/// Writes a rosbag2 bag (MCAP storage, metadata version 9). The bag grows in the hidden folder <c>.NAME.part</c> and appears under its name when
/// <see cref="Close"/> has made it whole. Disposing without <see cref="Close"/> leaves the part behind, so that <see cref="Resume"/> can go on with it. Not
/// safe for use by several threads at once.
/// </summary>
public sealed class BagWriter : IDisposable
{
    internal const string Profile = "ros2";
    private const string LockName = ".lock";
    private readonly string folder;
    private readonly string part;
    private readonly BagWriteOptions options;
    private readonly FileStream claim;
    private readonly SafeFileHandle handle;
    private readonly McapWriter writer;
    private readonly Dictionary<string, BagWriterTopic> topics = new(StringComparer.Ordinal);
    private bool closed;

    private BagWriter(string folder, string part, BagWriteOptions options, FileStream claim, SafeFileHandle handle)
    {
        this.folder = folder;
        this.part = part;
        this.options = options;
        this.claim = claim;
        this.handle = handle;
        writer = new McapWriter(handle, new McapWriterOptions
        {
            Compression = options.Compression,
            ZstdLevel = options.ZstdLevel,
            ChunkSize = options.ChunkSize,
        });
    }

    /// <summary>The bag's topics so far.</summary>
    public IReadOnlyCollection<BagWriterTopic> Topics => topics.Values;

    /// <summary>How many messages were written, those found by <see cref="Resume"/> included.</summary>
    public long MessageCount => (long)writer.MessageCount;

    /// <summary>What <see cref="Resume"/> had to leave out: names the file, the byte and what is lost.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    internal static string Library { get; } = "qdistill " + (typeof(BagWriter).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>Starts a new bag.</summary>
    /// <param name="folder">The bag's folder, whose last part names the bag.</param>
    /// <param name="options">How to write it; the defaults when null.</param>
    /// <exception cref="UserErrorException">A bag of that name is there already, finished or not, or the folder cannot be written.</exception>
    public static BagWriter Create(string folder, BagWriteOptions? options = null)
    {
        options = Checked(options);
        string part = PartOf(ref folder);
        if (!options.Overwrite)
        {
            if (Path.Exists(folder))
            {
                throw new UserErrorException("is there already", folder, "choose another name, remove it, or ask for it to be replaced");
            }

            if (CanResume(folder))
            {
                throw new UserErrorException("an unfinished bag of that name is there already", part, "resume it, remove it, or ask for it to be replaced");
            }
        }

        try
        {
            if (Directory.Exists(part))
            {
                // Fails when another process still writes it.
                Claim(part).Dispose();
                Directory.Delete(part, recursive: true);
            }

            Directory.CreateDirectory(part);
            FileStream claim = Claim(part);
            return Start(folder, part, options, claim);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BagErrors.NotWritable(folder, e);
        }
    }

    /// <summary>Whether a bag of that name was begun and not finished.</summary>
    public static bool CanResume(string folder) => Directory.Exists(PartOf(ref folder));

    /// <summary>
    /// Goes on with a bag that was begun and not finished, wherever it was cut off: every whole message is kept (see <see cref="Topics"/> for counts and last
    /// times), the incomplete tail is removed. Topics are asked for again with <see cref="AddTopic(string, RecordedType, OfferedQoS[])"/>.
    /// </summary>
    /// <exception cref="UserErrorException">There is nothing to resume, another process writes it, or it is not a bag of ours.</exception>
    public static BagWriter Resume(string folder, BagWriteOptions? options = null)
    {
        options = Checked(options);
        string part = PartOf(ref folder);
        if (!Directory.Exists(part))
        {
            throw Path.Exists(folder)
                ? new UserErrorException("is complete, so there is nothing to resume", folder)
                : new UserErrorException("no unfinished bag of that name is there to be resumed", folder, "start it anew");
        }

        try
        {
            FileStream claim = Claim(part);
            try
            {
                return Reopen(folder, part, options, claim);
            }
            catch
            {
                claim.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BagErrors.NotWritable(part, e);
        }
    }

    /// <summary>Adds a topic, or returns the one of that name and type.</summary>
    /// <param name="name">The topic's name, for example <c>/scan</c>.</param>
    /// <param name="type">Its type.</param>
    /// <param name="offeredQoS">The QoS of its publishers; none = <see cref="OfferedQoS.Default"/>.</param>
    /// <exception cref="UserErrorException">The bag has a topic of that name with another type.</exception>
    public BagWriterTopic AddTopic(string name, RecordedType type, params OfferedQoS[] offeredQoS)
    {
        ThrowIfClosed();
        if (topics.TryGetValue(name, out BagWriterTopic? known))
        {
            return known.Type.Name == type.Name
                ? known
                : throw new UserErrorException($"topic '{name}' has type {known.Type.Name} in this bag, not {type.Name}", folder, "write it under another name");
        }

        if (topics.Count == ushort.MaxValue)
        {
            throw new UserErrorException($"a bag cannot have more than {ushort.MaxValue} topics", folder);
        }

        if (offeredQoS.Length == 0)
        {
            offeredQoS = [OfferedQoS.Default];
        }

        ushort schemaId = SchemaOf(type);
        var channel = new McapChannel((ushort)(topics.Count + 1), schemaId, name, "cdr", new Dictionary<string, string>
        {
            ["offered_qos_profiles"] = QoSYaml.Write(offeredQoS, string.Empty).TrimEnd('\n'),
            ["topic_type_hash"] = type.Hash,
        });
        Guard(() => writer.WriteChannel(channel));
        return topics[name] = new BagWriterTopic(this, channel.Id, name, type, offeredQoS);
    }

    /// <summary>Adds a topic of a message type, or returns the one of that name and type.</summary>
    /// <exception cref="UserErrorException">The bag has a topic of that name with another type.</exception>
    public BagWriterTopic AddTopic(string name, MessageType type, params OfferedQoS[] offeredQoS) =>
        AddTopic(name, new RecordedType(type.Name, type.Definition, type.Hash), offeredQoS);

    /// <summary>Adds a topic of a message type with the QoS that its publisher offers, or returns the one of that name and type.</summary>
    /// <exception cref="UserErrorException">The bag has a topic of that name with another type.</exception>
    public BagWriterTopic AddTopic(string name, MessageType type, QoSProfile offeredQoS) => AddTopic(name, type, OfferedQoS.Of(offeredQoS));

    /// <summary>Adds a topic as it is in another bag, or returns the one of that name and type.</summary>
    /// <exception cref="UserErrorException">The bag has a topic of that name with another type.</exception>
    public BagWriterTopic AddTopic(BagTopic topic) =>
        AddTopic(topic.Name, new RecordedType(topic.Type, topic.Definition ?? string.Empty, topic.TypeHash), [.. topic.OfferedQoS]);

    /// <summary>Writes one message.</summary>
    /// <param name="topic">A topic of this writer.</param>
    /// <param name="logTimeNs">When it was received [ns since the epoch, not negative].</param>
    /// <param name="publishTimeNs">When it was published [ns since the epoch, not negative].</param>
    /// <param name="data">The serialized message with its encapsulation header.</param>
    /// <exception cref="UserErrorException">The disk is full or the file cannot be written; what was written before can be resumed.</exception>
    public void Write(BagWriterTopic topic, long logTimeNs, long publishTimeNs, ReadOnlySpan<byte> data)
    {
        ThrowIfClosed();
        if (topic.Owner != this)
        {
            throw new ArgumentException($"topic '{topic.Name}' belongs to another writer", nameof(topic));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(logTimeNs);
        ArgumentOutOfRangeException.ThrowIfNegative(publishTimeNs);
        try
        {
            writer.WriteMessage(topic.Channel, (uint)topic.MessageCount, (ulong)logTimeNs, (ulong)publishTimeNs, data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BagErrors.NotWritable(part, e);
        }

        topic.MessageCount++;
        topic.LastLogTime = Math.Max(topic.LastLogTime, logTimeNs);
    }

    /// <summary>Makes everything written so far durable: it survives a crash of the process and of the machine.</summary>
    /// <exception cref="UserErrorException">The disk is full or the file cannot be written.</exception>
    public void Flush()
    {
        ThrowIfClosed();
        Guard(writer.FlushToDisk);
    }

    /// <summary>Makes the bag whole (index, summary, metadata.yaml, onto the disk) and gives it its name.</summary>
    /// <exception cref="UserErrorException">The disk is full or the folder cannot be written; what was written can be resumed.</exception>
    public void Close()
    {
        ThrowIfClosed();
        Guard(() =>
        {
            BagMetadata metadata = Metadata();
            writer.WriteMetadata(new McapMetadata("rosbag2", new Dictionary<string, string> { ["serialized_metadata"] = MetadataYaml.Embedded(metadata) }));
            writer.Finish();
            RandomAccess.FlushToDisk(handle);
            handle.Dispose();
            AtomicOutput.WriteText(Path.Combine(part, "metadata.yaml"), MetadataYaml.File(metadata));
            if (!options.Overwrite && Path.Exists(folder))
            {
                throw new UserErrorException("appeared while the bag was being written", folder, $"the whole bag is in {part}: rename it");
            }

            File.Delete(Path.Combine(part, LockName));
            AtomicOutput.PublishDirectory(part, folder);
        });
        closed = true;
        Dispose();
    }

    /// <summary>Releases the files. Without <see cref="Close"/> before, the bag stays unfinished (everything written so far can be resumed) and does not appear under its name.</summary>
    public void Dispose()
    {
        if (!closed)
        {
            closed = true;
            try
            {
                writer.FlushChunk();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // An error is on its way already, or the part is no worse than after a kill.
            }
        }

        writer.Dispose();
        handle.Dispose();
        claim.Dispose();
    }

    internal static string DataFileName(string folder) => Path.GetFileName(folder) + "_0.mcap";

    private static BagWriteOptions Checked(BagWriteOptions? options)
    {
        options ??= new BagWriteOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ChunkSize, 1 << 10, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ChunkSize, 256 << 20, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ZstdLevel, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ZstdLevel, 22, nameof(options));
        return options;
    }

    private static string PartOf(ref string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return AtomicOutput.TemporaryName(folder);
    }

    /// <summary>Holds a part for this process alone, for as long as the stream is open.</summary>
    private static FileStream Claim(string part)
    {
        string path = Path.Combine(part, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new UserErrorException("another process is writing this bag", part, "wait for it to end, or end it", e);
        }
    }

    private static BagWriter Start(string folder, string part, BagWriteOptions options, FileStream claim)
    {
        SafeFileHandle handle = File.OpenHandle(Path.Combine(part, DataFileName(folder)), FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        var bag = new BagWriter(folder, part, options, claim, handle);
        bag.writer.WriteHeader(Profile, Library);
        return bag;
    }

    private static BagWriter Reopen(string folder, string part, BagWriteOptions options, FileStream claim)
    {
        string path = Path.Combine(part, DataFileName(folder));
        BagRecovery? recovery = File.Exists(path) ? BagRecovery.Scan(path) : null;
        File.Delete(Path.Combine(part, "metadata.yaml"));
        if (recovery is null)
        {
            return Start(folder, part, options, claim);
        }

        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var bag = new BagWriter(folder, part, options, claim, handle) { Warnings = recovery.Warnings };
            recovery.Apply(bag.writer, handle);
            bag.TakeTopics(recovery);
            return bag;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private void TakeTopics(BagRecovery recovery)
    {
        foreach (McapChannel channel in writer.Channels.Values)
        {
            McapSchema? schema = writer.Schemas.GetValueOrDefault(channel.SchemaId);
            var type = new RecordedType(
                schema?.Name ?? string.Empty,
                schema is null ? string.Empty : Encoding.UTF8.GetString(schema.Data),
                channel.Metadata.GetValueOrDefault("topic_type_hash", string.Empty));
            IReadOnlyList<OfferedQoS> qos = QoSYaml.Parse(channel.Metadata.GetValueOrDefault("offered_qos_profiles", string.Empty), $"{part}, topic {channel.Topic}");
            topics[channel.Topic] = new BagWriterTopic(this, channel.Id, channel.Topic, type, qos)
            {
                MessageCount = (long)writer.CountOf(channel.Id),
                LastLogTime = recovery.LastTimes.GetValueOrDefault(channel.Id, long.MinValue),
            };
        }
    }

    private ushort SchemaOf(RecordedType type)
    {
        foreach (McapSchema known in writer.Schemas.Values)
        {
            if (known.Name == type.Name)
            {
                return known.Id;
            }
        }

        var schema = new McapSchema((ushort)(writer.Schemas.Count + 1), type.Name, type.Definition.Length > 0 ? "ros2msg" : string.Empty, Encoding.UTF8.GetBytes(type.Definition));
        Guard(() => writer.WriteSchema(schema));
        return schema.Id;
    }

    private BagMetadata Metadata()
    {
        string file = DataFileName(folder);
        long start = MessageCount == 0 ? long.MaxValue : (long)writer.StartTime;
        long duration = MessageCount == 0 ? 0 : (long)writer.EndTime - start;
        return new BagMetadata
        {
            Source = file,
            Version = BagMetadata.NewestVersion,
            Storage = "mcap",
            DurationNs = duration,
            StartNs = start,
            MessageCount = MessageCount,
            Topics = [.. topics.Values.Select(t => new TopicMetadata(t.Name, t.Type.Name, "cdr", t.OfferedQoS, t.Type.Hash, t.MessageCount))],
            RelativePaths = [file],
            Files = [new FileMetadata(file, start, duration, MessageCount)],
            RosDistro = options.RosDistro,
        };
    }

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BagErrors.NotWritable(part, e);
        }
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(closed, this);
}
