using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Tests.Teachers;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Labelling;

public sealed class BagLabelerTests : IDisposable
{
    private static readonly Lazy<string> Vqc = new(() => Fit(VqcFitTests.Small with { Epochs = 5 }));
    private static readonly Lazy<string> Mlp = new(() => Fit(TeacherSpec.ClassicalDefault with { Labels = 100, Starts = 1, Epochs = 3 }));
    private readonly TempDirectory folder = new();

    public BagLabelerTests()
    {
        File.WriteAllText(folder["vqc.yaml"], Vqc.Value);
        File.WriteAllText(folder["mlp.yaml"], Mlp.Value);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_labelled_bag_gives_back_what_went_into_it()
    {
        TeacherDataset data = Synthetic.Table(2500, 3);
        LabellingResult result = Label("sampled", 50, data, "out");
        LabelledBag bag = LabelledBag.Read(folder["out"]);
        Assert.Equal((2500, 0, 2500), (result.Windows, result.Resumed, result.Asked));
        Assert.Equal(data.Stamps, bag.Data.Stamps);
        Assert.Equal(data.Truth, bag.Data.Truth);
        Assert.Equal(data.Features.Select(BitConverter.SingleToInt32Bits), bag.Data.Features.Select(BitConverter.SingleToInt32Bits));
        using var backend = new SampledBackend(50, 6);
        TeacherAnswers answers = TeacherFile.Load(folder["vqc.yaml"], backend).Answer(data.Features, 0);
        Assert.Equal(answers.Probabilities, bag.Data.Teacher!.Probabilities);
        Assert.Equal(answers.Expectations, bag.Data.Teacher.Expectations);
        Assert.Equal(answers.Variances, bag.Data.Teacher.Variances);
        Assert.Equal((2500L, 125_000L, backend.Ledger.Depth, backend.Ledger.TwoQubitGates), (bag.Ledger!.Circuits, bag.Ledger.Shots, bag.Ledger.Depth, bag.Ledger.TwoQubitGates));
        Assert.Equal(LabellingHost.Info(data, TeacherFile.Load(folder["vqc.yaml"], backend), "sampled", 50).ToYaml(), bag.Info.ToYaml());
        Assert.True(LabelledBag.Is(folder["out"]));
    }

    [Theory]
    [InlineData("vqc", "sampled", 200, 3)]
    [InlineData("mlp", "statevector", 0, 1)]
    public void A_run_killed_at_random_moments_and_resumed_ends_with_the_same_labels(string teacher, string backend, int shots, int rounds)
    {
        const int Windows = 12_000;
        Label(backend, shots, Synthetic.Table(Windows, 3), "whole", teacher);
        string expected = Fingerprint("whole");
        long size = new FileInfo(folder["whole/whole_0.mcap"]).Length;
        int kills = 0, complete = 0, inClose = 0;
        for (int round = 0; round < rounds; round++)
        {
            string output = $"cut_{round}", part = folder[$".{output}.part"];
            // Killed when the file has grown to a random size, three times in a row; the last of round 0 while the bag is being closed.
            for (int attempt = 0; attempt < 3; attempt++)
            {
                bool close = round == 0 && attempt == 2;
                long limit = close ? long.MaxValue : (long)(size * (attempt + Random.Shared.NextDouble()) / 3.2);
                using Process host = Start(teacher, backend, shots, Windows, output, attempt == 0 ? "new" : "resume");
                while (!host.HasExited && !(close ? File.Exists(Path.Combine(part, "metadata.yaml")) : Length(part) > limit))
                {
                    Thread.Yield();
                }

                kill(host.Id, 9);
                host.WaitForExit();
                kills += host.ExitCode == 137 ? 1 : 0;
                inClose += close && File.Exists(Path.Combine(part, "metadata.yaml")) ? 1 : 0;
                if (Directory.Exists(folder[output]))
                {
                    complete++;
                    break;
                }
            }

            if (!Directory.Exists(folder[output]))
            {
                using Process last = Start(teacher, backend, shots, Windows, output, "resume");
                last.WaitForExit();
                Assert.Equal(0, last.ExitCode);
            }

            Assert.Equal(expected, Fingerprint(output));
            Assert.False(Directory.Exists(part));
        }

        Assert.True(kills >= (2 * rounds) - 1, $"only {kills} runs were killed while they worked ({complete} had ended, {inClose} were closing)");
    }

    [Fact]
    public void A_part_cut_at_any_byte_and_resumed_ends_with_the_same_bag()
    {
        TeacherDataset data = Synthetic.Table(2100, 3);
        Label("sampled", 30, data, "whole");
        string expected = Fingerprint("whole");
        byte[] file = File.ReadAllBytes(folder["whole/whole_0.mcap"]);
        string metadata = File.ReadAllText(folder["whole/metadata.yaml"]);
        // Everything a kill can leave: any prefix of the file; after the last byte also the metadata.
        long[] cuts = [0, 5, .. Enumerable.Range(1, 14).Select(i => file.Length * (long)i / 14 - 3), .. Enumerable.Range(1, 8).Select(i => (long)file.Length - (i * i * 40)), file.Length];
        foreach (long cut in cuts.Distinct().Where(c => c >= 0))
        {
            foreach (bool closing in cut == file.Length ? (bool[])[false, true] : [false])
            {
                string part = folder[".whole2.part"];
                Directory.CreateDirectory(part);
                File.WriteAllBytes(Path.Combine(part, "whole2_0.mcap"), file[..(int)cut]);
                if (closing)
                {
                    File.WriteAllText(Path.Combine(part, "metadata.yaml"), metadata.Replace("whole_0", "whole2_0", StringComparison.Ordinal));
                }

                LabellingResult result = LabellingHost.Label(folder["vqc.yaml"], "sampled", 30, data, folder["whole2"], resume: true);
                Assert.Equal(expected, Fingerprint("whole2"));
                Assert.Equal((2100L, 63_000L), (result.Ledger.Circuits, result.Ledger.Shots));
                Directory.Delete(folder["whole2"], recursive: true);
            }
        }
    }

    [Fact]
    public void A_cancelled_run_can_be_resumed()
    {
        TeacherDataset data = Synthetic.Table(3000, 3);
        Label("statevector", 0, data, "whole");
        using var backend = new StateVectorBackend();
        ITeacher teacher = TeacherFile.Load(folder["vqc.yaml"], backend);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => BagLabeler.Label(
            data, teacher, backend.Ledger, LabellingHost.Info(data, teacher, "statevector", 0), "base_link", folder["cut"], false, false, new Stopper(stop), stop.Token));
        Assert.False(Directory.Exists(folder["cut"]));
        LabellingResult result = Label("statevector", 0, data, "cut", resume: true);
        Assert.Equal(BagLabeler.ChunkWindows, result.Resumed);
        Assert.Equal(3000 - BagLabeler.ChunkWindows, result.Asked);
        Assert.Equal(Fingerprint("whole"), Fingerprint("cut"));
    }

    [Fact]
    public void Resuming_with_other_settings_or_other_windows_is_refused_and_says_what_differs()
    {
        TeacherDataset data = Synthetic.Table(1500, 3);
        Begin(data);
        Assert.Contains("begun with other settings (seed: 6 then, seed: 7 now)", Refused(() => Label("sampled", 30, data, "cut", resume: true, seed: 7)));
        Assert.Contains("(shots: 30 then, shots: 31 now)", Refused(() => Label("sampled", 31, data, "cut", resume: true)));
        Assert.Contains("(backend: sampled then, backend: statevector now; shots: 30 then, shots: 0 now)", Refused(() => Label("statevector", 0, data, "cut", resume: true)));
        Assert.Contains("teacher_id: ", Refused(() => Label("sampled", 30, data, "cut", "mlp", resume: true)));
        TeacherDataset other = Synthetic.Table(1500, 3);
        other.Features[(700 * 6) + 2] += 1;
        Assert.Contains("holds another window 700 than the bag now gives", Refused(() => Label("sampled", 30, other, "cut", resume: true)));
        Assert.Contains("holds another window 900", Refused(() => Label("sampled", 30, data.Select([.. Enumerable.Range(0, 900)]), "cut", resume: true)));

        // Nothing was lost by the refusals.
        Assert.Equal(1024, Label("sampled", 30, data, "cut", resume: true).Resumed);
        Label("sampled", 30, data, "whole");
        Assert.Equal(Fingerprint("whole"), Fingerprint("cut"));
    }

    [Fact]
    public void What_is_there_already_is_not_overwritten_unasked()
    {
        TeacherDataset data = Synthetic.Table(1500, 3);
        Begin(data);
        Assert.Contains("an unfinished bag of that name is there already", Refused(() => Label("sampled", 30, data, "cut")));
        Label("sampled", 30, data, "done");
        Assert.StartsWith(folder["done"] + ": is there already", Refused(() => Label("sampled", 30, data, "done")));
        Assert.StartsWith(folder["done"] + ": is there already", Refused(() => Label("sampled", 30, data, "done", resume: true)));
        LabellingHost.Label(folder["vqc.yaml"], "sampled", 31, data, folder["done"], resume: false, overwrite: true);
        Assert.Equal(31, LabelledBag.Read(folder["done"]).Info.Shots);
        LabellingHost.Label(folder["vqc.yaml"], "sampled", 30, data, folder["cut"], resume: false, overwrite: true);
        Assert.False(Directory.Exists(folder[".cut.part"]));
    }

    [Fact]
    public void A_bag_without_windows_becomes_an_empty_labelled_bag()
    {
        LabellingResult result = Label("statevector", 0, Synthetic.Table(10).Select([]), "none");
        Assert.Equal(0, result.Windows);
        Assert.Equal(0, LabelledBag.Read(folder["none"]).Data.Count);
    }

    [Fact]
    public void A_full_disk_is_one_sentence_and_what_was_written_can_be_resumed()
    {
        const int Windows = 6000;
        Label("sampled", 200, Synthetic.Table(Windows, 3), "whole");
        // A limit on the file's size stops writes as a full disk does (EFBIG in place of ENOSPC); SIGXFSZ must not end the process.
        using Process host = Process.Start(new ProcessStartInfo("/bin/bash", [
            "-c", "trap '' XFSZ; ulimit -f 300; export DOTNET_EnableDiagnostics=0 DOTNET_EnableWriteXorExecute=0; exec \"$@\"", "bash", .. Command("vqc", "sampled", 200, Windows, "full", "new")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        string error = host.StandardError.ReadToEnd();
        host.WaitForExit();
        Assert.Equal(1, host.ExitCode);
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(folder[".full.part"], line);
        Assert.DoesNotContain("   at ", error);
        Assert.False(Directory.Exists(folder["full"]));

        LabellingResult result = Label("sampled", 200, Synthetic.Table(Windows, 3), "full", resume: true);
        Assert.True(result.Resumed > 0);
        Assert.Equal(Fingerprint("whole"), Fingerprint("full"));
    }

    [Fact]
    public async Task An_independent_reader_decodes_features_and_labels_by_the_definitions_in_the_bag()
    {
        TeacherDataset data = Synthetic.Table(80, 3);
        Label("sampled", 40, data, "out");
        LabelledBag bag = LabelledBag.Read(folder["out"]);
        string script = Path.Combine(SharedData.Repository, "tests", "QDistill.Distillation.Tests", "Labelling", "decode.mjs");
        using Process node = Process.Start(new ProcessStartInfo("node", [script, folder["out/out_0.mcap"]]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = node.StandardError.ReadToEndAsync();
        string[] lines = (await node.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        Assert.Equal((2 * 80) + 2, lines.Length);
        int features = 0, labels = 0;
        foreach (string line in lines)
        {
            JsonElement message = JsonDocument.Parse(line).RootElement, value = message.GetProperty("value");
            if (message.GetProperty("topic").GetString() == LabelledBagTopics.Features)
            {
                int i = features++;
                Assert.Equal(data.Stamps[i].ToString(), message.GetProperty("time").GetString());
                Assert.Equal(data.Stamps[i], Stamp(value));
                Assert.Equal(data.SchemaId, value.GetProperty("schema_id").GetString());
                byte mask = value.GetProperty("validity")[0].GetByte();
                for (int j = 0; j < 6; j++)
                {
                    float x = data.Features[(i * 6) + j];
                    Assert.Equal(float.IsFinite(x), (mask & (1 << j)) != 0);
                    Assert.Equal(float.IsFinite(x) ? x : 0, value.GetProperty("values")[j].GetSingle());
                }
            }
            else if (message.GetProperty("topic").GetString() == LabelledBagTopics.Labels)
            {
                int i = labels++;
                Assert.Equal(data.Stamps[i], Stamp(value));
                Assert.Equal(bag.Info.TeacherId, value.GetProperty("teacher_id").GetString());
                Assert.Equal("sampled", value.GetProperty("backend").GetString());
                Assert.Equal(40, value.GetProperty("shots").GetInt32());
                Assert.Equal("1", value.GetProperty("circuits").GetString());
                Assert.Equal(bag.Data.Teacher!.Probabilities[2 * i], value.GetProperty("collision_probability").GetSingle());
                Assert.Equal(bag.Data.Teacher.Probabilities[(2 * i) + 1], value.GetProperty("violation_probability")[0].GetSingle());
                Assert.Equal(bag.Data.Teacher.Expectations[(4 * i) + 3], value.GetProperty("expectations")[3].GetSingle());
                Assert.Equal(bag.Data.Teacher.Variances[(4 * i) + 3], value.GetProperty("variance")[3].GetSingle());
                Assert.Equal((byte)data.Truth[2 * i], value.GetProperty("truth").GetByte());
                Assert.Equal((byte)data.Truth[(2 * i) + 1], value.GetProperty("violation_truth")[0].GetByte());
            }
        }

        Assert.Equal((80, 80), (features, labels));
    }

    private static long Stamp(JsonElement value)
    {
        JsonElement stamp = value.GetProperty("header").GetProperty("stamp");
        return (stamp.GetProperty("sec").GetInt64() * Synthetic.Second) + stamp.GetProperty("nanosec").GetInt64();
    }

    private static string Fit(TeacherSpec spec)
    {
        TeacherDataset data = Synthetic.Table(400, 1);
        using var backend = new StateVectorBackend();
        return TeacherFitting.Fit(data, data, spec, backend).ToYaml();
    }

    private static string Refused(Action action) => Assert.Throws<UserErrorException>(action).Message;

    private static long Length(string part)
    {
        var file = new FileInfo(Path.Combine(part, Path.GetFileName(part)[1..^5] + "_0.mcap"));
        return file.Exists ? file.Length : 0;
    }

    [DllImport("libc")]
    private static extern int kill(int pid, int signal);

    private LabellingResult Label(string backend, int shots, TeacherDataset data, string output, string teacher = "vqc", bool resume = false, ulong seed = 6) =>
        LabellingHost.Label(folder[teacher + ".yaml"], backend, shots, data, folder[output], resume, false, seed);

    /// <summary>Leaves a run behind that was cut off after its first chunk.</summary>
    private void Begin(TeacherDataset data)
    {
        using var backend = new SampledBackend(30, 6);
        ITeacher teacher = TeacherFile.Load(folder["vqc.yaml"], backend);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => BagLabeler.Label(
            data, teacher, backend.Ledger, LabellingHost.Info(data, teacher, "sampled", 30), "base_link", folder["cut"], false, false, new Stopper(stop), stop.Token));
    }

    /// <summary>Everything a bag says, but the seconds in its ledger.</summary>
    private string Fingerprint(string output)
    {
        LabelledBag bag = LabelledBag.Read(folder[output]);
        TeacherAnswers t = bag.Data.Teacher!;
        string Bits(float[] values) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(MemoryMarshal.AsBytes<float>(values)));
        using BagReader reader = BagReader.Open(folder[output]);
        return string.Join('\n', bag.Info.ToYaml(), Bits(t.Probabilities), Bits(t.Expectations), Bits(t.Variances), Bits(bag.Data.Features), string.Join(',', bag.Data.Stamps), string.Join(',', bag.Data.Truth),
            bag.Ledger!.Circuits, bag.Ledger.Shots, bag.Ledger.Depth, bag.Ledger.TwoQubitGates, string.Join(',', reader.Info.Topics.Select(p => $"{p.Name} {p.MessageCount}").Order()));
    }

    private string[] Command(string teacher, string backend, int shots, int windows, string output, string mode) =>
        [Environment.ProcessPath is { } p && Path.GetFileNameWithoutExtension(p) == "dotnet" ? p : "dotnet", typeof(LabellingHost).Assembly.Location, folder[teacher + ".yaml"], backend, $"{shots}", $"{windows}", folder[output], mode];

    private Process Start(string teacher, string backend, int shots, int windows, string output, string mode)
    {
        string[] command = Command(teacher, backend, shots, windows, output, mode);
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
    }

    private sealed class Stopper(CancellationTokenSource source) : IProgress<double>
    {
        public void Report(double value) => source.Cancel();
    }
}
