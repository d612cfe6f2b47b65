using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Training;
using QDistill.Metrics;

namespace QDistill.Distillation.Teachers;

/// <summary>What every fitted teacher says of itself in the same keys.</summary>
/// <param name="SchemaId">The feature schema.</param>
/// <param name="Outputs">The outputs' names.</param>
/// <param name="Normalisation">How features are scaled.</param>
/// <param name="Calibration">[a_0, b_0, …] of p_j = σ(a_j z_j + b_j).</param>
internal sealed record FittedHead(string SchemaId, IReadOnlyList<string> Outputs, Normalisation Normalisation, double[] Calibration)
{
    public static FittedHead Read(ConfigSection fitted)
    {
        IReadOnlyList<string> outputs = TeacherText.ReadOutputs(fitted);
        double[] calibration = new double[2 * outputs.Count];
        TeacherText.Read(fitted, "calibration", calibration, "its outputs need");
        return new FittedHead(fitted.String("schema_id"), outputs, TeacherText.ReadNormalisation(fitted), calibration);
    }

    public string ToYaml() => $"""
        fitted:
          schema_id: {SchemaId}
          outputs: {TeacherText.List(Outputs)}
          mean: {TeacherText.List(Normalisation.Mean)}
          scale: {TeacherText.List(Normalisation.Scale)}
          calibration: {TeacherText.List(Calibration)}

        """;
}

/// <summary>What teachers that answer with logits share: identity, calibration, bounds on what may be asked.</summary>
internal abstract class TeacherBase(TeacherSpec spec, FittedHead head) : ITeacher
{
    private string? id;

    /// <inheritdoc/>
    public string Id => id ??= TeacherText.Id(ToYaml());

    /// <inheritdoc/>
    public string Kind => spec.Kind;

    /// <inheritdoc/>
    public string SchemaId => head.SchemaId;

    /// <inheritdoc/>
    public IReadOnlyList<string> OutputNames => head.Outputs;

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> ObservableNames => [];

    /// <inheritdoc/>
    public virtual TeacherDetails Details => TeacherDetails.None;

    /// <inheritdoc/>
    public virtual IReadOnlyList<int> FeatureShape => [];

    protected TeacherSpec Spec => spec;

    protected FittedHead Head => head;

    protected int Width => head.Normalisation.Mean.Length;

    /// <inheritdoc/>
    public string ToYaml() => spec.ToYaml() + head.ToYaml() + Numbers();

    /// <inheritdoc/>
    public TeacherAnswers Answer(ReadOnlyMemory<float> features, long firstWindow, TeacherDetails details, CancellationToken cancellation = default)
    {
        this.RequireDetails(details);
        return Ask(features.Span, features.Length / Width, firstWindow, details, cancellation);
    }

    /// <summary>The fitted numbers beyond the head's, indented by two.</summary>
    protected abstract string Numbers();

    /// <summary>Answers n windows; the details are among those offered.</summary>
    protected abstract TeacherAnswers Ask(ReadOnlySpan<float> features, int n, long firstWindow, TeacherDetails details, CancellationToken cancellation);

    /// <summary>Calibrated probabilities of logits [n, k].</summary>
    protected float[] Probabilities(ReadOnlySpan<double> logits)
    {
        float[] p = new float[logits.Length];
        int k = OutputNames.Count;
        for (int i = 0; i < p.Length; i++)
        {
            int j = i % k;
            p[i] = (float)Logit.Sigmoid((head.Calibration[2 * j] * logits[i]) + head.Calibration[(2 * j) + 1]);
        }

        return p;
    }

    /// <summary>Platt scaling of logits [n, k] on validation windows.</summary>
    internal static double[] Calibrate(double[] logits, TeacherDataset validation) => OutputCalibration.FitPlatt([.. logits.Select(z => (float)z)], validation);
}
