using QDistill.Configuration;

namespace QDistill.Bags.Tests;

/// <summary>Every recorded bag of the shared data, against its own metadata.yaml.</summary>
public class RealBagTests
{
    /// <summary>Its metadata.yaml is there, its db3 file is not.</summary>
    private const string Incomplete = "bags/neato/bags/wall_follower";

    public static TheoryData<string> Bags
    {
        get
        {
            var data = new TheoryData<string>();
            if (SharedData.Has("bags"))
            {
                foreach (string file in Directory.EnumerateFiles(SharedData.PathOf("bags"), "metadata.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                {
                    data.Add(Path.GetRelativePath(SharedData.Root!, Path.GetDirectoryName(file)!));
                }
            }

            return data;
        }
    }

    [DataTheory("bags")]
    [MemberData(nameof(Bags))]
    public void Messages_are_those_that_metadata_counts_in_log_time_order(string folder)
    {
        string path = SharedData.PathOf(folder);
        if (folder == Incomplete)
        {
            var e = Assert.Throws<UserErrorException>(() => BagReader.Open(path));
            Assert.Contains("wall_follower_0.db3' is missing", e.Message);
            return;
        }

        ConfigSection metadata = ConfigFile.Load(Path.Combine(path, "metadata.yaml")).Section("rosbag2_bagfile_information");
        using BagReader reader = BagReader.Open(path);
        var counts = new Dictionary<string, long>();
        long previous = long.MinValue, first = long.MaxValue, all = 0;
        while (reader.Read(out BagMessage m))
        {
            Assert.True(m.LogTime >= previous);
            Assert.True(m.Data.Length >= 4);
            previous = m.LogTime;
            first = Math.Min(first, m.LogTime);
            counts[m.Topic.Name] = counts.GetValueOrDefault(m.Topic.Name) + 1;
            all++;
        }

        Assert.Empty(reader.Info.Warnings);
        Assert.Equal(metadata.Int("message_count"), all);
        Assert.Equal(all, reader.Info.MessageCount);
        Assert.Equal(metadata.Section("starting_time").Int("nanoseconds_since_epoch"), first);
        Assert.Equal(metadata.Section("duration").Int("nanoseconds"), previous - first);
        Assert.Equal((first, previous), (reader.Info.StartNs, reader.Info.EndNs));
        foreach (ConfigSection topic in metadata.Sections("topics_with_message_count"))
        {
            ConfigSection t = topic.Section("topic_metadata");
            BagTopic ours = Assert.Single(reader.Info.Topics, x => x.Name == t.String("name"));
            Assert.Equal(t.String("type"), ours.Type);
            Assert.Equal(topic.Int("message_count"), ours.MessageCount);
            Assert.Equal(topic.Int("message_count"), counts.GetValueOrDefault(ours.Name));
        }
    }
}
