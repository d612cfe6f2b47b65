using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>The interface language: what it means and what is refused.</summary>
public sealed class InterfaceParserTests
{
    [Fact]
    public void Fields_constants_defaults_bounds_and_comments_are_understood()
    {
        MessageDefinition d = MessageDefinition.Parse("demo_msgs/msg/All", """
            # a comment
            int32 ANSWER=42            # spaces or not
            uint8   MASK = 0xFF
            string GREETING="hi # there"
            float64 TAU= 6.28
            bool ON=true

            bool[] flags
            string<=5 short_name "ab#c"  # bounded
            wstring wide
            float32[3] xyz [1.0, -2.5, 3]
            int16[<=4] few [1, 2]
            string[] words ["a, b", 'c']
            byte octet 7
            char letter
            std_msgs/Header header
            geometry_msgs/msg/Point[] points
            uint64 big 18446744073709551615
            int64 least -9223372036854775808
            """);
        Assert.Equal(
            [
                "bool[] flags", "string<=5 short_name", "wstring wide", "float32[3] xyz", "int16[<=4] few", "string[] words", "byte octet", "char letter",
                "std_msgs/msg/Header header", "geometry_msgs/msg/Point[] points", "uint64 big", "int64 least",
            ],
            d.Fields.Select(f => f.ToString()));
        Assert.Equal(["ANSWER=42", "MASK=255", "GREETING=hi # there", "TAU=6.28", "ON=True"], d.Constants.Select(c => FormattableString.Invariant($"{c.Name}={c.Value}")));
        var message = new DynamicMessage(d);
        Assert.Equal("ab#c", message.Get("short_name"));
        Assert.Equal([1f, -2.5f, 3f], (Sequence<float>)message.Get("xyz"));
        Assert.Equal(["a, b", "c"], (Sequence<string>)message.Get("words"));
        Assert.Equal(ulong.MaxValue, message.Get("big"));
        Assert.Equal(long.MinValue, message.Get("least"));
        Assert.Equal((byte)7, message.Get("octet"));
    }

    [Fact]
    public void Ros1_short_cuts_are_understood()
    {
        MessageDefinition d = MessageDefinition.Parse("old_msgs/Thing", "Header header\ntime stamp\nduration[] spans\nThing2 t\n" + new string('=', 80) + "\nMSG: old_msgs/Thing2\nint8 x");
        Assert.Equal(
            ["std_msgs/msg/Header header", "builtin_interfaces/msg/Time stamp", "builtin_interfaces/msg/Duration[] spans", "old_msgs/msg/Thing2 t"], d.Fields.Select(f => f.ToString()));
        Assert.Equal("old_msgs/msg/Thing", d.Name);
    }

    [Fact]
    public void A_packages_own_Header_goes_before_the_standard_one()
    {
        MessageDefinition d = MessageDefinition.Parse("own_msgs/msg/Thing", "Header header\n" + new string('=', 80) + "\nMSG: own_msgs/Header\nint8 x");
        Assert.Equal("own_msgs/msg/Header", d.Fields[0].Type.MessageName);
    }

    [Theory]
    [InlineData("int32", "line 1: 'int32' is neither a field")]
    [InlineData("int32 x\nint32 x", "line 2: 'x' is defined twice")]
    [InlineData("int32 9x", "'9x' does not begin with a field name")]
    [InlineData("int33 x", "bad_msgs/msg/int33")]
    [InlineData("int32[<=0] x", "must be a whole number from 1")]
    [InlineData("int32[99999999999] x", "must be a whole number from 1")]
    [InlineData("int32<=4 x", "only strings can have a bound")]
    [InlineData("uint8 X=256", "'256' is not a value of type uint8")]
    [InlineData("uint8 x -1", "'-1' is not a value of type uint8")]
    [InlineData("bool x maybe", "'maybe' is not a value of type bool")]
    [InlineData("int32[2] x [1]", "the default has 1 elements, which does not fit int32[2]")]
    [InlineData("int32[] x 1", "must be in square brackets")]
    [InlineData("int32[] X=1", "must be a number, a bool or a string")]
    [InlineData("std_msgs/Header h 1", "cannot have the default")]
    [InlineData("a/b/c/d x", "'a/b/c/d' is not a type")]
    [InlineData("nowhere_msgs/Thing x", "nowhere_msgs/msg/Thing, which field 'x' needs, is missing")]
    [InlineData("Bad x", "contains itself: bad_msgs/msg/Bad > bad_msgs/msg/Bad")]
    public void Invalid_text_is_refused_in_one_sentence_that_names_type_and_line(string text, string says)
    {
        UserErrorException e = Assert.Throws<UserErrorException>(() => MessageDefinition.Parse("bad_msgs/msg/Bad", text));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("bad_msgs/msg/", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Idl_definitions_and_bad_names_are_refused_clearly()
    {
        UserErrorException e = Assert.Throws<UserErrorException>(
            () => MessageDefinition.Parse("a/msg/B", new string('=', 80) + "\nIDL: a/msg/B\nmodule a { module msg { struct B { long x; }; }; };"));
        Assert.Contains("IDL", e.Message, StringComparison.Ordinal);
        Assert.Throws<UserErrorException>(() => MessageDefinition.Parse("justaname", "int8 x"));
        Assert.Throws<UserErrorException>(() => MessageDefinition.Parse("a/msg/B", "int8 x\n" + new string('=', 80) + "\nstd_msgs/Header"));
    }

    [Fact]
    public void Text_that_is_not_a_definition_at_all_ends_in_one_kind_of_error()
    {
        var random = new Random(5);
        string[] seeds = [.. MessageDefinitions.BuiltIn.Names.Where(n => n.Contains("/msg/", StringComparison.Ordinal)).Take(40).Select(n => MessageDefinitions.BuiltIn.Get(n).ConcatenatedText())];
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            char[] text = seeds[random.Next(seeds.Length)].ToCharArray();
            for (int n = random.Next(1, 6); n > 0 && text.Length > 0; n--)
            {
                text[random.Next(text.Length)] = "=[]<>/#\n\0 \"'9a\\\uD800"[random.Next(16)];
            }

            try
            {
                _ = MessageDefinition.Parse("fuzz_msgs/msg/Fuzz", new string(text)).Hash;
            }
            catch (UserErrorException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 2900);
    }

    [Fact]
    public void A_type_nested_without_measure_is_refused()
    {
        string separator = "\n" + new string('=', 80) + "\n";
        string chain = "T0 x" + string.Concat(Enumerable.Range(0, 3000).Select(i => $"{separator}MSG: deep_msgs/T{i}\nT{i + 1} x"));
        Assert.Contains("levels deep", Assert.Throws<UserErrorException>(() => MessageDefinition.Parse("deep_msgs/msg/Top", chain)).Message, StringComparison.Ordinal);

        // 40 levels of two each are 2^40 messages; the definition is legal and costs nothing until bytes say so.
        string wide = "T0 a\nT0 b" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{separator}MSG: deep_msgs/T{i}\nT{i + 1} a\nT{i + 1} b")) + $"{separator}MSG: deep_msgs/T40\nuint8[1000000000] x";
        MessageDefinition d = MessageDefinition.Parse("deep_msgs/msg/Top", wide);
        Assert.StartsWith("RIHS01_", d.Hash, StringComparison.Ordinal);
        Assert.Throws<CdrException>(() => DynamicMessage.Deserialize(d, [0, 1, 0, 0, 1, 2, 3, 4]));
    }
}
