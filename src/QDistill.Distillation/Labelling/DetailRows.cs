using QDistill.Bags;
using QDistill.Distillation.Data;
using QDistill.Ros;

namespace QDistill.Distillation.Labelling;

/// <summary>Collects the details of a labelled bag, window by window, and checks that every window has as many numbers as the first.</summary>
internal sealed class DetailRows(string path, LabellingInfo info)
{
    private readonly Msgs.QdistillMsgs.TeacherDetails message = new();
    private readonly List<float> states = [];
    private readonly List<float> gradients = [];
    private readonly List<float> features = [];
    private (int States, int Gradients, int Features) widths;

    /// <summary>The windows' stamps [ns].</summary>
    public List<long> Stamps { get; } = [];

    /// <summary>Adds a message's numbers.</summary>
    public void Add(BagMessage from)
    {
        LabelledBag.Decode(from, message, path);
        (int, int, int) found = (message.States.Count, message.InputGradients.Count, message.Features.Count);
        widths = Stamps.Count == 0 ? found : widths;
        bool promised = (found.Item1 > 0) == info.Details.HasFlag(TeacherDetails.States)
            && found.Item2 == (info.Details.HasFlag(TeacherDetails.Gradients) ? info.Outputs.Count * info.Features.Count : 0)
            && found.Item3 == (info.Details.HasFlag(TeacherDetails.Features) ? info.FeatureShape.Aggregate(1, (a, b) => a * b) : 0);
        LabelledBag.Require(
            found == widths && promised, path, LabelledBagTopics.Details, Stamps.Count, $"{found.Item1} states, {found.Item2} gradients and {found.Item3} features, which are not the details [{string.Join(", ", TeacherDetailNames.Of(info.Details))}] it names");
        LabelledBag.Require(Finite(message.States.Span) && Finite(message.InputGradients.Span) && Finite(message.Features.Span), path, LabelledBagTopics.Details, Stamps.Count, "a number that is not finite");
        Stamps.Add(message.Header.Stamp.ToNanoseconds());
        states.AddRange(message.States.Span);
        gradients.AddRange(message.InputGradients.Span);
        features.AddRange(message.Features.Span);
    }

    /// <summary>The answers with the details of as many windows.</summary>
    public TeacherAnswers Into(TeacherAnswers answers) => answers with
    {
        States = [.. states.Take(answers.Count * widths.States)],
        InputGradients = [.. gradients.Take(answers.Count * widths.Gradients)],
        Features = [.. features.Take(answers.Count * widths.Features)],
        FeatureShape = info.FeatureShape,
    };

    private static bool Finite(ReadOnlySpan<float> values)
    {
        foreach (float v in values)
        {
            if (!float.IsFinite(v))
            {
                return false;
            }
        }

        return true;
    }
}
