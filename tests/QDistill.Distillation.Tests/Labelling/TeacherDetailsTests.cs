using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Labelling;

/// <summary>Details of a teacher's answers in labelled bags.</summary>
public sealed class TeacherDetailsTests : IDisposable
{
    private const TeacherDetails Both = TeacherDetails.States | TeacherDetails.Gradients;
    private static readonly TeacherDataset Data = Synthetic.Table(1300, 3);
    private readonly TempDirectory folder = new();

    public TeacherDetailsTests()
    {
        using var backend = new StateVectorBackend();
        TeacherDataset training = Synthetic.Table(300, 1);
        TeacherFile.Save(folder["vqc.yaml"], TeacherFitting.Fit(training, training, TeacherSpec.Default with { Qubits = 3, Layers = 1, Features = 5, Labels = 60, Starts = 1, Epochs = 5 }, backend));
        TeacherFile.Save(folder["quan.yaml"], TeacherFitting.Fit(training, training, TeacherSpec.DefaultOf("quanvolutional") with { Image = [2, 3], Stride = 1, Labels = 60, Epochs = 3 }, backend));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Details_come_back_from_the_bag_as_the_teacher_gave_them()
    {
        Label("vqc", "out", Both);
        using var backend = new StateVectorBackend();
        TeacherAnswers expected = TeacherFile.Load(folder["vqc.yaml"], backend).Answer(Data.Features, 0, Both);
        LabelledBag bag = LabelledBag.Read(folder["out"]);
        TeacherAnswers read = bag.Data.Teacher!;
        Assert.Equal(Both, bag.Info.Details);
        Assert.Equal(Both, read.Details);
        Assert.Equal((8, 12), (read.StateCount, read.GradientCount));
        Assert.Equal(expected.States, read.States);
        Assert.All(expected.InputGradients.Zip(read.InputGradients), p => Assert.Equal(p.First, p.Second, 1e-6));
        Assert.All(expected.Probabilities.Zip(read.Probabilities), p => Assert.Equal(p.First, p.Second, 1e-6));

        Label("quan", "maps", TeacherDetails.Features);
        TeacherAnswers maps = LabelledBag.Read(folder["maps"]).Data.Teacher!;
        Assert.Equal([4, 1, 2], maps.FeatureShape);
        Assert.Equal(8, maps.FeatureCount);
        Assert.Equal(TeacherFile.Load(folder["quan.yaml"], backend).Answer(Data.Features.AsMemory(0, 1024 * 6), 0, TeacherDetails.Features).Features, maps.Features[..(1024 * 8)]);
    }

    [Fact]
    public void A_bag_without_details_is_as_it_always_was()
    {
        Label("vqc", "out", TeacherDetails.None);
        LabelledBag bag = LabelledBag.Read(folder["out"]);
        Assert.Equal(TeacherDetails.None, bag.Data.Teacher!.Details);
        Assert.DoesNotContain("details", bag.Info.ToYaml());

        // What earlier versions wrote reads as before.
        const string Old = "version: 1\nbag: \"b\"\nrobot: \"r\"\nschema_id: s\nfeatures: [\"f\"]\noutputs: [\"collision\"]\nhorizon: 2\nteacher_id: t\nteacher_kind: vqc\nbackend: sampled\nshots: 5\nseed: 1\nobservables: [\"Z0\"]\n";
        Assert.Equal(TeacherDetails.None, LabellingInfo.Parse(Old, "old").Details);
        Assert.Contains("did you mean 'states'", Assert.Throws<UserErrorException>(() => LabellingInfo.Parse(Old + "details: [stats]\n", "old")).Message);
    }

    [Fact]
    public void A_part_cut_at_any_byte_and_resumed_ends_with_the_same_details()
    {
        Label("vqc", "whole", Both);
        TeacherAnswers expected = LabelledBag.Read(folder["whole"]).Data.Teacher!;
        byte[] file = File.ReadAllBytes(folder["whole/whole_0.mcap"]);
        foreach (int tenth in (int[])[2, 5, 7, 9])
        {
            Directory.CreateDirectory(folder[".cut.part"]);
            File.WriteAllBytes(folder[".cut.part/cut_0.mcap"], file[..(int)((long)file.Length * tenth / 10)]);
            Label("vqc", "cut", Both, resume: true);
            TeacherAnswers resumed = LabelledBag.Read(folder["cut"]).Data.Teacher!;
            Assert.Equal(expected.Count, resumed.Count);
            Assert.Equal(expected.States, resumed.States);
            Assert.Equal(expected.InputGradients, resumed.InputGradients);
            Assert.Equal(expected.Probabilities, resumed.Probabilities);
            Directory.Delete(folder["cut"], recursive: true);
        }
    }

    [Fact]
    public void Other_details_than_the_cut_off_run_had_are_refused()
    {
        Label("vqc", "whole", Both);
        byte[] file = File.ReadAllBytes(folder["whole/whole_0.mcap"]);
        Directory.CreateDirectory(folder[".cut.part"]);
        File.WriteAllBytes(folder[".cut.part/cut_0.mcap"], file[..(file.Length / 2)]);
        Assert.Contains("details: [states, gradients] then, details: [states] now", Assert.Throws<UserErrorException>(() => Label("vqc", "cut", TeacherDetails.States, resume: true)).Message);
    }

    [Fact]
    public void A_teacher_that_lacks_a_detail_is_refused_before_any_work()
    {
        Assert.Contains("cannot tell gradients; of the details it has features", Assert.Throws<UserErrorException>(() => Label("quan", "out", TeacherDetails.Gradients)).Message);
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    private void Label(string teacherFile, string output, TeacherDetails details, bool resume = false)
    {
        using var backend = new StateVectorBackend();
        ITeacher teacher = TeacherFile.Load(folder[teacherFile + ".yaml"], backend);
        LabellingInfo info = LabellingHost.Info(Data, teacher, "statevector", 0) with { Details = details, FeatureShape = details.HasFlag(TeacherDetails.Features) ? teacher.FeatureShape : [] };
        BagLabeler.Label(Data, teacher, backend.Ledger, info, "base_link", folder[output], resume);
    }
}
