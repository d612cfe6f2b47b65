using QDistill.Configuration;

namespace QDistill.Bags.Tests;

/// <summary>Cut-off and damaged files: what is delivered was really recorded, what can be had is delivered, and nothing crashes or hangs.</summary>
public class RecoveryTests
{
    public static TheoryData<string> McapFiles => new(
        "golden/bags/mcap_plain/mcap_plain_0.mcap",
        "golden/bags/mcap_fastwrite/mcap_fastwrite_0.mcap",
        "golden/bags/mcap_zstd_small/mcap_zstd_small_0.mcap",
        "golden/bags/mcap_zstd_fast/mcap_zstd_fast_0.mcap",
        "bags/crazyflie/flybag/flybag_0.mcap",
        "conformance/mcap/TenMessages/TenMessages-ch-chx-mx-rch-rsh-st-sum.mcap",
        "conformance/mcap/TenMessages/TenMessages.mcap");

    [DataTheory("golden/bags")]
    [MemberData(nameof(McapFiles))]
    public void A_file_cut_off_anywhere_gives_every_whole_message_before_the_cut_and_no_other(string name)
    {
        byte[] bytes = File.ReadAllBytes(SharedData.PathOf(name));
        (List<Recorded> inFileOrder, List<long> ends) = Physical(SharedData.PathOf(name));
        using var temp = new TempDirectory();
        string path = temp["cut.mcap"];
        var random = new Random(3);
        var options = new BagReadOptions { AnySerializationFormat = true };
        for (int round = 0; round < 60; round++)
        {
            int cut = round < 10 ? bytes.Length - 1 - (round * 5) : 8 + random.Next(bytes.Length - 8);
            File.WriteAllBytes(path, bytes[..cut]);
            using BagReader reader = BagReader.Open(path, options);
            List<Recorded> read = Recorded.All(reader);
            Assert.Equal(reader.Info.MessageCount, read.Count);

            // Ordered by time, they are the first messages of the file: none left out, none invented.
            int whole = ends.Count(e => e <= cut);
            Assert.InRange(read.Count, whole, inFileOrder.Count);
            Assert.Equal(inFileOrder.Take(read.Count).OrderBy(m => m.LogTime), read);
            if (ends.Distinct().Count() == ends.Count)
            {
                // Without compression each message has an end of its own.
                Assert.Equal(whole, read.Count);
            }

            string warnings = string.Join("\n", reader.Info.Warnings);
            Assert.Contains("byte", warnings);
            Assert.Contains(path, warnings);
        }
    }

    [Theory]
    [InlineData(BagCompression.None)]
    [InlineData(BagCompression.Zstd)]
    [InlineData(BagCompression.Lz4)]
    public void A_flipped_bit_never_changes_a_message_unnoticed(BagCompression compression)
    {
        const long n = 120;
        using var temp = new TempDirectory();
        Sequence.Create(temp["whole"], n, new BagWriteOptions { Compression = compression, ChunkSize = 3000 });
        byte[] bytes = File.ReadAllBytes(temp["whole/whole_0.mcap"]);
        string path = temp["flipped.mcap"];
        var random = new Random(5);
        int refused = 0, less = 0, same = 0;
        for (int round = 0; round < 300; round++)
        {
            byte[] flipped = [.. bytes];
            flipped[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, flipped);
            List<long>? strict = Try(path, skip: false), skipping = Try(path, skip: true);

            // Strict: an error, or all of the very messages. Skipping: some of the very messages.
            refused += strict is null ? 1 : 0;
            same += strict is not null ? 1 : 0;
            if (strict is not null)
            {
                Assert.Equal(n, strict.Count);
                Assert.Equal(n, strict.Distinct().Count());
            }

            if (skipping is not null)
            {
                Assert.Equal(skipping.Count, skipping.Distinct().Count());
                less += skipping.Count < n ? 1 : 0;
            }
        }

        Assert.True(refused > 40 && less > 40 && same > 40, $"{refused} refused, {less} read in part, {same} whole");
    }

    [DataTheory("golden/bags")]
    [MemberData(nameof(McapFiles))]
    public void Flipped_bits_in_files_without_checksums_end_in_messages_or_one_clear_sentence(string name)
    {
        byte[] bytes = File.ReadAllBytes(SharedData.PathOf(name));
        using var temp = new TempDirectory();
        var random = new Random(6);
        for (int round = 0; round < 60; round++)
        {
            byte[] flipped = [.. bytes];
            for (int flips = 0; flips <= round % 3; flips++)
            {
                flipped[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(temp["x.mcap"], flipped);
            ReadToTheEnd(temp["x.mcap"], skip: round % 2 == 0);
            if (round % 10 == 0)
            {
                Assert.NotNull(BagCheck.Run(temp["x.mcap"]));
            }
        }
    }

    [DataFact("golden/bags/sqlite3_plain")]
    public void Damaged_or_cut_off_databases_end_in_messages_or_one_clear_sentence()
    {
        byte[] bytes = File.ReadAllBytes(SharedData.PathOf("golden/bags/sqlite3_plain/sqlite3_plain_0.db3"));
        using var temp = new TempDirectory();
        var random = new Random(8);
        for (int round = 0; round < 60; round++)
        {
            byte[] damaged = round % 2 == 0 ? bytes[..random.Next(1, bytes.Length)] : [.. bytes];
            for (int flips = 0; flips < 1 + (round % 5); flips++)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(temp["x.db3"], damaged);
            ReadToTheEnd(temp["x.db3"], skip: round % 3 == 0);
            Assert.NotNull(BagCheck.Run(temp["x.db3"]));
        }

        File.WriteAllBytes(temp["x.db3"], bytes[..(bytes.Length / 2)]);
        var e = Assert.Throws<UserErrorException>(() => Recorded.All(temp["x.db3"]));
        Assert.Contains("sqlite3 reports 'database disk image is malformed'", e.Message);
        Assert.Contains(".recover", e.Message);
    }

    [DataFact("bags/turtlebot3")]
    public void A_cut_off_compressed_file_gives_what_lies_before_the_cut()
    {
        using var temp = new TempDirectory();
        string whole = SharedData.PathOf("bags/turtlebot3/rosbag2_2026_02_02-14_33_55/rosbag2_2026_02_02-14_33_55_0.mcap");
        Tool.Run("zstd", "-q", "-f", whole, "-o", temp["x.mcap.zstd"]);
        Assert.Equal(Recorded.All(whole), Recorded.All(temp["x.mcap.zstd"]));
        byte[] bytes = File.ReadAllBytes(temp["x.mcap.zstd"]);
        File.WriteAllBytes(temp["x.mcap.zstd"], bytes[..(bytes.Length / 2)]);
        using BagReader reader = BagReader.Open(temp["x.mcap.zstd"]);
        Assert.Contains(reader.Info.Warnings, w => w.Contains("zstd data was cut off at byte"));
        List<Recorded> read = Recorded.All(reader);
        Assert.InRange(read.Count, 3000, 9000);
        Assert.Equal(Physical(whole).Messages.Take(read.Count).OrderBy(m => m.LogTime), read);
        File.WriteAllBytes(temp["x.mcap.zstd"], bytes[..50]);
        Assert.Contains("nothing of it can be decompressed", Assert.Throws<UserErrorException>(() => Recorded.All(temp["x.mcap.zstd"])).Message);
    }

    [Fact]
    public void Damage_is_an_error_unless_it_may_be_left_out_and_then_a_warning()
    {
        using var temp = new TempDirectory();
        Sequence.Create(temp["bag"], 300, new BagWriteOptions { Compression = BagCompression.None, ChunkSize = 4000 });
        string path = temp["bag/bag_0.mcap"];
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 3] ^= 1;
        File.WriteAllBytes(path, bytes);
        var e = Assert.Throws<UserErrorException>(() => Sequence.Numbers(temp["bag"]));
        Assert.StartsWith(path + ": is damaged: the chunk at byte ", e.Message);
        Assert.Contains("its CRC is", e.Message);
        Assert.Contains("bag check", e.Message);
        using BagReader reader = BagReader.Open(temp["bag"], new BagReadOptions { SkipDamaged = true });
        List<long> rest = Sequence.Numbers(reader);
        Assert.InRange(rest.Count, 250, 299);
        Assert.Contains("is left out: its CRC is", Assert.Single(reader.Info.Warnings));
    }

    private static List<long>? Try(string path, bool skip)
    {
        try
        {
            return Sequence.Numbers(path, new BagReadOptions { SkipDamaged = skip });
        }
        catch (UserErrorException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            return null;
        }
    }

    private static void ReadToTheEnd(string path, bool skip)
    {
        try
        {
            Recorded.All(path, new BagReadOptions { SkipDamaged = skip, AnySerializationFormat = true });
        }
        catch (UserErrorException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            Assert.Contains(path, e.Message);
        }
    }

    /// <summary>The messages in the order they stand in a file, and the byte after which each is surely whole.</summary>
    private static (List<Recorded> Messages, List<long> Ends) Physical(string path)
    {
        var messages = new List<Recorded>();
        var ends = new List<long>();
        var topics = new Dictionary<ushort, string>();
        using var file = new Mcap.McapFile(path, path);
        using var loader = new Mcap.McapChunkLoader(file);
        foreach ((Mcap.McapOpcode opcode, long offset, byte[] content) in Mcap.McapRecordStream.Read(file))
        {
            if (opcode == Mcap.McapOpcode.Chunk)
            {
                Mcap.McapChunkHeader header = Mcap.McapChunkHeader.Parse(content);
                byte[] records = content[header.RecordsAt..];
                bool compressed = header.Compression.Length > 0;
                if (compressed)
                {
                    using var decoder = new Compression.FrameDecoder();
                    byte[] buffer = [];
                    decoder.Decode(header.Compression, records, (int)header.UncompressedSize, ref buffer);
                    records = buffer[..(int)header.UncompressedSize];
                }

                var rest = new Mcap.McapFields(records);
                while (!rest.AtEnd)
                {
                    Add((Mcap.McapOpcode)rest.U8(), rest.Bytes64(), compressed ? offset + 9 + content.Length : offset + 9 + content.Length - rest.Left);
                }
            }
            else
            {
                Add(opcode, content, offset + 9 + content.Length);
            }
        }

        return (messages, ends);

        void Add(Mcap.McapOpcode opcode, ReadOnlySpan<byte> content, long end)
        {
            if (opcode == Mcap.McapOpcode.Channel)
            {
                Mcap.McapChannel channel = Mcap.McapChannel.Parse(content);
                topics[channel.Id] = channel.Topic;
            }
            else if (opcode == Mcap.McapOpcode.Message)
            {
                Mcap.McapMessageHeader header = Mcap.McapMessageHeader.Parse(content);
                byte[] data = content[Mcap.McapMessageHeader.Length..].ToArray();
                messages.Add(new Recorded(
                    topics[header.ChannelId], (long)header.LogTime, (long)header.PublishTime, data.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(data))));
                ends.Add(end);
            }
        }
    }
}
