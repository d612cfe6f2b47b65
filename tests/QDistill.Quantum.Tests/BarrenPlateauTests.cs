namespace QDistill.Quantum.Tests;

/// <summary>Gradient variances against closed forms.</summary>
public class BarrenPlateauTests
{
    [Fact]
    public void AGlobalObservableOfAProductStateDecaysAsTwoToTheMinusN()
    {
        // E = Π cos θ_q with θ uniform: Var ∂E/∂θ_0 = (1/2)^n; the RZ weights change nothing.
        foreach (GradientVariance r in BarrenPlateau.Measure("no-entanglement", [1, 2, 4, 6], [1], samples: 20000, component: (_, _) => 0))
        {
            double expected = Math.Pow(0.5, r.Qubits);
            Assert.Equal(expected, r.Variance, 5 * r.StandardError);
            Assert.Equal(expected, r.Variance, 0.15 * expected);
            Assert.Equal(0, r.Mean, 5 * Math.Sqrt(r.Variance / 20000));
            Assert.Equal(expected / 2, r.MeanVariance, 0.1 * expected);
        }
    }

    [Fact]
    public void ALocalObservableOfAProductStateKeepsItsVariance()
    {
        foreach (GradientVariance r in BarrenPlateau.Measure("no-entanglement", [2, 5, 8], [1], _ => Observable.Z(0), 8000, component: (_, _) => 0))
        {
            Assert.Equal(0.5, r.Variance, 5 * r.StandardError);
        }
    }

    [Fact]
    public void DeepCircuitsReachTheVarianceOfTwoDesigns()
    {
        // Halves that are 2-designs, generator P/2, traceless O with O² = 1, d = 2^n: Var = d² / (2 (d + 1)(d² − 1)) (from the second Haar moments).
        foreach ((string ansatz, int n, int layers) in new[] { ("universal-two-qubit", 2, 8), ("strongly-entangling", 3, 20), ("strongly-entangling", 4, 24) })
        {
            double d = 1 << n, expected = d * d / (2 * (d + 1) * ((d * d) - 1));

            // A turn about Y in the middle: the second weight of the first qubit's U3-like triple.
            GradientVariance r = Assert.Single(BarrenPlateau.Measure(ansatz, [n], [layers], _ => Observable.Z(0), 6000, component: (_, p) => (p / 2) + (ansatz[0] == 's' ? 1 : 0)));
            Assert.Equal(expected, r.Variance, 0.1 * expected);
        }
    }

    [Fact]
    public void TheTableAndTheCsvHoldEveryRow()
    {
        IReadOnlyList<GradientVariance> rows = BarrenPlateau.Measure("hardware-efficient", [2, 3], [1, 4], samples: 50);
        string csv = BarrenPlateau.ToCsv(rows), table = BarrenPlateau.ToTable(rows);
        Assert.Equal(["ansatz,observable,qubits,layers,weights,component,mean,variance,standard_error,mean_variance"], csv.Split('\n')[..1]);
        Assert.Equal(6, csv.Split('\n').Length);
        Assert.StartsWith("hardware-efficient,\"Z0 Z1 Z2\",3,4,24,12,", csv.Split('\n')[4]);
        Assert.Equal(rows[3].Variance, double.Parse(csv.Split('\n')[4].Split(',')[7], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(6, table.Split('\n').Length);
        Assert.Equal(csv, BarrenPlateau.ToCsv(BarrenPlateau.Measure("hardware-efficient", [2, 3], [1, 4], samples: 50)));
    }

    [Fact]
    public void SenselessSizesAreRefused()
    {
        CircuitTests.Refused(() => BarrenPlateau.Measure("hardware-eficient", [2], [1]), "unknown ansatz", "hardware-efficient");
        CircuitTests.Refused(() => BarrenPlateau.Measure("qcnn", [2], [0]), "0 layers");
        CircuitTests.Refused(() => BarrenPlateau.Measure("qcnn", [2], [1], samples: 1), "not defined");
        CircuitTests.Refused(() => BarrenPlateau.Measure("qcnn", [25], [1]), "25 qubits");
        CircuitTests.Refused(() => BarrenPlateau.Measure("no-entanglement", [2], [1], component: (_, p) => p), "no weight 4");
    }
}
