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
/// <param name="Asked">Windows the teacher was asked for in this run: at most a chunk of them for the second time.</param>
/// <param name="Ledger">What all labels of the bag cost; windows asked for twice count once.</param>
/// <param name="QuerySeconds">Time spent asking the teacher in this run [s].</param>
public sealed record LabellingResult(long Windows, long Resumed, long Asked, Ledger Ledger, double QuerySeconds)
{
    /// <summary>Windows asked for per second of asking the teacher in this run.</summary>
    public double WindowsPerSecond => QuerySeconds > 0 ? Asked / QuerySeconds : 0;
}

/// <summary>
/// Writes a labelled bag: for every window its features and the teacher's answer, with the window's stamp. A run that was cut off resumes where its bag ends
/// and gives the labels an uninterrupted run would have given, to the bit: shots of window i depend on the seed and i alone, and chunks begin at multiples of
/// their size in every run, so that the teacher is asked the same questions (a matrix product may round a row differently in a batch of another size).
/// </summary>
public static class BagLabeler
{
    /// <summary>Windows asked for at once: what a kill can cost.</summary>
    internal const int ChunkWindows = 1024;

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
    /// <exception cref="UserErrorException">The output exists, was begun with other settings or from other windows, or cannot be written.</exception>
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
        teacher.RequireDetails(info.Details);
        bool resuming = resume && BagWriter.CanResume(output);
        var options = new BagWriteOptions { Overwrite = overwrite, ChunkSize = 256 * 1024 };
        using BagWriter writer = resuming ? BagWriter.Resume(output, options) : BagWriter.Create(output, options);
        BagWriterTopic features = writer.AddTopic(LabelledBagTopics.Features, FusedFeatures.Type);
        BagWriterTopic labels = writer.AddTopic(LabelledBagTopics.Labels, TeacherLabel.Type);
        BagWriterTopic? details = info.Details == Data.TeacherDetails.None ? null : writer.AddTopic(LabelledBagTopics.Details, Msgs.QdistillMsgs.TeacherDetails.Type);
        BagWriterTopic about = writer.AddTopic(LabelledBagTopics.Info, Msgs.StdMsgs.String.Type);
        BagWriterTopic cost = writer.AddTopic(LabelledBagTopics.Ledger, Msgs.StdMsgs.String.Type);
        long start = data.Count == 0 ? 0 : data.Stamps[0];
        Ledger? found = null;
        if (about.MessageCount == 0)
        {
            writer.Write(about, start, start, Cdr.Serialize(new Msgs.StdMsgs.String { Data = info.ToYaml() }));
            writer.Flush();
        }
        else
        {
            LabelledBag begun = LabelledBag.Read(AtomicOutput.TemporaryName(output));
            RequireSame(begun, info, data, output);
            found = begun.Ledger;
        }

        long featuresDone = features.MessageCount, labelsDone = labels.MessageCount, detailsDone = details?.MessageCount ?? labelsDone;
        int resumed = (int)Math.Min(Math.Min(featuresDone, labelsDone), detailsDone);
        ledger ??= new Ledger();
        Ledger before = Copy(ledger);
        var messages = new WindowMessages(data, baseFrame, teacher, info.Backend);
        long querying = 0;
        int asked = 0;
        // When only the ledger is missing, the last chunk is asked for once more: that tells what each window cost.
        int from = found is not null ? data.Count : Math.Max(0, Math.Min(resumed, data.Count - 1)) / ChunkWindows * ChunkWindows;
        for (int first = from; first < data.Count; first += ChunkWindows)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(ChunkWindows, data.Count - first);
            long began = Stopwatch.GetTimestamp();
            (long circuits, long shots) = (ledger.Circuits, ledger.Shots);
            TeacherAnswers answers = teacher.Answer(data.Features.AsMemory(first * data.FeatureCount, count * data.FeatureCount), first, info.Details, cancellation);
            querying += Stopwatch.GetTimestamp() - began;
            asked += count;
            messages.SetCost((ulong)((ledger.Circuits - circuits) / count), (uint)((ledger.Shots - shots) / count));
            for (int i = 0; i < count; i++)
            {
                int window = first + i;
                long stamp = data.Stamps[window];
                // A cut-off bag may end between a window's messages.
                if (window >= featuresDone)
                {
                    writer.Write(features, stamp, stamp, messages.Features(window));
                }

                if (window >= labelsDone)
                {
                    writer.Write(labels, stamp, stamp, messages.Label(window, answers, i));
                }

                if (details is not null && window >= detailsDone)
                {
                    writer.Write(details, stamp, stamp, messages.Details(window, answers, i));
                }
            }

            writer.Flush();
            progress?.Report((double)(first + count) / data.Count);
        }

        Ledger whole = found ?? Whole(ledger, before, data.Count, asked);
        if (cost.MessageCount == 0)
        {
            long end = data.Count == 0 ? 0 : data.Stamps[^1];
            writer.Write(cost, end, end, Cdr.Serialize(new Msgs.StdMsgs.String { Data = whole.ToYaml() }));
        }

        writer.Close();
        return new LabellingResult(data.Count, resumed, asked, whole, (double)querying / Stopwatch.Frequency);
    }

    // Every window costs the same circuits and shots, so those of the cut-off run are known without having seen its ledger; its seconds are not.
    private static Ledger Whole(Ledger now, Ledger before, int windows, int asked)
    {
        var whole = new Ledger();
        long circuits = now.Circuits - before.Circuits, shots = now.Shots - before.Shots;
        if (asked > 0 && circuits > 0)
        {
            int gatesEach = (int)((now.TwoQubitGates - before.TwoQubitGates) / circuits);
            whole.Record(
                circuits / asked * windows, shots / asked * windows, now.Depth, gatesEach, now.Seconds - before.Seconds, (now.EstimatedPrice - before.EstimatedPrice) / asked * windows);
        }

        return whole;
    }

    private static Ledger Copy(Ledger ledger)
    {
        var copy = new Ledger();
        copy.Add(ledger);
        return copy;
    }

    private static void RequireSame(LabelledBag begun, LabellingInfo info, TeacherDataset data, string output)
    {
        const string Remedy = "give the same, or --overwrite without --resume to start anew";
        string part = AtomicOutput.TemporaryName(output);
        if (begun.Info.ToYaml() != info.ToYaml())
        {
            string[] then = begun.Info.ToYaml().Split('\n'), now = info.ToYaml().Split('\n');
            string At(string[] lines, int i) => i < lines.Length && lines[i].Length > 0 ? lines[i].Trim() : "nothing";
            string[] differing = [.. Enumerable.Range(0, Math.Max(then.Length, now.Length)).Where(i => At(then, i) != At(now, i)).Select(i => $"{At(then, i)} then, {At(now, i)} now")];
            throw new UserErrorException($"the cut-off run was begun with other settings ({string.Join("; ", differing)})", part, Remedy);
        }

        TeacherDataset old = begun.Data;
        int d = data.FeatureCount;
        for (int i = 0; i < old.Count; i++)
        {
            if (i >= data.Count || old.Stamps[i] != data.Stamps[i] || !SameBits(old.Features.AsSpan(i * d, d), data.Features.AsSpan(i * d, d)))
            {
                throw new UserErrorException($"the cut-off run holds another window {i} than the bag now gives, so the bag or the robot file has changed", part, Remedy);
            }
        }
    }

    private static bool SameBits(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        for (int j = 0; j < a.Length; j++)
        {
            // What was not finite was written as not valid, whatever it was.
            if (float.IsFinite(a[j]) ? BitConverter.SingleToInt32Bits(a[j]) != BitConverter.SingleToInt32Bits(b[j]) : float.IsFinite(b[j]))
            {
                return false;
            }
        }

        return true;
    }
}
