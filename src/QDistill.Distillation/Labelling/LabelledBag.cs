using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Quantum;
using QDistill.Ros;
using Wanted = QDistill.Distillation.Data.TeacherDetails;

namespace QDistill.Distillation.Labelling;

/// <summary>A labelled bag as it was read.</summary>
/// <param name="Info">What it says of itself.</param>
/// <param name="Data">Its windows with the teacher's answers.</param>
/// <param name="Ledger">What its labels cost; null in a bag that was cut off.</param>
public sealed record LabelledBag(LabellingInfo Info, TeacherDataset Data, Ledger? Ledger)
{
    /// <summary>Reads a labelled bag.</summary>
    /// <exception cref="UserErrorException">It is no bag, or holds no labels, or contradicts itself.</exception>
    public static LabelledBag Read(string path)
    {
        LabellingInfo info = ReadInfo(path);
        int d = info.Features.Count, k = info.Outputs.Count, m = info.Observables.Count;
        var stamps = new List<long>();
        var oldest = new List<long>();
        var rows = new List<float>();
        var labelStamps = new List<long>();
        var probabilities = new List<float>();
        var expectations = new List<float>();
        var variances = new List<float>();
        var truth = new List<Truth>();
        var details = new DetailRows(path, info);
        Ledger? ledger = null;
        var features = new FusedFeatures();
        var label = new TeacherLabel();
        var text = new Msgs.StdMsgs.String();
        using BagReader reader = BagReader.Open(path, new BagReadOptions { Topics = [LabelledBagTopics.Features, LabelledBagTopics.Labels, LabelledBagTopics.Details, LabelledBagTopics.Ledger] });
        while (reader.Read(out BagMessage message))
        {
            switch (message.Topic.Name)
            {
                case LabelledBagTopics.Features:
                    Decode(message, features, path);
                    Require(features.Values.Count == d && features.Validity.Count == (d + 7) / 8 && features.SchemaId == info.SchemaId, path, LabelledBagTopics.Features, stamps.Count, $"{features.Values.Count} features of schema {features.SchemaId}, not {d} of {info.SchemaId}");
                    stamps.Add(features.Header.Stamp.ToNanoseconds());
                    oldest.Add(features.OldestSource.ToNanoseconds());
                    for (int j = 0; j < d; j++)
                    {
                        bool valid = (features.Validity.Span[j >> 3] & (1 << (j & 7))) != 0;
                        rows.Add(valid ? features.Values.Span[j] : float.NaN);
                    }

                    break;
                case LabelledBagTopics.Labels:
                    Decode(message, label, path);
                    Require(
                        label.ViolationProbability.Count == k - 1 && label.ViolationTruth.Count == k - 1 && label.Expectations.Count == m && label.Variance.Count == m,
                        path,
                        LabelledBagTopics.Labels,
                        labelStamps.Count,
                        $"{label.ViolationProbability.Count} constraints and {label.Expectations.Count} expectations, not {k - 1} and {m}");
                    RequireMeaning(label, path, labelStamps.Count);
                    labelStamps.Add(label.Header.Stamp.ToNanoseconds());
                    probabilities.Add(label.CollisionProbability);
                    probabilities.AddRange(label.ViolationProbability.Span);
                    expectations.AddRange(label.Expectations.Span);
                    variances.AddRange(label.Variance.Span);
                    truth.Add((Truth)label.Truth);
                    foreach (byte t in label.ViolationTruth.Span)
                    {
                        truth.Add((Truth)t);
                    }

                    break;
                case LabelledBagTopics.Details:
                    details.Add(message);
                    break;
                default:
                    Decode(message, text, path);
                    ledger = Ledger.FromYaml(text.Data, $"{path} {LabelledBagTopics.Ledger}");
                    break;
            }
        }

        // A window counts when all of its messages are there.
        int n = Math.Min(Math.Min(stamps.Count, labelStamps.Count), info.Details == Wanted.None ? int.MaxValue : details.Stamps.Count);
        for (int i = 0; i < n; i++)
        {
            Require(labelStamps[i] == stamps[i], path, LabelledBagTopics.Labels, i, $"stamp {labelStamps[i]} where the features have {stamps[i]}");
            Require(info.Details == Wanted.None || details.Stamps[i] == stamps[i], path, LabelledBagTopics.Details, i, "another stamp than the features have");
        }

        var answers = details.Into(new TeacherAnswers(n, k, m, Head(probabilities, n * k), Head(expectations, n * m), Head(variances, n * m)) { Shots = info.Shots });
        var data = new TeacherDataset(
            info.SchemaId, info.Features, info.Outputs, [Path.GetFileName(Path.TrimEndingDirectorySeparator(info.Bag))], Head(stamps, n), new int[n], Head(rows, n * d), Head(truth, n * k), answers, Head(oldest, n));
        return new LabelledBag(info, data, ledger);
    }

    /// <summary>Reads only what a labelled bag says of itself.</summary>
    /// <exception cref="UserErrorException">It is no labelled bag.</exception>
    public static LabellingInfo ReadInfo(string path)
    {
        using BagReader reader = BagReader.Open(path, new BagReadOptions { Topics = [LabelledBagTopics.Info] });
        if (!reader.Read(out BagMessage message))
        {
            throw new UserErrorException($"holds no topic {LabelledBagTopics.Info}, so it is not a labelled bag", path, "label the bag first with 'qdistill label'");
        }

        var text = new Msgs.StdMsgs.String();
        Decode(message, text, path);
        return LabellingInfo.Parse(text.Data, $"{path} {LabelledBagTopics.Info}");
    }

    /// <summary>Whether a bag holds labels.</summary>
    /// <exception cref="UserErrorException">It is no bag.</exception>
    public static bool Is(string path)
    {
        using BagReader reader = BagReader.Open(path, new BagReadOptions { Topics = [] });
        return reader.Info.FindTopic(LabelledBagTopics.Info) is not null;
    }

    internal static void Decode<T>(BagMessage message, T into, string path)
        where T : IMessage
    {
        string expected = into.GetMessageType().Name;
        if (message.Topic.Type != expected)
        {
            throw new UserErrorException($"topic {message.Topic.Name} has type {message.Topic.Type}, not {expected}", path, "label the bag again");
        }

        try
        {
            Cdr.Deserialize(message.Data, into);
        }
        catch (CdrException e)
        {
            throw new UserErrorException($"a message of {message.Topic.Name} cannot be read ({e.Reason})", path, "label the bag again", e);
        }
    }

    // A label that is no probability or no truth would spoil the student without a word.
    private static void RequireMeaning(TeacherLabel label, string path, int index)
    {
        bool probabilities = label.CollisionProbability is >= 0 and <= 1, truths = label.Truth <= (byte)Truth.Hazard;
        foreach (float p in label.ViolationProbability.Span)
        {
            probabilities &= p is >= 0 and <= 1;
        }

        foreach (byte t in label.ViolationTruth.Span)
        {
            truths &= t <= (byte)Truth.Hazard;
        }

        bool finite = true;
        foreach (float e in label.Expectations.Span)
        {
            finite &= float.IsFinite(e);
        }

        Require(probabilities, path, LabelledBagTopics.Labels, index, "a probability is not within [0, 1]");
        Require(truths, path, LabelledBagTopics.Labels, index, "a truth is none of unknown, safe and hazard");
        Require(finite, path, LabelledBagTopics.Labels, index, "an expectation is not finite");
    }

    private static T[] Head<T>(List<T> list, int count) => [.. list.Take(count)];

    internal static void Require(bool holds, string path, string topic, int index, string found)
    {
        if (!holds)
        {
            throw new UserErrorException($"message {index} of {topic} does not fit the bag's own description: {found}", path, "label the bag again");
        }
    }
}
