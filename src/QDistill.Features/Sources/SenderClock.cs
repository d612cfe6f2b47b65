namespace QDistill.Features;

/// <summary>
/// Brings the times of a sender's own clock (such as time since boot) to receipt time by the quickest message so far: transport delays messages but never hastens them, so the
/// least difference is the truest. It may grow by 10⁻⁴ of the time that passes, for clocks that drift.
/// </summary>
internal struct SenderClock
{
    private const long JumpNs = 10_000_000_000; // a message this much later than expected comes from a clock that has begun anew
    private bool started;
    private long offsetNs, lastNs;

    /// <summary>The receipt time that a message would have had without delay [ns]; never later than the receipt itself.</summary>
    public long ToReceiptTime(long senderNs, long receiptNs)
    {
        long offset = receiptNs - senderNs, allowed = offsetNs + (Math.Max(0, senderNs - lastNs) / 10_000);
        offsetNs = started && offset - allowed < JumpNs ? Math.Min(offset, allowed) : offset;
        (started, lastNs) = (true, senderNs);
        return senderNs + offsetNs;
    }
}
