using QDistill.Configuration;
using QDistill.Ros;

namespace QDistill.Onboard.Host;

/// <summary><c>qdistill-onboard KIND</c>: the onboard nodes alone, for a robot; one native binary when published ahead of time.</summary>
internal static class Program
{
    private const string Help = """
        Runs one onboard node until SIGINT or SIGTERM; a second signal ends at once.

        usage: qdistill-onboard KIND [--robot FILE] [--model PATH] [--ros-args ...]

        KIND    feature_fusion      sensor topics in, features out
                risk_inference      features in, predictions out
                onboard             both in one process
                velocity_governor   scales cmd_vel by risk

          --robot FILE    the robot's description; wins over the parameter's
          --model PATH    a model folder or a student.onnx; wins over the parameter's
          --ros-args      renamings (-r), parameters (-p, --params-file), log levels, as for any ROS 2 node

        examples:
          qdistill-onboard onboard --robot robots/simulated_agv.yaml --model models/agv_simulated
          qdistill-onboard risk_inference --ros-args --params-file onboard.param.yaml -r __ns:=/agv1
        """;

    private static int Main(string[] args)
    {
        if (args is [] or ["-h" or "--help" or "help", ..])
        {
            (args.Length == 0 ? Console.Error : Console.Out).WriteLine(Help);
            return args.Length == 0 ? 1 : 0;
        }

        using var end = new CancellationTokenSource();
        using var signals = new InterruptSignals(end.Cancel);
        try
        {
            RosArguments ros = RosArguments.Parse(args);
            (string kind, string? robot, string? model) = Read(ros.Remaining);
            NodeRunner.Run(
                kind,
                new NodeRunOptions
                {
                    Robot = robot,
                    Model = model,
                    Context = new RosContextOptions { Arguments = ros, WriteLogFile = true },
                },
                end.Token);
            return 0;
        }
        catch (UserErrorException e)
        {
            Console.Error.WriteLine($"qdistill-onboard: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    private static (string Kind, string? Robot, string? Model) Read(IReadOnlyList<string> args)
    {
        string? kind = null, robot = null, model = null;
        for (int i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--robot":
                    robot = Value(args, ref i);
                    break;
                case "--model":
                    model = Value(args, ref i);
                    break;
                case ['-', ..] unknown:
                    throw new UserErrorException($"the option '{unknown}' is not known", null, NearestKey.Hint(unknown, ["--robot", "--model", "--ros-args", "--help"]));
                case string word when kind is null:
                    kind = word;
                    break;
                case string extra:
                    throw new UserErrorException($"'{extra}' is one word too many", null, "give one KIND; ROS arguments stand behind --ros-args");
            }
        }

        return (kind ?? throw new UserErrorException("no KIND is given", null, $"give one of {string.Join(", ", NodeRunner.Kinds)}"), robot, model);
    }

    private static string Value(IReadOnlyList<string> args, ref int i) =>
        ++i < args.Count ? args[i] : throw new UserErrorException($"{args[i - 1]} needs a value", null, "see --help");
}
