using QDistill.Configuration;
using QDistill.Evaluation.Studies;

namespace QDistill.Evaluation.Tests.Studies;

/// <summary>The counts are those of <c>sort | uniq -c</c> over the files, the features NumPy's.</summary>
public class DatasetFilesTests
{
    [DataFact("datasets/scitos_g5")]
    public void Scitos_is_read_whole_in_twelve_stretches_of_the_drive()
    {
        IReadOnlyList<StudyRecording> all = DatasetFiles.Read("scitos_g5", SharedData.PathOf("datasets/scitos_g5"));
        Assert.Equal((12, 5456, 2097), (all.Count, all.Sum(r => r.Table.Count), all.Sum(r => r.Hazards)));
        Assert.Equal([0.438f, 0.498f, 3.625f], all[0].Table.Features[..3]);
        long[] stamps = [.. all.SelectMany(r => r.Table.Stamps)];
        Assert.Equal(stamps.Order(), stamps);
    }

    [DataFact("datasets/robot_failures")]
    public void Robot_failures_tell_collisions_from_the_rest_by_what_the_channels_did()
    {
        IReadOnlyList<StudyRecording> all = DatasetFiles.Read("robot_failures", SharedData.PathOf("datasets/robot_failures"));
        Assert.Equal((10, 416, 231), (all.Count, all.Sum(r => r.Table.Count), all.Sum(r => r.Hazards)));
        Assert.All(all, r => Assert.InRange(r.Hazards, 10, 35));
        Assert.Equal(251, all.Sum(r => Distinct(r).Count)); // as many as are different in all files: none is in two recordings
        static HashSet<string> Distinct(StudyRecording r) => [.. r.Table.Features.Chunk(30).Select(x => string.Join(' ', x))];
        Assert.Equal(251, all.SelectMany(Distinct).Distinct().Count());
        float[] first = all[0].Table.Features[..30]; // the first instance of lp1.data
        Assert.Equal(62.533333, first[10], 4);
        Assert.Equal(1.203698, first[11], 4);
        Assert.Equal((60f, 64f), (first[12], first[13]));
        Assert.Equal(0.01428571, first[14], 4);
    }

    [Fact]
    public void A_condition_disturbs_the_readings_before_their_features_and_leaves_the_truth()
    {
        using var folder = new TempDirectory();
        File.WriteAllLines(folder["sensor_readings_24.data"], Enumerable.Range(0, 2400).Select(i => $"{string.Join(',', Enumerable.Repeat("2.0", 24))},{(i % 2 == 0 ? "Move-Forward" : "Sharp-Right-Turn")}"));
        float[] Read(string condition) => [.. DatasetFiles.Read("scitos_g5", folder.Path, Condition(condition)).SelectMany(r => r.Table.Features)];
        float[] noisy = Read("range: {noise: 0.1, bias: 0.05}"), lost = Read("range: {dropout: 0.3, dropout_length: 5}"), near = Read("range: {range_max: 1.5}");
        Assert.InRange(noisy.Average(), 2.048, 2.052); // 57,600 readings: the mean's standard error is 0.0004
        Assert.InRange(Math.Sqrt(noisy.Average(x => (x - 2.05) * (x - 2.05))), 0.098, 0.102);
        Assert.All(near, x => Assert.Equal(1.5f, x));
        Assert.InRange(lost.Count(float.IsNaN) / (double)lost.Length, 0.28, 0.32);
        Assert.Equal(noisy, Read("range: {noise: 0.1, bias: 0.05}"));

        // The stronger condition is the same one, stronger: what the weaker one lost is lost again, what it added is doubled.
        float[] weak = Read("{strength: 1, range: {noise: 0.1, dropout: 0.2}}"), strong = Read("{strength: 2, range: {noise: 0.1, dropout: 0.2}}");
        Assert.All(Enumerable.Range(0, weak.Length).Where(i => !float.IsNaN(strong[i])), i => Assert.Equal(2 * (weak[i] - 2), strong[i] - 2, 1e-5));
        Assert.True(strong.Count(float.IsNaN) > 1.8 * weak.Count(float.IsNaN));
        Assert.Equal(1200, DatasetFiles.Read("scitos_g5", folder.Path, Condition("range: {noise: 0.1}")).Sum(r => r.Hazards));
    }

    [Fact]
    public void Lost_force_readings_are_left_out_of_the_summary()
    {
        using var folder = new TempDirectory();
        string[] lines = ["normal", .. Enumerable.Range(0, 15).Select(i => $"\t{i}\t{-i}\t0\t5\t6\t{2 * i}"), string.Empty];
        File.WriteAllLines(folder["lp1.data"], Enumerable.Repeat(lines, 40).SelectMany(l => l));
        foreach (string other in (string[])["lp2.data", "lp4.data", "lp5.data"])
        {
            File.WriteAllText(folder[other], string.Empty);
        }

        float[][] Read(string condition) => [.. DatasetFiles.Read("robot_failures", folder.Path, Condition(condition)).SelectMany(r => r.Table.Features.Chunk(30))];
        float[][] half = Read("force: {dropout: 0.5}");
        Assert.All(half, x => Assert.Equal((1f, -1f, 0f, 2f), (x[4], x[9], x[14], x[29]))); // the slopes of a line are those of any of its points
        Assert.True(half.Select(x => x[0]).Distinct().Count() > 20); // but their mean is another
        Assert.All(Read("force: {dropout: 1}"), x => Assert.All(x, v => Assert.True(float.IsNaN(v))));
        float[] biased = Read("force: {force_bias: 3, torque_bias: -1}")[0];
        Assert.Equal((10f, 3f, 4f, 13f), (biased[0], biased[10], biased[15], biased[25]));
    }

    [Fact]
    public void A_condition_that_the_data_cannot_show_is_refused()
    {
        string Refused(string condition) => Assert.Throws<UserErrorException>(() => DatasetFiles.Read("scitos_g5", "/nowhere", Condition(condition))).Message;
        Assert.Contains("disturbs 'scan', which the data set scitos_g5 does not have", Refused("scan: {noise: 0.1}"), StringComparison.Ordinal);
        Assert.Contains("has a latency, but rows of the data set scitos_g5 have no time of receipt", Refused("range: {latency: 0.1}"), StringComparison.Ordinal);
    }

    private static Evaluation.Conditions.Condition Condition(string yaml)
    {
        ConfigSection section = ConfigFile.Parse(yaml, "c.yaml");
        return Evaluation.Conditions.Condition.Read(section, "c").Single();
    }

    [Fact]
    public void A_broken_file_is_named_with_its_line()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["sensor_readings_24.data"], string.Join(',', Enumerable.Repeat("1.0", 24)) + ",Move-Forward\n1.0,2.0,Move-Forward\n");
        Assert.Contains("sensor_readings_24.data:2: has 3 values", Assert.Throws<UserErrorException>(() => DatasetFiles.Read("scitos_g5", folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["sensor_readings_24.data"], string.Join(',', Enumerable.Repeat("nan", 24)) + ",Move-Forward\n");
        Assert.Contains(":1: 'nan' is not a number", Assert.Throws<UserErrorException>(() => DatasetFiles.Read("scitos_g5", folder.Path)).Message, StringComparison.Ordinal);
        File.Delete(folder["sensor_readings_24.data"]);
        Assert.Contains("cannot be read", Assert.Throws<UserErrorException>(() => DatasetFiles.Read("scitos_g5", folder.Path)).Message, StringComparison.Ordinal);
    }
}
