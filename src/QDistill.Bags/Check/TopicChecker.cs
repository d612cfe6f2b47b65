using System.Globalization;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Bags.Check;

/// <summary>Looks at every message of one topic: decodes it, and measures periods and the lag of header stamps.</summary>
internal sealed class TopicChecker
{
    private const int MaxPadding = 3;

    /// <summary>A lag of this size says that stamps come from another clock or another time.</summary>
    private const long OtherClock = 1_000_000_000;

    /// <summary>A pause of so many median periods, and of at least a second, is worth a word.</summary>
    private const int LongPause = 20;
    private readonly BagTopic topic;
    private readonly DynamicMessage? message;
    private readonly FieldPath? seconds;
    private readonly FieldPath? nanoseconds;
    private readonly string? typeTrouble;
    private readonly SpreadBuilder periods = new();
    private readonly SpreadBuilder lags = new();
    private long count;
    private long undecodable;
    private string? firstTrouble;
    private long last = long.MinValue;

    public TopicChecker(BagTopic topic, MessageDefinitions? supplied)
    {
        this.topic = topic;
        if (topic.SerializationFormat != "cdr")
        {
            typeTrouble = $"its serialization format is '{topic.SerializationFormat}', so that its messages cannot be decoded";
            return;
        }

        try
        {
            MessageDefinition? definition = Find(topic, supplied);
            if (definition is null)
            {
                typeTrouble = topic.DefinitionEncoding.Length > 0 && topic.Definition is null
                    ? $"the bag describes {topic.Type} in {topic.DefinitionEncoding}, which is not read here; supply its .msg file to decode it"
                    : $"the structure of {topic.Type} is neither built in nor in the bag; supply its .msg file to decode it";
                return;
            }

            message = new DynamicMessage(definition);
            if (definition.Fields is [{ Type: { MessageName: "std_msgs/msg/Header", Array: ArrayKind.None } } header, ..])
            {
                seconds = FieldPath.Compile(definition, header.Name + ".stamp.sec");
                nanoseconds = FieldPath.Compile(definition, header.Name + ".stamp.nanosec");
            }
        }
        catch (UserErrorException e)
        {
            typeTrouble = $"the definition of {topic.Type} in the bag is not valid: {e.What}";
        }
    }

    public void Add(in BagMessage m)
    {
        count++;
        if (last != long.MinValue)
        {
            periods.Add(m.LogTime - last);
        }

        last = m.LogTime;
        if (message is null)
        {
            return;
        }

        try
        {
            var reader = new CdrReader(m.Data);
            message.Read(ref reader);
            if (reader.Remaining > MaxPadding)
            {
                throw new CdrException($"{reader.Remaining} bytes are left over", reader.Position, topic.Type);
            }

            if (seconds is not null && seconds.TryReadInt64(m.Data, out long sec) && nanoseconds!.TryReadInt64(m.Data, out long nanosec))
            {
                lags.Add(m.LogTime - ((sec * 1_000_000_000) + nanosec));
            }
        }
        catch (CdrException e)
        {
            undecodable++;
            firstTrouble ??= $"at log time {m.LogTime} ns, {e.Message.TrimEnd('.')}";
        }
    }

    public TopicCheck Finish(List<BagCheckFinding> findings)
    {
        void Find(BagCheckSeverity severity, string code, FormattableString text) =>
            findings.Add(new BagCheckFinding(severity, code, topic.Name, text.ToString(CultureInfo.InvariantCulture)));
        if (typeTrouble is not null && count > 0)
        {
            Find(BagCheckSeverity.Warning, "type", $"{typeTrouble}");
        }

        if (undecodable > 0)
        {
            Find(BagCheckSeverity.Error, "decode", $"{undecodable} of {count} messages are not valid messages of {topic.Type}; the first: {firstTrouble}");
        }

        Spread? period = periods.Build(), lag = lags.Build();
        if (lag is { } l && Math.Abs((double)l.Median) > OtherClock)
        {
            Find(BagCheckSeverity.Warning, "stamp", $"header stamps are {Math.Abs(l.Median * 1e-9):G6} s {(l.Median > 0 ? "before" : "after")} log time (median): another clock, or replayed data");
        }
        else if (lag is { } spread && spread.Max - (double)spread.Median > OtherClock)
        {
            Find(BagCheckSeverity.Info, "stamp", $"header stamps lag log time by up to {spread.Max * 1e-9:G4} s (median {spread.Median * 1e-9:G4} s)");
        }

        if (period is { } p && p.Max > Math.Max(OtherClock, LongPause * (double)p.Median) && count > LongPause)
        {
            Find(BagCheckSeverity.Info, "gap", $"the longest pause is {p.Max * 1e-9:G4} s (median period {p.Median * 1e-9:G4} s)");
        }

        return new TopicCheck
        {
            Name = topic.Name,
            Type = topic.Type,
            MessageCount = count,
            IsTypeKnown = message is not null,
            Undecodable = undecodable,
            Period = period,
            Lag = lag,
        };
    }

    private static MessageDefinition? Find(BagTopic topic, MessageDefinitions? supplied)
    {
        if (supplied is not null && supplied.TryGet(topic.Type, out MessageDefinition? definition))
        {
            return definition;
        }

        if (topic.Definition is { Length: > 0 } text)
        {
            return MessageDefinition.Parse(topic.Type, text);
        }

        return topic.Type.Length > 0 && MessageDefinitions.BuiltIn.TryGet(InterfaceName.Full(topic.Type), out definition) ? definition : null;
    }
}
