using QDistill.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>Seeded shots: their distribution, their repeatability, and the estimators on them.</summary>
public class ShotTests
{
    private static readonly Circuit Teacher = TeacherCircuit.Build("reuploading", "hardware-efficient", 4, 2, 4);

    [Fact]
    public void OutcomesPassAChiSquareTestAgainstExactProbabilities()
    {
        double[] weights = Teacher.RandomWeights(2);
        using var exact = new StateVector(Teacher);
        const int Shots = 20000, Batch = 24;
        double[] inputs = RandomCircuits.Vector(4 * Batch, 3), p = exact.Probabilities(weights, inputs, Batch);
        using var backend = new SampledBackend(Shots, 5);
        double[] f = backend.Evaluate(Teacher, weights, inputs, Batch, new EvaluationRequest { Probabilities = true }).Probabilities!;
        double chi = 0;
        int freedom = 0;
        for (int i = 0; i < Batch; i++)
        {
            // Cells expecting fewer than 5 counts are pooled, as the test demands.
            double pooledExpected = 0, pooledSeen = 0;
            int cells = 0;
            for (int k = 0; k < 16; k++)
            {
                double expected = Shots * p[(16 * i) + k], seen = Math.Round(Shots * f[(16 * i) + k]);
                if (expected < 5)
                {
                    pooledExpected += expected;
                    pooledSeen += seen;
                }
                else
                {
                    chi += (seen - expected) * (seen - expected) / expected;
                    cells++;
                }
            }

            if (pooledExpected >= 5)
            {
                chi += (pooledSeen - pooledExpected) * (pooledSeen - pooledExpected) / pooledExpected;
                cells++;
            }

            freedom += cells - 1;
        }

        // The statistic has mean f and variance 2f; five standard deviations on either side (too good a fit is wrong too).
        Assert.InRange(chi, freedom - (5 * Math.Sqrt(2 * freedom)), freedom + (5 * Math.Sqrt(2 * freedom)));
    }

    [Fact]
    public void ShotsDependOnSeedAndSampleAlone()
    {
        double[] weights = Teacher.RandomWeights(2), inputs = RandomCircuits.Vector(4 * 200, 3);
        Observable[] observables = [Observable.Z(0), Observable.Parse("X0 X1 + Y2")];
        Evaluation Label(int threads, ulong seed)
        {
            using var backend = new SampledBackend(100, seed, new StateVectorOptions { Threads = threads });
            return backend.Evaluate(Teacher, weights, inputs, 200, new EvaluationRequest { Observables = observables });
        }

        Evaluation one = Label(1, 7), two = Label(2, 7), other = Label(2, 8);
        Assert.Equal(one.Expectations, two.Expectations);
        Assert.Equal(one.Variances, two.Variances);
        Assert.NotEqual(one.Expectations, other.Expectations);

        // The same samples in another batch, as a resumed run would have them.
        using var resumed = new SampledBackend(100, 7);
        Evaluation rest = resumed.Evaluate(Teacher, weights, inputs.AsSpan(4 * 150), 50, new EvaluationRequest { Observables = observables, FirstSample = 150 });
        Assert.Equal(one.Expectations[300..], rest.Expectations);
    }

    [Fact]
    public void EstimatesScatterAroundTheTruthAsTheirVariancesSay()
    {
        double[] weights = Teacher.RandomWeights(4);
        Observable[] observables = [Observable.Z(1), Observable.Parse("0.7*X0 X1 - 0.2*Y0 Y1 + Z3"), Observable.Parse("Z0 + 0.5*Z1 - 2*Z0 Z1")];
        using var exact = new StateVector(Teacher, observables);
        double[] x = RandomCircuits.Vector(4, 9), truth = exact.Expectations(weights, x, 1);
        const int Repeats = 4000, Shots = 64;
        double[] inputs = [.. Enumerable.Range(0, Repeats).SelectMany(_ => x)];
        using var backend = new SampledBackend(Shots, 3);
        Evaluation e = backend.Evaluate(Teacher, weights, inputs, Repeats, new EvaluationRequest { Observables = observables });
        Assert.Equal(3 * Shots, e.ShotsPerSample);
        for (int m = 0; m < 3; m++)
        {
            double mean = Enumerable.Range(0, Repeats).Average(i => e.Expectations[(3 * i) + m]);
            double spread = Enumerable.Range(0, Repeats).Average(i => Math.Pow(e.Expectations[(3 * i) + m] - truth[m], 2));
            double claimed = Enumerable.Range(0, Repeats).Average(i => e.Variances[(3 * i) + m]);
            Assert.Equal(truth[m], mean, 5 * Math.Sqrt(spread / Repeats));
            Assert.Equal(1, claimed / spread, 0.12);
        }
    }

    [Fact]
    public void ASingleShotGivesPlusOrMinusOneWithTheWidestVariance()
    {
        using var backend = new SampledBackend(1, 1);
        Evaluation e = backend.Evaluate(Teacher, Teacher.RandomWeights(1), RandomCircuits.Vector(4 * 20, 1), 20);
        Assert.All(e.Expectations, v => Assert.Equal(1, Math.Abs(v)));
        Assert.All(e.Variances, v => Assert.Equal(1, v));
    }

    [Fact]
    public void SamplerNeverDrawsWhatIsImpossible()
    {
        double[] p = [0, 0.25, 0, 0.75, 0, 0, 0, 0];
        var sampler = new OutcomeSampler(8);
        int[] counts = new int[8];
        sampler.Sample(p, 100000, 1, 1, counts);
        Assert.Equal(100000, counts[1] + counts[3]);
        Assert.Equal(25000, counts[1], 5 * Math.Sqrt(100000 * 0.25 * 0.75));
    }

    [Fact]
    public void ClassPosteriorsAreBetaAndDirichlet()
    {
        ClassPosterior beta = ClassPosterior.Of([0.3, 0.2, 0.4, 0.1], 10, [0, 1, 0, 1]);
        Assert.Equal(7.5 / 11, beta.Mean[0], 1e-12);
        Assert.Equal(7.5 * 3.5 / (11 * 11 * 12), beta.Variance[0], 1e-12);
        ClassPosterior three = ClassPosterior.Of([0.5, 0.5, 0, 0], 4, [0, 1, 2, 2], prior: 1);
        Assert.Equal([3 / 7.0, 3 / 7.0, 1 / 7.0], three.Mean);
        CircuitTests.Refused(() => ClassPosterior.Of([0.5, 0.5], 0, [0, 1]), "0 shots");
    }

    [Fact]
    public void ManyNumbersAtATimeAreTheSameStream()
    {
        foreach (int count in new[] { 1, 3, 16, 31, 64, 77 })
        {
            uint[] numbers = new uint[count];
            PhiloxBlocks.Fill(0x1234567890ABCDEF, 0xFEDCBA0987654321, 0, numbers);
            var random = new Philox(0x1234567890ABCDEF, 0xFEDCBA0987654321);
            Assert.All(numbers, n => Assert.Equal(random.NextUInt32(), n));
        }

        uint[] later = new uint[40];
        PhiloxBlocks.Fill(5, 6, 0xFFFFFFFF, later);
        for (uint block = 0; block < 10; block++)
        {
            ulong c = 0xFFFFFFFFUL + block;
            Philox.Block((uint)c, (uint)(c >> 32), 6, 0, 5, 0, out uint a, out uint b, out uint d, out uint e);
            Assert.Equal([a, b, d, e], later[(int)(4 * block)..(int)((4 * block) + 4)]);
        }
    }

    [Fact]
    public void LedgerCountsCircuitsShotsAndGatesAndSurvivesYaml()
    {
        using var backend = new SampledBackend(50, 1);
        double[] weights = Teacher.RandomWeights(1);
        backend.Evaluate(Teacher, weights, RandomCircuits.Vector(4 * 30, 1), 30);
        backend.Evaluate(Teacher, weights, RandomCircuits.Vector(4 * 10, 1), 10, new EvaluationRequest { Observables = [Observable.Parse("X0"), Observable.Z(1), Observable.Parse("Y0")] });
        Assert.Equal(30 + 20, backend.Ledger.Circuits);
        Assert.Equal(50 * 50, backend.Ledger.Shots);
        Assert.Equal(50 * Teacher.TwoQubitGates, backend.Ledger.TwoQubitGates);
        Assert.Equal(Teacher.Depth, backend.Ledger.Depth);
        Assert.True(backend.Ledger.Seconds > 0);
        Ledger back = Ledger.FromYaml(backend.Ledger.ToYaml());
        Assert.Equal(backend.Ledger.ToYaml(), back.ToYaml());
        CircuitTests.Refused(() => Ledger.FromYaml(backend.Ledger.ToYaml() + "shotz: 3\n"), "shotz", "shots");
    }
}
