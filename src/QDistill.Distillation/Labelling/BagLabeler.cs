using System.Diagnostics;
using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Msgs.StdMsgs;
using QDistill.Quantum;
using QDistill.Ros;

namespace QDistill.Distillation.Labelling;

/// <summary>What a labelling run did.</summary>
/// <param name="Windows">Windows in the labelled bag.</param>
/// <param name="Resumed">Of these, found from an earlier, cut-off run.</param>
/// <param name="Ledger">What all labels of the bag cost.</param>
/// <param name="QuerySeconds">Time spent asking the teacher in this run [s].</param>
public sealed record LabellingResult(long Windows, long Resumed, Ledger Ledger, double QuerySeconds)
{
    /// <summary>Windows labelled per second of asking the teacher in this run.</summary>
    public double WindowsPerSecond => QuerySeconds > 0 ? (Windows - Resumed) / QuerySeconds : 0;
}

/// <summary>
/// Writes a labelled bag: for every window its features and the teacher's answer, with the window's stamp. A run that was cut off resumes where its bag ends
/// and gives the labels an uninterrupted run would have given, because the answer to window i depends on the teacher, the seed and i alone.
/// </summary>
public static class BagLabeler
{
    /// <summary>Windows asked for at once: what a kill can cost.</summary>
    private const int ChunkWindows = 1024;

    /// <summary>Labels all windows of a table into a bag.</summary>
    /// <param name="data">The windows of one bag.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="ledger">The ledger the teacher's back end counts in; null for classical teachers.</param>
    /// <param name="info">What the bag will say of itself.</param>
    /// <param name="baseFrame">The frame of the features.</param>
    /// <param name="output">The labelled bag's folder.</param>
    /// <param name="resume">Whether to go on with a run that was cut off.</param>
    /// <param name="overwrite">Whether to replace a bag of that name.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops the run; what was labelled so far can be resumed.</param>
    /// <exception cref="UserErrorException">The output exists, or was begun with other settings.</exception>
    public static LabellingResult Label(
        TeacherDataset data,
        ITeacher teacher,
        Ledger? ledger,
        LabellingInfo info,
        string baseFrame,
        string output,
        bool resume,
        bool overwrite = false,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        TeacherFile.RequireMatch(teacher, data);
        bool resuming = resume && BagWriter.CanResume(output);
        using BagWriter writer = resuming ? BagWriter.Resume(output) : BagWriter.Create(output, new BagWriteOptions { Overwrite = overwrite, ChunkSize = 256 * 1024 });
        BagWriterTopic features = writer.AddTopic(LabelledBagTopics.Features, FusedFeatures.Type);
        BagWriterTopic labels = writer.AddTopic(LabelledBagTopics.Labels, TeacherLabel.Type);
        BagWriterTopic about = writer.AddTopic(LabelledBagTopics.Info, Msgs.StdMsgs.String.Type);
        BagWriterTopic cost = writer.AddTopic(LabelledBagTopics.Ledger, Msgs.StdMsgs.String.Type);
        long start = data.Count == 0 ? 0 : data.Stamps[0];
        if (about.MessageCount == 0)
        {
            writer.Write(about, start, start, Cdr.Serialize(new Msgs.StdMsgs.String { Data = info.ToYaml() }));
            writer.Flush();
        }
        else
        {
            RequireSame(output, info);
        }

        long featuresDone = features.MessageCount, labelsDone = labels.MessageCount;
        int resumed = (int)Math.Min(featuresDone, labelsDone);
        ledger ??= new Ledger();
        Ledger before = Copy(ledger);
        var messages = new WindowMessages(data, baseFrame, teacher, info.Backend);
        long querying = 0;
        for (int first = resumed; first < data.Count; first += ChunkWindows)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(ChunkWindows, data.Count - first);
            long asked = Stopwatch.GetTimestamp();
            (long circuits, long shots) = (ledger.Circuits, ledger.Shots);
            TeacherAnswers answers = teacher.Answer(data.Features.AsMemory(first * data.FeatureCount, count * data.FeatureCount), first, cancellation);
            querying += Stopwatch.GetTimestamp() - asked;
            messages.SetCost((ulong)((ledger.Circuits - circuits) / count), (uint)((ledger.Shots - shots) / count));
            for (int i = 0; i < count; i++)
            {
                int window = first + i;
                long stamp = data.Stamps[window];
                // A cut-off bag may end between a window's two messages.
                if (window >= featuresDone)
                {
                    writer.Write(features, stamp, stamp, messages.Features(window));
                }

                if (window >= labelsDone)
                {
                    writer.Write(labels, stamp, stamp, messages.Label(window, answers, i));
                }
            }

            writer.Flush();
            progress?.Report((double)(first + count) / data.Count);
        }

        Ledger whole = Whole(ledger, before, data.Count, data.Count - resumed);
        if (cost.MessageCount == 0)
        {
            long end = data.Count == 0 ? 0 : data.Stamps[^1];
            writer.Write(cost, end, end, Cdr.Serialize(new Msgs.StdMsgs.String { Data = whole.ToYaml() }));
        }

        writer.Close();
        return new LabellingResult(data.Count, resumed, whole, (double)querying / Stopwatch.Frequency);
    }

    // Every window costs the same circuits and shots, so those of the cut-off run are known without having seen its ledger; its seconds are not.
    private static Ledger Whole(Ledger now, Ledger before, int windows, int labelledNow)
    {
        var whole = new Ledger();
        long circuits = now.Circuits - before.Circuits, shots = now.Shots - before.Shots;
        if (labelledNow > 0 && circuits > 0)
        {
            int gatesEach = (int)((now.TwoQubitGates - before.TwoQubitGates) / circuits);
            whole.Record(
                circuits / labelledNow * windows, shots / labelledNow * windows, now.Depth, gatesEach, now.Seconds - before.Seconds, now.EstimatedPrice - before.EstimatedPrice);
        }

        return whole;
    }

    private static Ledger Copy(Ledger ledger)
    {
        var copy = new Ledger();
        copy.Add(ledger);
        return copy;
    }

    private static void RequireSame(string output, LabellingInfo info)
    {
        string part = AtomicOutput.TemporaryName(output);
        LabellingInfo begun = LabelledBag.ReadInfo(part);
        if (begun.ToYaml() != info.ToYaml())
        {
            string[] differing = [.. begun.ToYaml().Split('\n').Zip(info.ToYaml().Split('\n')).Where(p => p.First != p.Second).Select(p => $"{p.First.Trim()} then, {p.Second.Trim()} now")];
            throw new UserErrorException(
                $"the cut-off run was begun with other settings ({string.Join("; ", differing)})", part, "give the same settings, or leave out --resume to start anew");
        }
    }
}
