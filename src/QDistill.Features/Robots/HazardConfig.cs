using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>What the truth of a window is while a hazard is already under way at its time.</summary>
public enum OngoingTruth
{
    /// <summary>Neither safe nor a forewarning: unknown. The default for collisions.</summary>
    Unknown,

    /// <summary>As any other window: judged by the onsets in its future alone.</summary>
    Onsets,

    /// <summary>A hazard: what is under way counts as being within the horizon. The default for constraints.</summary>
    Hazard,
}

/// <summary>What counts as a collision when a bag is labelled by hindsight.</summary>
public sealed record HazardConfig
{
    /// <summary>Whether contact sources are used.</summary>
    public bool Contact { get; init; }

    /// <summary>Contacts closer together than this are one hazard [s].</summary>
    public double Merge { get; init; } = 0.3;

    /// <summary>Clearance below which closing in on something is a hazard [m]; null: not used.</summary>
    public double? MarginClearance { get; init; }

    /// <summary>The least closing speed for <see cref="MarginClearance"/> [m/s].</summary>
    public double MarginClosing { get; init; } = 0.05;

    /// <summary>Deviation of the measured acceleration from its running mean that counts as a shock [m/s²]; null: not used.</summary>
    public double? ShockThreshold { get; init; }

    /// <summary>The truth of windows during a hazard.</summary>
    public OngoingTruth Ongoing { get; init; }

    /// <summary>The truth of windows while a constraint is already violated.</summary>
    public OngoingTruth OngoingViolation { get; init; } = OngoingTruth.Hazard;

    internal static readonly IReadOnlyDictionary<string, OngoingTruth> OngoingNames = new Dictionary<string, OngoingTruth>(StringComparer.Ordinal)
    {
        ["unknown"] = OngoingTruth.Unknown,
        ["onsets"] = OngoingTruth.Onsets,
        ["hazard"] = OngoingTruth.Hazard,
    };

    internal static HazardConfig Read(ConfigSection? section, bool hasContact)
    {
        if (section is null)
        {
            return new HazardConfig { Contact = hasContact };
        }

        ConfigSection? margin = section.OptionalSection("margin");
        ConfigSection? shock = section.OptionalSection("shock");
        bool contact = section.Bool("contact", hasContact);
        if (contact && !hasContact)
        {
            throw section.Error("contact", "is asked for, but the robot has no contact source", "add a source with role: contact, or set contact: false");
        }

        return new HazardConfig
        {
            Contact = contact,
            Merge = section.Double("merge", 0.3, 0, 60),
            MarginClearance = margin?.Double("clearance", min: 0, max: 100),
            MarginClosing = margin?.Double("closing", 0.05, 0, 100) ?? 0.05,
            ShockThreshold = shock?.Double("threshold", min: 0.1, max: 10000),
            Ongoing = OngoingNames[section.Choice("ongoing", OngoingNames.Keys.ToArray(), "unknown")],
            OngoingViolation = OngoingNames[section.Choice("ongoing_violation", OngoingNames.Keys.ToArray(), "hazard")],
        };
    }
}
