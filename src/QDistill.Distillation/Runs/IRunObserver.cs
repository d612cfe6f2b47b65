using QDistill.Quantum;

namespace QDistill.Distillation.Runs;

/// <summary>Told how a long run goes on: a command line shows it, a node publishes it. Called from any thread, one call at a time.</summary>
public interface IRunObserver
{
    /// <summary>A stage begins, and the one before it is over.</summary>
    /// <param name="stage">What is done, such as <c>labelling run_7</c>.</param>
    /// <param name="steps">How many steps it has (windows, epochs); 0 when that is not known.</param>
    /// <returns>Told the fraction done, in [0, 1].</returns>
    IProgress<double> Begin(string stage, long steps = 0);

    /// <summary>The ledger in which the run counts its circuits; it grows while the run goes on.</summary>
    void Counting(Ledger ledger)
    {
    }

    /// <summary>Something that whoever asked for the run should read.</summary>
    void Note(string text);

    /// <summary>Asks whoever asked for the run; null: nobody can be asked.</summary>
    bool? Confirm(string question) => null;
}

/// <summary>Observes nothing.</summary>
public sealed class SilentObserver : IRunObserver, IProgress<double>
{
    /// <summary>The one.</summary>
    public static SilentObserver Instance { get; } = new();

    /// <inheritdoc/>
    public IProgress<double> Begin(string stage, long steps = 0) => this;

    /// <inheritdoc/>
    public void Note(string text)
    {
    }

    /// <inheritdoc/>
    public void Report(double value)
    {
    }
}
