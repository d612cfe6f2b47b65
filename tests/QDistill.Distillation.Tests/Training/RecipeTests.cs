using QDistill.Configuration;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;

namespace QDistill.Distillation.Tests.Training;

public class RecipeTests
{
    [Fact]
    public void An_empty_file_gives_the_defaults_and_every_recipe_reads_back_from_its_text()
    {
        Assert.Equal(Recipe.Default.ToYaml(), Read("seed: 1").ToYaml());
        foreach (Recipe r in (Recipe[])[Recipe.Default, new Recipe(new StudentSpec([], "gelu"), new SignalSpec(0.25, 0, 1.5, 0), new OptimiserSpec(1e-4, 0, 7, 33, 2), "none", 17, 99)])
        {
            Assert.Equal(r.ToYaml(), Read(r.ToYaml()).ToYaml());
        }
    }

    [Fact]
    public void In_a_signals_section_a_weight_left_out_is_zero()
    {
        Recipe r = Read("signals: {soft_weight: 2}");
        Assert.Equal(new SignalSpec(0, 2, Recipe.Default.Signals.SoftTemperature, 0), r.Signals);
    }

    [Fact]
    public void A_linear_student_has_no_hidden_layer_for_the_expectations()
    {
        Recipe r = Read("student: {kind: linear}");
        Assert.Empty(r.Student.Hidden);
        Assert.Equal(0, r.Signals.ExpectationsWeight);
    }

    [Theory]
    [InlineData("sede: 1", "t:1: unknown key 'sede'; did you mean 'seed'")]
    [InlineData("signals: {hard_weigth: 1, soft_weight: 1}", "unknown key 'signals.hard_weigth'; did you mean 'hard_weight'")]
    [InlineData("student: {hidden: [32, 0]}", "student.hidden: 0 is not a layer size")]
    [InlineData("student: {hidden: [2.5]}", "student.hidden: 2.5 is not a layer size")]
    [InlineData("student: {hidden: [.nan]}", "student.hidden: NaN is not a layer size")]
    [InlineData("student: {hidden: [5000]}", "student.hidden: 5000 is not a layer size")]
    [InlineData("student: {hidden: wide}", "student.hidden: is not a list")]
    [InlineData("student: {kind: linear, hidden: [3]}", "student.hidden: a linear student has no hidden layers")]
    [InlineData("student: {kind: mpl}", "student.kind: 'mpl' is not one of mlp, linear, temporal, cnn, hybrid, quanvolutional, quantum; did you mean 'mlp'")]
    [InlineData("student: {kind: linear}\nsignals: {hard_weight: 1, expectations_weight: 1}", "t:2: signals.expectations_weight: a student without hidden layers")]
    [InlineData("signals: {expectations_weight: 1}", "hard_weight, soft_weight and logits_weight are all 0")]
    [InlineData("signals: {soft_weight: -1}", "signals.soft_weight: -1 is outside [0, 1000000]")]
    [InlineData("signals: {soft_weight: 1, soft_temperature: 0}", "signals.soft_temperature: 0 is outside [0.05, 100]")]
    [InlineData("optimiser: {batch: 0}", "optimiser.batch: 0 is outside")]
    [InlineData("optimiser: {learning_rate: fast}", "optimiser.learning_rate: 'fast' is not a number")]
    [InlineData("calibration: plat", "calibration: 'plat' is not one of platt, temperature, none; did you mean 'platt'")]
    [InlineData("labels: 1", "labels: 1 is outside [2,")]
    [InlineData("seed: -1", "seed: -1 is outside")]
    public void A_wrong_recipe_is_refused_with_its_place(string yaml, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UserErrorException>(() => Read(yaml)).Message);

    [Fact]
    public void A_teacher_specification_has_defaults_by_kind_and_reads_back()
    {
        Assert.Equal(TeacherSpec.Default.ToYaml(), Spec("kind: vqc").ToYaml());
        Assert.Equal(TeacherSpec.ClassicalDefault.ToYaml(), Spec("kind: mlp").ToYaml());
        foreach (string yaml in (string[])["qubits: 5\nencoding: iqp\nfeatures: 5\nlayers: 0\nseed: 7", "kind: mlp\nhidden: [3, 4]\nweight_decay: 0"])
        {
            TeacherSpec spec = Spec(yaml);
            Assert.Equal(spec.ToYaml(), Spec(spec.ToYaml()).ToYaml());
        }

        Assert.Equal(2, Spec("qubits: 2\nencoding: zz").Features); // the default 12 gives way
    }

    [Theory]
    [InlineData("qbits: 3", "unknown key 'qbits'; did you mean 'qubits'")]
    [InlineData("kind: vqe", "kind: 'vqe' is not one of vqc, quantum-kernel, hybrid, quanvolutional, mlp, ensemble, rbf-svm, boosted-trees, random-forest, logistic, random-features; did you mean 'vqc'")]
    [InlineData("encoding: reupload", "encoding: 'reupload' is not one of")]
    [InlineData("ansatz: hardware_efficient", "did you mean 'hardware-efficient'")]
    [InlineData("qubits: 25", "qubits: 25 is outside [1, 24]")]
    [InlineData("qubits: 3\nencoding: iqp\nfeatures: 4", "t:3: features: the encoding 'iqp' on 3 qubits has room for 3, not 4")]
    [InlineData("kind: mlp\nfeatures: 4", "features: an mlp teacher sees all features")]
    [InlineData("kind: mlp\nhidden: [-3]", "hidden: -3 is not a layer size")]
    [InlineData("starts: 0", "starts: 0 is outside")]
    [InlineData("learning_rate: 11", "learning_rate: 11 is outside")]
    public void A_wrong_teacher_specification_is_refused_with_its_place(string yaml, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UserErrorException>(() => Spec(yaml)).Message);

    private static Recipe Read(string yaml) => Recipe.Read(ConfigFile.Parse(yaml, "t"));

    private static TeacherSpec Spec(string yaml)
    {
        ConfigSection section = ConfigFile.Parse(yaml, "t");
        TeacherSpec spec = TeacherSpec.Read(section);
        section.RejectUnknownKeys();
        return spec;
    }
}
