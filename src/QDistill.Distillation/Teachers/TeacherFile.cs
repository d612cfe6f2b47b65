using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>Reads and writes teacher files: a specification, and, once fitted, everything needed to ask the teacher again.</summary>
public static class TeacherFile
{
    /// <summary>Reads a specification; a fitted teacher's file gives the specification it was fitted by.</summary>
    /// <exception cref="UserErrorException">The file is absent, not YAML, or holds a wrong or unknown key.</exception>
    public static TeacherSpec LoadSpec(string path)
    {
        ConfigSection yaml = ConfigFile.Load(path);
        TeacherSpec spec = TeacherSpec.Read(yaml);
        if (yaml.OptionalSection("fitted") is null)
        {
            yaml.RejectUnknownKeys();
        }

        return spec;
    }

    /// <summary>Whether the file holds a fitted teacher.</summary>
    public static bool IsFitted(string path) => ConfigFile.Load(path).Has("fitted");

    /// <summary>Loads a fitted teacher.</summary>
    /// <param name="path">The file.</param>
    /// <param name="backend">What runs a quantum teacher's circuits; a classical teacher needs none.</param>
    /// <exception cref="UserErrorException">The file is absent, not fitted, or inconsistent.</exception>
    public static ITeacher Load(string path, ITeacherBackend? backend)
    {
        ConfigSection yaml = ConfigFile.Load(path);
        TeacherSpec spec = TeacherSpec.Read(yaml);
        ConfigSection fitted = yaml.OptionalSection("fitted")
            ?? throw new UserErrorException("holds a specification, not a fitted teacher", path, "fit it first with 'qdistill teach'");
        ITeacherBackend? needed = !spec.IsQuantum ? null : backend ?? throw new UserErrorException("a quantum teacher needs a back end", path, "choose one with --backend");
        TeacherSpec plain = spec with { Transform = TeacherTransform.None };
        ITeacher teacher = spec.Kind switch
        {
            "mlp" => MlpTeacher.Read(plain, fitted),
            "ensemble" => EnsembleTeacher.Read(plain, fitted),
            "hybrid" or "quanvolutional" => DressedTeacher.Read(plain, fitted, needed!),
            "quantum-kernel" or "rbf-svm" => KernelTeacher.Read(plain, fitted, needed),
            "vqc" => VqcTeacher.Read(plain, fitted, needed!),
            _ => ClassicalTeacher.Read(plain, fitted),
        };
        if (spec.Transform.Kind != "none")
        {
            teacher = TransformedTeacher.Read(spec, teacher, fitted.Section("transform"));
        }

        yaml.RejectUnknownKeys();
        return teacher;
    }

    /// <summary>Writes a fitted teacher whole.</summary>
    public static void Save(string path, ITeacher teacher) =>
        AtomicOutput.WriteText(path, $"# A fitted QDistill teacher, id {teacher.Id}.\n{teacher.ToYaml()}");

    /// <summary>Refuses data of another feature schema or other outputs than the teacher's.</summary>
    /// <exception cref="UserErrorException">Names both.</exception>
    public static void RequireMatch(ITeacher teacher, TeacherDataset data)
    {
        if (teacher.SchemaId != data.SchemaId)
        {
            throw new UserErrorException(
                $"the teacher {teacher.Id} was fitted on feature schema {teacher.SchemaId}, but these windows have {data.SchemaId}",
                string.Join(", ", data.Bags),
                "use the robot file the teacher was fitted with, or fit a new teacher");
        }

        if (!teacher.OutputNames.SequenceEqual(data.OutputNames))
        {
            throw new UserErrorException(
                $"the teacher {teacher.Id} predicts [{string.Join(", ", teacher.OutputNames)}], but the robot file asks for [{string.Join(", ", data.OutputNames)}]",
                string.Join(", ", data.Bags),
                "use the robot file the teacher was fitted with, or fit a new teacher");
        }
    }
}
