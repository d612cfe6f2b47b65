namespace QDistill.Quantum.Tests;

/// <summary>SPSA against its closed forms.</summary>
public class SpsaTests
{
    [Fact]
    public void OnALinearLossItIsUnbiasedWithTheVarianceOfTheOtherComponents()
    {
        // L = g·w gives the estimate (g·δ)δ_i: mean g_i, variance Σ_{j≠i} g_j².
        double[] g = [1.5, -0.5, 0.25, 2];
        const int Draws = 20000;
        double[] sum = new double[4], square = new double[4], one = new double[4];
        var spsa = new Spsa { Seed = 3 };
        for (int k = 0; k < Draws; k++)
        {
            spsa.Gradient((w, _) => Dot(g, w), [0.1, 0.2, 0.3, 0.4], k, one);
            for (int i = 0; i < 4; i++)
            {
                sum[i] += one[i] / Draws;
                square[i] += one[i] * one[i] / Draws;
            }
        }

        for (int i = 0; i < 4; i++)
        {
            double variance = g.Sum(v => v * v) - (g[i] * g[i]);
            Assert.Equal(g[i], sum[i], 4.5 * Math.Sqrt(variance / Draws));
            Assert.Equal(variance, square[i] - (sum[i] * sum[i]), 0.1 * variance);
        }
    }

    [Fact]
    public void ItsMeanIsTheAdjointGradientUpToTheSquareOfThePerturbation()
    {
        Circuit circuit = TeacherCircuit.Build("angle", "hardware-efficient", 2, 1, 2);
        double[] w = circuit.RandomWeights(2), x = [0.3, -0.8], adjoint = new double[4], estimate = new double[4];
        using var engine = new StateVector(circuit, [Observable.Parse("Z0 Z1")]);
        engine.ExpectationsAndVjp(w, x, 1, [1], adjoint);
        new Spsa { Averages = 4000, Perturbation = 0.02 }.Gradient((v, _) => engine.Expectations(v, x, 1)[0], w, 0, estimate);
        double error = Math.Sqrt(adjoint.Sum(v => v * v) / 4000);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(adjoint[i], estimate[i], (4.5 * error) + 1e-3);
        }
    }

    [Fact]
    public void ItTrainsACircuitByShotsAndRepeatsItself()
    {
        Circuit circuit = new CircuitBuilder(2).RY(0, Angle.Weight(0)).RY(1, Angle.Weight(1)).CNOT(0, 1).RX(1, Angle.Weight(2)).Build();
        double[] Train()
        {
            using var backend = new SampledBackend(200, 1);
            var request = new EvaluationRequest { Observables = [Observable.Parse("Z0 + Z1")] };
            return new Spsa { Seed = 9, StepSize = 1 }.Minimise((w, k) => backend.Evaluate(circuit, w, [], 1, request with { FirstSample = k }).Expectations[0], [0.4, 0.5, 0.6], 150);
        }

        double[] trained = Train();
        using var exact = new StateVector(circuit, [Observable.Parse("Z0 + Z1")]);
        Assert.InRange(exact.Expectations(trained, [], 1)[0], -2, -1.9);
        Assert.Equal(trained, Train());
    }

    [Fact]
    public void SenselessSettingsAreRefused()
    {
        CircuitTests.Refused(() => new Spsa { Perturbation = 0 }.Gradient((_, _) => 0, [1.0], 0, new double[1]), "perturbation of 0");
        CircuitTests.Refused(() => new Spsa().Gradient((_, _) => double.NaN, [1.0], 0, new double[1]), "evaluation 0 is NaN");
        CircuitTests.Refused(() => new Spsa().Gradient((_, _) => 0, [1.0], 0, new double[2]), "needs 1 numbers");
    }

    private static double Dot(double[] a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
