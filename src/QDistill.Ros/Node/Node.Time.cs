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

        // In this order the subscription's parameters are declared at the new time, as in rclcpp.
        Clock.SetSimulated(on);
        if (on)
        {
            // A group of its own, so that time goes on while a callback of another group waits for it.
            Clock.FeederGroup ??= CreateCallbackGroup(CallbackGroupType.MutuallyExclusive);
            clockSubscription ??= CreateSubscription<ClockMessage>(
                "/clock",
                QoSProfile.Clock,
                m => Clock.SetTime(m.Clock_.ToNanoseconds()),
                new SubscriptionOptions { CallbackGroup = Clock.FeederGroup, QoSOverriding = Parameters.HasServices ? QoSOverridingOptions.Default : null });
        }
        else
        {
            clockSubscription?.Dispose();
            clockSubscription = null;
        }
    }
}
