using QDistill.Msgs.RclInterfaces;

namespace QDistill.Ros;

/// <summary><c>~/get_logger_levels</c> and <c>~/set_logger_levels</c>, as rclcpp's logger service: each asks for loggers' own levels and gives reasons for refusals.</summary>
internal static class LoggerLevelService
{
    public static void Start(Node node)
    {
        LoggerLevels levels = node.Context.LoggerLevels;
        node.CreateService<GetLoggerLevels, GetLoggerLevels.Request, GetLoggerLevels.Response>("~/get_logger_levels", (request, response) =>
        {
            foreach (string name in request.Names.Span)
            {
                response.Levels.Resize(response.Levels.Count + 1);
                LoggerLevel level = response.Levels[response.Levels.Count - 1];
                level.Name = name;
                level.Level = (uint)levels.Get(name);
            }
        });
        node.CreateService<SetLoggerLevels, SetLoggerLevels.Request, SetLoggerLevels.Response>("~/set_logger_levels", (request, response) =>
        {
            foreach (LoggerLevel level in request.Levels.Span)
            {
                response.Results.Resize(response.Results.Count + 1);
                SetLoggerLevelsResult result = response.Results[response.Results.Count - 1];
                result.Reason = LoggerLevels.Refusal(level.Name, (LogSeverity)level.Level) ?? string.Empty;
                result.Successful = result.Reason.Length == 0;
                if (result.Successful)
                {
                    levels.Set(level.Name, (LogSeverity)level.Level);
                }
            }
        });
    }
}
