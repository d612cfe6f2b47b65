using System.Diagnostics;
using System.Text.Json;
using QDistill.Features;

namespace QDistill.Benchmarks;

/// <summary>A student of the usual size (d-64-64-outputs) with random weights, for a robot's schema.</summary>
internal static class BenchModel
{
    public static string Write(string folder, RobotConfig robot)
    {
        string spec = Path.Combine(folder, "spec.json"), model = Path.Combine(folder, "student.onnx");
        File.WriteAllText(spec, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["schema_id"] = robot.Schema.Id,
            ["features"] = robot.Schema.Names,
            ["constraints"] = robot.Constraints.Select(c => new Dictionary<string, object>
            {
                ["name"] = c.Name,
                ["signal"] = c.Signal,
                ["op"] = "<",
                ["limit"] = c.Limit,
                ["unit"] = c.Unit ?? "1",
                ["horizon_s"] = c.Horizon,
                ["threshold"] = 0.5,
            }).ToArray(),
        }));
        using Process python = Process.Start("/usr/bin/python3", [Path.Combine("tests", "QDistill.Onboard.Tests", "make_model.py"), spec, model]);
        python.WaitForExit();
        return python.ExitCode == 0 ? model : throw new InvalidOperationException("python3 with python3-onnx is needed to write the model");
    }
}
