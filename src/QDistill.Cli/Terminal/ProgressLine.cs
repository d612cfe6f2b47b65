using System.Diagnostics;
using System.Globalization;

namespace QDistill.Cli.Terminal;

/// <summary>
/// Progress of one long piece of work, on stderr: a line that rewrites itself on a terminal, a plain line every few seconds elsewhere,
/// nothing when the work was short.
/// </summary>
internal sealed class ProgressLine(string what, bool quiet = false) : IProgress<double>, IDisposable
{
    private static readonly TimeSpan TerminalPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainPeriod = TimeSpan.FromSeconds(5);
    private readonly bool terminal = !Console.IsErrorRedirected;
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly Lock gate = new();
    private long last = Stopwatch.GetTimestamp();
    private bool shown;
    private bool ended;

    /// <summary>Reports the fraction done, in [0, 1].</summary>
    public void Report(double value)
    {
        lock (gate)
        {
            if (quiet || ended || Stopwatch.GetElapsedTime(last) < (terminal ? TerminalPeriod : PlainPeriod))
            {
                return;
            }

            last = Stopwatch.GetTimestamp();
            double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string left = value > 0.01 ? string.Create(CultureInfo.InvariantCulture, $", {elapsed * (1 - value) / value:F0} s left") : string.Empty;
            string text = string.Create(CultureInfo.InvariantCulture, $"{what}: {value:P0}{left}");
            if (terminal)
            {
                Console.Error.Write($"\r{text}\u001b[K");
                shown = true;
            }
            else
            {
                Console.Error.WriteLine(text);
            }
        }
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            // A report that is still under way to us on another thread must not come after what is printed next.
            ended = true;
            if (shown)
            {
                Console.Error.Write("\r\u001b[K");
            }
        }
    }
}
