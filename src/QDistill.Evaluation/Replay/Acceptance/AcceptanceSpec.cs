using QDistill.Configuration;
using QDistill.Features;

namespace QDistill.Evaluation.Replay;

/// <summary>When a recording counts as dangerous: by hindsight, or by what a signal measures at the time.</summary>
public sealed record DangerSpec
{
    /// <summary><c>collision</c>, or a constraint's name: danger is where hindsight says that it comes within the horizon. Null: by <see cref="Signal"/>.</summary>
    public string? Truth { get; init; } = "collision";

    /// <summary>A feature, <c>group.name</c> or a name that is unique; null: by <see cref="Truth"/>.</summary>
    public string? Signal { get; init; }

    /// <summary>Dangerous while the signal is so to <see cref="Limit"/>: <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c> or <c>&gt;=</c>.</summary>
    public string Operator { get; init; } = "<";

    /// <summary>The signal's limit, in its unit.</summary>
    public double Limit { get; init; }

    /// <summary>Two dangers that lie closer than this are one [s].</summary>
    public double Merge { get; init; } = 0.3;

    /// <summary>A danger that is shorter than this is judged neither way [s].</summary>
    public double Shortest { get; init; }

    /// <summary>Time before and after a danger that counts neither as danger nor as free [s].</summary>
    public double Guard { get; init; } = 0.2;
}

/// <summary>When the robot counts as stopped, and as moving again.</summary>
public sealed record StopSpec
{
    /// <summary>Whether the governor's scale stops the robot; else the alarm does.</summary>
    public bool ByGovernor { get; init; }

    /// <summary>Stopped at or below this share of the commanded speed.</summary>
    public double Below { get; init; } = 0.02;

    /// <summary>Moving again at or above this share of the commanded speed.</summary>
    public double Resume { get; init; } = 0.1;

    /// <summary>So many samples in a row make a stop, or a resumption.</summary>
    public int Debounce { get; init; } = 3;
}

/// <summary>What is asked for. The defaults are those of nav2's bag test of its collision monitor.</summary>
public sealed record AcceptanceLimits
{
    /// <summary>From the onset of danger to the stop, at most [s].</summary>
    public double TimeToStop { get; init; } = 0.6;

    /// <summary>Share of a danger's samples that are stopped, at least.</summary>
    public double Hold { get; init; } = 0.9;

    /// <summary>Whether the hold counts from the stop on; else from the onset of danger, as nav2's does.</summary>
    public bool HoldFromStop { get; init; }

    /// <summary>From the end of danger to moving again, at most [s].</summary>
    public double TimeToResume { get; init; } = 0.6;

    /// <summary>Share of the free samples that are stopped, at most.</summary>
    public double FalseStop { get; init; } = 0.05;

    /// <summary>Share of the dangers that must meet each of their limits.</summary>
    public double Episodes { get; init; } = 1;

    /// <summary>Fewer dangers than this prove nothing.</summary>
    public int LeastEpisodes { get; init; } = 1;
}

/// <summary>A reusable acceptance test of what a robot's nodes make of a recording: the part of <c>safety.yaml</c> that judges.</summary>
public sealed record AcceptanceSpec
{
    private static readonly string[] Operators = ["<", "<=", ">", ">="];

    /// <summary>What is dangerous.</summary>
    public DangerSpec Danger { get; init; } = new();

    /// <summary>What a stop is.</summary>
    public StopSpec Stop { get; init; } = new();

    /// <summary>What is asked for.</summary>
    public AcceptanceLimits Limits { get; init; } = new();

    /// <summary>Reads <c>danger</c>, <c>stop</c> and <c>limits</c>; the caller reads what else the file holds, and refuses unknown keys then.</summary>
    /// <exception cref="UserErrorException">A value is out of range, or two contradict each other; names file and line.</exception>
    public static AcceptanceSpec Read(ConfigSection file) => new()
    {
        Danger = ReadDanger(file.OptionalSection("danger")),
        Stop = ReadStop(file.OptionalSection("stop")),
        Limits = ReadLimits(file.OptionalSection("limits")),
    };

    /// <summary>Refuses what the robot does not have.</summary>
    /// <exception cref="UserErrorException">It has no such signal, or no such constraint.</exception>
    public void RequireFor(RobotConfig robot, string where)
    {
        if (Danger.Signal is { } signal)
        {
            if (Signals.Find(robot.Schema, signal) < 0)
            {
                throw new UserErrorException($"danger.signal: the robot '{robot.Name}' has no feature '{signal}'", where, NearestKey.Hint(signal, robot.Schema.Names));
            }
        }
        else if (Danger.Truth != "collision" && robot.Constraints.All(c => c.Name != Danger.Truth))
        {
            throw new UserErrorException($"danger.truth: the robot '{robot.Name}' has no constraint '{Danger.Truth}'", where, NearestKey.Hint(Danger.Truth!, ["collision", .. robot.Constraints.Select(c => c.Name)]));
        }
    }

    private static DangerSpec ReadDanger(ConfigSection? section)
    {
        var d = new DangerSpec();
        if (section is null)
        {
            return d;
        }

        string? truth = section.OptionalString("truth"), signal = section.OptionalString("signal");
        if (truth is not null && signal is not null)
        {
            throw section.Error("signal", "danger is told by truth or by signal, not by both", "remove one");
        }

        d = d with
        {
            Merge = section.Double("merge", d.Merge, 0, 60),
            Shortest = section.Double("shortest", d.Shortest, 0, 60),
            Guard = section.Double("guard", d.Guard, 0, 60),
        };
        if (signal is null)
        {
            foreach (string key in (string[])["op", "limit"])
            {
                if (section.Has(key))
                {
                    throw section.Error(key, "belongs to a danger that is told by a signal", "add 'signal:'");
                }
            }

            return d with { Truth = truth ?? d.Truth };
        }

        return d with { Truth = null, Signal = signal, Operator = section.Choice("op", Operators, d.Operator), Limit = section.Double("limit") };
    }

    private static StopSpec ReadStop(ConfigSection? section)
    {
        var d = new StopSpec();
        if (section is null)
        {
            return d;
        }

        var stop = new StopSpec
        {
            ByGovernor = section.Choice("by", ["alarm", "governor"], "alarm") == "governor",
            Below = section.Double("below", d.Below, 0, 1),
            Resume = section.Double("resume", d.Resume, 0, 1),
            Debounce = (int)section.Int("debounce", d.Debounce, 1, 1000),
        };
        return stop.Below < stop.Resume ? stop : throw section.Error("resume", $"{stop.Resume} is not above stop.below ({stop.Below})", "a robot cannot be stopped and moving");
    }

    private static AcceptanceLimits ReadLimits(ConfigSection? section)
    {
        var d = new AcceptanceLimits();
        return section is null ? d : new AcceptanceLimits
        {
            TimeToStop = section.Double("time_to_stop", d.TimeToStop, 0, 60),
            Hold = section.Double("hold", d.Hold, 0, 1),
            HoldFromStop = section.Choice("hold_from", ["danger", "stop"], "danger") == "stop",
            TimeToResume = section.Double("time_to_resume", d.TimeToResume, 0, 60),
            FalseStop = section.Double("false_stop", d.FalseStop, 0, 1),
            Episodes = section.Double("episodes", d.Episodes, 0, 1),
            LeastEpisodes = (int)section.Int("least_episodes", d.LeastEpisodes, 1, 1_000_000),
        };
    }
}
