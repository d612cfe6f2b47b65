using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>
/// All that QDistill knows of one robot, from its <c>robot.yaml</c>: topics by role, footprint, limits, horizons, hazards, constraints and the feature
/// groups to compute. Keys that are not known are refused with file, line and the nearest known key.
/// </summary>
public sealed class RobotConfig
{
    private RobotConfig()
    {
    }

    /// <summary>The file it was read from, or the name given to the parser.</summary>
    public string File { get; private init; } = string.Empty;

    /// <summary>The robot's name.</summary>
    public string Name { get; private init; } = string.Empty;

    /// <summary>The frame that features are given in.</summary>
    public string BaseFrame { get; private init; } = "base_link";

    /// <summary>The input topics, in file order.</summary>
    public IReadOnlyList<SourceConfig> Sources { get; private init; } = [];

    /// <summary>Definitions (.msg text) of custom types by type name.</summary>
    public IReadOnlyDictionary<string, string> MessageDefinitions { get; private init; } = new Dictionary<string, string>();

    /// <summary>The outline of the robot.</summary>
    public Footprint Footprint { get; private init; } = Footprint.Circle(0.2);

    /// <summary>What the robot can do.</summary>
    public RobotLimits Limits { get; private init; } = new();

    /// <summary>When feature vectors are formed.</summary>
    public FusionConfig Fusion { get; private init; } = new();

    /// <summary>How far ahead a collision is foretold [s].</summary>
    public double Horizon { get; private init; } = 2;

    /// <summary>What counts as a collision.</summary>
    public HazardConfig Hazard { get; private init; } = new();

    /// <summary>The named requirements whose violation is foretold.</summary>
    public IReadOnlyList<ConstraintConfig> Constraints { get; private init; } = [];

    /// <summary>The feature groups and their parameters.</summary>
    public FeatureGroupsConfig Groups { get; private init; } = new();

    /// <summary>The ordered features.</summary>
    public FeatureSchema Schema { get; private init; } = FeatureSchema.Empty;

    /// <summary>Loads a <c>robot.yaml</c>.</summary>
    /// <exception cref="UserErrorException">The file is unreadable, not YAML, or says something that is not known, contradictory or out of range.</exception>
    public static RobotConfig Load(string path) => Read(ConfigFile.Load(path));

    /// <summary>Parses the text of a <c>robot.yaml</c>; <paramref name="name"/> stands for the file in errors.</summary>
    /// <exception cref="UserErrorException">As for <see cref="Load"/>.</exception>
    public static RobotConfig Parse(string yaml, string name = "robot.yaml") => Read(ConfigFile.Parse(yaml, name));

    /// <summary>The robot as before, but with other message types for the named sources.</summary>
    public RobotConfig WithTypes(IReadOnlyDictionary<string, string> typeBySource) =>
        With([.. Sources.Select(s => typeBySource.TryGetValue(s.Name, out string? type) ? s with { Type = type } : s)], MessageDefinitions);

    /// <summary>The robot as before, but with these definitions (.msg text by type) of custom types.</summary>
    public RobotConfig WithDefinitions(IReadOnlyDictionary<string, string> definitions) => With(Sources, definitions);

    /// <summary>The first source of a role, or null.</summary>
    public SourceConfig? Source(SourceRole role) => Sources.FirstOrDefault(s => s.Role == role);

    private RobotConfig With(IReadOnlyList<SourceConfig> sources, IReadOnlyDictionary<string, string> definitions) => new()
    {
        File = File,
        Name = Name,
        BaseFrame = BaseFrame,
        Sources = sources,
        MessageDefinitions = definitions,
        Footprint = Footprint,
        Limits = Limits,
        Fusion = Fusion,
        Horizon = Horizon,
        Hazard = Hazard,
        Constraints = Constraints,
        Groups = Groups,
        Schema = Schema,
    };

    private static RobotConfig Read(ConfigSection top)
    {
        var sources = new List<SourceConfig>();
        ConfigSection sourceSection = top.Section("sources");
        foreach ((string name, ConfigSection section) in sourceSection.NamedSections())
        {
            SourceConfig source = SourceConfig.Read(name, section);
            if (source.Role != SourceRole.Contact && sources.Any(s => s.Role == source.Role))
            {
                throw sourceSection.Error(name, $"is a second source of role {SourceConfig.NameOf(source.Role)}", "only contact may have several");
            }

            if (sources.FirstOrDefault(s => s.Topic == source.Topic) is { } twin)
            {
                throw sourceSection.Error(name, $"uses topic {source.Topic}, as does {twin.Name}", "give each source its own topic");
            }

            sources.Add(source);
        }

        if (sources.Count == 0)
        {
            throw top.Error("sources", "names no source", "add at least one, for example scan: {topic: /scan}");
        }

        double horizon = top.Double("horizon", 2.0, 0.05, 60);
        RobotLimits limits = RobotLimits.Read(top.OptionalSection("limits"));
        FeatureGroupsConfig groups = FeatureGroupsConfig.Read(top.OptionalSection("features"), sources);
        FeatureSchema schema = FeatureSchema.For(groups, sources);
        HazardConfig hazard = HazardConfig.Read(top.OptionalSection("hazard"), sources.Any(s => s.Role == SourceRole.Contact));
        if (hazard.MarginClearance is not null && groups.Lidar is null)
        {
            throw top.Error("hazard", "margin needs clearance and closing speed", "enable the lidar features, with a scan source");
        }

        if (hazard.ShockThreshold is not null && sources.All(s => s.Role != SourceRole.Imu))
        {
            throw top.Error("hazard", "shock needs accelerations", "add an imu source");
        }

        var robot = new RobotConfig
        {
            File = top.File,
            Name = top.String("name"),
            BaseFrame = top.String("base_frame", "base_link"),
            Sources = sources,
            MessageDefinitions = ReadDefinitions(top.OptionalSection("message_definitions")),
            Footprint = top.OptionalSection("footprint") is { } f ? Footprint.Read(f)
                : groups.Lidar is null ? Footprint.Circle(0.2)
                : throw top.Error("footprint", "is missing, and clearance cannot be had without it", "add footprint: {radius: …} or {length: …, width: …}"),
            Limits = limits,
            Fusion = FusionConfig.Read(top.OptionalSection("fusion"), sources),
            Horizon = horizon,
            Hazard = hazard,
            Constraints = ReadConstraints(top, horizon, schema),
            Groups = groups,
            Schema = schema,
        };
        top.RejectUnknownKeys();
        return robot;
    }

    private static Dictionary<string, string> ReadDefinitions(ConfigSection? section)
    {
        var definitions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string type in section?.Keys ?? [])
        {
            string[] parts = type.Split('/');
            if (parts.Length != 3 || parts[1] != "msg" || parts.Any(p => p.Length == 0))
            {
                throw section!.Error(type, "is not a message type", "write package/msg/Type");
            }

            definitions[type] = section!.String(type);
        }

        return definitions;
    }

    private static List<ConstraintConfig> ReadConstraints(ConfigSection top, double horizon, FeatureSchema schema)
    {
        var constraints = new List<ConstraintConfig>();
        foreach (ConfigSection section in top.Sections("constraints"))
        {
            ConstraintConfig c = ConstraintConfig.Read(section, horizon);
            if (constraints.Any(o => o.Name == c.Name))
            {
                throw section.Error("name", $"'{c.Name}' is used twice");
            }

            int index = Signals.Find(schema, c.Signal);
            if (index < 0)
            {
                throw section.Error("signal", $"'{c.Signal}' is not a signal of this robot", NearestKey.Hint(c.Signal, [.. Signals.Aliases(schema), .. schema.Names]));
            }

            constraints.Add(c with { Unit = c.Unit ?? schema.Units[index] });
        }

        return constraints;
    }
}
