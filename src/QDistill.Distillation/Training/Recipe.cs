using QDistill.Configuration;

namespace QDistill.Distillation.Training;

/// <summary>Which network the student is.</summary>
/// <param name="Hidden">Units of each hidden layer; empty for a linear student.</param>
/// <param name="Activation"><c>relu</c>, <c>tanh</c> or <c>gelu</c>.</param>
public sealed record StudentSpec(IReadOnlyList<int> Hidden, string Activation)
{
    /// <summary>Reads layer sizes, each a whole number from 1 to 4096.</summary>
    internal static IReadOnlyList<int> ReadHidden(ConfigSection yaml, IReadOnlyList<int> otherwise)
    {
        if (!yaml.Has("hidden"))
        {
            return otherwise;
        }

        var sizes = new List<int>();
        foreach (double size in yaml.Doubles("hidden"))
        {
            sizes.Add(size is >= 1 and <= 4096 && size == Math.Floor(size)
                ? (int)size
                : throw yaml.Error("hidden", FormattableString.Invariant($"{size} is not a layer size (a whole number from 1 to 4096)")));
        }

        return sizes;
    }
}

/// <summary>The weights and settings of the training signals. Every weight multiplies the term it is named for; 0 leaves the term out.</summary>
/// <param name="HardWeight">Multiplies the cross-entropy with hindsight truth, on labelled windows only.</param>
/// <param name="SoftWeight">Multiplies the tempered cross-entropy with the teacher's probabilities (Hinton, Vinyals, Dean 2015), times T².</param>
/// <param name="SoftTemperature">T of the soft term; above 1 it softens.</param>
/// <param name="ExpectationsWeight">Multiplies the mean squared error between a linear projection of the student's last hidden layer and the teacher's expectation values; needs a hidden layer, and is left out for a teacher without observables.</param>
public sealed record SignalSpec(double HardWeight, double SoftWeight, double SoftTemperature, double ExpectationsWeight);

/// <summary>Adam's settings and the stopping rule.</summary>
/// <param name="LearningRate">Adam's step size.</param>
/// <param name="WeightDecay">L2 penalty (added to the gradient, as in torch.optim.Adam).</param>
/// <param name="Epochs">The most passes over the training table.</param>
/// <param name="Batch">Windows in a step.</param>
/// <param name="Patience">Epochs without a better validation NLL before stopping.</param>
public sealed record OptimiserSpec(double LearningRate, double WeightDecay, int Epochs, int Batch, int Patience);

/// <summary>How a student is distilled: everything but the data. Read from <c>recipe.yaml</c>.</summary>
/// <param name="Student">The network.</param>
/// <param name="Signals">What it learns from.</param>
/// <param name="Optimiser">How.</param>
/// <param name="Calibration"><c>platt</c>, <c>temperature</c> or <c>none</c>; fitted on validation windows only.</param>
/// <param name="Labels">How many windows' truth the hard term may see.</param>
/// <param name="Seed">The seed of initialisation, label choice and batch order.</param>
public sealed record Recipe(StudentSpec Student, SignalSpec Signals, OptimiserSpec Optimiser, string Calibration, int Labels, ulong Seed)
{
    /// <summary>The recipe used when none is given.</summary>
    public static Recipe Default { get; } = new(
        new StudentSpec([32, 32], "tanh"),
        new SignalSpec(HardWeight: 0.1, SoftWeight: 1.0, SoftTemperature: 2.0, ExpectationsWeight: 0.3),
        new OptimiserSpec(LearningRate: 2e-3, WeightDecay: 1e-3, Epochs: 60, Batch: 256, Patience: 12),
        "platt",
        Labels: 200,
        Seed: 1);

    /// <summary>Loads a recipe; keys left out keep their defaults, but a weight left out of a <c>signals</c> section is 0; unknown keys are refused.</summary>
    /// <exception cref="UserErrorException">The file is absent, not YAML, or holds a wrong value.</exception>
    public static Recipe Load(string path) => Read(ConfigFile.Load(path));

    /// <summary>Reads a recipe from YAML already parsed.</summary>
    /// <exception cref="UserErrorException">A key is unknown or a value is wrong.</exception>
    public static Recipe Read(ConfigSection yaml)
    {
        Recipe d = Default;
        StudentSpec student = d.Student;
        if (yaml.OptionalSection("student") is { } s)
        {
            string kind = s.Choice("kind", ["mlp", "linear"], "mlp");
            IReadOnlyList<int> hidden = StudentSpec.ReadHidden(s, kind == "linear" ? [] : d.Student.Hidden);
            if (kind == "linear" && hidden.Count > 0)
            {
                throw s.Error("hidden", "a linear student has no hidden layers", "leave it out, or set kind to mlp");
            }

            student = new StudentSpec(hidden, s.Choice("activation", ["relu", "tanh", "gelu"], d.Student.Activation));
        }

        // Without a hidden layer the expectations would teach a projection of the inputs, and the student nothing.
        bool linear = student.Hidden.Count == 0;
        SignalSpec signals = linear ? d.Signals with { ExpectationsWeight = 0 } : d.Signals;
        if (yaml.OptionalSection("signals") is { } g)
        {
            signals = new SignalSpec(
                g.Double("hard_weight", 0, 0, 1e6),
                g.Double("soft_weight", 0, 0, 1e6),
                g.Double("soft_temperature", d.Signals.SoftTemperature, 0.05, 100),
                g.Double("expectations_weight", 0, 0, 1e6));
            if (signals is { HardWeight: 0, SoftWeight: 0 })
            {
                throw yaml.Error("signals", "hard_weight and soft_weight are both 0, so nothing would train the student's outputs");
            }

            if (linear && signals.ExpectationsWeight > 0)
            {
                throw g.Error("expectations_weight", "a student without hidden layers has nothing that the expectations could shape", "set it to 0, or give the student a hidden layer");
            }
        }

        OptimiserSpec optimiser = d.Optimiser;
        if (yaml.OptionalSection("optimiser") is { } o)
        {
            optimiser = new OptimiserSpec(
                o.Double("learning_rate", d.Optimiser.LearningRate, 1e-7, 10),
                o.Double("weight_decay", d.Optimiser.WeightDecay, 0, 10),
                (int)o.Int("epochs", d.Optimiser.Epochs, 1, 100_000),
                (int)o.Int("batch", d.Optimiser.Batch, 1, 1 << 20),
                (int)o.Int("patience", d.Optimiser.Patience, 1, 100_000));
        }

        var recipe = new Recipe(
            student,
            signals,
            optimiser,
            yaml.Choice("calibration", ["platt", "temperature", "none"], d.Calibration),
            (int)yaml.Int("labels", d.Labels, 2, int.MaxValue),
            (ulong)yaml.Int("seed", (long)d.Seed, 0));
        yaml.RejectUnknownKeys();
        return recipe;
    }

    /// <summary>The recipe as YAML that <see cref="Read"/> accepts: what goes into a model card.</summary>
    public string ToYaml() => FormattableString.Invariant($$"""
        student:
          kind: {{(Student.Hidden.Count == 0 ? "linear" : "mlp")}}
          hidden: [{{string.Join(", ", Student.Hidden)}}]
          activation: {{Student.Activation}}
        signals:
          hard_weight: {{Signals.HardWeight}}
          soft_weight: {{Signals.SoftWeight}}
          soft_temperature: {{Signals.SoftTemperature}}
          expectations_weight: {{Signals.ExpectationsWeight}}
        optimiser:
          learning_rate: {{Optimiser.LearningRate}}
          weight_decay: {{Optimiser.WeightDecay}}
          epochs: {{Optimiser.Epochs}}
          batch: {{Optimiser.Batch}}
          patience: {{Optimiser.Patience}}
        calibration: {{Calibration}}
        labels: {{Labels}}
        seed: {{Seed}}

        """);
}
