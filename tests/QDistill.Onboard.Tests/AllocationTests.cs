using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

/// <summary>Callbacks run on the thread that counts, from the wake-up to the last publish.</summary>
public class AllocationTests
{
    private const int Rounds = 500;

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_prediction_over_DDS_allocates_nothing_nor_does_keeping_the_model_warm(double keepWarm)
    {
        using var domain = new TestDomain();
        using var robot = new RosContext(RosContextOptions.Loopback(domain.Id));
        using var probe = new RosContext(RosContextOptions.Loopback(domain.Id));
        using var node = new RiskInferenceNode(
            robot,
            new RiskInferenceOptions { Model = "m", Operation = new() { DiagnosticsPeriod = 60, RealTime = new() { KeepWarm = keepWarm } }, Risk = new() { InputTimeout = 60_000_000_000, Stamps = new() { MaxAge = 0 } }, QoS = new() { InputReliable = true } },
            _ => new FakeModel());
        node.Configure();
        node.Activate();
        GenericPublisher features = probe.CreateNode("probe").CreateGenericPublisher("/risk_inference/input/features", FusedFeatures.Type, QoSProfile.Default);
        Assert.True(robot.SpinUntil(() => features.MatchedCount > 0, TimeSpan.FromSeconds(10)));
        byte[] payload = Cdr.Serialize(NodeHarness.Vector([0.25f, 0.5f, 0.1f, -0.2f]));
        Rounds_(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds_(Rounds);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(PredictionStatus.Ok, node.Predictor!.Status);
        Assert.Equal(0, allocated);

        void Rounds_(int count)
        {
            for (int i = 0; i < count; i++)
            {
                ulong next = node.Predictor!.Sequence + 1;
                features.Publish(payload);
                while (node.Predictor.Sequence < next)
                {
                    robot.SpinOnce(TimeSpan.FromSeconds(5));
                }
            }
        }
    }
}
