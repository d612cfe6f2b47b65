using System.CommandLine;
using QDistill.Bags;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill play</c>: publishes a bag with its QoS, its timing and, when asked, its clock.</summary>
internal static class PlayVerb
{
    public static Command Create()
    {
        var bag = new Argument<string>("bag") { Description = "the bag to play" };
        Option<double> rate = VerbOptions.Value("--rate", "how many times faster than recorded", 1.0, "FACTOR");
        Option<double> offset = VerbOptions.Value("--start-offset", "seconds to skip at the start", 0.0, "S").Within(0, 1e9);
        Option<double> clock = VerbOptions.Value("--clock", "publish /clock so many times a second; 0: not at all", 0.0, "HZ");
        Option<bool> loop = new("--loop") { Description = "start over at the end, until interrupted" };
        Option<bool> paused = new("--start-paused") { Description = "wait for the space key" };
        Option<string[]> topics = new("--topics") { Description = "play these topics only", HelpName = "TOPIC", AllowMultipleArgumentsPerToken = true };
        Option<string[]> waitFor = new("--wait-for") { Description = "topics that get up to 5 s to find a subscriber before the first message", HelpName = "TOPIC", AllowMultipleArgumentsPerToken = true };
        Option<string[]> remap = RemapOption.Create();
        Command verb = VerbOptions.Verb(
            "play",
            "Publishes a bag with its recorded QoS and timing.",
            "qdistill play out/demo/bags/test_1",
            "qdistill play run_7 --rate 2 --clock 100 --remap /scan:=/front/scan",
            "qdistill play run_7 --wait-for /scan --loop");
        verb.Add(bag);
        verb.Add(rate);
        verb.Add(offset);
        verb.Add(clock);
        verb.Add(loop);
        verb.Add(paused);
        verb.Add(topics);
        verb.Add(waitFor);
        verb.Add(remap);
        verb.SetAction((r, cancellation) =>
        {
            string path = r.GetRequiredValue(bag);
            RequireTopics(path, "--topics", r.GetValue(topics));
            RequireTopics(path, "--wait-for", r.GetValue(waitFor));
            using BagReader reader = BagReader.Open(path, new BagReadOptions { Topics = r.GetValue(topics) is { Length: > 0 } some ? some : null });
            double length = reader.Info.DurationNs * 1e-9;
            if (reader.Info.MessageCount > 0 && r.GetValue(offset) > length)
            {
                throw new UserErrorException(FormattableString.Invariant($"--start-offset {r.GetValue(offset)} lies behind the end of the bag ({length:F3} s)"), path, "skip less");
            }

            using var context = new RosContext(new RosContextOptions { Arguments = RosCommandLine.Arguments });
            using Node node = context.CreateNode("qdistill_player");
            using var player = new BagPlayer(reader, node, new BagPlayOptions
            {
                Rate = r.GetValue(rate),
                StartOffset = TimeSpan.FromSeconds(r.GetValue(offset)),
                ClockRate = r.GetValue(clock),
                Loop = r.GetValue(loop),
                StartPaused = r.GetValue(paused),
                WaitFor = r.GetValue(waitFor) ?? [],
                Remaps = RemapOption.Parse(r.GetValue(remap)).ToDictionary(p => p.From, p => p.To),
            });
            Output.Note($"playing {string.Join(", ", player.PublishedTopics)}");
            using CancellationTokenSource keys = WatchKeys(player);
            BagPlayStatistics statistics = player.Play(cancellation);
            keys.Cancel();
            Output.Note(statistics.ToString());

            // Whoever asks for a loop ends it by a signal: that is no failure.
            return Task.FromResult(statistics.Cancelled && !r.GetValue(loop) ? ExitCode.Interrupted : 0);
        });
        return verb;
    }

    private static void RequireTopics(string bag, string option, string[]? wanted)
    {
        if (wanted is not { Length: > 0 })
        {
            return;
        }

        using BagReader reader = BagReader.Open(bag);
        foreach (string topic in wanted.Where(t => reader.Info.FindTopic(t) is null))
        {
            throw new UserErrorException($"topic {topic} ({option}) is not in the bag", bag, NearestKey.Hint(topic, reader.Info.Topics.Select(t => t.Name)));
        }
    }

    // Space pauses and goes on, as in rosbag2; only where a person can press it.
    private static CancellationTokenSource WatchKeys(BagPlayer player)
    {
        var stop = new CancellationTokenSource();
        if (!Console.IsInputRedirected)
        {
            var thread = new Thread(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    if (!Console.KeyAvailable)
                    {
                        Thread.Sleep(50);
                    }
                    else if (Console.ReadKey(intercept: true).Key == ConsoleKey.Spacebar)
                    {
                        if (player.IsPaused)
                        {
                            player.Resume();
                        }
                        else
                        {
                            player.Pause();
                        }
                    }
                }
            })
            {
                IsBackground = true,
                Name = "keys",
            };
            thread.Start();
        }

        return stop;
    }
}
