using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using QDistill.Numerics;

namespace QDistill.Quantum.Tests;

/// <summary>Kernels against closed forms, dense states and differences; classifiers against scikit-learn.</summary>
public class KernelTests
{
    public static TheoryData<string> Encodings => [.. FeatureEncoding.All.Select(e => e.Name)];

    [Fact]
    public void AngleEncodingHasTheProductKernelOfCosines()
    {
        // One round of RY on separate qubits: K = Π cos²((x_i − y_i)/2).
        const int D = 4, N = 7;
        using var kernel = new FidelityKernel(TeacherCircuit.Build("angle", "no-entanglement", D, 0, D));
        double[] x = RandomCircuits.Vector(D * N, 3), gram = kernel.Gram(x, N);
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++)
            {
                double expected = 1;
                for (int k = 0; k < D; k++)
                {
                    expected *= Math.Pow(Math.Cos((x[(i * D) + k] - x[(j * D) + k]) / 2), 2);
                }

                Assert.Equal(expected, gram[(i * N) + j], 1e-12);
            }
        }
    }

    [Fact]
    public void TheZZKernelOfTwoSamplesHasItsClosedForm()
    {
        // Havlíček et al. 2019 at two qubits: phases φ = (0, 2x₀ + c, 2x₁ + c, 2x₀ + 2x₁) with c = 2(π − x₀)(π − x₁), between Hadamards, twice: ψ_j = ¼ e^{iφ_j} Σ_k (−1)^{j·k} e^{iφ_k}.
        using var kernel = new FidelityKernel(TeacherCircuit.Build("zz", "no-entanglement", 2, 0, 2));
        double[] x = RandomCircuits.Vector(2 * 6, 12, 3), gram = kernel.Gram(x, 6);
        Complex[] State(int sample)
        {
            double a = x[2 * sample], b = x[(2 * sample) + 1], c = 2 * (Math.PI - a) * (Math.PI - b);
            Complex[] phase = [.. new[] { 0, (2 * a) + c, (2 * b) + c, 2 * (a + b) }.Select(p => Complex.FromPolarCoordinates(1, p))];
            return [.. Enumerable.Range(0, 4).Select(j => 0.25 * phase[j] * Enumerable.Range(0, 4).Aggregate(Complex.Zero, (sum, k) => sum + ((BitOperations.PopCount((uint)(j & k)) & 1) == 0 ? phase[k] : -phase[k])))];
        }

        for (int i = 0; i < 6; i++)
        {
            for (int j = 0; j < 6; j++)
            {
                Complex overlap = State(i).Zip(State(j), (u, v) => Complex.Conjugate(u) * v).Aggregate((p, q) => p + q);
                Assert.Equal(Math.Pow(overlap.Magnitude, 2), gram[(i * 6) + j], 1e-12);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void FidelitiesEqualOverlapsOfDenseStates(string encoding)
    {
        foreach (int n in new[] { 1, 2, 4 })
        {
            int d = Math.Min(3, FeatureEncoding.Get(encoding).MaxFeatures(n));
            Circuit map = TeacherCircuit.Build(encoding, "hardware-efficient", n, encoding.StartsWith("re", StringComparison.Ordinal) ? 2 : 0, d);
            double[] w = RandomCircuits.Vector(map.WeightCount, 1), a = RandomCircuits.Vector(11 * d, 5, 2), b = RandomCircuits.Vector(3 * d, 6, 2);
            using var kernel = new FidelityKernel(map, w);
            double[] gram = kernel.Gram(a, 11), cross = kernel.Cross(a, 11, b, 3);
            Complex[] State(double[] x, int i) => DenseReference.Run(map, w, x[(i * d)..((i + 1) * d)]);
            double Fidelity(Complex[] u, Complex[] v) => Math.Pow(u.Select((c, i) => Complex.Conjugate(c) * v[i]).Aggregate((p, q) => p + q).Magnitude, 2);
            for (int i = 0; i < 11; i++)
            {
                Assert.Equal(Fidelity(State(a, i), State(a, (i + 4) % 11)), gram[(i * 11) + ((i + 4) % 11)], 1e-11);
                Assert.Equal(Fidelity(State(a, i), State(b, i % 3)), cross[(i * 3) + (i % 3)], 1e-11);
                Assert.Equal(1, gram[i * 12]);
            }
        }
    }

    [Fact]
    public void ProjectedKernelEqualsDistancesOfReducedDensityMatrices()
    {
        Circuit map = TeacherCircuit.Build("zz", "no-entanglement", 3, 0, 3);
        double[] x = RandomCircuits.Vector(3 * 4, 8, 2);
        using var kernel = new ProjectedKernel(map, 0.7);
        double[] gram = kernel.Gram(x, 4);
        Complex[,] Reduced(Complex[] s, int q)
        {
            var rho = new Complex[2, 2];
            for (int i = 0; i < 8; i++)
            {
                for (int bit = 0; bit < 2; bit++)
                {
                    int j = (i & ~(1 << q)) | (bit << q);
                    rho[i >> q & 1, bit] += s[i] * Complex.Conjugate(s[j]);
                }
            }

            return rho;
        }

        for (int i = 0; i < 4; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                Complex[] a = DenseReference.Run(map, [], x[(3 * i)..((3 * i) + 3)]), b = DenseReference.Run(map, [], x[(3 * j)..((3 * j) + 3)]);
                double square = 0;
                for (int q = 0; q < 3; q++)
                {
                    square += Reduced(a, q).Cast<Complex>().Zip(Reduced(b, q).Cast<Complex>(), (u, v) => Math.Pow((u - v).Magnitude, 2)).Sum();
                }

                Assert.Equal(Math.Exp(-0.7 * square), gram[(4 * i) + j], 1e-11);
            }
        }

        CircuitTests.Refused(() => new ProjectedKernel(map, 0), "gamma");
    }

    [Theory]
    [InlineData(StateLayout.SingleSample, "zz")]
    [InlineData(StateLayout.Batched, "zz")]
    [InlineData(StateLayout.SingleSample, "reuploading-scaled")]
    [InlineData(StateLayout.Batched, "reuploading-scaled")]
    [InlineData(StateLayout.Batched, "amplitude")]
    public void KernelValuesHaveGradientsByFeaturesAndWeights(StateLayout layout, string encoding)
    {
        Circuit map = TeacherCircuit.Build(encoding, "hardware-efficient", 3, 2, 3);
        const int N = 5;
        double[] w = RandomCircuits.Vector(map.WeightCount, 2, 2), x = RandomCircuits.Vector(3 * N, 3, 2), g = RandomCircuits.Vector(N * N, 4, 1);
        double Loss()
        {
            using var kernel = new FidelityKernel(map, w, new StateVectorOptions { Layout = layout, Threads = 1 });
            return kernel.Gram(x, N).Zip(g, (a, b) => a * b).Sum();
        }

        double[] dw = new double[w.Length], dx = new double[x.Length];
        using (var kernel = new FidelityKernel(map, w, new StateVectorOptions { Layout = layout, Threads = 1 }))
        {
            double[] gram = kernel.GramAndVjp(x, N, _ => g, dw, dx);
            Assert.True(gram.Zip(kernel.Gram(x, N), (a, b) => Math.Abs(a - b)).Max() < 1e-12);
        }

        GradientTests.AssertDifferences(w, dw, Loss);
        GradientTests.AssertDifferences(x, dx, Loss);
    }

    [Fact]
    public void TrainingTheWeightsRaisesTheAlignment()
    {
        Circuit map = TeacherCircuit.Build("reuploading", "hardware-efficient", 2, 2, 2);
        const int N = 24;
        double[] x = RandomCircuits.Vector(2 * N, 1, 1.5), y = [.. Enumerable.Range(0, N).Select(i => x[2 * i] * x[(2 * i) + 1] > 0 ? 1.0 : -1)], w = RandomCircuits.Vector(map.WeightCount, 5, 1);
        double first = double.NaN, last = 0;
        for (int step = 0; step < 60; step++)
        {
            using var kernel = new FidelityKernel(map, w);
            double[] dw = new double[w.Length];
            kernel.GramAndVjp(x, N, k =>
            {
                double[] g = new double[k.Length];
                last = KernelMatrix.Alignment(k, y, g);
                return g;
            }, dw);
            first = double.IsNaN(first) ? last : first;
            for (int i = 0; i < w.Length; i++)
            {
                w[i] += dw[i];
            }
        }

        Assert.True(last > first + 0.1, $"alignment went from {first} to {last}");
        double[] gram = RandomCircuits.Vector(16, 3), gradient = new double[16], labels = [1, -1, -1, 1];
        KernelMatrix.Alignment(gram, labels, gradient);
        GradientTests.AssertDifferences(gram, gradient, () => KernelMatrix.Alignment(gram, labels));
        Assert.Equal(1, KernelMatrix.Alignment([1, -1, 1, -1, 1, -1, 1, -1, 1], [1, -1, 1]), 1e-12);
    }

    [Fact]
    public void ShotNoiseIsBinomialAndRepairMakesItPositive()
    {
        const int N = 40, Shots = 50;
        using var kernel = new FidelityKernel(TeacherCircuit.Build("iqp", "no-entanglement", 4, 0, 4));
        double[] gram = kernel.Gram(RandomCircuits.Vector(4 * N, 3, 2), N);
        var ledger = new Ledger();
        double[] noisy = KernelMatrix.WithShotNoise(gram, N, Shots, 7, ledger);
        Assert.Equal(N * (N - 1) / 2, ledger.Circuits);
        Assert.Equal(noisy, KernelMatrix.WithShotNoise(gram, N, Shots, 7));
        double z = 0;
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double p = gram[(i * N) + j];
                Assert.Equal(noisy[(i * N) + j], noisy[(j * N) + i]);
                z += Math.Pow(noisy[(i * N) + j] - p, 2) / (p * (1 - p) / Shots);
            }
        }

        Assert.Equal(1, z / (N * (N - 1) / 2), 0.3);
        Assert.True(KernelMatrix.LeastEigenvalue(noisy, N) < -0.05);
        double[] clip = KernelMatrix.Repair(noisy, N, PsdRepair.Clip), shift = KernelMatrix.Repair(noisy, N, PsdRepair.Shift), nearest = KernelMatrix.Repair(noisy, N, PsdRepair.Nearest);
        foreach (double[] repaired in new[] { clip, shift, nearest })
        {
            Assert.True(KernelMatrix.LeastEigenvalue(repaired, N) > -1e-10);
        }

        Assert.Equal(noisy[1], shift[1]);
        Assert.All(Enumerable.Range(0, N), i => Assert.Equal(1, nearest[i * (N + 1)], 1e-12));

        // Clipping is the nearest positive matrix of all, so with ones demanded the distance can only grow; shifting is farther still.
        double Distance(double[] m) => Math.Sqrt(m.Zip(noisy, (a, b) => (a - b) * (a - b)).Sum());
        Assert.True(Distance(clip) <= Distance(nearest) + 1e-9 && Distance(nearest) <= Distance(shift));
        Assert.Equal(gram, KernelMatrix.Repair(gram, N, PsdRepair.Shift).Zip(gram, (a, b) => Math.Abs(a - b) < 1e-12 ? b : a));
    }

    [Fact]
    public void BinomialNumbersHaveTheirDistribution()
    {
        foreach ((int trials, double p) in new[] { (12, 0.3), (40, 0.05), (200, 0.4), (1000, 0.93) })
        {
            double[] log = new double[trials + 1];
            for (int k = 1; k <= trials; k++)
            {
                log[k] = log[k - 1] + Math.Log((trials - k + 1.0) / k);
            }

            const int Draws = 40000;
            int[] seen = new int[trials + 1];
            var random = new Philox(5, (ulong)trials);
            for (int i = 0; i < Draws; i++)
            {
                seen[Binomial.Draw(trials, p, ref random)]++;
            }

            double chi = 0, restExpected = 0, restSeen = 0;
            int cells = 0;
            for (int k = 0; k <= trials; k++)
            {
                double expected = Draws * Math.Exp(log[k] + (k * Math.Log(p)) + ((trials - k) * Math.Log(1 - p)));
                if (expected < 8)
                {
                    restExpected += expected;
                    restSeen += seen[k];
                    continue;
                }

                chi += Math.Pow(seen[k] - expected, 2) / expected;
                cells++;
            }

            chi += restExpected > 1 ? Math.Pow(restSeen - restExpected, 2) / restExpected : 0;
            Assert.InRange(chi, cells - (5 * Math.Sqrt(2.0 * cells)), cells + (5 * Math.Sqrt(2.0 * cells)));
        }
    }

    [Fact]
    public void NystroemIsExactOnItsLandmarksAndItsErrorFalls()
    {
        using var kernel = new FidelityKernel(TeacherCircuit.Build("zz", "no-entanglement", 2, 0, 2));
        const int N = 60;
        double[] x = RandomCircuits.Vector(2 * N, 4, 1), gram = kernel.Gram(x, N);
        double before = double.PositiveInfinity;
        foreach (int m in new[] { 3, 10, 16 })
        {
            var nystroem = new Nystroem(kernel, x, N, m, 1);
            double[] f = nystroem.Features(x, N);
            double Approximate(int i, int j) => Enumerable.Range(0, m).Sum(k => f[(i * m) + k] * f[(j * m) + k]);
            foreach (int a in nystroem.Landmarks)
            {
                Assert.Equal(gram[(a * N) + nystroem.Landmarks[0]], Approximate(a, nystroem.Landmarks[0]), 1e-6);
            }

            double error = nystroem.TraceError(x, N);
            Assert.Equal(Enumerable.Range(0, N).Average(i => 1 - Approximate(i, i)), error, 1e-12);
            Assert.True(error < before);
            before = error;
        }

        // Two qubits' fidelities live in 16 dimensions, so 16 landmarks say all.
        Assert.True(before < 1e-6, $"{before} is left with 16 landmarks");
    }

    [Fact]
    public void ClassifiersAgreeWithScikitLearn()
    {
        const int N = 50, M = 30;
        using var kernel = new FidelityKernel(TeacherCircuit.Build("angle", "no-entanglement", 3, 0, 3));
        double[] x = RandomCircuits.Vector(3 * (N + M), 6, 1.5);
        bool[] y = [.. Enumerable.Range(0, N).Select(i => Math.Sin(x[3 * i]) + (x[(3 * i) + 1] * x[(3 * i) + 2]) + (0.3 * Math.Cos(40 * i)) > 0.2)];
        double[] gram = kernel.Gram(x.AsSpan(0, 3 * N), N), cross = kernel.Cross(x.AsSpan(3 * N), M, x.AsSpan(0, 3 * N), N);
        for (int i = 0; i < N; i++)
        {
            gram[i * (N + 1)] += 1e-6;   // so that the oracle's Cholesky factor exists
        }

        JsonNode oracle = Ask(new { gram, cross, y = y.Select(v => v ? 1 : 0), c = 2.0, lambda = 0.3, amplitude = 4.0 });
        KernelSvm svm = KernelSvm.Fit(gram, y, 2.0, 1e-8);
        AssertNear(oracle["decision"]!, svm.Decide(cross, M), 1e-4);
        double[] p = svm.Predict(cross, M);
        Assert.All(Enumerable.Range(0, M), i => Assert.Equal(svm.Decide(cross, M)[i] > 0.5, p[i] > 0.5 && svm.Decide(cross, M)[i] > 0.5));
        AssertNear(oracle["logistic"]!, KernelLogistic.Fit(gram, y, 0.3).Predict(cross, M), 1e-4);
        GaussianProcessClassifier gp = GaussianProcessClassifier.Fit(gram, y, 4.0);
        Assert.Equal(oracle["evidence"]!.GetValue<double>(), gp.LogEvidence, 1e-4);

        // Its average over the latent Gaussian is an approximation with five terms.
        AssertNear(oracle["gp"]!, gp.Predict(cross, M), 5e-3);
        Assert.Equal(0.5, GaussianProcessClassifier.AverageSigmoid(0, 3), 1e-12);
        Assert.Equal(1 / (1 + Math.Exp(-1.5)), GaussianProcessClassifier.AverageSigmoid(1.5, 0), 1e-12);
    }

    [Fact]
    public void ProbabilitiesOfTheSvmAreCalibratedOnNewSamples()
    {
        const int N = 200, M = 400;
        using var kernel = new FidelityKernel(TeacherCircuit.Build("angle", "no-entanglement", 2, 0, 2));
        double[] x = RandomCircuits.Vector(2 * (N + M), 9, 1.5);
        var random = new Philox(3);
        bool[] y = new bool[N + M];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = random.NextDouble() < 1 / (1 + Math.Exp(-3 * Math.Sin(x[2 * i])));
        }

        KernelSvm svm = KernelSvm.Fit(kernel.Gram(x.AsSpan(0, 2 * N), N), y.AsSpan(0, N), 0.5);
        double[] p = svm.Predict(kernel.Cross(x.AsSpan(2 * N), M, x.AsSpan(0, 2 * N), N), M);
        double error = Enumerable.Range(0, M).Average(i => Math.Abs(p[i] - (1 / (1 + Math.Exp(-3 * Math.Sin(x[2 * (N + i)]))))));
        Assert.True(error < 0.1, $"probabilities are off by {error} on average");
    }

    [Fact]
    public void BadInputGivesOneClearSentence()
    {
        double[] gram = [1, 0.5, 0.5, 1];
        CircuitTests.Refused(() => KernelSvm.Fit(gram, [true, true]), "both classes");
        CircuitTests.Refused(() => KernelSvm.Fit(gram, [true, false, true]), "9 entries", "4 were given");
        CircuitTests.Refused(() => KernelSvm.Fit([1, double.NaN, 0.5, 1], [true, false]), "not a finite number");
        CircuitTests.Refused(() => KernelSvm.Fit(gram, [true, false], 0), "C is 0");
        CircuitTests.Refused(() => KernelLogistic.Fit(gram, [true, false], -1), "-1");
        CircuitTests.Refused(() => GaussianProcessClassifier.Fit(gram, [true, false], 0), "above 0");
        CircuitTests.Refused(() => KernelSvm.Fit(gram, [true, false]).Predict([1], 1), "2 kernel values", "1 were given");
        CircuitTests.Refused(() => KernelMatrix.WithShotNoise(gram, 2, 0, 1), "0 shots");
        CircuitTests.Refused(() => KernelMatrix.Alignment(gram, [1, 1]), "undefined");
        using var kernel = new FidelityKernel(TeacherCircuit.Build("angle", "no-entanglement", 2, 0, 2));
        CircuitTests.Refused(() => new Nystroem(kernel, new double[4], 2, 3, 1), "3 landmarks", "2 samples");
        CircuitTests.Refused(() => kernel.Gram([1, 2, double.NaN, 3], 2), "sample 1");
    }

    private static void AssertNear(JsonNode expected, double[] actual, double tolerance)
    {
        double[] e = expected.Deserialize<double[]>()!;
        Assert.Equal(e.Length, actual.Length);
        double worst = e.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance, $"off by {worst}, {tolerance} allowed");
    }

    private static JsonNode Ask(object question) => PythonOracle.Ask("QDistill.Quantum.Tests/kernels.py", question);
}
