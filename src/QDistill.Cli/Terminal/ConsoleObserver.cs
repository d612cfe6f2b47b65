using QDistill.Distillation.Runs;

namespace QDistill.Cli.Terminal;

/// <summary>Shows a run on the terminal: one progress line for each stage, notes on stderr.</summary>
internal sealed class ConsoleObserver(bool quiet) : IRunObserver, IDisposable
{
    private ProgressLine? line;

    /// <inheritdoc/>
    public IProgress<double> Begin(string stage, long steps = 0)
    {
        line?.Dispose();
        return line = new ProgressLine(stage, quiet);
    }

    /// <inheritdoc/>
    public void Note(string text)
    {
        line?.Dispose();
        Output.Note(text);
    }

    /// <inheritdoc/>
    public bool? Confirm(string question)
    {
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            return null;
        }

        line?.Dispose();
        Console.Error.Write(question + " [y/N] ");
        return Console.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>Clears the last line.</summary>
    public void Dispose() => line?.Dispose();
}
