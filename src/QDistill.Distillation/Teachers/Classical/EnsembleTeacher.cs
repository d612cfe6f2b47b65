using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Metrics;

namespace QDistill.Distillation.Teachers;

/// <summary>A deep ensemble (Lakshminarayanan, Pritzel, Blundell, arXiv:1612.01474): perceptrons that differ in their seed alone; the mean of their probabilities, calibrated once more.</summary>
internal sealed class EnsembleTeacher : TeacherBase, IDisposable
{
    private readonly MlpTeacher[] members;

    private EnsembleTeacher(TeacherSpec spec, FittedHead head, MlpTeacher[] members)
        : base(spec, head) => this.members = members;

    /// <summary>Fits the members one after the other.</summary>
    public static EnsembleTeacher Fit(TeacherDataset training, IReadOnlyCollection<int> labelled, TeacherDataset validation, TeacherSpec spec, IProgress<double>? progress, CancellationToken cancellation)
    {
        var members = new MlpTeacher[spec.Members];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = MlpTeacher.Fit(training, labelled, validation, Member(spec) with { Seed = spec.Seed + ((ulong)i << 20) }, null, cancellation);
            progress?.Report((i + 1.0) / members.Length);
        }

        var head = new FittedHead(training.SchemaId, training.OutputNames, Normalisation.Fit(training), Training.OutputCalibration.Identity(training.OutputCount));
        var raw = new EnsembleTeacher(spec, head, members);
        return new EnsembleTeacher(spec, head with { Calibration = Calibrate(raw.Logits(validation.Features, cancellation), validation) }, members);
    }

    internal static EnsembleTeacher Read(TeacherSpec spec, ConfigSection fitted)
    {
        FittedHead head = FittedHead.Read(fitted);
        IReadOnlyList<ConfigSection> sections = fitted.Sections("members");
        return sections.Count == spec.Members
            ? new EnsembleTeacher(spec, head, [.. sections.Select(s => MlpTeacher.Read(Member(spec), s))])
            : throw fitted.Error("members", $"holds {sections.Count} members, not {spec.Members}", TeacherText.Remedy);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MlpTeacher member in members)
        {
            member.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override string Numbers()
    {
        var text = new StringBuilder("  members:\n");
        foreach (MlpTeacher member in members)
        {
            string yaml = member.FittedYaml("      ");
            text.Append("    - ").Append(yaml.AsSpan(6));
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    protected override TeacherAnswers Ask(ReadOnlySpan<float> features, int n, long firstWindow, TeacherDetails details, CancellationToken cancellation) =>
        new(n, OutputNames.Count, 0, Probabilities(Logits(features.ToArray(), cancellation)), [], []);

    private static TeacherSpec Member(TeacherSpec spec) => spec with { Kind = "mlp", Starts = 1, Trials = 0, Transform = TeacherTransform.None };

    private double[] Logits(float[] features, CancellationToken cancellation)
    {
        double[] mean = [];
        foreach (MlpTeacher member in members)
        {
            float[] p = member.Answer(features, 0, cancellation).Probabilities;
            mean = mean.Length == 0 ? new double[p.Length] : mean;
            for (int i = 0; i < p.Length; i++)
            {
                mean[i] += (double)p[i] / members.Length;
            }
        }

        return [.. mean.Select(p => Logit.Of(Math.Clamp(p, 1e-9, 1 - 1e-9)))];
    }
}
