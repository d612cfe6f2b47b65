using System.Diagnostics;
using Microsoft.Extensions.Logging;
using QDistill.Distillation.Runs;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Quantum;
using QDistill.Ros;

namespace QDistill.Offline;

/// <summary>How far a stage is.</summary>
/// <param name="Stage">What is done.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps of the stage; 0: not known.</param>
/// <param name="Fraction">In [0, 1].</param>
/// <param name="SecondsLeft">NaN: not known.</param>
/// <param name="Circuits">Circuits run so far in the whole run.</param>
internal sealed record StageProgress(string Stage, ulong Done, ulong Total, float Fraction, float SecondsLeft, ulong Circuits);

/// <summary>Sends a run's progress to <c>~/debug/progress</c> and to the goal's feedback, at a limited rate; every stage's begin and end are sent.</summary>
internal sealed class GoalObserver(
    Node node, Publisher<TaskProgress> progress, string task, double rate, Action<StageProgress> feedback, Action<string, double> stepped) : IRunObserver, IProgress<double>
{
    private readonly TimeSpan period = TimeSpan.FromSeconds(1 / rate);
    private readonly TaskProgress message = new();
    private Ledger? ledger;
    private string stage = string.Empty;
    private long steps;
    private long began;
    private long last;

    /// <summary>The stage now, for diagnostics.</summary>
    public StageProgress Now { get; private set; } = new(string.Empty, 0, 0, 0, float.NaN, 0);

    private ulong Circuits => (ulong)(ledger?.Circuits ?? 0);

    /// <inheritdoc/>
    public IProgress<double> Begin(string stage, long steps = 0)
    {
        node.Logger.LogInformation("{Task}: {Stage}", task, stage);
        (this.stage, this.steps) = (stage, steps);
        began = Stopwatch.GetTimestamp();
        Send(0);
        return this;
    }

    /// <inheritdoc/>
    public void Counting(Ledger ledger) => this.ledger = ledger;

    /// <inheritdoc/>
    public void Note(string text) => node.Logger.LogInformation("{Task}: {Note}", task, text);

    /// <inheritdoc/>
    public void Report(double value)
    {
        stepped(stage, value);
        if (value >= 1 || Stopwatch.GetElapsedTime(last) >= period)
        {
            Send(Math.Clamp(value, 0, 1));
        }
    }

    /// <summary>Tells that nothing is done any more.</summary>
    public void End() => Publish(new StageProgress(string.Empty, 0, 0, 0, float.NaN, Circuits));

    private void Send(double fraction)
    {
        last = Stopwatch.GetTimestamp();
        double elapsed = Stopwatch.GetElapsedTime(began, last).TotalSeconds;
        var now = new StageProgress(
            stage, (ulong)Math.Round(fraction * steps), (ulong)steps, (float)fraction, fraction > 0.01 ? (float)(elapsed * (1 - fraction) / fraction) : float.NaN, Circuits);
        Publish(now);
        feedback(now);
    }

    private void Publish(StageProgress now)
    {
        Now = now;
        message.Header.Stamp.SetNanoseconds(node.Clock.Now);
        (message.Task, message.Stage, message.Done, message.Total, message.Fraction, message.SecondsLeft) = (task, now.Stage, now.Done, now.Total, now.Fraction, now.SecondsLeft);
        progress.Publish(message);
    }
}
