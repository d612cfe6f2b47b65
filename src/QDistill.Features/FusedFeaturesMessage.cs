using QDistill.Bags;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Features;

/// <summary>Feature vectors as <c>qdistill_msgs/msg/FusedFeatures</c>, live and in bags.</summary>
public static class FusedFeaturesMessage
{
    /// <summary>The topic of features in a labelled bag.</summary>
    public const string Topic = "/qdistill/features";

    /// <summary>Fills a message from a vector; nothing is allocated once its sequences have grown.</summary>
    public static void Fill(FusedFeatures message, FeatureVector x, string frame) =>
        Fill(message, x.StampNs, x.OldestSourceNs, x.Schema.Id, x.Values, x.Validity, frame);

    /// <summary>Fills a message from row <paramref name="i"/> of a table.</summary>
    public static void Fill(FusedFeatures message, FeatureWindows table, int i) =>
        Fill(message, table.Stamps[i], table.OldestSources[i], table.Schema.Id, table.Row(i), table.Mask(i), table.Robot.BaseFrame);

    /// <summary>Writes a table's vectors to a topic of a bag; log and publish time are the fusion time.</summary>
    public static void Write(BagWriter writer, FeatureWindows table, string topic = Topic)
    {
        BagWriterTopic target = AddTopic(writer, topic);
        var message = new FusedFeatures();
        var buffer = new CdrBuffer();
        for (int i = 0; i < table.Count; i++)
        {
            Fill(message, table, i);
            writer.Write(target, table.Stamps[i], table.Stamps[i], Cdr.Serialize(message, buffer));
        }
    }

    /// <summary>Adds the features' topic to a bag.</summary>
    public static BagWriterTopic AddTopic(BagWriter writer, string topic = Topic)
    {
        MessageType type = MessageType.Of<FusedFeatures>();
        return writer.AddTopic(topic, new RecordedType(type.Name, type.Definition, type.Hash));
    }

    /// <summary>Fills a message from its parts.</summary>
    /// <param name="message">The message.</param>
    /// <param name="stampNs">The fusion time [ns].</param>
    /// <param name="oldestNs">The stamp of the oldest source that went in [ns].</param>
    /// <param name="schemaId">The feature schema's id.</param>
    /// <param name="values">The values, 0 where there is none.</param>
    /// <param name="mask">One bit per value, the lowest first: whether it is valid.</param>
    /// <param name="frame">The robot's frame.</param>
    public static void Fill(FusedFeatures message, long stampNs, long oldestNs, string schemaId, ReadOnlySpan<float> values, ReadOnlySpan<byte> mask, string frame)
    {
        message.Header.Stamp.SetNanoseconds(stampNs);
        message.Header.FrameId = frame;
        message.SchemaId = schemaId;
        message.Values.Assign(values);
        message.Validity.Assign(mask);
        message.OldestSource.SetNanoseconds(oldestNs);
    }
}
