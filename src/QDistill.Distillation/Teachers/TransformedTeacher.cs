using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Metrics;
using QDistill.Numerics;

namespace QDistill.Distillation.Teachers;

/// <summary>
/// A teacher whose answers are changed on purpose. Shuffled: within blocks of <see cref="Block"/> consecutive windows every window gets the whole answer of another one. Degraded: seeded Gaussian noise on
/// the logits, one number for each window and output, strong enough that the validation score falls to the target, then calibrated anew.
/// </summary>
internal sealed class TransformedTeacher : ITeacher, IDisposable
{
    /// <summary>Windows that answers are exchanged among; the labeller asks for chunks of this size.</summary>
    public const int Block = 1024;
    private const ulong NoiseStream = 0x4E4F_4953; // "NOIS"
    private const ulong ShuffleStream = 0x5348_5546; // "SHUF"
    private readonly TeacherSpec spec;
    private readonly ITeacher inner;
    private readonly double noise;
    private readonly double[] calibration;
    private readonly double score;

    private TransformedTeacher(TeacherSpec spec, ITeacher inner, double noise, double[] calibration, double score)
    {
        (this.spec, this.inner, this.noise, this.calibration, this.score) = (spec, inner, noise, calibration, score);
        Id = TeacherText.Id(ToYaml());
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public string Kind => inner.Kind;

    /// <inheritdoc/>
    public string SchemaId => inner.SchemaId;

    /// <inheritdoc/>
    public IReadOnlyList<string> OutputNames => inner.OutputNames;

    /// <inheritdoc/>
    public IReadOnlyList<string> ObservableNames => inner.ObservableNames;

    /// <summary>Gradients of noisy logits would not be theirs.</summary>
    public TeacherDetails Details => spec.Transform.Kind == "shuffled" ? inner.Details : inner.Details & ~TeacherDetails.Gradients;

    /// <inheritdoc/>
    public IReadOnlyList<int> FeatureShape => inner.FeatureShape;

    /// <summary>The teacher behind it.</summary>
    public ITeacher Inner => inner;

    /// <summary>The score on validation windows after the transform.</summary>
    public double Score => score;

    /// <summary>Wraps a fitted teacher.</summary>
    /// <param name="spec">Its specification, with the transform.</param>
    /// <param name="inner">The teacher.</param>
    /// <param name="validation">Windows that the score is measured on.</param>
    /// <param name="target">The score to fall to; ignored when shuffled.</param>
    /// <exception cref="UserErrorException">The teacher is worse than the target already, and the target was asked for by number.</exception>
    public static TransformedTeacher Create(TeacherSpec spec, ITeacher inner, TeacherDataset validation, double target)
    {
        int k = inner.OutputNames.Count;
        double[] identity = Training.OutputCalibration.Identity(k);
        if (spec.Transform.Kind == "shuffled")
        {
            return new TransformedTeacher(spec, inner, 0, identity, 0);
        }

        string metric = spec.Transform.Metric;
        float[] logits = inner.Answer(validation.Features, 0).Logits();
        double best = Score0(0);
        if (best < target - 1e-9 && spec.Transform.Kind == "degraded")
        {
            throw new UserErrorException(
                FormattableString.Invariant($"the teacher's {metric} on validation is {best:F3}, which is below the {target:F3} it should be degraded to"), string.Join(", ", validation.Bags), "ask for less, or fit a better teacher");
        }

        // The score falls with the noise, but for chance: the least noise that reaches the target.
        double low = 0, high = 1;
        while (best > target && Score0(high) > target && high < 1e4)
        {
            (low, high) = (high, high * 2);
        }

        for (int round = 0; round < 40 && best > target; round++)
        {
            double middle = (low + high) / 2;
            (low, high) = Score0(middle) > target ? (middle, high) : (low, middle);
        }

        double sigma = best > target ? high : 0;
        float[] noisy = Noisy(logits, k, 0, sigma, spec.Seed);
        double[] calibration = sigma == 0 ? identity : Training.OutputCalibration.FitPlatt(noisy, validation);
        return new TransformedTeacher(spec, inner, sigma, calibration, Score0(sigma));

        // Accuracy at one half depends on the calibration that follows; ranking does not.
        double Score0(double s)
        {
            float[] z = Noisy(logits, k, 0, s, spec.Seed);
            if (s > 0 && metric == "accuracy")
            {
                double[] c = Training.OutputCalibration.FitPlatt(z, validation);
                z = [.. z.Select((v, i) => (float)((c[2 * (i % k)] * v) + c[(2 * (i % k)) + 1]))];
            }

            return TeacherScore.Of(metric, z, validation);
        }
    }

    internal static TransformedTeacher Read(TeacherSpec spec, ITeacher inner, ConfigSection section)
    {
        double[] calibration = new double[2 * inner.OutputNames.Count];
        TeacherText.Read(section, "calibration", calibration, "its outputs need");
        return new TransformedTeacher(spec, inner, section.Double("noise", null, 0), calibration, section.Double("score"));
    }

    /// <inheritdoc/>
    public string ToYaml() => inner.ToYaml().Replace("fitted:\n", spec.Transform.ToYaml() + "fitted:\n", StringComparison.Ordinal) + FormattableString.Invariant($"""
          transform:
            noise: {noise:R}
            calibration: {TeacherText.List(calibration)}
            score: {score:R}

        """);

    /// <inheritdoc/>
    public TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, TeacherDetails details, CancellationToken cancellation = default)
    {
        this.RequireDetails(details);
        TeacherAnswers answers = inner.Answer(features, firstWindow, details, cancellation);
        if (spec.Transform.Kind == "shuffled")
        {
            return answers.Select(Permutation(answers.Count, firstWindow));
        }

        if (noise == 0)
        {
            return answers;
        }

        int k = answers.OutputCount;
        float[] p = Training.OutputCalibration.Probabilities(Noisy(answers.Logits(), k, firstWindow, noise, spec.Seed), calibration, k);
        return new TeacherAnswers(answers.Count, k, answers.ObservableCount, p, answers.Expectations, answers.Variances)
        {
            Shots = answers.Shots,
            States = answers.States,
            Features = answers.Features,
            FeatureShape = answers.FeatureShape,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => (inner as IDisposable)?.Dispose();

    private int[] Permutation(int count, long firstWindow)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int first = 0; first < count;)
        {
            long block = (firstWindow + first) / Block;
            int end = (int)Math.Min(count, ((block + 1) * Block) - firstWindow);
            new Philox(spec.Seed, ShuffleStream + ((ulong)block << 32)).Shuffle<int>(order.AsSpan(first, end - first));
            first = end;
        }

        return order;
    }

    private static float[] Noisy(float[] logits, int k, long firstWindow, double sigma, ulong seed)
    {
        float[] noisy = new float[logits.Length];
        for (int i = 0; i < noisy.Length; i++)
        {
            if (i % k == 0)
            {
                var rng = new Philox(seed, NoiseStream + ((ulong)(firstWindow + (i / k)) << 32));
                for (int j = 0; j < k; j++)
                {
                    noisy[i + j] = (float)(logits[i + j] + (sigma * rng.NextGaussian()));
                }
            }
        }

        return noisy;
    }
}

/// <summary>How good logits are on the collision output.</summary>
internal static class TeacherScore
{
    /// <summary>The score of logits [n, k] by name.</summary>
    public static double Of(string metric, float[] logits, TeacherDataset data)
    {
        int k = data.OutputCount;
        int[] known = [.. Enumerable.Range(0, data.Count).Where(i => data.Truth[i * k] != Truth.Unknown)];
        double[] z = [.. known.Select(i => (double)logits[i * k])];
        bool[] y = [.. known.Select(i => data.Truth[i * k] == Truth.Hazard)];
        return metric switch
        {
            "accuracy" => Enumerable.Range(0, z.Length).Count(i => (z[i] > 0) == y[i]) / (double)Math.Max(1, z.Length),
            "balanced_accuracy" => BestBalancedAccuracy(z, y),
            _ => BinaryMetrics.Compute((double[])[.. z.Select(Logit.Sigmoid)], y).Auroc ?? 0.5,
        };
    }

    private static double BestBalancedAccuracy(double[] z, bool[] y)
    {
        int[] order = [.. Enumerable.Range(0, z.Length).OrderByDescending(i => z[i])];
        double positives = Math.Max(1, y.Count(v => v)), negatives = Math.Max(1, y.Length - y.Count(v => v)), hits = 0, alarms = 0, best = 0.5;
        for (int i = 0; i < order.Length; i++)
        {
            (hits, alarms) = y[order[i]] ? (hits + 1, alarms) : (hits, alarms + 1);
            if (i + 1 == order.Length || z[order[i]] != z[order[i + 1]])
            {
                best = Math.Max(best, (hits / positives + 1 - (alarms / negatives)) / 2);
            }
        }

        return best;
    }
}
