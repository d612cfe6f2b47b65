using System.Text.Json;

namespace QDistill.Ros.Tests;

/// <summary>An endpoint of a real ROS 2 Jazzy process, as a plain DDS participant saw it.</summary>
internal sealed record GoldenEndpoint(
    string Kind, string Gid, string Participant, string Topic, string Type, string UserData, string Reliability, string Durability, string History, int Depth, string Liveliness, string? Lifespan, string? ServiceHistory, int? ServiceDepth)
{
    public static IReadOnlyList<GoldenEndpoint> All()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("golden/dds_entities.json")));
        var result = new List<GoldenEndpoint>();
        foreach (JsonElement e in file.RootElement.GetProperty("entities").EnumerateArray().Where(e => e.GetProperty("kind").GetString() != "participant"))
        {
            bool service = e.TryGetProperty("durability_service", out JsonElement s) && s.ValueKind == JsonValueKind.Object;
            result.Add(new GoldenEndpoint(
                e.GetProperty("kind").GetString()!,
                e.GetProperty("guid").GetString()!,
                e.GetProperty("participant").GetString()!,
                e.GetProperty("topic").GetString()!,
                e.GetProperty("type").GetString()!,
                e.GetProperty("user_data").GetString()!,
                e.GetProperty("reliability").GetString()!,
                e.GetProperty("durability").GetString()!,
                e.GetProperty("history").GetString()!,
                e.GetProperty("depth").GetInt32(),
                e.GetProperty("liveliness").GetString()!,
                e.TryGetProperty("lifespan_ns", out JsonElement l) ? l.ToString() : null,
                service ? s.GetProperty("history").GetString() : null,
                service ? s.GetProperty("depth").GetInt32() : null));
        }

        return result;
    }
}
