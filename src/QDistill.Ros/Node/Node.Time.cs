using ClockMessage = QDistill.Msgs.RosgraphMsgs.Clock;

namespace QDistill.Ros;

public sealed partial class Node
{
    private Subscription<ClockMessage>? clockSubscription;

    private void SetUseSimTime(bool on)
    {
        if (on == Clock.IsSimulated)
        {
            return;
        }

        if (on)
        {
            clockSubscription ??= CreateSubscription<ClockMessage>(
                "/clock", QoSProfile.Clock, m => Clock.SetTime(m.Clock_.ToNanoseconds()), new SubscriptionOptions { QoSOverriding = Parameters.HasServices ? QoSOverridingOptions.Default : null });
        }
        else
        {
            clockSubscription?.Dispose();
            clockSubscription = null;
        }

        Clock.SetSimulated(on);
    }
}
