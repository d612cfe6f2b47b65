using QDistill.Configuration;
using QDistill.Distillation.Controls;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Tests.Students;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Training;

/// <summary>Every signal in a whole training, from a fitted quantum teacher to the student.</summary>
public sealed class SignalTrainingTests
{
    private static readonly TeacherDataset Validation = Synthetic.Table(400, 2);
    private static readonly Lazy<TeacherDataset> Taught = new(() =>
    {
        TeacherDataset data = Synthetic.Table(600, 1);
        using var backend = new StateVectorBackend();
        TeacherSpec spec = TeacherSpec.Default with { Qubits = 3, Layers = 2, Features = 6, Labels = 120, Starts = 1, Epochs = 40 };
        ITeacher teacher = TeacherFitting.Fit(data, Validation, spec, backend);
        return data.WithTeacher(teacher.Answer(data.Features, 0, TeacherDetails.States | TeacherDetails.Gradients));
    });

    public static TheoryData<string> Terms =>
    [
        "logits_weight: 1", "expectations_weight: 1", "states_weight: 1, states_groups: 4", "distance_weight: 1", "angle_weight: 1", "kernel_weight: 1", "kernel_weight: 1, kernel_kind: rbf",
        "kernel_weight: 1, kernel_kind: projected", "cka_weight: 1", "hint_weight: 1", "gradients_weight: 0.2", "self_weight: 1", "label_smoothing: 0.1, class_weights: balanced",
    ];

    [Theory]
    [MemberData(nameof(Terms))]
    public void Every_term_changes_the_student_and_repeats(string term)
    {
        Recipe with = StudentKindTests.RecipeOf("kind: mlp\n  hidden: [12, 8]", $"signals: {{hard_weight: 0.2, soft_weight: 1, {term}}}", 6), without = StudentKindTests.RecipeOf("kind: mlp\n  hidden: [12, 8]", "signals: {hard_weight: 0.2, soft_weight: 1}", 6);
        Assert.Equal(with.ToYaml(), Recipe.Read(ConfigFile.Parse(with.ToYaml(), "t")).ToYaml());
        float[] a = Logits(with), b = Logits(with), plain = Logits(without);
        Assert.Equal(a, b);
        Assert.NotEqual(plain, a);
        Assert.True(TeacherScore.Of("auroc", a, Validation) > 0.6);
    }

    [Fact]
    public void A_hint_stage_before_the_soft_one_starts_from_shaped_layers()
    {
        Recipe hinted = Recipe.Read(ConfigFile.Parse(
            "student: {hidden: [12, 8]}\nstages:\n  - epochs: 5\n    signals: {hint_weight: 1}\n  - epochs: 4\n    signals: {soft_weight: 1}\noptimiser: {learning_rate: 0.01, batch: 64}\n", "t"));
        Assert.Equal((1, 5, 4), (hinted.Earlier.Count, hinted.Earlier[0].Epochs, hinted.Optimiser.Epochs));
        Assert.Equal(TeacherDetails.Features, hinted.Details);
        Assert.Equal(hinted.ToYaml(), Recipe.Read(ConfigFile.Parse(hinted.ToYaml(), "t")).ToYaml());
        using TrainedStudent student = StudentTrainer.Train(Taught.Value, Validation, hinted);
        Assert.Equal(4, student.History.Count);
        Assert.NotEqual(Logits(hinted with { Earlier = [] }), student.Logits(Validation));
    }

    [Fact]
    public void Matching_gradients_makes_the_students_slopes_the_teachers()
    {
        double Distance(Recipe recipe)
        {
            using TrainedStudent student = StudentTrainer.Train(Taught.Value, Validation, recipe);
            var table = new TrainingTable(
                TorchSharp.torch.tensor(student.Normalisation.Apply(Taught.Value.Features)).reshape(Taught.Value.Count, 6), Taught.Value, null, student.Normalisation, recipe.Signals with { GradientsWeight = 1 }, null);
            return new Distillation.Signals.GradientSignal(1).Loss(table.Batch(student.Network, [.. Enumerable.Range(0, 300)])).item<float>();
        }

        Recipe soft = StudentKindTests.RecipeOf("kind: mlp\n  hidden: [24, 24]", "signals: {soft_weight: 1}", 30);
        Assert.True(Distance(soft with { Signals = soft.Signals with { GradientsWeight = 1 } }) < 0.6 * Distance(soft));
    }

    [Fact]
    public void Shot_weighting_does_nothing_to_exact_labels_and_something_to_sampled_ones()
    {
        Recipe plain = StudentKindTests.RecipeOf("kind: mlp\n  hidden: [8]", "signals: {soft_weight: 1}", 4), weighted = StudentKindTests.RecipeOf("kind: mlp\n  hidden: [8]", "signals: {soft_weight: 1, shot_weighting: posterior}", 4);
        float[] exact = Logits(plain);
        Assert.All(exact.Zip(Logits(weighted)), p => Assert.Equal(p.First, p.Second, 1e-5));
        TeacherDataset sampled = Taught.Value.WithTeacher(Taught.Value.Teacher! with { Shots = 20 });
        Assert.NotEqual(Logits(plain, sampled), Logits(weighted, sampled));
    }

    [Fact]
    public void Labels_without_what_a_term_needs_are_refused_with_what_to_do()
    {
        TeacherDataset bare = StudentKindTests.Taught(300, 1, 3);
        string Refused(string signals, TeacherDataset data, string student = "kind: mlp\n  hidden: [4]") =>
            Assert.Throws<UserErrorException>(() => StudentTrainer.Train(data, Validation, StudentKindTests.RecipeOf(student, $"signals: {signals}", 1))).Message;
        Assert.Contains("a term 'states', but the bags' labels hold no states; label them again with 'qdistill label --details states'", Refused("{soft_weight: 1, states_weight: 1}", bare));
        Assert.Contains("--details gradients", Refused("{soft_weight: 1, gradients_weight: 1}", bare));
        Assert.Contains("--details features", Refused("{soft_weight: 1, attention_weight: 1}", bare, "kind: cnn\n  image: [2, 3]\n  channels: [2]"));
        Assert.Contains("has a term 'kernel', but the bags hold no teacher's labels", Refused("{hard_weight: 1, kernel_weight: 1}", bare.WithoutTeacher()));
        TeacherDataset flat = bare.WithTeacher(bare.Teacher! with { Features = new float[300 * 2], FeatureShape = [2] });
        Assert.Contains("feature map has no rows and columns", Refused("{soft_weight: 1, attention_weight: 1}", flat, "kind: cnn\n  image: [2, 3]\n  channels: [2]"));
    }

    [Fact]
    public void Features_that_are_all_missing_are_refused()
    {
        TeacherDataset data = StudentKindTests.Taught(300, 1, 3);
        Array.Fill(data.Features, float.NaN);
        Assert.Contains("no feature of any training window is a finite number", Assert.Throws<UserErrorException>(() => StudentTrainer.Train(data, Validation, Recipe.Default)).Message);
    }

    [Fact]
    public void Named_recipes_are_whole_recipes()
    {
        Assert.True(NamedRecipes.All.Count >= 12);
        foreach ((string name, _, Recipe recipe) in NamedRecipes.All)
        {
            Assert.Same(recipe, NamedRecipes.Get(name));
            Assert.Equal(recipe.ToYaml(), Recipe.Read(ConfigFile.Parse(recipe.ToYaml(), name)).ToYaml());
        }

        Assert.Contains("did you mean 'qrkd'", Assert.Throws<UserErrorException>(() => NamedRecipes.Get("qrkt")).Message);
    }

    [Fact]
    public void Controls_change_what_they_say_and_leave_the_rest()
    {
        TeacherSpec vqc = TeacherSpec.Default with { Labels = 77, Seed = 9, Trials = 4 };
        Recipe qrkd = NamedRecipes.Get("qrkd"), soft = NamedRecipes.Get("soft");
        Assert.All(Control.All, c => Assert.True(c.Applies(qrkd, vqc), c.Name));
        Assert.False(Control.Get("kd_rkd").Applies(soft, vqc));
        Assert.False(Control.Get("rbf_kernel").Applies(soft, vqc));
        Assert.Equal((0.0, 1.0, 2.0), Control.Get("kd_rkd").Recipe(qrkd).Signals is var k ? (k.KernelWeight, k.DistanceWeight, k.AngleWeight) : default);
        Assert.Equal("rbf", Control.Get("rbf_kernel").Recipe(qrkd).Signals.Kernel.Kind);
        Assert.Equal(qrkd.Signals.KernelWeight, Control.Get("rbf_kernel").Recipe(qrkd).Signals.KernelWeight);
        Assert.False(Control.Get("no_teacher").Recipe(qrkd).NeedsTeacher);
        Assert.Equal(0.1, Control.Get("label_smoothing").Recipe(qrkd).Signals.LabelSmoothing);
        Assert.Equal("temperature", Control.Get("temperature_scaling").Recipe(qrkd).Calibration);
        Assert.Equal(TeacherTransform.Shuffled, Control.Get("shuffled_teacher").Teacher(vqc, 48).Transform);
        TeacherSpec classical = Control.Get("classical_teacher").Teacher(vqc, 48);
        Assert.Equal(("mlp", 77, 9ul, 4, "equal"), (classical.Kind, classical.Labels, classical.Seed, classical.Trials, classical.Transform.Kind));
        Assert.Equal(vqc.ToYaml(), classical.Transform.Reference!.ToYaml());
        Assert.Equal(classical.ToYaml(), TeacherSpec.Read(ConfigFile.Parse(classical.ToYaml(), "t")).ToYaml());
        Assert.Equal("random-features", Control.Get("random_feature_teacher").Teacher(vqc, 48).Kind);
        foreach (FeatureEncoding e in FeatureEncoding.All)
        {
            TeacherSpec bare = Control.Disentangled(vqc with { Encoding = e.Name, Features = 0 }, 48);
            Assert.Equal(0, TeacherCircuit.Build(bare.Encoding, bare.Ansatz, bare.Qubits, bare.Layers, Math.Max(1, Math.Min(bare.Features == 0 ? 6 : bare.Features, 6))).TwoQubitGates);
        }
    }

    private static float[] Logits(Recipe recipe, TeacherDataset? data = null)
    {
        using TrainedStudent student = StudentTrainer.Train(data ?? Taught.Value, Validation, recipe);
        return student.Logits(Validation);
    }
}
