using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace QDistill.Launch.Tests;

/// <summary>The colcon packages of <c>ros2_ws</c>, as far as a machine without ROS 2 can judge them.</summary>
public sealed partial class PackageTests
{
    private static readonly string[] Packages = [.. Directory.EnumerateDirectories(Tools.Repository("ros2_ws", "src")).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_package_xml_is_sound_by_the_parser_that_ROS_uses()
    {
        string version = XDocument.Load(Tools.Repository("Directory.Build.props")).Descendants("Version").Single().Value;
        JsonElement[] found = [.. Tools.PythonJson("check_packages.py", [.. Packages.Select(p => Path.Combine(p, "package.xml"))]).EnumerateArray()];
        Assert.Equal(Packages.Select(p => Path.GetFileName(p)), found.Select(p => p.GetProperty("name").GetString()));
        Assert.All(found, package =>
        {
            Assert.Equal(3, package.GetProperty("format").GetInt32());
            Assert.Equal(version, package.GetProperty("version").GetString());
            Assert.Equal("Apache-2.0", package.GetProperty("licenses")[0].GetString());
            Assert.Equal("ament_cmake", package.GetProperty("build_type").GetString());
            Assert.Empty(package.GetProperty("warnings").EnumerateArray());
        });
        Assert.Contains("rosidl_interface_packages", found.Single(p => p.GetProperty("name").GetString() == "qdistill_msgs").GetProperty("groups").EnumerateArray().Select(g => g.GetString()));
    }

    [Fact]
    public void The_message_package_names_every_package_that_its_definitions_use()
    {
        IEnumerable<string> used = new[] { "msg", "srv", "action" }
            .SelectMany(folder => Directory.EnumerateFiles(Tools.Repository(folder)))
            .SelectMany(File.ReadLines)
            .Select(line => ForeignType().Match(line))
            .Where(m => m.Success)
            .Select(m => m.Groups[1].Value)
            .Distinct();
        string[] declared = [.. Tools.PythonJson("check_packages.py", Tools.Repository("ros2_ws", "src", "qdistill_msgs", "package.xml"))[0].GetProperty("run").EnumerateArray().Select(e => e.GetString()!)];
        string build = File.ReadAllText(Tools.Repository("ros2_ws", "src", "qdistill_msgs", "CMakeLists.txt"));
        Assert.All(used, package =>
        {
            Assert.Contains(package, declared);
            Assert.Contains($"find_package({package} REQUIRED)", build);
        });
    }

    [Fact]
    public void No_package_holds_a_copy_of_an_interface_definition() =>
        Assert.DoesNotContain(Directory.EnumerateFiles(Tools.Repository("ros2_ws", "src"), "*", SearchOption.AllDirectories), f => Path.GetExtension(f) is ".msg" or ".srv" or ".action");

    [Fact]
    public void Every_package_has_a_change_log_and_says_which_quality_it_declares() => Assert.All(Packages, package =>
    {
        Assert.Contains("Changelog for package " + Path.GetFileName(package), File.ReadAllText(Path.Combine(package, "CHANGELOG.rst")));
        Assert.Matches("claims? to be in the \\*\\*Quality Level [1-5]\\*\\*", File.ReadAllText(Path.Combine(package, "QUALITY_DECLARATION.md")));
    });

    [GeneratedRegex(@"^\s*([a-z][a-z0-9_]*)/[A-Z]")]
    private static partial Regex ForeignType();
}
