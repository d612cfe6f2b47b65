namespace QDistill.Metrics;

/// <summary>
/// Murphy's decomposition of the Brier score (A. H. Murphy, "A new vector partition of the probability score", J. Appl. Meteor. 12, 1973) over the
/// equal-width bins: <c>Brier = Reliability − Resolution + Uncertainty + WithinBin</c>. The last term (Stephenson, Coelho, Jolliffe 2008) is what
/// binning leaves over, variance minus twice the covariance inside the bins; it is 0 when every bin holds one distinct prediction.
/// </summary>
/// <param name="Reliability">Mean squared distance of a bin's mean prediction from its observed frequency; 0 is best.</param>
/// <param name="Resolution">Mean squared distance of the bins' observed frequencies from the base rate; more is better.</param>
/// <param name="Uncertainty">Variance of the outcome, base rate × (1 − base rate): a property of the data alone.</param>
/// <param name="WithinBin">The remainder due to binning.</param>
public readonly record struct BrierDecomposition(double Reliability, double Resolution, double Uncertainty, double WithinBin)
{
    internal static BrierDecomposition From(ReadOnlySpan<BinSums> bins, double brier, double n, long positives)
    {
        double rate = positives / n, reliability = 0, resolution = 0;
        foreach (ref readonly BinSums b in bins)
        {
            if (b.Count > 0)
            {
                double observed = (double)b.Positives / b.Count, predicted = b.Predicted / b.Count;
                reliability += b.Count * (predicted - observed) * (predicted - observed);
                resolution += b.Count * (observed - rate) * (observed - rate);
            }
        }

        reliability /= n;
        resolution /= n;
        double uncertainty = rate * (1 - rate);
        return new BrierDecomposition(reliability, resolution, uncertainty, brier - (reliability - resolution + uncertainty));
    }
}
