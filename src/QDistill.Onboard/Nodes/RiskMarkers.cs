using System.Globalization;
using QDistill.Msgs.VisualizationMsgs;
using QDistill.Ros;

namespace QDistill.Onboard;

/// <summary>
/// Shows each prediction in RViz: a disc under the robot, green to red by probability, grey where the status forbids trust; and a line of text above it. The text is only made anew
/// when it changes.
/// </summary>
internal sealed class RiskMarkers : IDisposable
{
    private readonly Publisher<MarkerArray> publisher;
    private readonly MarkerArray message = new();
    private (int Percent, PredictionStatus Status, bool Alarm) shown = (-1, PredictionStatus.Ok, false);

    public RiskMarkers(Node node, QoSProfile qos)
    {
        publisher = node.CreatePublisher<MarkerArray>("~/debug/markers", qos);
        for (int id = 0; id < 2; id++)
        {
            Marker m = message.Markers.AddNew();
            (m.Ns, m.Id, m.Action, m.Pose.Orientation.W, m.Color.A) = ("collision_risk", id, Marker.ADD, 1, id == 0 ? 0.5f : 1f);
            m.Lifetime.SetNanoseconds(1_000_000_000);
        }

        Marker disc = message.Markers[0], text = message.Markers[1];
        (disc.Type, disc.Scale.X, disc.Scale.Y, disc.Scale.Z) = (Marker.CYLINDER, 1, 1, 0.02);
        (text.Type, text.Scale.Z, text.Pose.Position.Z) = (Marker.TEXT_VIEW_FACING, 0.2, 0.8);
    }

    public void Publish(RiskPredictor predictor, string frameId)
    {
        var now = ((int)Math.Round(100 * predictor.Probability), predictor.Status, predictor.Alarm);
        if (now != shown)
        {
            shown = now;
            message.Markers[1].Text = string.Create(CultureInfo.InvariantCulture, $"{now.Item1} %{(now.Alarm ? " ALARM" : string.Empty)}{(now.Status == PredictionStatus.Ok ? string.Empty : $" ({now.Status})")}");
        }

        bool trusted = predictor.Status is PredictionStatus.Ok or PredictionStatus.Degraded or PredictionStatus.OutOfDistribution;
        float p = predictor.Probability;
        foreach (Marker m in message.Markers)
        {
            m.Header.Stamp.SetNanoseconds(predictor.Stamp);
            m.Header.FrameId = frameId;
            (m.Color.R, m.Color.G, m.Color.B) = trusted ? (Math.Min(1, 2 * p), Math.Min(1, 2 * (1 - p)), 0f) : (0.5f, 0.5f, 0.5f);
        }

        publisher.Publish(message);
    }

    public void Dispose() => publisher.Dispose();
}
