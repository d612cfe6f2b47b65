namespace QDistill.Onboard;

/// <summary>What stamps are believed.</summary>
public sealed record StampOptions
{
    /// <summary>An older stamp is stale [ns]; 0: any age is accepted.</summary>
    public long MaxAge { get; init; } = 500_000_000;

    /// <summary>How far ahead of the clock a stamp may be [ns].</summary>
    public long FutureTolerance { get; init; } = 100_000_000;
}

/// <summary>
/// Judges header stamps against ROS time: too old, in the future, running backwards. Refused stamps leave no trace, so that one wild stamp does not make
/// all later ones look wrong; and when ROS time itself jumps back (a simulation or bag starts over, the system clock is set), the order starts anew.
/// </summary>
public sealed class StampGate(StampOptions options)
{
    private long lastStamp = long.MinValue;
    private long lastNow = long.MinValue;

    /// <summary>What is believed; may be exchanged at any time.</summary>
    public StampOptions Options { get; set; } = options;

    /// <summary>Judges one stamp [ns] at the present ROS time [ns].</summary>
    public InputFault Check(long stamp, long now)
    {
        if (now < lastNow - Options.FutureTolerance)
        {
            lastStamp = long.MinValue;
        }

        lastNow = now;

        // Differences of wild stamps may overflow: compare sums of trusted numbers with them instead.
        if (stamp > now + Options.FutureTolerance)
        {
            return InputFault.FutureStamp;
        }

        if (Options.MaxAge > 0 && stamp < now - Options.MaxAge)
        {
            return InputFault.StaleStamp;
        }

        if (stamp < lastStamp)
        {
            return InputFault.OutOfOrder;
        }

        lastStamp = stamp;
        return InputFault.None;
    }

    /// <summary>Forgets the stamps seen.</summary>
    public void Reset() => (lastStamp, lastNow) = (long.MinValue, long.MinValue);
}
