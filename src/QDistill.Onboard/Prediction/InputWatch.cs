namespace QDistill.Onboard;

/// <summary>Knows on a steady clock how long an input has been silent.</summary>
/// <param name="timeout">Silence longer than this is a dead input [ns].</param>
public sealed class InputWatch(long timeout)
{
    private long seenAt;

    /// <summary>Silence longer than this is a dead input [ns].</summary>
    public long Timeout { get; set; } = timeout;

    /// <summary>Messages seen since the start.</summary>
    public long Seen { get; private set; }

    /// <summary>Starts watching: silence counts from here.</summary>
    public void Start(long steadyNow) => (seenAt, Seen) = (steadyNow, 0);

    /// <summary>A message has come, whatever it is worth.</summary>
    public void Arrived(long steadyNow)
    {
        seenAt = steadyNow;
        Seen++;
    }

    /// <summary>How long nothing has come [ns].</summary>
    public long Silence(long steadyNow) => steadyNow - seenAt;

    /// <summary>Whether nothing has come for longer than the time-out.</summary>
    public bool IsSilent(long steadyNow) => Silence(steadyNow) > Timeout;
}
