using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;

namespace QDistill.Distillation.Labelling;

/// <summary>Serialises windows and labels through two reused messages.</summary>
internal sealed class WindowMessages
{
    private readonly TeacherDataset data;
    private readonly string frame;
    private readonly float[] values;
    private readonly byte[] mask;
    private readonly FusedFeatures features = new();
    private readonly TeacherLabel label = new();
    private readonly Msgs.QdistillMsgs.TeacherDetails details = new();
    private readonly CdrBuffer buffer = new();

    public WindowMessages(TeacherDataset data, string baseFrame, ITeacher? teacher = null, string backend = "")
    {
        this.data = data;
        frame = baseFrame;
        values = new float[data.FeatureCount];
        mask = new byte[(data.FeatureCount + 7) / 8];
        if (teacher is null)
        {
            return;
        }

        details.Header.FrameId = label.Header.FrameId = baseFrame;
        label.TeacherId = teacher.Id;
        label.Backend = backend;
        label.ViolationProbability.Resize(data.OutputCount - 1);
        label.ViolationTruth.Resize(data.OutputCount - 1);
        label.Expectations.Resize(teacher.ObservableNames.Count);
        label.Variance.Resize(teacher.ObservableNames.Count);
    }

    public void SetCost(ulong circuits, uint shots) => (label.Circuits, label.Shots) = (circuits, shots);

    public ReadOnlySpan<byte> Features(int window)
    {
        data.Features.AsSpan(window * values.Length, values.Length).CopyTo(values);
        Array.Clear(mask);
        for (int j = 0; j < values.Length; j++)
        {
            bool valid = float.IsFinite(values[j]);
            values[j] = valid ? values[j] : 0;
            mask[j >> 3] |= (byte)(valid ? 1 << (j & 7) : 0);
        }

        FusedFeaturesMessage.Fill(features, data.Stamps[window], data.OldestSource[window], data.SchemaId, values, mask, frame);
        return Cdr.Serialize(features, buffer);
    }

    public ReadOnlySpan<byte> Label(int window, TeacherAnswers answers, int row)
    {
        int k = data.OutputCount, m = answers.ObservableCount;
        label.Header.Stamp.SetNanoseconds(data.Stamps[window]);
        label.CollisionProbability = answers.Probabilities[row * k];
        label.Truth = (byte)data.Truth[window * k];
        for (int j = 1; j < k; j++)
        {
            label.ViolationProbability.Span[j - 1] = answers.Probabilities[(row * k) + j];
            label.ViolationTruth.Span[j - 1] = (byte)data.Truth[(window * k) + j];
        }

        answers.Expectations.AsSpan(row * m, m).CopyTo(label.Expectations.Span);
        answers.Variances.AsSpan(row * m, m).CopyTo(label.Variance.Span);
        return Cdr.Serialize(label, buffer);
    }

    public ReadOnlySpan<byte> Details(int window, TeacherAnswers answers, int row)
    {
        details.Header.Stamp.SetNanoseconds(data.Stamps[window]);
        Fill(details.States, answers.States, answers.StateCount, row);
        Fill(details.InputGradients, answers.InputGradients, answers.GradientCount, row);
        Fill(details.Features, answers.Features, answers.FeatureCount, row);
        return Cdr.Serialize(details, buffer);
    }

    private static void Fill(Sequence<float> into, float[] rows, int width, int row)
    {
        into.Resize(width);
        rows.AsSpan(row * width, width).CopyTo(into.Span);
    }
}
