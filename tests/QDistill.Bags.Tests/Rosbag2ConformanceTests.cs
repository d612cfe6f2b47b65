using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Bags.Tests;

/// <summary>
/// The 39 official rosbag2 test files, each against an independent reader: @mcap/core for MCAP, the sqlite3 command line tool for .db3. Two of them
/// (wrong_rmw_test) claim a serialization format that must be refused.
/// </summary>
public class Rosbag2ConformanceTests
{
    private const string Folder = "conformance/rosbag2";

    private static readonly Lazy<Dictionary<string, List<JsonElement>>> Streamed = new(() => Tool.ReadWithMcapCore(McapFiles, stream: true));
    private static readonly Lazy<Dictionary<string, List<JsonElement>>> Indexed = new(() => Tool.ReadWithMcapCore(McapFiles));

    public static TheoryData<string> Files => [.. Find("*.mcap").Concat(Find("*.db3")).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Folders => [.. Find("*.mcap").Concat(Find("*.db3")).Select(f => Path.GetDirectoryName(f)!).Distinct().Order(StringComparer.Ordinal).Where(f => !f.EndsWith("/bags", StringComparison.Ordinal))];

    [DataFact(Folder)]
    public void All_39_are_there() => Assert.Equal(39, Files.Count);

    [DataTheory(Folder)]
    [MemberData(nameof(Files))]
    public void A_file_alone_gives_what_independent_readers_find(string file)
    {
        string path = SharedData.PathOf($"{Folder}/{file}");
        if (file.Contains("wrong_rmw_test"))
        {
            var e = Assert.Throws<UserErrorException>(() => BagReader.Open(path));
            Assert.Contains("has serialization format 'wrong_format', but only cdr can be read", e.Message);
            Assert.Equal(Expected(path), Recorded.All(path, new BagReadOptions { AnySerializationFormat = true }));
            return;
        }

        using BagReader reader = BagReader.Open(path);
        Assert.Empty(reader.Info.Warnings);
        List<Recorded> expected = Expected(path);
        Assert.Equal(expected, Recorded.All(reader));
        Assert.Equal(expected.Count, reader.Info.MessageCount);
        foreach (BagTopic topic in reader.Info.Topics)
        {
            Assert.Equal(expected.Count(m => m.Topic == topic.Name), topic.MessageCount);
        }

        Assert.Equal(Types(path), reader.Info.Topics.Select(t => $"{t.Name}|{t.Type}"));
    }

    [DataTheory(Folder)]
    [MemberData(nameof(Folders))]
    public void A_folder_gives_all_its_files_merged_by_log_time(string folder)
    {
        string path = SharedData.PathOf($"{Folder}/{folder}");
        var options = new BagReadOptions { AnySerializationFormat = folder.Contains("wrong_rmw_test") };
        List<Recorded> expected = [.. Directory.GetFiles(path).Where(f => !f.EndsWith(".yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .SelectMany(Expected).OrderBy(m => m.LogTime)];
        using BagReader reader = BagReader.Open(path, options);
        Assert.Empty(reader.Info.Warnings);
        Assert.Equal(expected, Recorded.All(reader));
        Assert.Equal(expected.Count, reader.Info.MessageCount);
        if (expected.Count > 0)
        {
            Assert.Equal((expected[0].LogTime, expected[^1].LogTime), (reader.Info.StartNs, reader.Info.EndNs));
        }

        // Also from any time on.
        foreach (int i in new[] { 0, expected.Count / 3, expected.Count - 1 }.Where(i => i >= 0 && i < expected.Count))
        {
            reader.Seek(expected[i].LogTime);
            Assert.Equal(expected.Where(m => m.LogTime >= expected[i].LogTime), Recorded.All(reader));
        }
    }

    [DataFact(Folder)]
    public void Old_and_new_qos_forms_mean_the_same()
    {
        using BagReader numbers = BagReader.Open(SharedData.PathOf(Folder + "/rosbag2_tests/resources/mcap/bag_with_topics_and_service_events"));
        Assert.Equal(
            new OfferedQoS { History = HistoryPolicy.Unknown, Depth = 0 },
            Assert.Single(numbers.Info.FindTopic("/test_topic1")!.OfferedQoS));
        using BagReader two = BagReader.Open(SharedData.PathOf(Folder + "/rosbag2_transport/test/resources/sqlite3/rewriter_a"));
        Assert.Equal(2, two.Info.FindTopic("a_empty")!.OfferedQoS.Count);
        Assert.Equal(ReliabilityPolicy.BestEffort, two.Info.FindTopic("a_empty")!.OfferedQoS[1].Reliability);
        Assert.Equal(DurabilityPolicy.TransientLocal, two.Info.FindTopic("a_empty")!.OfferedQoS[1].Durability);
    }

    [DataFact(Folder)]
    public void A_bag_without_messages_opens_and_ends()
    {
        using BagReader reader = BagReader.Open(SharedData.PathOf(Folder + "/ros2bag/test/resources/empty_bag"));
        Assert.False(reader.Read(out _));
        Assert.Equal((0, 0, 0), (reader.Info.MessageCount, reader.Info.StartNs, reader.Info.DurationNs));
        Assert.Equal(["/parameter_events", "/rosout"], reader.Info.Topics.Select(t => t.Name));
    }

    [DataTheory("conformance/cdr_all_types")]
    [InlineData("mcap")]
    [InlineData("sqlite3")]
    public void All_94_standard_types_are_found_with_two_messages_each(string storage)
    {
        string folder = SharedData.PathOf($"conformance/cdr_all_types/tests/test_bags/test_bag_{storage}");
        using BagReader reader = BagReader.Open(folder);
        Assert.Equal(94, reader.Info.Topics.Count);
        Assert.All(reader.Info.Topics, t => Assert.Equal(2, t.MessageCount));
        Assert.Equal(Expected(Directory.GetFiles(folder, "test_bag*").Single()), Recorded.All(reader));
    }

    private static IEnumerable<string> McapFiles =>
        [.. Find("*.mcap").Select(f => SharedData.PathOf($"{Folder}/{f}")), SharedData.PathOf("conformance/cdr_all_types/tests/test_bags/test_bag_mcap/test_bag_mcap.mcap")];

    private static IEnumerable<string> Find(string pattern) => SharedData.Has(Folder)
        ? Directory.EnumerateFiles(SharedData.PathOf(Folder), pattern, SearchOption.AllDirectories).Select(f => Path.GetRelativePath(SharedData.PathOf(Folder), f))
        : [];

    private static List<Recorded> Expected(string path)
    {
        if (path.EndsWith(".mcap", StringComparison.Ordinal))
        {
            // In file order; the reference's own order of equal times is not ours to copy.
            return [.. Streamed.Value[path].Where(l => l.Kind() == "message")
                .Select(l => new Recorded(l.Text("topic"), Long(l.Text("logTime")), Long(l.Text("publishTime")), (int)Long(l.Text("length")), l.Text("sha1")))
                .OrderBy(m => m.LogTime)];
        }

        string rows = Tool.Run("sqlite3", "-readonly", $"file:{path}?immutable=1", "select t.name, m.timestamp, hex(m.data) from messages m join topics t on t.id = m.topic_id order by m.timestamp, m.id");
        return [.. rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row =>
        {
            string[] cells = row.Split('|');
            byte[] data = Convert.FromHexString(cells[2]);
            return new Recorded(cells[0], Long(cells[1]), Long(cells[1]), data.Length, Convert.ToHexStringLower(SHA1.HashData(data)));
        })];
    }

    private static IEnumerable<string> Types(string path)
    {
        IEnumerable<string> types = path.EndsWith(".mcap", StringComparison.Ordinal)
            ? Indexed.Value[path].Where(l => l.Kind() == "topic").Select(l => $"{l.Text("name")}|{l.Text("type")}")
            : Tool.Run("sqlite3", "-readonly", $"file:{path}?immutable=1", "select name, type from topics").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return types.Order(StringComparer.Ordinal);
    }

    private static long Long(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
