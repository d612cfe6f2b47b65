using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using QDistill.Evaluation.Conditions;
using QDistill.Features;
using QDistill.Simulation;

namespace QDistill.Evaluation.Studies;

/// <summary>A recording to read: a bag, or a seed to simulate, with the condition that its messages go through.</summary>
/// <param name="Name">The bag's path, or the seed of a simulated run.</param>
/// <param name="Robot">The robot file.</param>
/// <param name="Seconds">Length of a simulated run [s]; 0 for a bag.</param>
/// <param name="Condition">The condition; null for none.</param>
internal readonly record struct RecordingKey(string Name, string Robot, double Seconds, Condition? Condition);

/// <summary>Reads every recording of a study once for each condition, several at a time, and keeps them.</summary>
/// <param name="cache">Where simulated bags are kept.</param>
/// <param name="cancellation">Stops the reading.</param>
internal sealed class RecordingPool(string cache, CancellationToken cancellation)
{
    private readonly ConcurrentDictionary<RecordingKey, Lazy<StudyRecording>> read = new();
    private readonly ConcurrentDictionary<string, Lazy<RobotConfig>> robots = new();
    private readonly ConcurrentDictionary<string, Lazy<string>> simulated = new();

    /// <summary>Reads many, <paramref name="jobs"/> at a time.</summary>
    /// <exception cref="Configuration.UserErrorException">One cannot be read.</exception>
    public void Prepare(IReadOnlyCollection<RecordingKey> keys, int jobs, IProgress<double>? progress)
    {
        int done = 0;
        try
        {
            Parallel.ForEach(keys, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancellation }, key =>
            {
                Get(key);
                progress?.Report((double)Interlocked.Increment(ref done) / keys.Count);
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    public RobotConfig Robot(string file) => robots.GetOrAdd(file, static f => new Lazy<RobotConfig>(() => RobotConfig.Load(f))).Value;

    public StudyRecording Get(RecordingKey key) => read.GetOrAdd(key, k => new Lazy<StudyRecording>(() => Read(k))).Value;

    private StudyRecording Read(RecordingKey key)
    {
        string path = key.Seconds > 0 ? simulated.GetOrAdd(Folder(key), f => new Lazy<string>(() => Simulate(f, key))).Value : key.Name;
        return StudyRecording.From(FeatureWindows.FromBag(path, Robot(key.Robot), null, cancellation, key.Condition));
    }

    // The folder's name holds the simulator's code version: another simulator never meets an older one's bags.
    private string Folder(RecordingKey key) => Path.Combine(cache, FormattableString.Invariant($"{CodeVersion.Of(typeof(Simulator))[..8]}_{key.Seconds}s"), $"run_{key.Name}");

    private string Simulate(string folder, RecordingKey key)
    {
        if (!Directory.Exists(folder))
        {
            new Simulator(new SimulationConfig()).WriteBag(folder, ulong.Parse(key.Name, CultureInfo.InvariantCulture), key.Seconds, null, cancellation);
        }

        return folder;
    }
}
