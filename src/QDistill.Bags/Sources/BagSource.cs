namespace QDistill.Bags.Sources;

/// <summary>What is to be read of every file: the selected topics and time range, and how to meet damage.</summary>
internal sealed class Selection(BagReadOptions options)
{
    private readonly HashSet<string>? names = options.Topics is { } topics ? new HashSet<string>(topics, StringComparer.Ordinal) : null;

    public long StartTime { get; } = options.StartTime;

    public long EndTime { get; } = options.EndTime;

    public bool SkipDamaged { get; } = options.SkipDamaged;

    public bool Wants(string topic) => names is null || names.Contains(topic);
}

/// <summary>The topics of all files of a bag, by name and type.</summary>
internal sealed class TopicTable
{
    private readonly Dictionary<(string Name, string Type), BagTopic> topics = [];

    public IReadOnlyCollection<BagTopic> All => topics.Values;

    public BagTopic Get(string name, string type)
    {
        if (!topics.TryGetValue((name, type), out BagTopic? topic))
        {
            topics[(name, type)] = topic = new BagTopic(name, type);
        }

        return topic;
    }
}

/// <summary>One file of a bag as a stream of messages in log-time order.</summary>
internal abstract class BagSource(string path) : IDisposable
{
    /// <summary>The file's path, as messages to the user name it.</summary>
    public string Path { get; } = path;

    /// <summary>No message still to come is earlier than this; <see cref="long.MaxValue"/> when none comes.</summary>
    public long Bound { get; protected set; } = long.MinValue;

    /// <summary>Whether the next message is at hand, so that <see cref="Bound"/> is its log time.</summary>
    public bool IsReady { get; protected set; }

    public bool IsAtEnd => !IsReady && Bound == long.MaxValue;

    public long MessageCount { get; protected set; }

    public long StartTime { get; protected set; } = long.MaxValue;

    public long EndTime { get; protected set; } = long.MinValue;

    /// <summary>The metadata that the file carries within itself, if any.</summary>
    public string? EmbeddedMetadata { get; protected set; }

    public string RosDistro { get; protected set; } = string.Empty;

    /// <summary>Where what could be worked around is told.</summary>
    public List<string> Warnings { get; protected init; } = [];

    /// <summary>Works towards the next message: raises <see cref="Bound"/> or sets <see cref="IsReady"/>.</summary>
    public abstract void Prepare();

    /// <summary>Takes the message that is ready. Its data is valid until the next call of <see cref="Prepare"/> or <see cref="Take"/>.</summary>
    public abstract void Take(out BagMessage message);

    /// <summary>Starts anew at the first message not before a time.</summary>
    public abstract void Seek(long time);

    public abstract void Dispose();
}
