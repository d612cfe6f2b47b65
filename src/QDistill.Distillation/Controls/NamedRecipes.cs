using QDistill.Configuration;
using QDistill.Distillation.Training;

namespace QDistill.Distillation.Controls;

/// <summary>Recipes by name: one for every signal, with the default student, for studies and the command line.</summary>
public static class NamedRecipes
{
    private static readonly SignalSpec Nothing = new(HardWeight: 0, SoftWeight: 0, SoftTemperature: 2, ExpectationsWeight: 0);
    private static readonly SignalSpec Soft = Nothing with { SoftWeight = 1, HardWeight = 0.1 };

    private static readonly (string Name, string Summary, Recipe Recipe)[] Registered =
    [
        Of("hard", "the labels alone", Nothing with { HardWeight = 1 }),
        Of("soft", "tempered probabilities and a little of the labels", Soft),
        Of("logits", "the teacher's logits", Nothing with { LogitsWeight = 1, HardWeight = 0.1 }),
        Of("expectations", "soft, and the full vector of expectation values", Soft with { ExpectationsWeight = 0.3 }),
        Of("states", "soft, and the grouped basis-state distribution", Soft with { StatesWeight = 0.3 }),
        Of("rkd", "soft, and relations by distance and angle", Soft with { DistanceWeight = 1, AngleWeight = 2 }),
        Of("qrkd", "soft, relations by distance and angle, and a quantum kernel", Soft with { DistanceWeight = 1, AngleWeight = 2, KernelWeight = 5 }),
        Of("cka", "soft, and centred kernel alignment", Soft with { CkaWeight = 0.5 }),
        Of("hint", "first the teacher's feature map, then soft", Soft, new StageSpec(Nothing with { HintWeight = 1 }, 20)),
        Of("gradients", "soft, and input gradients", Soft with { GradientsWeight = 0.1 }),
        Of("posterior", "soft, each window by the certainty of its shots", Soft with { ShotWeighting = "posterior" }),
        Of("self", "soft, then once more with the student's own answers", Soft with { SelfWeight = 0.5 }),
    ];

    /// <summary>Name, summary and recipe of each.</summary>
    public static IReadOnlyList<(string Name, string Summary, Recipe Recipe)> All => Registered;

    /// <summary>The recipe of that name, or null.</summary>
    public static Recipe? Find(string name) => Registered.FirstOrDefault(r => r.Name == name).Recipe;

    /// <summary>The recipe of that name.</summary>
    /// <exception cref="UserErrorException">There is none; the error names the nearest.</exception>
    public static Recipe Get(string name) => Find(name) ?? throw new UserErrorException($"unknown recipe '{name}'", null, NearestKey.Hint(name, Registered.Select(r => r.Name)));

    /// <summary>A recipe from a file, or, where there is no file of that name, by name.</summary>
    /// <exception cref="UserErrorException">It is neither.</exception>
    public static Recipe Load(string fileOrName) => File.Exists(fileOrName) || fileOrName.Contains('/', StringComparison.Ordinal) || fileOrName.EndsWith(".yaml", StringComparison.Ordinal)
        ? Recipe.Load(fileOrName)
        : Get(fileOrName);

    private static (string Name, string Summary, Recipe Recipe) Of(string name, string summary, SignalSpec signals, params StageSpec[] earlier) =>
        (name, summary, Recipe.Default with { Signals = signals, Earlier = earlier });
}
