namespace QDistill.Onboard;

/// <summary>Tells features that lie outside of the range a model was trained on, widened by a margin.</summary>
public sealed class TrainingRange
{
    private readonly float[] low;
    private readonly float[] high;

    /// <summary>Widens each feature's range by <paramref name="margin"/> times its width on both sides.</summary>
    public TrainingRange(RiskModelInfo info, double margin)
    {
        int n = Math.Min(info.Low.Count, info.High.Count);
        low = new float[n];
        high = new float[n];
        for (int i = 0; i < n; i++)
        {
            double widen = margin * ((double)info.High[i] - info.Low[i]);
            low[i] = (float)(info.Low[i] - widen);
            high[i] = (float)(info.High[i] + widen);
        }
    }

    /// <summary>How many features lie outside; NaN (not valid) lies nowhere. 0 when the model gives no ranges.</summary>
    /// <param name="values">The values in schema order.</param>
    /// <param name="first">The first one outside, or −1.</param>
    public int CountOutside(ReadOnlySpan<float> values, out int first)
    {
        first = -1;
        int n = Math.Min(low.Length, values.Length), outside = 0;
        for (int i = 0; i < n; i++)
        {
            if (values[i] < low[i] || values[i] > high[i])
            {
                first = first < 0 ? i : first;
                outside++;
            }
        }

        return outside;
    }
}
