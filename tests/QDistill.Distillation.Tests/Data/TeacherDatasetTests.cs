using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;

namespace QDistill.Distillation.Tests.Data;

public class TeacherDatasetTests
{
    private static TeacherDataset Taught(int n, ulong seed, int observables = 3)
    {
        TeacherDataset data = Synthetic.Table(n, seed);
        return data.WithTeacher(Synthetic.Answers(data, observables));
    }

    [Fact]
    public void Select_keeps_every_column_of_a_row_together()
    {
        TeacherDataset all = Taught(50, 1);
        int[] rows = [49, 3, 3, 0];
        TeacherDataset some = all.Select(rows);
        for (int i = 0; i < rows.Length; i++)
        {
            int r = rows[i];
            Assert.Equal(all.Stamps[r], some.Stamps[i]);
            Assert.Equal(all.OldestSource[r], some.OldestSource[i]);
            Assert.Equal(all.Features[(r * 6)..((r * 6) + 6)], some.Features[(i * 6)..((i * 6) + 6)]);
            Assert.Equal(all.Truth[(2 * r)..((2 * r) + 2)], some.Truth[(2 * i)..((2 * i) + 2)]);
            Assert.Equal(all.Teacher!.Probabilities[(2 * r)..((2 * r) + 2)], some.Teacher!.Probabilities[(2 * i)..((2 * i) + 2)]);
            Assert.Equal(all.Teacher.Expectations[(3 * r)..((3 * r) + 3)], some.Teacher.Expectations[(3 * i)..((3 * i) + 3)]);
        }
    }

    [Fact]
    public void Concat_undoes_SelectBags()
    {
        TeacherDataset all = Synthetic.Table(90, bags: 3);
        TeacherDataset joined = TeacherDataset.Concat([.. Enumerable.Range(0, 3).Select(b => all.SelectBags(x => x == b))]);
        Assert.Equal(all.Stamps, joined.Stamps);
        Assert.Equal(all.Features, joined.Features);
        Assert.Equal(all.Truth, joined.Truth);
        // Each part brought all three names: indices point at its own.
        Assert.Equal(all.BagOf.Select(b => all.Bags[b]), joined.BagOf.Select(b => joined.Bags[b]));
    }

    [Fact]
    public void Concat_joins_teachers_answers()
    {
        TeacherDataset a = Taught(10, 1), b = Taught(7, 2);
        TeacherDataset both = TeacherDataset.Concat([a, b]);
        Assert.Equal([.. a.Teacher!.Probabilities, .. b.Teacher!.Probabilities], both.Teacher!.Probabilities);
        Assert.Null(both.WithoutTeacher().Teacher);
    }

    [Fact]
    public void Tables_that_do_not_fit_are_refused_by_name()
    {
        TeacherDataset a = Taught(10, 1), b = Taught(10, 2);
        TeacherDataset Like(string schema, IReadOnlyList<string> outputs) => new(schema, b.FeatureNames, outputs, ["other"], b.Stamps, b.BagOf, b.Features, b.Truth, b.Teacher);
        Assert.StartsWith($"other: feature schema zz differs from {a.SchemaId} of bag_0", Refused(a, Like("zz", a.OutputNames)));
        Assert.StartsWith("other: outputs [collision, fast] differ from [collision, keep_clear] of bag_0", Refused(a, Like(a.SchemaId, ["collision", "fast"])));
        Assert.StartsWith("bag_0: has no teacher's labels, but bag_0 has a teacher's labels with 3 expectations", Refused(a, b.WithoutTeacher()));
        Assert.StartsWith("bag_0: has a teacher's labels with 5 expectations, but bag_0", Refused(a, Taught(10, 2, 5)));
        Assert.StartsWith("no bag was given", Refused());
    }

    private static string Refused(params TeacherDataset[] parts) => Assert.Throws<UserErrorException>(() => TeacherDataset.Concat(parts)).Message;

    [Fact]
    public void Arrays_of_wrong_size_are_refused()
    {
        TeacherDataset a = Synthetic.Table(4);
        Assert.Throws<ArgumentException>(() => new TeacherDataset("s", a.FeatureNames, a.OutputNames, a.Bags, a.Stamps, a.BagOf, new float[5], a.Truth));
        Assert.Throws<ArgumentException>(() => a.WithTeacher(Synthetic.Answers(Synthetic.Table(5))));
        Assert.Throws<ArgumentException>(() => new TeacherAnswers(2, 1, 1, new float[2], new float[2], new float[3]));
    }

    [Fact]
    public void Normalised_features_have_mean_0_and_deviation_1_whatever_is_missing()
    {
        TeacherDataset data = Synthetic.Table(500);
        data.Features[0] = float.PositiveInfinity;
        Normalisation n = Normalisation.Fit(data);
        float[] z = n.Apply(data.Features);
        for (int j = 0; j < 6; j++)
        {
            int[] finite = [.. Enumerable.Range(0, 500).Where(i => float.IsFinite(data.Features[(i * 6) + j]))];
            double[] x = [.. finite.Select(i => (double)data.Features[(i * 6) + j])];
            double mean = x.Average(), deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)));
            Assert.Equal(mean, n.Mean[j], 1e-6 * (1 + Math.Abs(mean)));
            Assert.Equal(deviation, n.Scale[j], 1e-6 * deviation);
            Assert.All(finite, i => Assert.Equal((data.Features[(i * 6) + j] - mean) / deviation, z[(i * 6) + j], 1e-4));
        }

        Assert.Equal(0, z[0]);
        Assert.Equal(0, z[(10 * 6) + 3]); // NaN
    }

    [Fact]
    public void A_constant_or_never_valid_feature_is_left_at_scale_1()
    {
        TeacherDataset data = Synthetic.Table(100);
        for (int i = 0; i < 100; i++)
        {
            data.Features[i * 6] = 0.1f;
            data.Features[(i * 6) + 1] = float.NaN;
        }

        Normalisation n = Normalisation.Fit(data);
        Assert.Equal((0.1f, 1f), (n.Mean[0], n.Scale[0]));
        Assert.Equal((0f, 1f), (n.Mean[1], n.Scale[1]));
    }

    [Fact]
    public void A_small_deviation_on_a_large_mean_is_not_lost()
    {
        TeacherDataset data = Synthetic.Table(1000);
        for (int i = 0; i < 1000; i++)
        {
            data.Features[i * 6] = 8_000_000 + (i % 2); // exact in float32
        }

        Assert.Equal(0.5f, Normalisation.Fit(data).Scale[0], 1e-5f);
    }
}
