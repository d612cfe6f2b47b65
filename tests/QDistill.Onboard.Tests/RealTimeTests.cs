using System.Runtime.InteropServices;

namespace QDistill.Onboard.Tests;

public partial class RealTimeTests
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

    /// <summary>Whether the system permits it differs from machine to machine; either answer must be told truly.</summary>
    [Fact]
    public void A_thread_is_scheduled_first_in_first_out_or_the_refusal_names_the_remedy()
    {
        IReadOnlyList<string> refusals = [];
        string[] own = [], started = [];
        var thread = new Thread(() =>
        {
            refusals = RealTime.Apply(new RealTimeOptions { Priority = 7 });
            own = Scheduling();
            var child = new Thread(() => started = Scheduling());
            child.Start();
            child.Join();
        });
        thread.Start();
        thread.Join();

        if (refusals.Count == 0)
        {
            Assert.Equal(("7", "1"), (own[0], own[1]));
        }
        else
        {
            string refusal = Assert.Single(refusals);
            Assert.Contains("SCHED_FIFO priority 7 was refused", refusal);
            Assert.Contains("ulimit -r", refusal);
            Assert.Equal("0", own[1]);
        }

        // A thread that it starts is an ordinary one.
        Assert.Equal("0", started[1]);
    }

    [Fact]
    public void Memory_is_locked_as_it_is_touched_or_the_refusal_names_the_remedy()
    {
        IReadOnlyList<string> refusals = RealTime.Apply(new RealTimeOptions { LockMemory = true });
        try
        {
            if (refusals.Count == 0)
            {
                Assert.DoesNotMatch(@"^VmLck:\s*0 kB", File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmLck:", StringComparison.Ordinal)));
            }
            else
            {
                Assert.Contains("ulimit -l", Assert.Single(refusals));
            }
        }
        finally
        {
            _ = UnlockAll();
        }
    }

    [Fact]
    public void Nothing_asked_for_is_nothing_done() => Assert.Empty(RealTime.Apply(new RealTimeOptions()));

    // Fields 40 and 41 of /proc/PID/stat, counted from behind the name: real-time priority and policy.
    private static string[] Scheduling() => File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[37..39];

    [LibraryImport("libc", EntryPoint = "munlockall")]
    private static partial int UnlockAll();

    private static string Status(string file) => File.ReadLines(file).First(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];

    private static int FirstAllowed(string list) => int.Parse(list.Split('-', ',')[0]);
}
