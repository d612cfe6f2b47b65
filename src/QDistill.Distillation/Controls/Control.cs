using QDistill.Configuration;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Training;
using QDistill.Quantum;

namespace QDistill.Distillation.Controls;

/// <summary>
/// A control: what is changed of a recipe and a teacher so that a comparison with it tells what the benefit is due to. A control of a pair (recipe, teacher) that would equal the pair itself does not
/// apply.
/// </summary>
/// <param name="Name">The name in study files.</param>
/// <param name="Question">What the comparison with it answers.</param>
/// <param name="NeedsTeacher">Whether the student still has a teacher.</param>
/// <param name="Applies">Whether it says something beside this recipe and this teacher.</param>
/// <param name="Recipe">The control's recipe.</param>
/// <param name="Teacher">The control's teacher; asked only when it needs one. The second argument is the number of features in the data.</param>
public sealed record Control(
    string Name, string Question, bool NeedsTeacher, Func<Recipe, TeacherSpec, bool> Applies, Func<Recipe, Recipe> Recipe, Func<TeacherSpec, int, TeacherSpec> Teacher)
{
    private static readonly Control[] Registered =
    [
        new("no_teacher", "does the teacher help beyond the labels that it was fitted on?", false, Always, HardOnly, Same),
        new("label_smoothing", "is it more than what smoothed targets do?", false, Always, r => With(HardOnly(r), s => s with { LabelSmoothing = 0.1 }), Same),
        new("temperature_scaling", "is it more than what calibration alone does?", false, Always, r => HardOnly(r) with { Calibration = "temperature" }, Same),
        new("classical_teacher", "does a classical teacher of equal accuracy help as much?", true, (_, t) => t.IsQuantum, ForClassical, (t, _) => Classical(t)),
        new("shuffled_teacher", "is it the teacher's knowledge of each window, or only the spread of its answers?", true, Taught, r => r, (t, _) => t with { Transform = TeacherTransform.Shuffled }),
        new("random_feature_teacher", "does a teacher whose features were never learned help as much?", true, (_, t) => t.Kind != "random-features", WithoutDetails, (t, _) => RandomFeatures(t)),
        new("no_entanglement", "does the same circuit without entangling gates help as much?", true, (_, t) => t.IsQuantum && t.Kind != "quanvolutional" && t.Encoding != "basis", r => r, Disentangled),
        new("kd_rkd", "is it the kernel term, or soft and relational distillation without it?", true, (r, _) => Any(r, s => s.KernelWeight > 0), r => With(r, WithoutKernel), Same),
        new("rbf_kernel", "does a Gaussian kernel of equal bandwidth do as much as the quantum kernel?", true, (r, _) => Any(r, s => s.KernelWeight > 0 && s.Kernel.Kind != "rbf"), r => With(r, s => s with { Kernel = s.Kernel with { Kind = "rbf" } }), Same),
    ];

    /// <summary>Every control.</summary>
    public static IReadOnlyList<Control> All => Registered;

    /// <summary>The control of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the error names the nearest.</exception>
    public static Control Get(string name) => Registered.FirstOrDefault(c => c.Name == name)
        ?? throw new UserErrorException($"unknown control '{name}'", null, NearestKey.Hint(name, Registered.Select(c => c.Name)));

    /// <summary>The same circuit without entangling gates: the ansatz first, then, where the encoding entangles too, angles in its place.</summary>
    /// <param name="teacher">A quantum teacher.</param>
    /// <param name="features">The number of features in the data.</param>
    public static TeacherSpec Disentangled(TeacherSpec teacher, int features)
    {
        int room = Math.Min(teacher.Features == 0 ? int.MaxValue : teacher.Features, Math.Min(FeatureEncoding.Get(teacher.Encoding).MaxFeatures(teacher.Qubits), features));
        TeacherSpec bare = teacher;
        if (Entangles(bare, room))
        {
            bare = bare with { Ansatz = "no-entanglement" };
            if (Entangles(bare, room))
            {
                bare = bare with { Encoding = "angle", Features = Math.Min(room, 4 * bare.Qubits) };
            }
        }

        return bare;
    }

    private static bool Entangles(TeacherSpec spec, int features) =>
        spec.Encoding == "amplitude" || TeacherCircuit.Build(spec.Encoding, spec.Ansatz, spec.Qubits, spec.Layers, features).TwoQubitGates > 0;

    private static bool Always(Recipe recipe, TeacherSpec teacher) => true;

    private static bool Taught(Recipe recipe, TeacherSpec teacher) => recipe.NeedsTeacher && teacher.Transform.Kind == "none";

    private static TeacherSpec Same(TeacherSpec teacher, int features) => teacher;

    private static bool Any(Recipe recipe, Func<SignalSpec, bool> holds) => holds(recipe.Signals) || recipe.Earlier.Any(s => holds(s.Signals));

    private static Recipe With(Recipe recipe, Func<SignalSpec, SignalSpec> change) => recipe with
    {
        Signals = change(recipe.Signals),
        Earlier = [.. recipe.Earlier.Select(s => s with { Signals = change(s.Signals) })],
    };

    private static Recipe HardOnly(Recipe recipe) => recipe with { Signals = new SignalSpec(HardWeight: 1, SoftWeight: 0, SoftTemperature: 1, ExpectationsWeight: 0), Earlier = [] };

    // What a classical teacher cannot tell is left out; relational terms go by its feature map or its logits.
    private static Recipe ForClassical(Recipe recipe) => With(recipe, s => s with { ExpectationsWeight = 0, StatesWeight = 0, AttentionWeight = 0, ShotWeighting = "none" });

    private static Recipe WithoutDetails(Recipe recipe) => With(recipe, s => s with { StatesWeight = 0, AttentionWeight = 0, GradientsWeight = 0, ShotWeighting = "none" });

    // Without any relational term the kernel's weight goes to Park et al.'s two terms in their proportion.
    private static SignalSpec WithoutKernel(SignalSpec s) => s.DistanceWeight > 0 || s.AngleWeight > 0 || s.KernelWeight == 0
        ? s with { KernelWeight = 0 }
        : s with { KernelWeight = 0, DistanceWeight = s.KernelWeight / 3, AngleWeight = s.KernelWeight * 2 / 3 };

    private static TeacherSpec Classical(TeacherSpec quantum) =>
        TeacherSpec.ClassicalDefault with { Labels = quantum.Labels, Seed = quantum.Seed, Starts = 6, Trials = quantum.Trials, ClassWeights = quantum.ClassWeights, Transform = TeacherTransform.EqualTo(quantum with { Transform = TeacherTransform.None }) };

    private static TeacherSpec RandomFeatures(TeacherSpec teacher) =>
        TeacherSpec.DefaultOf("random-features") with { Labels = teacher.Labels, Seed = teacher.Seed, Trials = teacher.Trials, ClassWeights = teacher.ClassWeights };
}
