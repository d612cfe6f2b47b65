using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Numerics;

namespace QDistill.Distillation.Tests;

/// <summary>Constructed tables whose truth is known by formula.</summary>
internal static class Synthetic
{
    public const long Second = 1_000_000_000;

    public static readonly IReadOnlyList<string> Outputs = ["collision", "keep_clear"];

    /// <summary>
    /// Windows at 10 Hz in bags of equal length. The collision truth is a curved function of features 0 to 2, with noise; the constraint's is linear in feature 1.
    /// Every 37th collision truth is unknown, and feature 3 is missing in every 11th window.
    /// </summary>
    public static TeacherDataset Table(int n, ulong seed = 1, int d = 6, int bags = 1, double noise = 0.2, double threshold = 0.6)
    {
        var rng = new Philox(seed, 77);
        long[] stamps = new long[n];
        int[] bagOf = new int[n];
        float[] x = new float[n * d];
        Truth[] truth = new Truth[n * 2];
        int each = (n + bags - 1) / bags;
        for (int i = 0; i < n; i++)
        {
            bagOf[i] = i / each;
            stamps[i] = (1000 * Second) + ((i % each) * Second / 10) + (bagOf[i] * 5000 * Second);
            for (int j = 0; j < d; j++)
            {
                x[(i * d) + j] = (float)((rng.NextGaussian() * (1 + j)) + j);
            }

            double a = x[i * d], b = (x[(i * d) + 1] - 1) / 2, c = (x[(i * d) + 2] - 2) / 3;
            bool hazard = Math.Sin(1.5 * a) + (0.8 * b * c) + (noise * rng.NextGaussian()) > threshold;
            truth[2 * i] = i % 37 == 36 ? Truth.Unknown : hazard ? Truth.Hazard : Truth.Safe;
            truth[(2 * i) + 1] = b + (noise * rng.NextGaussian()) > 0.5 ? Truth.Hazard : Truth.Safe;
            if (i % 11 == 10)
            {
                x[(i * d) + 3] = float.NaN;
            }
        }

        return new TeacherDataset(
            new string('a', 64), [.. Enumerable.Range(0, d).Select(j => $"group.f{j}")], Outputs, [.. Enumerable.Range(0, bags).Select(b => $"bag_{b}")], stamps, bagOf, x, truth);
    }

    /// <summary>The table with given collision truths alone.</summary>
    public static TeacherDataset WithCollision(TeacherDataset data, Func<int, Truth> collision)
    {
        Truth[] truth = [.. data.Truth];
        for (int i = 0; i < data.Count; i++)
        {
            truth[i * data.OutputCount] = collision(i);
        }

        return new TeacherDataset(data.SchemaId, data.FeatureNames, data.OutputNames, data.Bags, data.Stamps, data.BagOf, data.Features, truth, data.Teacher, data.OldestSource);
    }

    /// <summary>A teacher's answers made of numbers: p = σ of a linear score, m expectations in [-1, 1].</summary>
    public static TeacherAnswers Answers(TeacherDataset data, int observables = 3, ulong seed = 5)
    {
        int n = data.Count, k = data.OutputCount;
        float[] p = new float[n * k], e = new float[n * observables];
        var rng = new Philox(seed);
        for (int i = 0; i < n; i++)
        {
            double score = Math.Sin(1.5 * data.Features[i * data.FeatureCount]) * 2;
            for (int j = 0; j < k; j++)
            {
                p[(i * k) + j] = (float)(1 / (1 + Math.Exp(-score - (0.1 * j))));
            }

            for (int o = 0; o < observables; o++)
            {
                e[(i * observables) + o] = (float)Math.Tanh(score + (0.3 * rng.NextGaussian()));
            }
        }

        return new TeacherAnswers(n, k, observables, p, e, new float[n * observables]);
    }

    public static bool[] Collisions(TeacherDataset data, out int[] known)
    {
        int[] rows = [.. Enumerable.Range(0, data.Count).Where(i => data.Truth[i * data.OutputCount] != Truth.Unknown)];
        known = rows;
        return [.. rows.Select(i => data.Truth[i * data.OutputCount] == Truth.Hazard)];
    }
}
