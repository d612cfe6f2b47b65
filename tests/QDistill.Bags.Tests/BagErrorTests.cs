using QDistill.Configuration;

namespace QDistill.Bags.Tests;

/// <summary>Everything that is not a readable bag is one clear sentence that names the file, what is wrong and what to do.</summary>
public class BagErrorTests
{
    [Fact]
    public void A_path_that_is_not_there() => Fails("/nowhere/bag", "/nowhere/bag: does not exist; give the folder");

    [Fact]
    public void A_folder_without_a_bag()
    {
        using var temp = new TempDirectory();
        File.WriteAllText(temp["notes.txt"], "x");
        Fails(temp.Path, "holds no bag: no metadata.yaml, no .mcap and no .db3 file");
    }

    [Theory]
    [InlineData("x.mcap", "Dear reader, this is text.\n", "is not a rosbag2 file: its first bytes are text ('Dear reader, thi...')")]
    [InlineData("x.db3", "name,value\n1,2\n", "its first bytes are text ('name,value 1,2...')")]
    [InlineData("x.mcap", "", "is empty (0 bytes)")]
    [InlineData("x.mcap", "\0\u0001\u0002", "its first bytes are 000102")]
    [InlineData("x.bag", "#ROSBAG V2.0\nxxxxx", "those of a ROS 1 bag, not those of MCAP")]
    public void A_file_of_another_kind(string name, string content, string message)
    {
        using var temp = new TempDirectory();
        File.WriteAllText(temp[name], content);
        Fails(temp[name], temp[name] + ": ", message);
        if (!name.EndsWith(".bag", StringComparison.Ordinal))
        {
            // The same file as the only one of a folder.
            Fails(temp.Path, message);
        }
    }

    [Fact]
    public void A_cut_off_or_another_magic()
    {
        using var temp = new TempDirectory();
        File.WriteAllBytes(temp["a.mcap"], [0x89, (byte)'M', (byte)'C', (byte)'A', (byte)'P']);
        Fails(temp["a.mcap"], "an MCAP file of another version or cut off (894D434150)");
        File.WriteAllBytes(temp["a.mcap"], [0x89, (byte)'M', (byte)'C', (byte)'A', (byte)'P', (byte)'9', 13, 10, 0, 0, 0, 0]);
        Fails(temp["a.mcap"], "of another version");
    }

    [Fact]
    public void A_database_that_is_no_bag()
    {
        using var temp = new TempDirectory();
        Tool.Run("sqlite3", temp["x.db3"], "create table messages (id integer)");
        Fails(temp["x.db3"], "is a sqlite3 database, but has no table 'topics', so it is not a rosbag2 bag");
        File.WriteAllText(temp["y.db3"], "SQLite format 3\0 and then nothing of the kind, for long enough to fill a header of one hundred bytes .....");
        Fails(temp["y.db3"], temp["y.db3"]);
    }

    [Theory]
    [InlineData("storage_identifier: rosbag_v9", "storage plugin 'rosbag_v9' is not known; only mcap and sqlite3 can be read")]
    [InlineData("storage_identifier: mcap\n  compression_format: bz2\n  compression_mode: FILE", "compression 'bz2' is not known")]
    [InlineData("storage_identifier: mcap\n  compression_format: zstd\n  compression_mode: BOTH", "'BOTH' is not one of NONE, FILE, MESSAGE")]
    [InlineData("storage_identifier: mcap\n  relative_file_paths:\n    - gone_0.mcap", "the bag's file 'gone_0.mcap' is missing, though the bag lists it; put the file back")]
    [InlineData("storage_identifier: mcap\n  relative_file_paths: []", "lists no files")]
    [InlineData("storage_identifier: mcap\n  message_count: many", "metadata.yaml:3: rosbag2_bagfile_information.message_count: 'many' is not a whole number")]
    [InlineData("storage_identifier: [", "metadata.yaml:")]
    [InlineData("version: 4", "storage_identifier' is missing")]
    public void A_metadata_file_that_does_not_fit(string text, string message)
    {
        using var temp = new TempDirectory();
        File.WriteAllText(temp["metadata.yaml"], "rosbag2_bagfile_information:\n  " + text + "\n");
        Fails(temp.Path, "metadata.yaml", message);
    }

    [Fact]
    public void A_qos_that_does_not_fit_names_its_line()
    {
        using var temp = new TempDirectory();
        File.WriteAllText(temp["metadata.yaml"], """
            rosbag2_bagfile_information:
              version: 9
              storage_identifier: mcap
              topics_with_message_count:
                - topic_metadata:
                    name: /a
                    type: std_msgs/msg/Empty
                    offered_qos_profiles:
                      - history: keep_some
            """);
        Fails(temp.Path, "metadata.yaml:9", "'keep_some' is neither one of system_default, keep_last, keep_all, unknown nor a number below 4");
    }

    [Fact]
    public void A_file_that_may_not_be_read()
    {
        // A folder in a file's place is refused by the system as permission denied, to root too.
        using var temp = new TempDirectory();
        Directory.CreateDirectory(temp["bag_0.mcap"]);
        File.WriteAllText(temp["metadata.yaml"], "rosbag2_bagfile_information:\n  storage_identifier: mcap\n  relative_file_paths:\n    - bag_0.mcap\n");
        Fails(temp.Path, "bag_0.mcap: cannot be read: permission denied; check the permissions");
    }

    [Fact]
    public void A_bag_cannot_be_written_where_no_folder_can_be()
    {
        var e = Assert.Throws<UserErrorException>(() => BagWriter.Create("/proc/bag"));
        Assert.StartsWith("/proc/bag: cannot be written", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_later_metadata_version_is_read_with_a_warning()
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 10, new BagWriteOptions());
        string text = File.ReadAllText(temp["bag/metadata.yaml"]);
        File.WriteAllText(temp["bag/metadata.yaml"], text.Replace("version: 9", "version: 12") + "  something_new: 5\n");
        using BagReader reader = BagReader.Open(temp["bag"]);
        Assert.Contains("version 12 is newer than 9", Assert.Single(reader.Info.Warnings));
        Assert.Equal(10, Sequence.Numbers(reader).Count);
    }

    private static void Fails(string path, params string[] messages)
    {
        var e = Assert.Throws<UserErrorException>(() => Recorded.All(path));
        Assert.All(messages, m => Assert.Contains(m, e.Message));
        Assert.DoesNotContain('\n', e.Message);
        BagCheckReport report = BagCheck.Run(path);
        Assert.False(report.IsSound);
        Assert.Equal("open", Assert.Single(report.Findings).Code);
    }
}
