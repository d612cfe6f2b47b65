namespace QDistill.Distillation.Teachers;

/// <summary>
/// Basis-state probabilities as they travel in labels: all of them up to <see cref="Most"/>; beyond, states that share their leading bits are summed, which is the marginal distribution of the qubits
/// behind those bits.
/// </summary>
internal static class StateGroups
{
    /// <summary>The most numbers for each window (2 KiB in a label).</summary>
    public const int Most = 512;

    /// <summary>How many numbers a circuit of 2^n states gives.</summary>
    public static int Count(int dimension) => Math.Min(dimension, Most);

    /// <summary>Sums rows [n, 2^q] into groups.</summary>
    public static void Sum(double[] probabilities, int dimension, Span<float> into)
    {
        int groups = Count(dimension), each = dimension / groups;
        for (int i = 0; i < into.Length; i++)
        {
            double sum = 0;
            int at = (i / groups * dimension) + (i % groups * each);
            for (int s = 0; s < each; s++)
            {
                sum += probabilities[at + s];
            }

            into[i] = (float)sum;
        }
    }
}
