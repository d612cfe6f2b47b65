using System.CommandLine;
using System.CommandLine.Invocation;
using QDistill.Cli.Terminal;
using QDistill.Cli.Verbs;
using QDistill.Configuration;

namespace QDistill.Cli;

/// <summary>The one executable, <c>qdistill</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("QDistill: a quantum teacher on the ground, a classical student on the robot.")
        {
            DemoVerb.Create(),
            SimulateVerb.Create(),
            BagVerb.Create(),
            FeaturesVerb.Create(),
            CircuitVerb.Create(),
            PlateauVerb.Create(),
            SpinsVerb.Create(),
            AzureVerb.Create(),
            TeachVerb.Create(),
            LabelVerb.Create(),
            DistillVerb.Create(),
            ReplayVerb.Create(),
            StudyVerb.Create(),
            ReportVerb.Create(),
            PlayVerb.Create(),
            NodeVerb.Create(),
            LaunchVerb.Create(),
            SignVerb.Create(),
            DoctorVerb.Create(),
        };

        HelpWithExamples.Install(root);
        using var interrupted = new CancellationTokenSource();
        using var signals = new InterruptSignals(interrupted.Cancel);
        try
        {
            ParentWatch.Start(interrupted);
            args = RosCommandLine.Take(args);
            ParseResult command = root.Parse(args);
            if (command.Action is ParseErrorAction || command.Action == command.CommandResult.Command.Action)
            {
                if (UsageError.IsBareGroup(command))
                {
                    root.Parse([.. args, "--help"]).Invoke();
                    return 1;
                }

                if (UsageError.Of(command) is { } sentence)
                {
                    return Fail(sentence, 1, null);
                }
            }

            // Our own handlers above decide what a signal does, and UserErrorException is ours to print.
            return command
                .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupted.Token)
                .GetAwaiter().GetResult();
        }
        catch (UserErrorException e)
        {
            return Fail(e.Message, 1, e);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted; what was finished is kept.", ExitCode.Interrupted, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A pipe whose reader has gone, a full disk, a folder that may not be entered: the system's own sentence says which.
            return Fail(e.Message.ReplaceLineEndings(" "), 1, e);
        }
        catch (Exception e)
        {
            return Fail($"internal error: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")} (QDISTILL_TRACE=1 shows where; please report it)", ExitCode.InternalError, e);
        }
    }

    private static int Fail(string sentence, int code, Exception? exception)
    {
        Console.Error.WriteLine($"qdistill: {sentence}");
        if (exception is not null && Environment.GetEnvironmentVariable("QDISTILL_TRACE") is { Length: > 0 })
        {
            Console.Error.WriteLine(exception);
        }

        return code;
    }
}
