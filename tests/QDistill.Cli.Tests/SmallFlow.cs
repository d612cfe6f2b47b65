namespace QDistill.Cli.Tests;

/// <summary>The whole flow on three short simulated bags, once for all tests that look at its results.</summary>
public sealed class SmallFlow : IDisposable
{
    private readonly TempDirectory folder = new();

    public SmallFlow()
    {
        Simulated = CommandLine.Run("simulate", "--output", Bags, "--count", "3", "--seconds", "60", "--seed", "7", "--json").Succeeded();
        Features = CommandLine.Run("features", Bag(1), "--json").Succeeded();
        Taught = CommandLine.Run("teach", Bag(1), Bag(2), "--labels", "80", "--output", Teacher).Succeeded();
        Labelled = CommandLine.Run("label", Bag(1), Bag(2), "--teacher", Teacher, "--output", LabelledBags, "--json").Succeeded();
        Distilled = CommandLine.Run("distill", LabelledBags, "--teacher", Teacher, "--output", Model, "--json").Succeeded();
    }

    public Run Simulated { get; }

    public Run Features { get; }

    public Run Taught { get; }

    public Run Labelled { get; }

    public Run Distilled { get; }

    public string Bags => folder["bags"];

    public string Teacher => folder["teacher.yaml"];

    public string LabelledBags => folder["labelled"];

    public string Model => folder["model"];

    public string this[string relative] => folder[relative];

    public string Bag(int run) => Path.Combine(Bags, $"run_{run}");

    public void Dispose() => folder.Dispose();
}

/// <summary>Tests that share one flow.</summary>
[CollectionDefinition(nameof(SmallFlow))]
public sealed class SmallFlowCollection : ICollectionFixture<SmallFlow>;
