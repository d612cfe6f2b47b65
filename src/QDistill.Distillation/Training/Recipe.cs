using System.Text;
using QDistill.Configuration;
using QDistill.Distillation.Data;

namespace QDistill.Distillation.Training;

/// <summary>Adam's settings and the stopping rule.</summary>
/// <param name="LearningRate">Adam's step size.</param>
/// <param name="WeightDecay">L2 penalty (added to the gradient, as in torch.optim.Adam).</param>
/// <param name="Epochs">The most passes over the training table.</param>
/// <param name="Batch">Windows in a step.</param>
/// <param name="Patience">Epochs without a better validation NLL before stopping.</param>
public sealed record OptimiserSpec(double LearningRate, double WeightDecay, int Epochs, int Batch, int Patience);

/// <summary>A stage before the last: signals, and for how long.</summary>
/// <param name="Signals">What is learned from.</param>
/// <param name="Epochs">Passes over the training table; all of them run, because a stage that only shapes hidden layers has no validation loss to stop by.</param>
public sealed record StageSpec(SignalSpec Signals, int Epochs);

/// <summary>How a student is distilled: everything but the data. Read from <c>recipe.yaml</c>.</summary>
/// <param name="Student">The network.</param>
/// <param name="Signals">What it learns from (in its last stage).</param>
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

    /// <summary>Stages that run before the one of <see cref="Signals"/>, such as a hint.</summary>
    public IReadOnlyList<StageSpec> Earlier { get; init; } = [];

    /// <summary>Whether some stage needs a teacher's labels.</summary>
    public bool NeedsTeacher => Signals.NeedsTeacher || Earlier.Any(s => s.Signals.NeedsTeacher);

    /// <summary>Whether some stage looks at the truth of labelled windows.</summary>
    public bool UsesTruth => Signals.HardWeight > 0 || Earlier.Any(s => s.Signals.HardWeight > 0);

    /// <summary>What the teacher must tell beyond probabilities and expectations.</summary>
    public TeacherDetails Details => Earlier.Aggregate(Signals.Details, (d, s) => d | s.Signals.Details);

    /// <summary>Loads a recipe; keys left out keep their defaults, but a weight left out of a <c>signals</c> section is 0; unknown keys are refused.</summary>
    /// <exception cref="UserErrorException">The file is absent, not YAML, or holds a wrong value.</exception>
    public static Recipe Load(string path) => Read(ConfigFile.Load(path));

    /// <summary>Reads a recipe from YAML already parsed.</summary>
    /// <exception cref="UserErrorException">A key is unknown or a value is wrong.</exception>
    public static Recipe Read(ConfigSection yaml)
    {
        Recipe d = Default;
        StudentSpec student = yaml.OptionalSection("student") is { } s ? StudentSpec.Read(s, d.Student) : d.Student;
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

        // Without a hidden layer the expectations would teach a projection of the inputs, and the student nothing.
        SignalSpec signals = student.HasHidden ? d.Signals : d.Signals with { ExpectationsWeight = 0 };
        if (yaml.OptionalSection("signals") is { } g)
        {
            signals = SignalSpec.Read(g, student, d.Signals, last: true);
        }

        IReadOnlyList<StageSpec> earlier = [];
        if (yaml.Has("stages"))
        {
            (earlier, signals, optimiser) = ReadStages(yaml, student, optimiser);
        }

        var recipe = new Recipe(
            student,
            signals,
            optimiser,
            yaml.Choice("calibration", ["platt", "temperature", "none"], d.Calibration),
            (int)yaml.Int("labels", d.Labels, 2, int.MaxValue),
            (ulong)yaml.Int("seed", (long)d.Seed, 0))
        {
            Earlier = earlier,
        };
        yaml.RejectUnknownKeys();
        return recipe;
    }

    /// <summary>The recipe as YAML that <see cref="Read"/> accepts: what goes into a model card.</summary>
    public string ToYaml()
    {
        var text = new StringBuilder();
        text.Append($"student:\n{Student.ToYaml()}");
        if (Earlier.Count == 0)
        {
            text.Append($"signals:\n{Signals.ToYaml("  ")}");
        }
        else
        {
            text.Append("stages:\n");
            foreach (StageSpec stage in Earlier)
            {
                text.Append($"  - epochs: {stage.Epochs}\n    signals:\n{stage.Signals.ToYaml("      ")}");
            }

            text.Append($"  - epochs: {Optimiser.Epochs}\n    signals:\n{Signals.ToYaml("      ")}");
        }

        return text.Append(FormattableString.Invariant($$"""
            optimiser:
              learning_rate: {{Optimiser.LearningRate}}
              weight_decay: {{Optimiser.WeightDecay}}
              epochs: {{Optimiser.Epochs}}
              batch: {{Optimiser.Batch}}
              patience: {{Optimiser.Patience}}
            calibration: {{Calibration}}
            labels: {{Labels}}
            seed: {{Seed}}

            """)).ToString();
    }

    private static (IReadOnlyList<StageSpec> Earlier, SignalSpec Last, OptimiserSpec Optimiser) ReadStages(ConfigSection yaml, StudentSpec student, OptimiserSpec optimiser)
    {
        if (yaml.Has("signals"))
        {
            throw yaml.Error("stages", "a recipe has either signals or stages, not both", "move the signals into the last stage");
        }

        IReadOnlyList<ConfigSection> sections = yaml.Sections("stages");
        if (sections.Count == 0)
        {
            throw yaml.Error("stages", "is empty", "give at least one stage, or signals instead");
        }

        var stages = new List<StageSpec>();
        for (int i = 0; i < sections.Count; i++)
        {
            ConfigSection stage = sections[i];
            bool last = i == sections.Count - 1;
            stages.Add(new StageSpec(SignalSpec.Read(stage.Section("signals"), student, Default.Signals, last), (int)stage.Int("epochs", last ? optimiser.Epochs : Math.Max(1, optimiser.Epochs / 3), 1, 100_000)));
        }

        return (stages[..^1], stages[^1].Signals, optimiser with { Epochs = stages[^1].Epochs });
    }
}
