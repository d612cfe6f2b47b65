namespace QDistill.Onboard.Tests;

public class RealTimeTests
{
    [Fact]
    public void A_thread_is_bound_to_the_processors_named()
    {
        string? allowed = null;
        IReadOnlyList<string> refusals = [];
        int cpu = FirstAllowed(Status("/proc/self/status"));
        var thread = new Thread(() =>
        {
            refusals = RealTime.Apply(new RealTimeOptions { Cpus = [cpu] });
            allowed = Status("/proc/thread-self/status");
        });
        thread.Start();
        thread.Join();
        Assert.Empty(refusals);
        Assert.Equal(cpu.ToString(), allowed);
    }

    [Fact]
    public void What_the_system_refuses_is_told_with_a_remedy_and_does_not_throw()
    {
        IReadOnlyList<string> refusals = [];
        var thread = new Thread(() => refusals = RealTime.Apply(new RealTimeOptions { Cpus = [1023] }));
        thread.Start();
        thread.Join();
        Assert.Contains("1023", Assert.Single(refusals));
    }

    [Fact]
    public void Nothing_asked_for_is_nothing_done() => Assert.Empty(RealTime.Apply(new RealTimeOptions()));

    private static string Status(string file) => File.ReadLines(file).First(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];

    private static int FirstAllowed(string list) => int.Parse(list.Split('-', ',')[0]);
}
