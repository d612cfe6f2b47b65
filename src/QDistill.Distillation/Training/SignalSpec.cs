using System.Globalization;
using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Signals;
using QDistill.Quantum;

namespace QDistill.Distillation.Training;

/// <summary>The weights and settings of the training signals. Every weight multiplies the term it is named for; 0 leaves the term out.</summary>
/// <param name="HardWeight">Multiplies the cross-entropy with hindsight truth, on labelled windows only.</param>
/// <param name="SoftWeight">Multiplies the tempered cross-entropy with the teacher's probabilities (Hinton, Vinyals, Dean 2015), times T².</param>
/// <param name="SoftTemperature">T of the soft term; above 1 it softens.</param>
/// <param name="ExpectationsWeight">Multiplies the mean squared error between a linear projection of the student's last hidden layer and the teacher's expectation values; needs a hidden layer, and is left out for a teacher without observables.</param>
public sealed record SignalSpec(double HardWeight, double SoftWeight, double SoftTemperature, double ExpectationsWeight)
{
    /// <summary>Smoothing ε of the hard term's targets.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary><c>none</c>, or <c>balanced</c>: the hard term weighs both classes of each output alike.</summary>
    public string ClassWeights { get; init; } = "none";

    /// <summary>Multiplies the squared error of the logits.</summary>
    public double LogitsWeight { get; init; }

    /// <summary>Multiplies the divergence from the teacher's grouped basis-state distribution.</summary>
    public double StatesWeight { get; init; }

    /// <summary>Into how many groups the basis states are summed; a power of two.</summary>
    public int StatesGroups { get; init; } = 16;

    /// <summary>Multiplies relational distillation by distance.</summary>
    public double DistanceWeight { get; init; }

    /// <summary>Multiplies relational distillation by angle.</summary>
    public double AngleWeight { get; init; }

    /// <summary>Multiplies relational distillation by a (quantum) kernel.</summary>
    public double KernelWeight { get; init; }

    /// <summary>The kernel of that term.</summary>
    public KernelSpec Kernel { get; init; } = KernelSpec.Default;

    /// <summary>Multiplies 1 − centred kernel alignment.</summary>
    public double CkaWeight { get; init; }

    /// <summary>Multiplies the hint: a regressor from the student's first hidden layer to the teacher's feature map.</summary>
    public double HintWeight { get; init; }

    /// <summary>Multiplies attention transfer.</summary>
    public double AttentionWeight { get; init; }

    /// <summary>Multiplies the squared error of the input gradients.</summary>
    public double GradientsWeight { get; init; }

    /// <summary>Multiplies the tempered cross-entropy with the student's own earlier generation.</summary>
    public double SelfWeight { get; init; }

    /// <summary>T of the self term.</summary>
    public double SelfTemperature { get; init; } = 2;

    /// <summary>How many generations follow the first, which learns without the self term.</summary>
    public int SelfGenerations { get; init; } = 1;

    /// <summary><c>none</c>, or <c>posterior</c>: windows count by the certainty of the teacher's shot posterior.</summary>
    public string ShotWeighting { get; init; } = "none";

    /// <summary>Whether some term needs a teacher's labels.</summary>
    public bool NeedsTeacher => TeacherTerms.Any(t => t.Weight > 0);

    /// <summary>Whether some term trains the student's outputs; the others only shape its hidden layers.</summary>
    public bool TrainsOutputs => HardWeight > 0 || SoftWeight > 0 || LogitsWeight > 0 || SelfWeight > 0 || GradientsWeight > 0;

    /// <summary>What the teacher must tell beyond probabilities and expectations.</summary>
    public TeacherDetails Details =>
        (StatesWeight > 0 ? TeacherDetails.States : 0) | (GradientsWeight > 0 ? TeacherDetails.Gradients : 0) | (AttentionWeight > 0 || HintWeight > 0 ? TeacherDetails.Features : 0);

    /// <summary>The same without every term that needs a teacher.</summary>
    public SignalSpec WithoutTeacher() => this with
    {
        SoftWeight = 0,
        LogitsWeight = 0,
        ExpectationsWeight = 0,
        StatesWeight = 0,
        DistanceWeight = 0,
        AngleWeight = 0,
        KernelWeight = 0,
        CkaWeight = 0,
        HintWeight = 0,
        AttentionWeight = 0,
        GradientsWeight = 0,
        ShotWeighting = "none",
    };

    /// <summary>The terms that shape a hidden layer: name and weight.</summary>
    internal IEnumerable<(string Name, double Weight)> HiddenTerms =>
    [
        ("expectations", ExpectationsWeight), ("states", StatesWeight), ("distance", DistanceWeight), ("angle", AngleWeight), ("kernel", KernelWeight), ("cka", CkaWeight), ("hint", HintWeight),
    ];

    /// <summary>The terms that need a teacher: name and weight.</summary>
    internal IEnumerable<(string Name, double Weight)> TeacherTerms =>
        [("soft", SoftWeight), ("logits", LogitsWeight), .. HiddenTerms, ("attention", AttentionWeight), ("gradients", GradientsWeight)];

    /// <summary>Reads the weights; one that is left out is 0.</summary>
    /// <exception cref="UserErrorException">A value is wrong, or nothing would be learned.</exception>
    internal static SignalSpec Read(ConfigSection g, StudentSpec student, SignalSpec d, bool last)
    {
        var signals = new SignalSpec(Weight("hard"), Weight("soft"), g.Double("soft_temperature", d.SoftTemperature, 0.05, 100), Weight("expectations"))
        {
            LabelSmoothing = g.Double("label_smoothing", 0, 0, 0.99),
            ClassWeights = g.Choice("class_weights", ["none", "balanced"], d.ClassWeights),
            LogitsWeight = Weight("logits"),
            StatesWeight = Weight("states"),
            StatesGroups = (int)g.Int("states_groups", d.StatesGroups, 2, 1 << 20),
            DistanceWeight = Weight("distance"),
            AngleWeight = Weight("angle"),
            KernelWeight = Weight("kernel"),
            Kernel = new KernelSpec(
                g.Choice("kernel_kind", [.. KernelSpec.Kinds], d.Kernel.Kind),
                g.Choice("kernel_encoding", [.. FeatureEncoding.All.Where(e => e.Name is not ("amplitude" or "basis")).Select(e => e.Name)], d.Kernel.Encoding),
                (int)g.Int("kernel_qubits", d.Kernel.Qubits, 1, 10),
                g.Double("kernel_bandwidth", d.Kernel.Bandwidth, 1e-3, 100)),
            CkaWeight = Weight("cka"),
            HintWeight = Weight("hint"),
            AttentionWeight = Weight("attention"),
            GradientsWeight = Weight("gradients"),
            SelfWeight = Weight("self"),
            SelfTemperature = g.Double("self_temperature", d.SelfTemperature, 0.05, 100),
            SelfGenerations = (int)g.Int("self_generations", d.SelfGenerations, 1, 20),
            ShotWeighting = g.Choice("shot_weighting", ["none", "posterior"], d.ShotWeighting),
        };
        signals.Check(g, student, last);
        return signals;

        double Weight(string term) => g.Double(term + "_weight", 0, 0, 1e6);
    }

    /// <summary>The keys that <see cref="Read"/> accepts; settings of absent terms are left out.</summary>
    internal string ToYaml(string indent)
    {
        var text = new StringBuilder();
        Line("hard_weight", HardWeight);
        Line("soft_weight", SoftWeight);
        Line("soft_temperature", SoftTemperature);
        Line("expectations_weight", ExpectationsWeight);
        Some("label_smoothing", LabelSmoothing);
        if (ClassWeights != "none")
        {
            text.Append($"{indent}class_weights: {ClassWeights}\n");
        }

        Some("logits_weight", LogitsWeight);
        Some("states_weight", StatesWeight);
        Some("states_groups", StatesWeight > 0 ? StatesGroups : 0);
        Some("distance_weight", DistanceWeight);
        Some("angle_weight", AngleWeight);
        Some("kernel_weight", KernelWeight);
        if (KernelWeight > 0)
        {
            text.Append($"{indent}kernel_kind: {Kernel.Kind}\n{indent}kernel_encoding: {Kernel.Encoding}\n{indent}kernel_qubits: {Kernel.Qubits}\n");
            Line("kernel_bandwidth", Kernel.Bandwidth);
        }

        Some("cka_weight", CkaWeight);
        Some("hint_weight", HintWeight);
        Some("attention_weight", AttentionWeight);
        Some("gradients_weight", GradientsWeight);
        Some("self_weight", SelfWeight);
        Some("self_temperature", SelfWeight > 0 ? SelfTemperature : 0);
        Some("self_generations", SelfWeight > 0 ? SelfGenerations : 0);
        if (ShotWeighting != "none")
        {
            text.Append($"{indent}shot_weighting: {ShotWeighting}\n");
        }

        return text.ToString();

        void Line(string key, double value) => text.Append(CultureInfo.InvariantCulture, $"{indent}{key}: {value}\n");
        void Some(string key, double value)
        {
            if (value != 0)
            {
                Line(key, value);
            }
        }
    }

    private void Check(ConfigSection g, StudentSpec student, bool last)
    {
        if (last && !(HardWeight > 0 || SoftWeight > 0 || LogitsWeight > 0))
        {
            throw g.Error("hard_weight", "hard_weight, soft_weight and logits_weight are all 0, so nothing would train the student's outputs", "raise one of them");
        }

        if (!last && TeacherTerms.All(t => t.Weight == 0) && HardWeight == 0)
        {
            throw g.Error("hint_weight", "a stage has no term at all", "give one of its weights a value above 0");
        }

        if (!student.HasHidden && HiddenTerms.FirstOrDefault(t => t.Weight > 0) is { Name: { } name })
        {
            throw g.Error(name + "_weight", $"a student without hidden layers has nothing that the {name} could shape", "set it to 0, or give the student a hidden layer");
        }

        if (AttentionWeight > 0 && student.Kind is not ("cnn" or "quanvolutional"))
        {
            throw g.Error("attention_weight", $"a student of kind '{student.Kind}' has no feature map in rows and columns", "set it to 0, or make the student a cnn");
        }

        if (GradientsWeight > 0 && student.Kind is not ("linear" or "mlp" or "cnn"))
        {
            string why = student.Kind == "temporal" ? "looks at several windows at once, its teacher at one" : "has a circuit in it, which can be differentiated only once";
            throw g.Error("gradients_weight", $"a student of kind '{student.Kind}' {why}", "set it to 0, or make the student a linear, mlp or cnn one");
        }

        if ((StatesGroups & (StatesGroups - 1)) != 0)
        {
            throw g.Error("states_groups", $"{StatesGroups} is not a power of two");
        }

        if (SelfWeight > 0 && !last)
        {
            throw g.Error("self_weight", "only the last stage can learn from an earlier generation", "move it there");
        }
    }
}
