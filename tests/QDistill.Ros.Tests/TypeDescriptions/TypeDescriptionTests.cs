using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using QDistill.Msgs.StdSrvs;
using QDistill.Msgs.TypeDescriptionInterfaces;
using String = QDistill.Msgs.StdMsgs.String;

namespace QDistill.Ros.Tests;

public sealed class TypeDescriptionTests
{
    /// <summary>REP 2016's canonical JSON, written here a second time from the message that goes over the wire; its SHA-256 must be the hash that rosidl made.</summary>
    [DataFact("golden/type_hashes.json")]
    public void What_is_served_of_every_golden_type_hashes_to_the_hash_of_rosidl()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("golden/type_hashes.json")));
        int count = 0;
        foreach (JsonProperty golden in json.RootElement.GetProperty("all").EnumerateObject())
        {
            var description = new TypeDescription();
            TypeDescriptions.Describe(MessageDefinitions.BuiltIn.Get(golden.Name), description);
            Assert.Equal(golden.Value.GetString(), Hash(description));
            count++;
        }

        Assert.Equal(265, count);
    }

    [Fact]
    public void A_type_in_use_is_described_with_its_sources()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("described", null, NodeOptions.Full);
        node.CreatePublisher<Msgs.GeometryMsgs.PoseStamped>("pose");
        GetTypeDescription.Response r = Ask(node, Msgs.GeometryMsgs.PoseStamped.Type.Hash.ToUpperInvariant());
        Assert.True(r.Successful, r.FailureReason);
        Assert.Empty(r.FailureReason);
        Assert.Equal("geometry_msgs/msg/PoseStamped", r.TypeDescription.TypeDescription_.TypeName);
        Assert.Equal(Msgs.GeometryMsgs.PoseStamped.Type.Hash, Hash(r.TypeDescription));
        string[] names = ["builtin_interfaces/msg/Time", "geometry_msgs/msg/Point", "geometry_msgs/msg/Pose", "geometry_msgs/msg/Quaternion", "std_msgs/msg/Header"];
        Assert.Equal(names, r.TypeDescription.ReferencedTypeDescriptions.Span.ToArray().Select(t => t.TypeName));
        Assert.Equal(["0.0", "0.0", "0.0", "1.0"], r.TypeDescription.ReferencedTypeDescriptions[3].Fields.Span.ToArray().Select(f => f.DefaultValue));
        Assert.Equal(["geometry_msgs/msg/PoseStamped", .. names], r.TypeSources.Span.ToArray().Select(s => s.TypeName));
        Assert.All(r.TypeSources.Span.ToArray(), s => Assert.Equal("msg", s.Encoding));
        Assert.EndsWith("float64 x\nfloat64 y\nfloat64 z", r.TypeSources[2].RawFileContents);
    }

    [Fact]
    public void A_service_in_use_is_found_by_its_own_hash_and_its_parts_are_implicit()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("described", null, NodeOptions.Full);
        node.CreateClient<SetBool, SetBool.Request, SetBool.Response>("set");
        GetTypeDescription.Response r = Ask(node, SetBool.Type.Hash);
        Assert.True(r.Successful, r.FailureReason);
        Assert.Equal(SetBool.Type.Hash, Hash(r.TypeDescription));
        Assert.Equal(
            [("std_srvs/srv/SetBool", "srv"), ("builtin_interfaces/msg/Time", "msg"), ("service_msgs/msg/ServiceEventInfo", "msg"), ("std_srvs/srv/SetBool_Event", "implicit"), ("std_srvs/srv/SetBool_Request", "implicit"), ("std_srvs/srv/SetBool_Response", "implicit")],
            r.TypeSources.Span.ToArray().Select(s => (s.TypeName, s.Encoding)));
        Assert.Empty(r.TypeSources[4].RawFileContents);
        Assert.False(Ask(node, SetBool.Request.Type.Hash).Successful); // rcl registers the service, not its parts
    }

    [Fact]
    public void Failures_have_the_reasons_of_rcl_and_a_type_is_forgotten_with_its_last_user()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("described", null, NodeOptions.Full);
        Assert.Equal("Type not currently in use by this node", Ask(node, String.Type.Hash).FailureReason);
        Publisher<String> publisher = node.CreatePublisher<String>("s");
        GetTypeDescription.Response r = Ask(node, String.Type.Hash, sources: false);
        Assert.True(r.Successful);
        Assert.True(r.TypeSources.Span.IsEmpty);
        publisher.Dispose();
        Assert.Equal("Type not currently in use by this node", Ask(node, String.Type.Hash).FailureReason);
        foreach (string bad in new[] { string.Empty, "RIHS02_" + new string('0', 64), "RIHS01_" + new string('0', 63), "RIHS01_" + new string('g', 64) })
        {
            r = Ask(node, bad);
            Assert.Equal((false, "Failed to parse type hash"), (r.Successful, r.FailureReason));
        }
    }

    [Fact]
    public void A_type_known_from_a_text_alone_is_described_by_it()
    {
        using var ros = new TestNodes();
        Node node = ros.Open().CreateNode("described", null, NodeOptions.Full);
        MessageDefinition bump = MessageDefinition.Parse("my_msgs/msg/Bump", "bool[<=3] pressed\nfloat32 force 1e-05\nstring<=8 side 'left'\n");
        node.CreateGenericPublisher("bump", bump.Type);
        GetTypeDescription.Response r = Ask(node, bump.Hash);
        Assert.True(r.Successful, r.FailureReason);
        Assert.Equal(
            [("pressed", 111, 3ul, 0ul, string.Empty), ("force", 10, 0ul, 0ul, "1e-05"), ("side", 21, 0ul, 8ul, "left")],
            r.TypeDescription.TypeDescription_.Fields.Span.ToArray().Select(f => (f.Name, (int)f.Type.TypeId, f.Type.Capacity, f.Type.StringCapacity, f.DefaultValue)));
    }

    [Fact]
    public void The_parameter_switches_the_service_off()
    {
        using var ros = new TestNodes();
        NodeOptions off = NodeOptions.Full with { ParameterOverrides = new Dictionary<string, ParameterValue> { ["start_type_description_service"] = false } };
        Node node = ros.Open().CreateNode("quiet", null, off);
        Assert.False(node.Parameters.Get<bool>("start_type_description_service"));
        Assert.DoesNotContain(node.GetServiceNamesAndTypes(), s => s.Name == "/quiet/get_type_description");
        Node open = ros.Open().CreateNode("open", null, NodeOptions.Full);
        TestNodes.Await(() => open.Context.GetGraph().ServiceNamesAndTypes().Any(s => s.Name == "/open/get_type_description"), "the service is there");
    }

    [Theory]
    [InlineData("bool x true", "True")]
    [InlineData("int32 x -7", "-7")]
    [InlineData("float64 x 0.1", "0.1")]
    [InlineData("float64 x 123456789012345680", "1.2345678901234568e+17")]
    [InlineData("float64 x 1e15", "1000000000000000.0")]
    [InlineData("float64 x 0.0001", "0.0001")]
    [InlineData("string x \"hello\"", "hello")]
    [InlineData("int8[2] x [1, 2]", "(1, 2)")]
    [InlineData("bool[] x [true]", "(True,)")]
    [InlineData("string[] x ['a', 'b']", "('a', 'b')")]
    [InlineData("int8 x", "")]
    public void Defaults_are_written_as_python_does(string line, string expected) =>
        Assert.Equal(expected, TypeDescriptions.DefaultText(MessageDefinition.Parse("p/msg/T", line).Fields[0].Default));

    private static GetTypeDescription.Response Ask(Node node, string hash, bool sources = true)
    {
        Node asker = node.Context.CreateNode("asker");
        Client<GetTypeDescription, GetTypeDescription.Request, GetTypeDescription.Response> client =
            asker.CreateClient<GetTypeDescription, GetTypeDescription.Request, GetTypeDescription.Response>($"/{node.Name}/get_type_description");
        GetTypeDescription.Response response = client.Call(new GetTypeDescription.Request { TypeHash = hash, IncludeTypeSources = sources }, TestNodes.Patience);
        asker.Dispose();
        return response;
    }

    private static string Hash(TypeDescription d)
    {
        static string One(IndividualTypeDescription t) =>
            $$"""{"type_name": "{{t.TypeName}}", "fields": [{{string.Join(", ", t.Fields.Span.ToArray().Select(Field))}}]}""";
        static string Field(Field f) =>
            $$$"""{"name": "{{{f.Name}}}", "type": {"type_id": {{{f.Type.TypeId}}}, "capacity": {{{f.Type.Capacity}}}, "string_capacity": {{{f.Type.StringCapacity}}}, "nested_type_name": "{{{f.Type.NestedTypeName}}}"}}""";
        string json = $$"""{"type_description": {{One(d.TypeDescription_)}}, "referenced_type_descriptions": [{{string.Join(", ", d.ReferencedTypeDescriptions.Span.ToArray().Select(One))}}]}""";
        return "RIHS01_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
    }
}
