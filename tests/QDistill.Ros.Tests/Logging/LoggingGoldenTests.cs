using System.Text.Json;
using System.Text.RegularExpressions;
using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros.Tests;

/// <summary>Replays what real nodes wrote to /rosout, to the console and to their log file, for arguments and environment variables.</summary>
public sealed partial class LoggingGoldenTests
{
    private const string Golden = "golden/behaviour/logging.json";

    /// <summary>Where we differ on purpose.</summary>
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["rclcpp rosout --ros-args -p use_sim_time:=true"] = "rclcpp's throttle is silent until the clock has started; ours logs the first time, as rclpy's",
        ["colours variable invalid"] = "rcutils repeats its complaint in place of every line; ours warns once and writes the lines",
        ["use_stdout invalid"] = "as above",
        ["buffered invalid"] = "as above",
        [@"format \{message\}\n\t{name}"] = "rcutils reads foreign memory when a format begins with a backslash",
        [@"format \x41 {message}"] = "as above",
    };

    [DataTheory(Golden)]
    [InlineData("rclcpp")]
    [InlineData("rclpy")]
    public void Rosout_has_the_messages_of_a_real_node(string library)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf(Golden)));
        foreach (JsonElement run in file.RootElement.GetProperty("rosout").GetProperty(library).EnumerateArray())
        {
            string[] args = Texts(run, "args");
            string label = $"{library} rosout {string.Join(' ', args)}";
            using var ros = new TestNodes();
            using var console = new StringWriter();
            using var logs = new RosLoggerFactory(output: console, environment: _ => null);
            RosContext context = ros.Open(o => o with { Arguments = RosArguments.Parse(args), LoggerFactory = logs });
            Node node = context.CreateNode("lognode", "/ns", NodeOptions.Full);
            LogProgram.Run(context, node, library == "rclcpp");
            Node listener = ros.Node("listener");
            var got = new List<Log>();
            listener.CreateSubscription<Log>("/rosout", QoSProfile.RosOut, m => got.Add(new Log { Level = m.Level, Name = m.Name, Msg = m.Msg, File = m.File, Function = m.Function, Line = m.Line }));
            var expected = run.GetProperty("messages").EnumerateArray().Select(m => (m.GetProperty("level").GetInt32(), m.GetProperty("name").GetString()!, m.GetProperty("msg").GetString()!)).ToList();
            string[] lines = Texts(run, "stderr");
            if (Differences.ContainsKey(label))
            {
                expected.Insert(expected.Count - 1, (20, "ns.lognode", "throttle 0"));
                lines = [.. lines[..^1], "[INFO] [<stamp>] [ns.lognode]: throttle 0", lines[^1]];
            }

            listener.Context.SpinUntil(() => got.Count >= expected.Count, TestNodes.Patience);
            listener.Context.SpinUntil(() => false, TimeSpan.FromMilliseconds(5));
            Assert.Equal(expected, got.Select(m => ((int)m.Level, m.Name, m.Msg)));
            Assert.All(got, m => Assert.True(m.File.EndsWith("LogProgram.cs", StringComparison.Ordinal) && m is { Function: "Run", Line: > 0 }, $"{label}: {m.File} {m.Function} {m.Line}"));
            AssertLines(label, lines, console.ToString());
        }
    }

    [DataTheory(Golden)]
    [InlineData("rclcpp")]
    [InlineData("rclpy")]
    public void The_console_has_the_lines_of_a_real_node(string library)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf(Golden)));
        using var domain = new TestDomain();
        int compared = 0;
        foreach (JsonElement run in file.RootElement.GetProperty("console").GetProperty(library).EnumerateArray())
        {
            Dictionary<string, string> env = run.TryGetProperty("env", out JsonElement e) ? e.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!) : [];
            string? format = env.GetValueOrDefault("RCUTILS_CONSOLE_OUTPUT_FORMAT");
            string label = run.GetProperty("case").GetString()! is var kind && kind == "format" ? $"format {format}" : kind;
            if (format is not null && format.StartsWith("x repeated", StringComparison.Ordinal))
            {
                env["RCUTILS_CONSOLE_OUTPUT_FORMAT"] = new string('x', 300) + "{message}";
            }

            string[] args = run.TryGetProperty("args", out _) ? Texts(run, "args") : [];
            bool standardOutput = run.TryGetProperty("stdout", out JsonElement stdout) && stdout.GetArrayLength() > 0;
            Assert.Equal(standardOutput, ConsoleLogOptions.Read(env.GetValueOrDefault).UseStandardOutput);
            string actual = Write(domain, args, env, library == "rclcpp");
            if (Differences.TryGetValue(label, out string? why))
            {
                if (why.Contains("backslash", StringComparison.Ordinal) || label.StartsWith("format", StringComparison.Ordinal))
                {
                    continue;
                }

                string[] ours = Lines(actual);
                Assert.Single(ours, l => l.Contains("unexpected value", StringComparison.Ordinal));
                Assert.StartsWith($"[WARN] [<stamp>] [rcutils]: unexpected value [{env.Values.Single()}] specified for {env.Keys.Single()}", ours[0]);
                Assert.Contains("[INFO] [<stamp>] [ns.lognode]: info message", ours);
                continue;
            }

            AssertLines($"{library} {label} {string.Join(' ', args)}", Texts(run, standardOutput ? "stdout" : "stderr"), actual);
            compared++;
        }

        Assert.InRange(compared, 25, 100);
    }

    [DataFact(Golden)]
    public void The_log_file_has_the_name_and_the_lines_of_a_real_nodes()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf(Golden)));
        using var domain = new TestDomain();
        foreach (JsonElement run in file.RootElement.GetProperty("log_file").EnumerateArray())
        {
            using var folder = new TempDirectory();
            string arguments = run.GetProperty("args").GetString()!;
            bool rclcpp = run.GetProperty("kind").GetString() == "rclcpp";
            Write(domain, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), new Dictionary<string, string> { ["ROS_LOG_DIR"] = folder["logs"] }, rclcpp);
            JsonElement golden = run.GetProperty("files")[0];
            string pattern = golden.GetProperty("name_pattern").GetString()!;
            string prefix = pattern.StartsWith("myname", StringComparison.Ordinal) ? "myname" : Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]);
            string path = Assert.Single(Directory.GetFiles(folder["logs"]));
            Assert.Matches($"^{Regex.Escape(prefix)}_{Environment.ProcessId}_\\d{{13}}\\.log$", Path.GetFileName(path));
            AssertLines(arguments, Texts(golden, "content"), File.ReadAllText(path));
        }
    }

    private static string Write(TestDomain domain, string[] args, Dictionary<string, string> env, bool stream)
    {
        using var console = new StringWriter();
        using var logs = new RosLoggerFactory(output: console, environment: env.GetValueOrDefault);
        using var context = new RosContext(RosContextOptions.Loopback(domain.Id) with { Arguments = RosArguments.Parse(args), LoggerFactory = logs, WriteLogFile = env.ContainsKey("ROS_LOG_DIR") });
        LogProgram.Run(context, context.CreateNode("lognode", "/ns"), stream);
        return console.ToString();
    }

    private static string[] Texts(JsonElement run, string key) => [.. run.GetProperty(key).EnumerateArray().Select(t => t.GetString()!)];

    /// <summary>Compares lines with what varies masked; the record leaves out other libraries' lines, and of formats it keeps the first five lines.</summary>
    private static void AssertLines(string label, string[] golden, string actual)
    {
        bool debug = label.Contains("debug", StringComparison.Ordinal);
        string[] expected = [.. golden.Where(l => !Library().IsMatch(l) && !l.StartsWith("(...", StringComparison.Ordinal) && !(debug && l == "lines"))
            .Select(l => Place().Replace(l, "|<place>").Replace("<300 x>", new string('x', 300)))];
        string[] ours = [.. Lines(actual).Where(l => !(debug && l == "lines"))];
        if (label.Contains("format", StringComparison.Ordinal) && ours.Length > expected.Length)
        {
            ours = ours[..expected.Length];
        }

        Assert.True(expected.SequenceEqual(ours), $"{label}\nexpected\n{string.Join('\n', expected)}\nactual\n{string.Join('\n', ours)}");
    }

    private static string[] Lines(string text) => text.Length == 0 ? [] : [.. text[..^1].Split('\n').Select(l =>
        Place().Replace(Date().Replace(Nanoseconds().Replace(Stamp().Replace(l, "<stamp>"), "<stamp_ns>"), "<YYYY-mm-dd HH:MM:SS.mmm local time>"), "|<place>"))];

    [GeneratedRegex(@"^\[\w+\] \[<stamp>\] \[(rcl|rclcpp|rclpy|rmw_\w+|rcutils)(\.\w+)*\]: ")]
    private static partial Regex Library();

    [GeneratedRegex(@"\|[^|]*(lognode\.\w+\|[^|]+|LogProgram\.cs\|Run)\|[1-9]\d*$")]
    private static partial Regex Place();

    [GeneratedRegex(@"\b\d{10}\.\d{9}\b")]
    private static partial Regex Stamp();

    [GeneratedRegex(@"\b\d{19}\b")]
    private static partial Regex Nanoseconds();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")]
    private static partial Regex Date();
}
