namespace QDistill.Distillation.Data;

/// <summary>The past of every window, for students that look at several: w values of each feature, oldest first, never across a bag's beginning.</summary>
public static class WindowHistory
{
    /// <summary>Lays out the last w windows up to each window; before a bag's first window that one is repeated, as the onboard node does after it starts.</summary>
    /// <param name="z">Features [n, d].</param>
    /// <param name="bagOf">Each window's bag [n]; windows of a bag are in order.</param>
    /// <param name="d">The number of features.</param>
    /// <param name="window">w.</param>
    /// <returns>[n, d, w]</returns>
    public static float[] Of(float[] z, ReadOnlySpan<int> bagOf, int d, int window)
    {
        if (window == 1)
        {
            return z;
        }

        int n = bagOf.Length;
        float[] history = new float[checked(n * d * window)];
        int begin = 0;
        for (int i = 0; i < n; i++)
        {
            begin = i > 0 && bagOf[i] != bagOf[i - 1] ? i : begin;
            for (int t = 0; t < window; t++)
            {
                int from = Math.Max(begin, i - window + 1 + t);
                for (int j = 0; j < d; j++)
                {
                    history[(((i * d) + j) * window) + t] = z[(from * d) + j];
                }
            }
        }

        return history;
    }
}
