using System.Globalization;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using QDistill.Cli.Tests;
using QDistill.Ros;

namespace QDistill.Launch.Tests;

/// <summary><c>qdistill launch</c> with live processes: bring-up, signals, failures, respawn, a bag's end.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class LaunchRunTests : IDisposable
{
    private readonly TestDomain domain = new();

    public void Dispose() => domain.Dispose();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Nodes_come_up_active_in_their_namespace_and_end_in_order_on_a_signal(string signal)
    {
        using CommandLine launch = Start("onboard", "robot:=simulated_agv", "namespace:=agv_1", "split:=true");
        WaitFor(launch, "feature_fusion-1 is active", "risk_inference-2 is active");
        using (var context = new RosContext(new RosContextOptions { DomainId = domain.Id, DiscoveryRange = DiscoveryRange.Localhost, StaticPeers = [] }))
        using (Node observer = context.CreateNode("observer"))
        {
            WaitUntil(launch, () => observer.CountPublishers("/agv_1/feature_fusion/output/features") == 1 && observer.CountSubscribers("/agv_1/feature_fusion/output/features") == 1);
        }

        launch.Signal(signal);
        Run run = launch.Wait();
        Assert.True(run.ExitCode == 0, launch.Said);
        int second = run.Output.IndexOf("sending signal 'SIGINT' to process[risk_inference-2]", StringComparison.Ordinal);
        int first = run.Output.IndexOf("sending signal 'SIGINT' to process[feature_fusion-1]", StringComparison.Ordinal);
        Assert.True(second > 0 && first > second, run.Output);
        Assert.Equal(2, Regex.Count(run.Output, "process has finished cleanly"));
    }

    [Fact]
    public void A_node_that_refuses_to_be_configured_ends_the_launch_with_its_number_and_its_reason()
    {
        using CommandLine launch = Start("onboard", "robot:=simulated_agv", "split:=true", "model:=/no/such/model");
        Run run = launch.Wait();
        Assert.True(run.ExitCode == 12, launch.Said);
        string last = run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("qdistill: launch onboard: risk_inference-2 refused to configure (", last);
        Assert.Contains("/no/such/model", last);
    }

    [Fact]
    public void A_killed_node_is_started_and_brought_up_again_when_asked()
    {
        using CommandLine launch = Start("onboard", "robot:=simulated_agv", "respawn:=true");
        WaitFor(launch, "onboard-1 is active");
        Tools.Run("kill", "-KILL", Pids(launch.Said)[0].ToString(CultureInfo.InvariantCulture));
        WaitUntil(launch, () => Regex.Count(launch.Said, "onboard-1 is active") == 2);
        Assert.Contains("process has died", launch.Said);
        launch.Signal("INT");
        Assert.Equal(11, launch.Wait().ExitCode);
    }

    [Fact]
    public void Nodes_do_not_outlive_a_launcher_that_was_killed()
    {
        using CommandLine launch = Start("onboard", "robot:=simulated_agv");
        WaitFor(launch, "onboard-1 is active");
        int node = Pids(launch.Said)[0];
        launch.Signal("KILL");
        launch.Wait();
        for (int i = 0; Directory.Exists($"/proc/{node}"); i++)
        {
            Assert.True(i < 600, "the node still runs");
            Thread.Sleep(100);
        }
    }

    [Fact]
    public void Without_autostart_nodes_wait_for_a_manager()
    {
        using CommandLine launch = Start("onboard", "robot:=simulated_agv", "autostart:=false");
        WaitFor(launch, "onboard unconfigured");
        launch.Signal("TERM");
        Run run = launch.Wait();
        Assert.True(run.ExitCode == 0, launch.Said);
        Assert.DoesNotContain("is active", run.Output);
    }

    [Fact]
    public void A_replay_plays_the_bag_to_active_nodes_and_ends_with_it()
    {
        using var folder = new TempDirectory();
        CommandLine.Run("simulate", "--output", folder["bag"], "--seconds", "20", "--seed", "3").Succeeded();
        using CommandLine launch = Start("replay", "bag:=" + folder["bag"], "robot:=simulated_agv", "rate:=10");
        Run run = launch.Wait();
        Assert.True(run.ExitCode == 0, launch.Said);
        int active = run.Output.IndexOf("onboard-1 is active", StringComparison.Ordinal);
        int playing = run.Output.IndexOf("[INFO] [play-2]: process started", StringComparison.Ordinal);
        int ended = run.Output.IndexOf("[INFO] [play-2]: process has finished cleanly", StringComparison.Ordinal);
        Assert.True(active > 0 && playing > 0 && ended > playing, run.Output);
        Assert.EndsWith("process has finished cleanly", run.Output.TrimEnd().Split(" [pid", StringSplitOptions.None)[^2]);
    }

    private CommandLine Start(params string[] arguments) => CommandLine.Start(domain.Id, ["launch", .. arguments]);

    private static int[] Pids(string output) => [.. Started().Matches(output).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

    private static void WaitFor(CommandLine launch, params string[] lines) => WaitUntil(launch, () => lines.All(l => launch.Said.Contains(l, StringComparison.Ordinal)));

    private static void WaitUntil(CommandLine launch, Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 1200 && !launch.HasEnded, launch.Said);
            Thread.Sleep(100);
        }
    }

    [GeneratedRegex(@"process started with pid \[(\d+)\]")]
    private static partial Regex Started();
}
