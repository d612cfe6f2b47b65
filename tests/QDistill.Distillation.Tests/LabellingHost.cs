using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Labelling;
using QDistill.Distillation.Teachers;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests;

/// <summary>
/// This assembly started as a program of its own: labels a constructed table into a bag, as <c>qdistill label</c> does, so that tests can kill it.
/// <c>TEACHER BACKEND SHOTS WINDOWS OUTPUT new|resume</c>
/// </summary>
internal static class LabellingHost
{
    public static int Main(string[] args)
    {
        (string teacher, string backend, int shots, int windows, string output, bool resume) = (args[0], args[1], int.Parse(args[2]), int.Parse(args[3]), args[4], args[5] == "resume");
        try
        {
            Console.WriteLine("ready");
            LabellingResult result = Label(teacher, backend, shots, Synthetic.Table(windows, 3), output, resume);
            Console.WriteLine($"done {result.Windows} {result.Resumed}");
            return 0;
        }
        catch (UserErrorException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    public static LabellingResult Label(string teacherFile, string backendName, int shots, TeacherDataset data, string output, bool resume, bool overwrite = false, ulong seed = 6)
    {
        using ITeacherBackend backend = TeacherBackend.Create(backendName, new TeacherBackendOptions { Shots = shots, Seed = seed });
        ITeacher teacher = TeacherFile.Load(teacherFile, backend);
        return BagLabeler.Label(data, teacher, backend.Ledger, Info(data, teacher, backendName, shots, seed), "base_link", output, resume, overwrite);
    }

    public static LabellingInfo Info(TeacherDataset data, ITeacher teacher, string backend, int shots, ulong seed = 6) => new()
    {
        Bag = "runs/bag: \"one\"",
        Robot = "test_robot",
        SchemaId = data.SchemaId,
        Features = data.FeatureNames,
        Outputs = data.OutputNames,
        Horizon = 2.5,
        TeacherId = teacher.Id,
        TeacherKind = teacher.Kind,
        Backend = backend,
        Shots = shots,
        Seed = seed,
        Observables = teacher.ObservableNames,
    };
}
