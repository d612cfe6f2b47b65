using Microsoft.Extensions.Logging;
using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros.Tests;

public sealed class LoggingTests
{
    [Fact]
    public void A_logger_without_a_level_has_that_of_the_nearest_above_it()
    {
        var levels = new LoggerLevels { Default = LogSeverity.Warn };
        levels.Set("fleet", LogSeverity.Error);
        levels.Set("fleet.agv", LogSeverity.Debug);
        Assert.Equal(LogSeverity.Warn, levels.Effective("other"));
        Assert.Equal(LogSeverity.Error, levels.Effective("fleet.drone.risk"));
        Assert.Equal(LogSeverity.Debug, levels.Effective("fleet.agv.risk"));
        Assert.Equal(LogSeverity.Warn, levels.Effective("fleets"));
        levels.Set("fleet.agv", LogSeverity.Unset);
        Assert.Equal(LogSeverity.Error, levels.Effective("fleet.agv.risk"));
        levels.Default = LogSeverity.Unset;
        Assert.Equal(LogSeverity.Info, levels.Default);
        Assert.Throws<ArgumentException>(() => levels.Set("x", (LogSeverity)33));
    }

    [Fact]
    public void A_running_nodes_level_is_changed_by_the_program_and_by_services()
    {
        using var ros = new TestNodes();
        using var console = new StringWriter();
        RosContext context = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: console, environment: _ => null) });
        Node node = context.CreateNode("n", null, new NodeOptions { EnableLoggerService = true });
        Node client = ros.Node("client");
        var set = client.CreateClient<SetLoggerLevels, SetLoggerLevels.Request, SetLoggerLevels.Response>("/n/set_logger_levels");
        var get = client.CreateClient<GetLoggerLevels, GetLoggerLevels.Request, GetLoggerLevels.Response>("/n/get_logger_levels");
        using var spin = new ServiceTests.Spinning(context);
        var request = new SetLoggerLevels.Request();
        request.Levels.Resize(3);
        (request.Levels[0].Name, request.Levels[0].Level) = ("n", 10);
        (request.Levels[1].Name, request.Levels[1].Level) = ("n", 11);
        (request.Levels[2].Name, request.Levels[2].Level) = (string.Empty, 10);
        SetLoggerLevelsResult[] results = set.Call(request, TestNodes.Patience).Results.Span.ToArray();
        Assert.Equal([true, false, false], results.Select(r => r.Successful));
        Assert.StartsWith("11 is not a severity level", results[1].Reason);
        Assert.True(node.Logger.IsEnabled(LogLevel.Debug));
        node.Logger.LogDebug("seen");
        Assert.Contains("[n]: seen", console.ToString());
        var names = new GetLoggerLevels.Request();
        names.Names.Add("n");
        names.Names.Add("unknown");
        Assert.Equal([("n", 10u), ("unknown", 0u)], get.Call(names, TestNodes.Patience).Levels.Span.ToArray().Select(l => (l.Name, l.Level)));
        context.LoggerLevels.Set("n", LogSeverity.Fatal);
        Assert.False(node.Logger.IsEnabled(LogLevel.Error));
        Assert.False(node.Logger.IsEnabled(LogLevel.None));
    }

    [Fact]
    public void Filters_count_for_their_place_and_logger_and_only_for_enabled_levels()
    {
        var levels = new List<string>();
        using var a = new Recorder(levels);
        using var b = new Recorder(levels);
        foreach (ILogger logger in new ILogger[] { a, a, b })
        {
            logger.LogOnce(LogLevel.Warning, "once");
            logger.LogOnce(LogLevel.Trace, "never enabled");
            logger.LogSkipFirst(LogLevel.Warning, "skipped first");
        }

        foreach (int state in new[] { 1, 1, 2, 2, 1 })
        {
            a.LogOnChange(LogLevel.Warning, state, $"state {state}");
        }

        a.LogOnChange<string?>(LogLevel.Warning, null, "null is a value");
        Assert.Equal(["once", "skipped first", "once", "state 1", "state 2", "state 1", "null is a value"], levels);
    }

    [Fact]
    public void A_throttled_message_comes_again_after_its_period_and_when_the_clock_was_set_back()
    {
        var lines = new List<string>();
        using var log = new Recorder(lines);
        var clock = new Clock(ClockType.Ros);
        clock.SetSimulated(true);
        foreach (long seconds in new long[] { 0, 1, 4, 5, 9, 10, 3, 4 })
        {
            clock.SetTime(seconds * 1_000_000_000);
            log.LogThrottled(LogLevel.Warning, TimeSpan.FromSeconds(5), $"at {seconds}", clock);
            log.LogSkipFirstThrottled(LogLevel.Warning, TimeSpan.FromSeconds(5), $"not first, at {seconds}", clock);
        }

        Assert.Equal(["at 0", "not first, at 1", "at 5", "not first, at 9", "at 10", "at 3", "not first, at 3"], lines);
    }

    [Fact]
    public void A_log_folder_that_cannot_be_written_is_one_warning()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["blocked"], "a file stands where the folder should be");
        using var console = new StringWriter();
        using var logs = new RosLoggerFactory(output: console, environment: n => n == "ROS_LOG_DIR" ? folder["blocked"] : null);
        logs.Configure(RosArguments.None, writeFile: true);
        ILogger log = logs.CreateLogger("x");
        log.LogInformation("first");
        log.LogInformation("second");
        string[] lines = console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Contains("[rcl_logging]: no log file is written: ", lines[1]);
        Assert.EndsWith("set ROS_LOG_DIR to a folder that can be written", lines[1]);
        Assert.Null(logs.LogFilePath);
    }

    [Theory]
    [InlineData("/logs", "/ros", null, "/logs")]
    [InlineData("", "/ros", null, "/ros/log")]
    [InlineData(null, "~/mine", null, "HOME/mine/log")]
    [InlineData(null, null, null, "HOME/.ros/log")]
    [InlineData("/logs", null, "rcl_logging_noop", null)]
    public void The_log_folder_is_where_ros_looks_for_it(string? folder, string? home, string? implementation, string? expected) =>
        Assert.Equal(
            expected?.Replace("HOME", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)),
            LogFile.FolderOf(n => n switch { "ROS_LOG_DIR" => folder, "ROS_HOME" => home, "RCL_LOGGING_IMPLEMENTATION" => implementation, _ => null }));

    [Fact]
    public void With_another_logger_factory_levels_hold_for_nodes_loggers()
    {
        using var ros = new TestNodes();
        var lines = new List<string>();
        using var recorder = new Recorder(lines);
        Node node = ros.Open(o => o with { LoggerFactory = recorder, Arguments = RosArguments.Parse("--ros-args", "--log-level", "n:=error") }).CreateNode("n");
        node.Logger.LogWarning("hidden");
        node.Logger.LogError("shown");
        Assert.Equal(["shown"], lines);
    }

    [Fact]
    public void A_message_that_is_filtered_out_allocates_nothing_and_neither_does_reading_a_clock()
    {
        using var ros = new TestNodes();
        Node node = ros.Open(o => o with { LoggerFactory = new RosLoggerFactory(output: TextWriter.Null, environment: _ => null) }).CreateNode("n");
        long sum = 0;
        void Once()
        {
            node.Logger.LogHere(LogLevel.Debug, "below the level");
            node.Logger.LogThrottled(LogLevel.Warning, TimeSpan.FromHours(1), "throttled", node.Clock);
            node.Logger.LogOnce(LogLevel.Warning, "once");
            sum += node.Clock.Now;
        }

        for (int i = 0; i < 100; i++)
        {
            Once();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Once();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sum);
    }

    private sealed class Recorder(List<string> lines) : ILogger, ILoggerFactory
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => level >= LogLevel.Debug;

        public void Log<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Add(formatter(state, exception));

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
