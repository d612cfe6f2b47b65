using System.Text.RegularExpressions;
using QDistill.Configuration;

namespace QDistill.Ros.Tests;

/// <summary>REP-103 for our own interfaces: SI units, named where a number has one; nothing in degrees, milliseconds or the like.</summary>
public sealed partial class InterfaceUnitTests
{
    private static readonly string[] Units = ["s", "Hz", "m", "m/s", "m/s^2", "rad", "rad/s", "nats", "1/unit of the feature"];

    private static string[] Files => [.. new[] { "msg", "srv", "action" }.SelectMany(f => Directory.GetFiles(Path.Combine(Installation.Root!, f)))];

    [Fact]
    public void Every_unit_that_an_interface_names_is_one_of_si()
    {
        int named = 0;
        foreach (string file in Files)
        {
            foreach (string comment in File.ReadLines(file).Where(l => l.Contains('#', StringComparison.Ordinal)).Select(l => l[(l.IndexOf('#', StringComparison.Ordinal) + 1)..]))
            {
                foreach (Match unit in Bracketed().Matches(comment))
                {
                    Assert.True(Units.Contains(unit.Groups[1].Value) || Range().IsMatch(unit.Groups[1].Value), $"{file}: [{unit.Groups[1].Value}]");
                    named++;
                }
            }
        }

        Assert.InRange(named, 5, 1000);
    }

    [Fact]
    public void No_field_is_named_after_a_unit_that_is_not_si()
    {
        foreach (string file in Files)
        {
            Assert.All(File.ReadLines(file), l => Assert.False(Foreign().IsMatch(l.Split('#')[0]), $"{file}: {l}"));
        }
    }

    /// <summary>A message that says something of a place or a moment starts with a header, so that frame and time travel with it.</summary>
    [Fact]
    public void Every_message_of_its_own_topic_has_a_header()
    {
        string[] parts = ["ConstraintViolation.msg", "LatencyWindow.msg"]; // parts of others
        foreach (string file in Directory.GetFiles(Path.Combine(Installation.Root!, "msg")).Where(f => !parts.Contains(Path.GetFileName(f))))
        {
            Assert.StartsWith("std_msgs/Header header", File.ReadLines(file).First(l => l.Length > 0 && !l.StartsWith('#') && !l.Contains('=', StringComparison.Ordinal)));
        }
    }

    [GeneratedRegex(@"\[([^\[\]]+)\]")]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"^-?\d+, -?\d+$")]
    private static partial Regex Range();

    [GeneratedRegex(@"_(deg|degrees|ms|msec|us|usec|ns|nsec|mm|cm|km|kmh|rpm|g)\b")]
    private static partial Regex Foreign();
}
