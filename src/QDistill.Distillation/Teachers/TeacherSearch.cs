using QDistill.Numerics;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// Random search (Bergstra, Bengio, JMLR 13, 281 (2012)) over the hyper-parameters of each kind: the same number of trials for every kind, judged by the same validation NLL, so that no side of a
/// comparison is tuned harder than another. Trial 0 is the specification as it stands.
/// </summary>
internal static class TeacherSearch
{
    private const ulong Stream = 0x5345_4152; // "SEAR"

    /// <summary>The specification of a trial.</summary>
    /// <param name="spec">Where the search starts.</param>
    /// <param name="trial">The trial's number.</param>
    public static TeacherSpec Trial(TeacherSpec spec, int trial)
    {
        if (trial == 0)
        {
            return spec;
        }

        var rng = new Philox(spec.Seed, Stream + ((ulong)trial << 32));
        double[] rates = [0.001, 0.003, 0.01, 0.03, 0.1];
        double[] decays = [0, 1e-4, 1e-3, 1e-2];
        double[] prices = [0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
        switch (spec.Kind)
        {
            case "vqc" or "hybrid":
                return spec with { Layers = Pick([1, 2, 3, 4, 5], ref rng), LearningRate = Pick(rates, ref rng), WeightDecay = Pick(decays, ref rng) };
            case "quanvolutional":
                return spec with { Layers = Pick([0, 1, 2, 3], ref rng), LearningRate = Pick(rates, ref rng), WeightDecay = Pick(decays, ref rng) };
            case "quantum-kernel":
                return spec with { C = Pick(prices, ref rng), Bandwidth = Pick([0.1, 0.2, 0.35, 0.5, 0.7, 1.0], ref rng), Gamma = spec.Kernel == "projected" ? Pick([0.1, 0.3, 1.0, 3.0, 10.0], ref rng) : spec.Gamma };
            case "mlp" or "ensemble":
                return spec with { Hidden = Pick<IReadOnlyList<int>>([[16], [32], [64], [32, 32], [64, 64], [128, 64]], ref rng), LearningRate = Pick(rates, ref rng), WeightDecay = Pick(decays, ref rng) };
            case "rbf-svm":
                return spec with { C = Pick(prices, ref rng), Gamma = Pick([0.001, 0.003, 0.01, 0.03, 0.1, 0.3], ref rng) };
            case "boosted-trees":
                return spec with { Trees = Pick([25, 50, 100, 200, 400], ref rng), Depth = Pick([1, 2, 3, 4, 6], ref rng), LearningRate = Pick([0.03, 0.1, 0.3], ref rng), LeafSize = Pick([1, 3, 5, 10], ref rng) };
            case "random-forest":
                return spec with { Trees = Pick([50, 100, 200, 400], ref rng), Depth = Pick([3, 5, 8, 12, 20], ref rng), LeafSize = Pick([1, 2, 5, 10], ref rng) };
            case "random-features":
                return spec with { C = Pick(prices, ref rng), Gamma = Pick([0.003, 0.01, 0.03, 0.1, 0.3], ref rng), Width = Pick([32, 64, 128, 256], ref rng) };
            default:
                return spec with { C = Pick([0.001, 0.003, 0.01, .. prices], ref rng) };
        }
    }

    private static T Pick<T>(IReadOnlyList<T> values, ref Philox rng) => values[rng.NextInt(values.Count)];
}
