using System.Runtime.Versioning;

namespace QDistill.Launch.Tests;

/// <summary>The package <c>qdistill_gazebo</c>, installed with ament's own CMake files.</summary>
[SupportedOSPlatform("linux")]
public sealed class GazeboInstallTests
{
    [Fact]
    public void An_installation_has_its_nodes_worlds_and_the_path_that_Gazebo_looks_in()
    {
        using var folder = new TempDirectory();
        string build = folder["build"], prefix = folder["prefix"];
        Step("-S", GazeboPackage.Path, "-B", build, "-DCMAKE_INSTALL_PREFIX=" + prefix, "-DPython3_EXECUTABLE=/usr/bin/python3");
        Step("--build", build);
        Step("--install", build);

        string[] nodes = [.. Directory.EnumerateFiles(Path.Combine(prefix, "lib", "qdistill_gazebo"))
            .Where(f => (File.GetUnixFileMode(f) & UnixFileMode.OtherExecute) != 0).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        Assert.Equal(["battery", "bumper", "driver", "people", "pilot", "stop_after"], nodes);
        string share = Path.Combine(prefix, "share", "qdistill_gazebo");
        Assert.True(File.Exists(Path.Combine(prefix, "share", "ament_index", "resource_index", "packages", "qdistill_gazebo")));
        Assert.All(
            new[] { "launch/agv.launch.py", "launch/drone.launch.py", "config/agv_bridge.yaml", "models/qdistill_agv/model.sdf", "worlds/warehouse.sdf" },
            f => Assert.True(File.Exists(Path.Combine(share, f)), f + " is not installed"));
        Assert.Contains(Directory.EnumerateFiles(prefix, "launching.py", SearchOption.AllDirectories), f => f.Contains("qdistill_gazebo", StringComparison.Ordinal));

        // What a shell has after sourcing it.
        (int code, string output, string errors) = Tools.Run("/bin/bash", "-c", $"source '{share}/local_setup.bash' && echo \"$GZ_SIM_RESOURCE_PATH\"");
        Assert.True(code == 0, errors);
        Assert.Equal([Path.Combine(share, "models"), Path.Combine(share, "worlds")], output.Trim().Split(':', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Contains("GZ_SIM_RESOURCE_PATH", File.ReadAllText(Path.Combine(share, "environment", "qdistill_gazebo.dsv")));
    }

    [Fact]
    public void Every_Python_file_compiles() => Assert.All(
        Directory.EnumerateFiles(GazeboPackage.Path, "*.py", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(GazeboPackage.File("scripts"))),
        f => Assert.Equal(string.Empty, Tools.Run("/usr/bin/python3", "-B", "-c", "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')", f).Errors));

    private static void Step(params string[] arguments)
    {
        (int code, string output, string errors) = Tools.Run("cmake", arguments);
        Assert.True(code == 0, $"cmake {string.Join(' ', arguments)}\n{output}\n{errors}");
    }
}
