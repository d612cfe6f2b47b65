namespace QDistill.Onboard;

/// <summary>
/// Turns a stream of probabilities into a calm alarm: hysteresis between two thresholds, a number of consecutive predictions on either way, and a least
/// time that it stays on.
/// </summary>
public sealed class AlarmLatch(AlarmOptions options)
{
    private int run;
    private long raisedAt;

    /// <summary>Thresholds, counts and hold; may be exchanged at any time.</summary>
    public AlarmOptions Options { get; set; } = options;

    /// <summary>Whether the alarm is on.</summary>
    public bool IsOn { get; private set; }

    /// <summary>How often it went on.</summary>
    public long Raised { get; private set; }

    /// <summary>Takes one prediction into account.</summary>
    /// <param name="probability">The probability; NaN speaks for the alarm.</param>
    /// <param name="steadyNow">The time on a clock that never jumps [ns].</param>
    /// <returns>Whether the alarm is on.</returns>
    public bool Update(float probability, long steadyNow)
    {
        bool towards = IsOn ? probability < Options.OffThreshold : !(probability < Options.OnThreshold);
        run = towards ? run + 1 : 0;
        if (!IsOn && run >= Options.OnCount)
        {
            (IsOn, raisedAt, run) = (true, steadyNow, 0);
            Raised++;
        }
        else if (IsOn && run >= Options.OffCount && steadyNow - raisedAt >= Options.Hold)
        {
            (IsOn, run) = (false, 0);
        }

        return IsOn;
    }

    /// <summary>Off, and nothing counted.</summary>
    public void Reset() => (IsOn, run) = (false, 0);
}
