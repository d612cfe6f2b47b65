using System.Text.Json;
using QDistill.Ros;
using Xunit.Abstractions;

namespace QDistill.Ros.Tests.Messages;

/// <summary>RIHS01 hashes against those that rosidl itself made (golden/type_hashes.json).</summary>
public sealed class TypeHashTests(ITestOutputHelper output)
{
    [DataFact("golden/type_hashes.json")]
    public void Every_golden_type_is_compiled_in_and_has_the_golden_hash()
    {
        var wrong = new List<string>();
        int right = 0;
        foreach ((string name, string expected) in Golden("all").Concat(Golden("requested")))
        {
            // Services and actions themselves are no messages: their hash stands in their type.
            string? actual = MessageRegistry.Find(name)?.Hash ?? (MessageDefinitions.BuiltIn.TryGet(name, out MessageDefinition? d) ? d.Hash : null);
            if (actual == expected)
            {
                right++;
            }
            else
            {
                wrong.Add($"{name}: {actual ?? "unknown"} instead of {expected}");
            }
        }

        output.WriteLine($"{right} hashes agree");
        Assert.Empty(wrong);
        Assert.Equal(265 + 83, right);
    }

    [DataFact("golden/type_hashes.json")]
    public void The_hash_computed_at_run_time_from_a_definition_equals_the_compiled_one()
    {
        foreach ((string name, string expected) in Golden("all"))
        {
            if (MessageRegistry.Find(name) is { } type)
            {
                Assert.Equal(expected, MessageDefinition.Parse(name, type.Definition).Hash);
            }
        }
    }

    private static IEnumerable<(string Name, string Hash)> Golden(string section)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("golden/type_hashes.json")));
        return json.RootElement.GetProperty(section).EnumerateObject().Select(p => (p.Name, p.Value.GetString()!)).ToList();
    }
}
