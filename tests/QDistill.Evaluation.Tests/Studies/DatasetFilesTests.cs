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
        Assert.All(all, r => Assert.InRange(r.Hazards, 10, 30));
        float[] first = all[0].Table.Features[..30]; // the first instance of lp1.data
        Assert.Equal(62.533333, first[10], 4);
        Assert.Equal(1.203698, first[11], 4);
        Assert.Equal((60f, 64f), (first[12], first[13]));
        Assert.Equal(0.01428571, first[14], 4);
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
