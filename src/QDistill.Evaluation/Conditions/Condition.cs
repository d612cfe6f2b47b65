using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Evaluation.Conditions;

/// <summary>
/// What a recording's raw messages go through before features are formed of them: noise, bias, losses, delays, another lidar. Everything random follows from the seed,
/// the recording's name, the source and the message's number alone; the same draws serve every strength, so that a stronger condition is the same one, stronger.
/// </summary>
public sealed class Condition : IMessageDisturbance
{
    private readonly IReadOnlyDictionary<string, SensorDisturbance> sensors;

    private Condition(string name, string baseName, double strength, ulong seed, IReadOnlyDictionary<string, SensorDisturbance> sensors) =>
        (Name, BaseName, Strength, Seed, this.sensors) = (name, baseName, strength, seed, sensors);

    /// <summary>The name with its strength.</summary>
    public string Name { get; }

    /// <summary>The name without it: what a robustness curve is of.</summary>
    public string BaseName { get; }

    /// <summary>What every magnitude was multiplied with.</summary>
    public double Strength { get; }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The sensors that it disturbs, by their keys.</summary>
    internal IEnumerable<string> Sensors => sensors.Where(s => s.Value.Values.Count > 0).Select(s => s.Key);

    internal SensorDisturbance? Of(string sensor) => sensors.GetValueOrDefault(sensor);

    internal SensorDisturbance? Of(SourceRole role) => SensorKnob.KeyOf(role) is { } key ? Of(key) : null;

    /// <summary>What all draws for one recording follow from, beside source and message.</summary>
    internal ulong SeedOf(string recording) => Seed ^ BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(recording)));

    /// <summary>Reads a condition file of one strength.</summary>
    /// <exception cref="UserErrorException">The file is absent, holds a wrong or unknown key, or several strengths.</exception>
    public static Condition Load(string path)
    {
        ConfigSection yaml = ConfigFile.Load(path);
        IReadOnlyList<Condition> all = Read(yaml, Path.GetFileNameWithoutExtension(path));
        yaml.RejectUnknownKeys();
        return all.Count == 1 ? all[0] : throw yaml.Error("strength", $"names {all.Count} strengths", "a replay takes one; several belong into a study");
    }

    /// <summary>Reads a condition, once for each of its strengths.</summary>
    /// <param name="yaml">The keys; the caller refuses unknown ones.</param>
    /// <param name="otherwise">The name when the section has none.</param>
    /// <exception cref="UserErrorException">A value is wrong.</exception>
    public static IReadOnlyList<Condition> Read(ConfigSection yaml, string? otherwise = null)
    {
        string name = otherwise is null ? yaml.String("name") : yaml.String("name", otherwise);
        ulong seed = (ulong)yaml.Int("seed", 1, 0);
        IReadOnlyList<double> strengths = yaml.IsList("strength") ? yaml.Doubles("strength") : [yaml.Double("strength", 1, 0, 1e6)];
        var asked = new Dictionary<string, Dictionary<string, double>>();
        foreach (string key in SensorKnob.Sensors)
        {
            if (yaml.OptionalSection(key) is { } section)
            {
                asked[key] = ReadSensor(section, key);
                section.RejectUnknownKeys();
            }
        }

        if (asked.Values.All(v => v.Count == 0))
        {
            throw new UserErrorException($"the condition '{name}' disturbs nothing", $"{yaml.File}:{yaml.Line}", $"name a sensor ({string.Join(", ", SensorKnob.Sensors)}) with its settings, such as scan: {{noise: 0.03}}");
        }

        if (strengths.Count == 0 || strengths.Any(s => !(s >= 0) || double.IsInfinity(s)) || strengths.Distinct().Count() != strengths.Count)
        {
            throw yaml.Error("strength", "is not a list of different numbers of at least 0");
        }

        if (strengths.Count > 1 && !asked.Any(a => SensorKnob.Of(a.Key).Any(k => k.IsMagnitude && a.Value.ContainsKey(k.Key))))
        {
            throw yaml.Error("strength", "multiplies nothing here: beams, ranges and resolutions describe another sensor, not a magnitude", "leave it out");
        }

        return [.. strengths.Select(s => new Condition(strengths.Count == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} × {s}"), name, s, seed, Scaled(yaml, asked, s)))];
    }

    /// <summary>The condition as YAML that <see cref="Read"/> accepts, keys in one order and the strength worked in: equal conditions have one text.</summary>
    public string ToYaml()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"seed: {Seed}\n");
        foreach (string key in Sensors.Order(StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{key}: {{{string.Join(", ", sensors[key].Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => FormattableString.Invariant($"{v.Key}: {v.Value:R}")))}}}\n");
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    /// <exception cref="UserErrorException">The condition disturbs a sensor that the robot does not have, or in a way that its message type does not allow.</exception>
    public IMessageStream Begin(string recording, RobotConfig robot, MessageSink sink)
    {
        if (Sensors.FirstOrDefault(key => !robot.Sources.Any(s => SensorKnob.KeyOf(s.Role) == key)) is { } absent)
        {
            throw new UserErrorException($"the condition '{Name}' disturbs '{absent}', which the robot '{robot.Name}' does not have", robot.File, $"its sources: {string.Join(", ", robot.Sources.Select(s => s.Name))}");
        }

        return new ConditionStream(this, recording, robot, sink);
    }

    private static Dictionary<string, double> ReadSensor(ConfigSection section, string sensor)
    {
        var values = new Dictionary<string, double>();
        foreach (SensorKnob knob in SensorKnob.Of(sensor))
        {
            double v = section.Double(knob.Key, 0, knob.Signed ? -knob.Most : 0, knob.Most);
            if (v != 0)
            {
                values[knob.Key] = v;
            }
        }

        if (values.GetValueOrDefault("beams") is var beams && beams != Math.Floor(beams))
        {
            throw section.Error("beams", "is not a whole number");
        }

        if (values.ContainsKey("sector_from") && !values.ContainsKey("sector_width"))
        {
            throw section.Error("sector_from", "has no sector_width, so nothing would be lost", "give sector_width in degrees");
        }

        if (values.TryGetValue("dropout_length", out double length) && length < 1)
        {
            throw section.Error("dropout_length", "is below 1 message");
        }

        return values;
    }

    private static Dictionary<string, SensorDisturbance> Scaled(ConfigSection yaml, Dictionary<string, Dictionary<string, double>> asked, double strength) =>
        asked.ToDictionary(a => a.Key, a =>
        {
            var values = new Dictionary<string, double>();
            foreach (SensorKnob knob in SensorKnob.Of(a.Key))
            {
                double v = a.Value.GetValueOrDefault(knob.Key) * (knob.IsMagnitude ? strength : 1);
                if (Math.Abs(v) > knob.Most)
                {
                    throw yaml.Error("strength", FormattableString.Invariant($"{strength} makes '{knob.Key}' {v}, more than {knob.Most}"));
                }

                if (v != 0)
                {
                    values[knob.Key] = v;
                }
            }

            // In Gilbert's channel of mean burst L a share of losses above L / (L + 1) cannot be reached.
            if (values.TryGetValue("dropout_length", out double length) && values.TryGetValue("dropout", out double share) && share < 1 && share > length / (length + 1))
            {
                throw yaml.Error("strength", FormattableString.Invariant($"a dropout of {share:G3} needs bursts longer than dropout_length {length}"), "raise dropout_length or leave it out");
            }

            return new SensorDisturbance(values);
        });
}
