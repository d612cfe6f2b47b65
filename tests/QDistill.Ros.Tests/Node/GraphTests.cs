using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using QDistill.Ros.Transport;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

public sealed class GraphTests
{
    [Fact]
    public void Another_context_sees_nodes_topics_types_hashes_and_qos()
    {
        using var ros = new TestNodes();
        Node talker = ros.Node("talker", "ns"), observer = ros.Node("observer");
        Publisher<String> publisher = talker.CreatePublisher<String>("~/state", QoSProfile.RosOut);
        talker.CreateSubscription<String>("in", QoSProfile.SensorData, _ => { });
        TestNodes.Await(() => observer.CountPublishers("/ns/talker/state") == 1 && observer.CountSubscribers("/ns/in") == 1, "both endpoints are seen");
        TestNodes.Await(() => observer.GetPublishersInfoByTopic("/ns/talker/state")[0].Node is not null, "the node is known");
        GraphEndpoint endpoint = observer.GetPublishersInfoByTopic("/ns/talker/state")[0];
        Assert.Equal("/ns/talker", endpoint.Node!.FullName);
        Assert.Equal("std_msgs/msg/String", endpoint.Type);
        Assert.Equal(String.Type.Hash, endpoint.TypeHash);
        Assert.Equal(publisher.Gid, endpoint.Gid);
        Assert.Equal(QoSProfile.RosOut, endpoint.QoS);
        Assert.Equal(["/ns/talker", "/observer"], observer.GetNodeNames());
        Assert.Equal(["/ns/in", "/ns/talker/state"], observer.GetTopicNamesAndTypes().Select(t => t.Name));
        NameAndTypes published = Assert.Single(observer.Context.GetGraph().NamesAndTypesByNode("/ns/talker", EndpointKind.Publisher));
        Assert.Equal("/ns/talker/state", published.Name);
        Assert.Equal(["std_msgs/msg/String"], published.Types);
    }

    [Fact]
    public void Own_nodes_and_endpoints_are_known_at_once()
    {
        using var ros = new TestNodes();
        Node node = ros.Node("self");
        node.CreatePublisher<String>("t");
        if (TransportLibrary.Implementation.StartsWith("rcl", StringComparison.Ordinal))
        {
            // rmw_cyclonedds_cpp learns of its own endpoints on a discovery thread, so that every rclcpp node sees them a moment later.
            TestNodes.Await(() => node.CountPublishers("t") == 1, "rcl's graph shows it");
        }

        Assert.Equal("/self", Assert.Single(node.GetPublishersInfoByTopic("t")).Node?.FullName);
        Assert.Equal(1, node.CountPublishers("t"));
        Assert.Equal(0, node.CountSubscribers("t"));
    }

    [Fact]
    public void A_disposed_node_vanishes_at_once_and_the_graph_says_so()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        Node stays = context.CreateNode("stays"), goes = context.CreateNode("goes");
        goes.CreatePublisher<String>("t");
        Node observer = ros.Node("observer");
        TestNodes.Await(() => observer.GetNodeNames().Count == 3 && observer.CountPublishers("t") == 1, "all nodes are seen");
        int changes = 0;
        observer.Context.GraphChanged += () => changes++;
        observer.Context.SpinOnce(TimeSpan.Zero);
        changes = 0;
        goes.Dispose();
        Assert.True(observer.Context.SpinUntil(() => changes > 0 && observer.GetNodeNames().Count == 2, TestNodes.Patience));
        Assert.Equal(["/observer", "/stays"], observer.GetNodeNames());
        TestNodes.Await(() => observer.CountPublishers("t") == 0, "the endpoint is gone");
        Assert.NotNull(stays);
    }

    [Fact]
    public void A_hundred_nodes_come_and_go_with_an_exact_graph_at_every_step()
    {
        using var ros = new TestNodes();
        RosContext context = ros.Open();
        Node observer = ros.Node("observer");
        var nodes = new List<Node>();
        for (int i = 0; i < 100; i++)
        {
            Node node = context.CreateNode($"n{i:D3}", "swarm");
            node.CreatePublisher<String>("~/out");
            nodes.Add(node);
            Assert.Equal(i + 1, context.GetGraph().Nodes.Count(n => n.Namespace == "/swarm"));
        }

        TestNodes.Await(() => observer.GetNodeNames().Count == 101, "all are seen");
        while (nodes.Count > 0)
        {
            nodes[0].Dispose();
            nodes.RemoveAt(0);
            Assert.Equal(nodes.Select(n => n.FullName), context.GetGraph().Nodes.Where(n => n.Namespace == "/swarm").Select(n => n.FullName));
        }

        TestNodes.Await(() => observer.GetNodeNames().Count == 1, "all are forgotten");
    }

    [DataFact("golden/ros_discovery_info.json")]
    public void Every_captured_announcement_of_a_real_process_is_understood()
    {
        using var ros = new TestNodes();
        Node observer = ros.Node("observer"), sender = ros.Node("sender");
        using GenericPublisher raw = AnnouncementTopic(sender);
        TestNodes.AwaitMatched(raw);
        string own = sender.Context.Gid.ToString()[..24];
        foreach (byte[] golden in GoldenAnnouncements())
        {
            // The same announcement, as if this participant had made it.
            string hex = Convert.ToHexStringLower(golden);
            Announcement expected = Announcement.Read(Convert.FromHexString(hex.Replace(hex[8..32], own, StringComparison.Ordinal)), 16);
            raw.Publish(expected.Write(16));
            string[] names = [.. expected.Nodes.Select(n => RosName.FullyQualified(n.Namespace, n.Name)), "/observer"];
            TestNodes.Await(() => observer.GetNodeNames().SequenceEqual(names.Order(StringComparer.Ordinal)), "the graph shows what was announced");
        }

        Assert.Equal(0u, observer.Context.GetGraph().MalformedAnnouncements);
    }

    [DataFact("golden/ros_discovery_info.json")]
    public void Our_announcement_of_the_same_nodes_has_the_bytes_of_a_real_process_once_gids_are_exchanged()
    {
        byte[] golden = GoldenAnnouncements().MaxBy(b => b.Length)!;
        Announcement theirs = Announcement.Read(golden, 16);
        using var ros = new TestNodes();
        Node observer = ros.Node("observer");
        byte[] last = [];
        using GenericSubscription subscription = Announcements(observer, p => last = p);
        RosContext context = ros.Open(o => o with { Distribution = "jazzy" });
        foreach (AnnouncedNode n in theirs.Nodes)
        {
            Node node = context.CreateNode(n.Name, n.Namespace);
            for (int i = 0; i < n.Readers.Count; i++)
            {
                node.CreateSubscription<String>($"r{i}", null, _ => { });
            }

            for (int i = 0; i < n.Writers.Count; i++)
            {
                node.CreatePublisher<String>($"w{i}");
            }
        }

        Assert.True(observer.Context.SpinUntil(() => last.Length == golden.Length, TestNodes.Patience));
        Announcement ours = Announcement.Read(last, 16);
        string hex = Convert.ToHexStringLower(last).Replace(ours.Participant, theirs.Participant, StringComparison.Ordinal);
        foreach ((AnnouncedNode mine, AnnouncedNode real) in ours.Nodes.Zip(theirs.Nodes))
        {
            foreach ((string from, string to) in mine.Readers.Zip(real.Readers).Concat(mine.Writers.Zip(real.Writers)))
            {
                hex = hex.Replace(from, to, StringComparison.Ordinal);
            }
        }

        Assert.Equal(Convert.ToHexStringLower(golden), hex);
    }

    [Theory]
    [InlineData("jazzy", 16)]
    [InlineData("humble", 24)]
    public void The_announcement_follows_every_change_in_the_distributions_gid_size(string distribution, int gidSize)
    {
        using var ros = new TestNodes();
        Node observer = ros.Node("observer");
        byte[] last = [];
        using GenericSubscription subscription = Announcements(observer, p => last = p);
        RosContext context = ros.Open(o => o with { Distribution = distribution });
        Announcement Await(Func<Announcement, bool> wanted)
        {
            Assert.True(observer.Context.SpinUntil(() => last.Length > 0 && wanted(Announcement.Read(last, gidSize)), TestNodes.Patience));
            return Announcement.Read(last, gidSize);
        }

        Node talker = context.CreateNode("talker");
        Await(a => a.Nodes.Count == 1);
        Publisher<String> publisher = talker.CreatePublisher<String>("chatter");
        Await(a => a.Nodes[0].Writers.Count == 1);
        Subscription<String> listener = talker.CreateSubscription<String>("chatter", null, _ => { });
        Await(a => a.Nodes[0].Readers.Count == 1);
        Node helper = context.CreateNode("helper", "ns1");
        Announcement full = Await(a => a.Nodes.Count == 2);
        Assert.Equal(context.Gid.ToString(), full.Participant);
        Assert.Equal([("/", "talker"), ("/ns1", "helper")], full.Nodes.Select(n => (n.Namespace, n.Name)));
        Assert.Equal([listener.Gid.ToString()], full.Nodes[0].Readers);
        Assert.Equal([publisher.Gid.ToString()], full.Nodes[0].Writers);
        Assert.Empty(full.Nodes[1].Readers);
        TestNodes.Await(() => observer.CountPublishers("/chatter") == 1, "the publisher is seen");
        Assert.Equal(distribution == "humble" ? string.Empty : String.Type.Hash, observer.GetPublishersInfoByTopic("/chatter")[0].TypeHash);
        helper.Dispose();
        talker.Dispose();
        Await(a => a.Nodes.Count == 0);
        Assert.Equal(4 + gidSize + 4, last.Length);
    }

    [Fact]
    public void A_humble_and_a_jazzy_context_see_each_others_nodes()
    {
        using var ros = new TestNodes();
        Node humble = ros.Open(o => o with { Distribution = "humble" }).CreateNode("old");
        Node jazzy = ros.Open(o => o with { Distribution = "jazzy" }).CreateNode("young");
        TestNodes.Await(() => humble.GetNodeNames().Count == 2 && jazzy.GetNodeNames().Count == 2, "both see both");
        Assert.Equal(0u, humble.Context.GetGraph().MalformedAnnouncements + jazzy.Context.GetGraph().MalformedAnnouncements);
    }

    private static readonly MessageType AnnouncementType = new("rmw_dds_common/msg/ParticipantEntitiesInfo", string.Empty, string.Empty);

    private static readonly QoSProfile AnnouncementQoS = QoSProfile.Default with
    {
        Durability = DurabilityPolicy.TransientLocal, History = HistoryPolicy.KeepAll, AvoidRosNamespaceConventions = true,
    };

    private static GenericPublisher AnnouncementTopic(Node node) => new(node, "ros_discovery_info", AnnouncementType, AnnouncementQoS);

    private static GenericSubscription Announcements(Node node, Action<byte[]> received) =>
        new(node, "ros_discovery_info", AnnouncementType, AnnouncementQoS, (ReadOnlySpan<byte> p, in MessageInfo _) => received(p.ToArray()), new SubscriptionOptions { IgnoreLocalPublications = true });

    private static List<byte[]> GoldenAnnouncements()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/ros_discovery_info.json")));
        return [.. file.RootElement.GetProperty("samples").EnumerateArray().Select(s => Convert.FromHexString(s.GetProperty("cdr_hex").GetString()!))];
    }

    /// <summary>An independent reader and writer of ParticipantEntitiesInfo, from the interface's definition.</summary>
    private sealed record Announcement(string Participant, IReadOnlyList<AnnouncedNode> Nodes)
    {
        public static Announcement Read(ReadOnlySpan<byte> bytes, int gidSize)
        {
            Assert.Equal(0x0001_0000u, BinaryPrimitives.ReadUInt32BigEndian(bytes));
            int at = 4;
            string participant = Gid(bytes, ref at, gidSize);
            var nodes = new AnnouncedNode[U32(bytes, ref at)];
            for (int i = 0; i < nodes.Length; i++)
            {
                nodes[i] = new AnnouncedNode(Text(bytes, ref at), Text(bytes, ref at), Gids(bytes, ref at, gidSize), Gids(bytes, ref at, gidSize));
            }

            Assert.InRange(bytes.Length - at, 0, 3);
            return new Announcement(participant, nodes);
        }

        public byte[] Write(int gidSize)
        {
            var bytes = new List<byte> { 0, 1, 0, 0 };
            void U(int v)
            {
                while (bytes.Count % 4 != 0)
                {
                    bytes.Add(0);
                }

                bytes.AddRange(BitConverter.GetBytes(v));
            }

            void T(string s)
            {
                U(s.Length + 1);
                bytes.AddRange(Encoding.ASCII.GetBytes(s + "\0"));
            }

            void G(string gid)
            {
                bytes.AddRange(Convert.FromHexString(gid));
                bytes.AddRange(new byte[gidSize - 16]);
            }

            void Gs(IReadOnlyList<string> gids)
            {
                U(gids.Count);
                foreach (string gid in gids)
                {
                    G(gid);
                }
            }

            G(Participant);
            U(Nodes.Count);
            foreach (AnnouncedNode node in Nodes)
            {
                T(node.Namespace);
                T(node.Name);
                Gs(node.Readers);
                Gs(node.Writers);
            }

            return [.. bytes];
        }

        private static int U32(ReadOnlySpan<byte> b, ref int at)
        {
            at = (at + 3) & ~3;
            int v = BinaryPrimitives.ReadInt32LittleEndian(b[at..]);
            at += 4;
            return v;
        }

        private static string Text(ReadOnlySpan<byte> b, ref int at)
        {
            int n = U32(b, ref at);
            string s = Encoding.ASCII.GetString(b.Slice(at, n - 1));
            at += n;
            return s;
        }

        private static string Gid(ReadOnlySpan<byte> b, ref int at, int size)
        {
            string s = Convert.ToHexStringLower(b.Slice(at, 16));
            Assert.Equal(-1, b.Slice(at + 16, size - 16).IndexOfAnyExcept((byte)0));
            at += size;
            return s;
        }

        private static string[] Gids(ReadOnlySpan<byte> b, ref int at, int size)
        {
            string[] result = new string[U32(b, ref at)];
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = Gid(b, ref at, size);
            }

            return result;
        }
    }

    private sealed record AnnouncedNode(string Namespace, string Name, IReadOnlyList<string> Readers, IReadOnlyList<string> Writers);
}
