using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>Publishes feature vectors as <c>FusedFeatures</c>.</summary>
internal sealed class FeaturePublisher(Node node, RobotConfig robot, QoSProfile qos) : IDisposable
{
    private readonly Publisher<FusedFeatures> publisher = node.CreatePublisher<FusedFeatures>("~/output/features", qos);
    private readonly FusedFeatures message = new() { SchemaId = robot.Schema.Id };

    public void Publish(FeatureVector vector)
    {
        message.Header.Stamp.SetNanoseconds(vector.StampNs);
        message.Header.FrameId = robot.BaseFrame;
        message.Values.Assign(vector.Values);
        message.Validity.Assign(vector.Validity);
        message.OldestSource.SetNanoseconds(vector.OldestSourceNs);
        publisher.Publish(message);
    }

    public void Dispose() => publisher.Dispose();
}
