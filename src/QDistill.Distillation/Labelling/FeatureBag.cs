using QDistill.Bags;
using QDistill.Distillation.Data;
using QDistill.Msgs.QdistillMsgs;

namespace QDistill.Distillation.Labelling;

/// <summary>Writes windows without labels: a bag of <c>qdistill_msgs/msg/FusedFeatures</c>.</summary>
public static class FeatureBag
{
    /// <summary>Writes all windows of a table; the bag appears when it is whole.</summary>
    public static void Write(TeacherDataset data, string baseFrame, string output, bool overwrite = false)
    {
        using BagWriter writer = BagWriter.Create(output, new BagWriteOptions { Overwrite = overwrite });
        BagWriterTopic topic = writer.AddTopic(LabelledBagTopics.Features, FusedFeatures.Type);
        var messages = new WindowMessages(data, baseFrame);
        for (int i = 0; i < data.Count; i++)
        {
            writer.Write(topic, data.Stamps[i], data.Stamps[i], messages.Features(i));
        }

        writer.Close();
    }
}
