using System.Globalization;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Distillation.Labelling;

/// <summary>What a labelled bag says of itself, as YAML in a std_msgs/String on <c>/qdistill/labelling</c>: enough to train from the bag alone.</summary>
public sealed record LabellingInfo
{
    /// <summary>The version of this form.</summary>
    public const int Version = 1;

    /// <summary>The bag that was labelled.</summary>
    public required string Bag { get; init; }

    /// <summary>The robot file's name.</summary>
    public required string Robot { get; init; }

    /// <summary>The feature schema's id.</summary>
    public required string SchemaId { get; init; }

    /// <summary>The features' names in schema order.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>The outputs' names: <c>collision</c>, then the constraints.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>The collision horizon [s].</summary>
    public required double Horizon { get; init; }

    /// <summary>The teacher's id.</summary>
    public required string TeacherId { get; init; }

    /// <summary>The teacher's kind.</summary>
    public required string TeacherKind { get; init; }

    /// <summary>The back end's name.</summary>
    public required string Backend { get; init; }

    /// <summary>Shots per window and measurement basis; 0 when exact.</summary>
    public required int Shots { get; init; }

    /// <summary>The seed of shots.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The noise that circuits ran under: the model's file and hash, or <c>none</c>.</summary>
    public string Noise { get; init; } = "none";

    /// <summary>The observables' names, in the order of the expectations.</summary>
    public required IReadOnlyList<string> Observables { get; init; }

    /// <summary>What the teacher was asked for beyond its labels.</summary>
    public TeacherDetails Details { get; init; }

    /// <summary>The shape of one window's feature map, where feature maps were asked for.</summary>
    public IReadOnlyList<int> FeatureShape { get; init; } = [];

    /// <summary>What there is to say of a bag labelled by a teacher through a back end; a classical teacher asks none.</summary>
    /// <param name="bag">The bag.</param>
    /// <param name="robot">Its robot.</param>
    /// <param name="table">Its windows.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="backend">The back end's name.</param>
    /// <param name="shots">The shots asked for per window and measurement basis.</param>
    /// <param name="seed">The seed of shots.</param>
    public static LabellingInfo Of(string bag, RobotConfig robot, TeacherDataset table, ITeacher teacher, string backend, int shots, ulong seed) => new()
    {
        Bag = bag,
        Robot = robot.Name,
        SchemaId = table.SchemaId,
        Features = table.FeatureNames,
        Outputs = table.OutputNames,
        Horizon = robot.Horizon,
        TeacherId = teacher.Id,
        TeacherKind = teacher.Kind,
        Backend = teacher.IsQuantum() ? backend : "classical",
        Shots = teacher.IsQuantum() ? TeacherBackend.ShotsOf(backend, shots) : 0,
        Seed = seed,
        Observables = teacher.ObservableNames,
    };

    /// <summary>The YAML form. Details are named only where there are some, so that bags without them read as those of earlier versions do.</summary>
    public string ToYaml() => string.Create(CultureInfo.InvariantCulture, $"""
        version: {Version}
        bag: {TeacherText.Quote(Bag)}
        robot: {TeacherText.Quote(Robot)}
        schema_id: {SchemaId}
        features: {TeacherText.List(Features)}
        outputs: {TeacherText.List(Outputs)}
        horizon: {Horizon:R}
        teacher_id: {TeacherId}
        teacher_kind: {TeacherKind}
        backend: {Backend}
        shots: {Shots}
        seed: {Seed}
        noise: {TeacherText.Quote(Noise)}
        observables: {TeacherText.List(Observables)}
        {(Details == TeacherDetails.None ? string.Empty : $"details: [{string.Join(", ", TeacherDetailNames.Of(Details))}]\nfeature_shape: [{string.Join(", ", FeatureShape)}]\n")}
        """);

    /// <summary>Reads the YAML form.</summary>
    /// <exception cref="UserErrorException">It is of another version, or not of this form.</exception>
    public static LabellingInfo Parse(string yaml, string where)
    {
        ConfigSection s = ConfigFile.Parse(yaml, where);
        if (s.Int("version") != Version)
        {
            throw s.Error("version", $"is not {Version}", "label the bag again with this version");
        }

        var info = new LabellingInfo
        {
            Bag = s.String("bag"),
            Robot = s.String("robot"),
            SchemaId = s.String("schema_id"),
            Features = s.Strings("features"),
            Outputs = s.Strings("outputs"),
            Horizon = s.Double("horizon"),
            TeacherId = s.String("teacher_id"),
            TeacherKind = s.String("teacher_kind"),
            Backend = s.String("backend"),
            Shots = (int)s.Int("shots", null, 0, int.MaxValue),
            Seed = ulong.TryParse(s.String("seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : throw s.Error("seed", $"'{s.String("seed")}' is not a whole number"),
            Noise = s.String("noise", "none"),
            Observables = s.Strings("observables"),
            Details = s.Has("details") ? TeacherDetailNames.Parse(s.Strings("details")) : TeacherDetails.None,
            FeatureShape = s.Has("feature_shape") ? [.. s.Doubles("feature_shape").Select(v => (int)v)] : [],
        };
        s.RejectUnknownKeys();
        return info;
    }
}
