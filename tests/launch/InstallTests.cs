using System.Runtime.Versioning;

namespace QDistill.Launch.Tests;

/// <summary>The package <c>qdistill</c>, configured, compiled and installed with ament's own CMake files.</summary>
[SupportedOSPlatform("linux")]
public sealed class InstallTests : IClassFixture<InstallTests.Prefix>
{
    private static readonly string[] Nodes = ["feature_fusion", "onboard", "replay_evaluation", "risk_inference", "student_distillation", "teacher_labeling", "velocity_governor"];
    private readonly Prefix prefix;

    public InstallTests(Prefix prefix) => this.prefix = prefix;

    [Fact]
    public void Lib_holds_one_executable_for_each_node_and_nothing_else_that_can_be_executed()
    {
        // As 'ros2 run' looks for executables: everything below lib/PACKAGE with an x bit.
        string[] executables = [.. Directory.EnumerateFiles(Path.Combine(prefix.Path, "lib", "qdistill"), "*", SearchOption.AllDirectories)
            .Where(f => (File.GetUnixFileMode(f) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0)
            .Select(f => Path.GetRelativePath(Path.Combine(prefix.Path, "lib", "qdistill"), f)).Order(StringComparer.Ordinal)];
        Assert.Equal(Nodes, executables);
    }

    [Fact]
    public void The_package_is_in_the_resource_index_with_its_shared_files()
    {
        Assert.True(File.Exists(Path.Combine(prefix.Path, "share", "ament_index", "resource_index", "packages", "qdistill")));
        foreach (string file in new[] { "package.xml", "launch/onboard.launch.py", "launch/params/onboard.param.yaml", "robots/simulated_agv.yaml", "src/qsharp/host.mjs", "node_modules/qsharp-lang/package.json" })
        {
            Assert.True(File.Exists(Path.Combine(prefix.Path, "share", "qdistill", file)), file + " is not installed");
        }
    }

    [Fact]
    public void Launchers_start_their_node_with_the_files_of_the_installation()
    {
        (int code, string output, string errors) = Tools.Run(Path.Combine(prefix.Path, "lib", "qdistill", "risk_inference"), "--help");
        Assert.True(code == 0, errors);
        Assert.Contains("qdistill node", output);

        (_, output, errors) = Tools.Run("/usr/bin/env", "-u", "QDISTILL_HOME", Path.Combine(prefix.Path, "bin", "qdistill"), "launch", "onboard", "--show-args");
        Assert.Contains(Path.Combine(prefix.Path, "share", "qdistill", "launch", "params", "onboard.param.yaml"), output + errors);
    }

    /// <summary>An installation, made once.</summary>
    public sealed class Prefix : IDisposable
    {
        private readonly TempDirectory folder = new();

        public Prefix()
        {
            Path = folder["prefix"];
            string build = folder["build"];
            Step("-S", Tools.Repository("ros2_ws", "src", "qdistill"), "-B", build, "-DCMAKE_INSTALL_PREFIX=" + Path, "-DPython3_EXECUTABLE=/usr/bin/python3", "-DQDISTILL_OFFLINE=OFF",
                "-DQDISTILL_PUBLISHED=" + Tools.Repository("artifacts", "bin", "QDistill.Cli", AppContext.BaseDirectory.Contains("/debug/", StringComparison.Ordinal) ? "debug" : "release"),
                "-DQDISTILL_NODE_MODULES=" + Tools.Repository("node_modules"));
            Step("--build", build);
            Step("--install", build);
        }

        public string Path { get; }

        public void Dispose() => folder.Dispose();

        private static void Step(params string[] arguments)
        {
            (int code, string output, string errors) = Tools.Run("cmake", arguments);
            Assert.True(code == 0, $"cmake {string.Join(' ', arguments)}\n{output}\n{errors}");
        }
    }
}
