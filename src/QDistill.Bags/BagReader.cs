using QDistill.Bags.Compression;
using QDistill.Bags.Metadata;
using QDistill.Bags.Sources;
using QDistill.Configuration;

namespace QDistill.Bags;

/// <summary>
/// Reads a rosbag2 bag: messages of all its files in log-time order; messages of equal time come in the order of the files and, within one, as they
/// were written. Not safe for use by several threads at once.
/// </summary>
public sealed class BagReader : IDisposable
{
    private readonly BagSource[] sources;
    private readonly FrameDecoder? messageDecoder;
    private readonly Selection selection;
    private byte[] messageBuffer = [];
    private int active = -1;
    private long othersBound = long.MinValue;

    internal BagReader(BagSource[] sources, BagInfo info, BagMetadata? metadata, Selection selection)
    {
        this.selection = selection;
        this.sources = sources;
        Info = info;
        Metadata = metadata;
        messageDecoder = metadata?.CompressedMessages == true ? new FrameDecoder() : null;
    }

    /// <summary>What the whole bag holds, and what is wrong with it.</summary>
    public BagInfo Info { get; }

    /// <summary>Whether the options select a topic for reading.</summary>
    public bool Selects(BagTopic topic) => selection.Wants(topic.Name);

    internal IReadOnlyList<BagSource> Sources => sources;

    internal BagMetadata? Metadata { get; }

    /// <summary>Opens a bag's folder, its metadata.yaml, or one .mcap or .db3 file (or one of these compressed with zstd).</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="options">What to read of it; everything when null.</param>
    /// <exception cref="UserErrorException">There is no such bag, or it cannot be read: names file and place, the reason and the remedy.</exception>
    public static BagReader Open(string path, BagReadOptions? options = null) => BagOpener.Open(path, options ?? new BagReadOptions());

    /// <summary>Reads the next message; false after the last.</summary>
    /// <exception cref="UserErrorException">The bag is damaged here (see <see cref="BagReadOptions.SkipDamaged"/>).</exception>
    public bool Read(out BagMessage message)
    {
        while (true)
        {
            if (active < 0 && !Choose())
            {
                message = default;
                return false;
            }

            BagSource source = sources[active];
            if (!source.IsReady)
            {
                source.Prepare();
                if (!source.IsReady || source.Bound >= othersBound)
                {
                    active = -1;
                }

                continue;
            }

            if (source.Bound > othersBound)
            {
                active = -1;
                continue;
            }

            source.Take(out message);
            if (source.Bound >= othersBound)
            {
                active = -1;
            }

            if (messageDecoder is null)
            {
                return true;
            }

            if (TryDecompress(source, ref message))
            {
                return true;
            }
        }
    }

    /// <summary>Goes to the first message not before <paramref name="logTime"/> [ns] (and not before the options' start).</summary>
    public void Seek(long logTime)
    {
        foreach (BagSource source in sources)
        {
            source.Seek(logTime);
        }

        active = -1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BagSource source in sources)
        {
            source.Dispose();
        }

        messageDecoder?.Dispose();
    }

    /// <summary>Finds the file to read from: the one with the earliest message at hand, the first of equals. False when all are at their end.</summary>
    private bool Choose()
    {
        while (true)
        {
            int best = -1;
            long bestBound = long.MaxValue, second = long.MaxValue;
            for (int i = 0; i < sources.Length; i++)
            {
                if (sources[i].IsAtEnd)
                {
                    continue;
                }

                long bound = sources[i].Bound;
                if (best < 0 || bound < bestBound)
                {
                    (second, best, bestBound) = (bestBound, i, bound);
                }
                else if (bound < second)
                {
                    second = bound;
                }
            }

            if (best < 0)
            {
                return false;
            }

            if (sources[best].IsReady)
            {
                active = best;
                othersBound = second;
                return true;
            }

            sources[best].Prepare();
        }
    }

    private bool TryDecompress(BagSource source, ref BagMessage message)
    {
        try
        {
            int length = messageDecoder!.DecodeMessage(message.Data, ref messageBuffer);
            message = new BagMessage(message.Topic, message.LogTime, message.PublishTime, messageBuffer.AsSpan(0, length));
            return true;
        }
        catch (Mcap.McapFormatException e)
        {
            string what = $"the message of topic '{message.Topic.Name}' at log time {message.LogTime} ns: {e.Message}";
            if (!selection.SkipDamaged)
            {
                throw BagErrors.Damaged(source.Path, what, e);
            }

            Info.WarningList.Add($"{source.Path}: left out {what}");
            return false;
        }
    }
}
