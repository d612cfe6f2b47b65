namespace QDistill.Onboard;

/// <summary>
/// Knows on a steady clock how long an input has been silent, and how long its values have not changed.
/// </summary>
/// <param name="timeout">Silence longer than this is a dead input [ns].</param>
/// <param name="frozenTimeout">Values unchanged for longer than this are frozen [ns]; 0: not watched, as a resting robot's may truly stand still.</param>
public sealed class InputWatch(long timeout, long frozenTimeout)
{
    private float[] last = [];
    private long seenAt;
    private long changedAt;

    /// <summary>Messages seen since the start.</summary>
    public long Seen { get; private set; }

    /// <summary>Starts watching: silence counts from here.</summary>
    public void Start(long steadyNow)
    {
        (seenAt, changedAt, Seen) = (steadyNow, steadyNow, 0);
        last = [];
    }

    /// <summary>A message has come, whatever it is worth.</summary>
    public void Arrived(long steadyNow)
    {
        seenAt = steadyNow;
        Seen++;
    }

    /// <summary>How long nothing has come [ns].</summary>
    public long Silence(long steadyNow) => steadyNow - seenAt;

    /// <summary>Whether nothing has come for longer than the time-out.</summary>
    public bool IsSilent(long steadyNow) => Silence(steadyNow) > timeout;

    /// <summary>Whether these values are the same, bit for bit, as all that came within the frozen time-out.</summary>
    public bool IsFrozen(ReadOnlySpan<float> values, long steadyNow)
    {
        if (frozenTimeout <= 0)
        {
            return false;
        }

        ReadOnlySpan<byte> now = System.Runtime.InteropServices.MemoryMarshal.AsBytes(values);
        if (last.Length == values.Length && now.SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(last.AsSpan())))
        {
            return steadyNow - changedAt > frozenTimeout;
        }

        if (last.Length != values.Length)
        {
            last = new float[values.Length];
        }

        values.CopyTo(last);
        changedAt = steadyNow;
        return false;
    }
}
