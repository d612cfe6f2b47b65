using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace QDistill.Evaluation.Tests.Studies;

/// <summary>
/// A cluster of one node: munged, slurmctld and slurmd with ports, key and state of their own in a temporary folder, so that neither another test nor a real cluster is touched.
/// Needs root, as slurmd does to start jobs.
/// </summary>
internal sealed class SlurmCluster : IDisposable
{
    private readonly TempDirectory folder = new();
    private readonly List<Process> daemons = [];

    private SlurmCluster()
    {
    }

    /// <summary>Why no cluster can be started here; null when it can.</summary>
    public static string? Missing
    {
        get
        {
            if (Environment.UserName != "root")
            {
                return "slurmd needs root";
            }

            string? absent = new[] { "munged", "slurmctld", "slurmd", "sbatch" }.FirstOrDefault(p => Find(p) is null);
            return absent is null ? null : $"{absent} is not installed (Debian: slurm-wlm, munge)";
        }
    }

    public string ConfigPath => folder["slurm.conf"];

    /// <summary>Starts the daemons; null when they do not come up in this environment, and why.</summary>
    public static SlurmCluster? Start(out string reason)
    {
        var cluster = new SlurmCluster();
        try
        {
            cluster.Configure();
            string munge = cluster.folder["munge.socket"];
            cluster.Daemon("munged", "--foreground", "--force", $"--key-file={cluster.folder["munge.key"]}", $"--socket={munge}", $"--pid-file={cluster.folder["munged.pid"]}", $"--log-file={cluster.folder["munged.log"]}", $"--seed-file={cluster.folder["munge.seed"]}");
            if (!cluster.Waited(() => File.Exists(munge)))
            {
                reason = $"munged does not come up: {cluster.Log("munged.log")}";
            }
            else
            {
                cluster.Daemon("slurmctld", "-D", "-f", cluster.ConfigPath);
                cluster.Daemon("slurmd", "-D", "-f", cluster.ConfigPath);
                if (cluster.Waited(() => cluster.NodeState() is "idle" or "mixed"))
                {
                    reason = string.Empty;
                    return cluster;
                }

                reason = $"the node does not come up: {cluster.Log("slurmctld.log")} {cluster.Log("slurmd.log")}";
            }
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception)
        {
            reason = e.Message;
        }

        cluster.Dispose();
        return null;
    }

    public void Dispose()
    {
        foreach (Process daemon in Enumerable.Reverse(daemons))
        {
            daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }

        folder.Dispose();
    }

    private static string? Find(string program) =>
        new[] { "/usr/sbin", "/usr/bin", "/sbin", "/bin" }.Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);

    private void Configure()
    {
        string key = folder["munge.key"], host = Dns.GetHostName().Split('.')[0];
        File.WriteAllBytes(key, RandomNumberGenerator.GetBytes(1024));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            File.SetUnixFileMode(key, UnixFileMode.UserRead);
        }

        Directory.CreateDirectory(folder["state"]);
        Directory.CreateDirectory(folder["spool"]);
        File.WriteAllText(ConfigPath, $"""
            ClusterName=qdistill
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={FreePort()}
            SlurmdPort={FreePort()}
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket={folder["munge.socket"]}
            CryptoType=crypto/munge
            StateSaveLocation={folder["state"]}
            SlurmdSpoolDir={folder["spool"]}
            SlurmctldPidFile={folder["slurmctld.pid"]}
            SlurmdPidFile={folder["slurmd.pid"]}
            SlurmctldLogFile={folder["slurmctld.log"]}
            SlurmdLogFile={folder["slurmd.log"]}
            ProctrackType=proctrack/pgid
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            AccountingStorageType=accounting_storage/none
            JobAcctGatherType=jobacct_gather/none
            MpiDefault=none
            ReturnToService=2
            SchedulerParameters=sched_interval=1
            NodeName={host} NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
            PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP

            """);
    }

    private void Daemon(string program, params string[] arguments) =>
        daemons.Add(Process.Start(new ProcessStartInfo(Find(program)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    private string NodeState()
    {
        var start = new ProcessStartInfo("sinfo", ["--noheader", "--format", "%t"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = ConfigPath;
        using Process sinfo = Process.Start(start)!;
        string state = sinfo.StandardOutput.ReadToEnd();
        sinfo.WaitForExit();
        return state.Trim();
    }

    private bool Waited(Func<bool> done)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60) && daemons.TrueForAll(d => !d.HasExited); Thread.Sleep(200))
        {
            if (done())
            {
                return true;
            }
        }

        return false;
    }

    private string Log(string name) => File.Exists(folder[name]) ? File.ReadLines(folder[name]).LastOrDefault() ?? string.Empty : "no log";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A fact that starts a Slurm cluster of one node; skipped with the reason where that is impossible.</summary>
public sealed class SlurmFactAttribute : FactAttribute
{
    public SlurmFactAttribute() => Skip = SlurmCluster.Missing ?? Probe.Value;

    // Daemons may be installed and yet not run here (a container without the needed rights): tried once.
    private static readonly Lazy<string?> Probe = new(() =>
    {
        using SlurmCluster? cluster = SlurmCluster.Start(out string reason);
        return cluster is null ? $"Slurm's daemons do not start in this environment: {reason}" : null;
    });
}
