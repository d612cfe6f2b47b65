using System.Diagnostics;
using System.Text.Json;
using QDistill.Features;

namespace QDistill.Onboard.Tests;

/// <summary>Students written by python3-onnx, an exporter that is not ours, once for all tests.</summary>
public sealed class OnnxModels : IDisposable
{
    public static readonly string[] Names = ["lidar.clearance", "lidar.ttc", "lidar.left", "motion.speed", "motion.yaw_rate", "motion.acceleration", "imu.tilt", "imu.vibration", "imu.jerk"];

    private readonly TempDirectory folder = new();

    public OnnxModels()
    {
        A = Make("a", 1, FakeModel.Schema);
        B = Make("b", 2, FakeModel.Schema);
        OtherSchema = Make("other", 3, new string('2', 64));
        Windowed = Make("windowed", 6, FakeModel.Schema, Names, [], window: 4);
        byte[] whole = File.ReadAllBytes(A);
        Truncated = Write("truncated.onnx", whole[..(whole.Length / 2)]);
        Text = Write("text.onnx", "this is no model\n"u8.ToArray());
        Empty = Write("empty.onnx", []);

        // The same graph with one operator renamed to something that no engine has.
        byte[] unknown = [.. whole];
        int at = unknown.AsSpan().IndexOf("IsNaN"u8);
        "IsNoN"u8.CopyTo(unknown.AsSpan(at));
        UnknownOperator = Write("operator.onnx", unknown);
        OversizedTensor = Make("declared", 4, FakeModel.Schema, Names, [], 0, "declared");
        OversizedComputation = Make("computed", 4, FakeModel.Schema, Names, [], 0, "computed");
    }

    public string A { get; }

    public string B { get; }

    public string OtherSchema { get; }

    /// <summary>Looks at the last four feature vectors.</summary>
    public string Windowed { get; }

    public string Truncated { get; }

    public string Text { get; }

    public string Empty { get; }

    public string UnknownOperator { get; }

    /// <summary>A weight that claims 2^62 elements.</summary>
    public string OversizedTensor { get; }

    /// <summary>A node that would make 4 TiB when it runs.</summary>
    public string OversizedComputation { get; }

    public string Missing => folder["nowhere/student.onnx"];

    public void Dispose() => folder.Dispose();

    /// <summary>A student for a robot's schema and constraints, in a folder as released models are.</summary>
    public string For(RobotConfig robot)
    {
        string name = Guid.NewGuid().ToString("N");
        string file = Make(name, 5, robot.Schema.Id, robot.Schema.Names, robot.Constraints.Select(c => (c.Name, c.Signal, c.Limit)));
        Directory.CreateDirectory(folder[name]);
        File.Move(file, folder[name + "/student.onnx"]);
        return folder[name];
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(folder[name], bytes);
        return folder[name];
    }

    private string Make(string name, int seed, string schema) =>
        Make(name, seed, schema, Names, [("keep_clear", "lidar.clearance", 0.5), ("upright", "tilt", 0.2)], 3);

    private string Make(string name, int seed, string schema, IReadOnlyList<string> features, IEnumerable<(string Name, string Signal, double Limit)> constraints, double range = 0, string oversized = "", int window = 1)
    {
        string spec = folder[name + ".json"], model = folder[name + ".onnx"];
        File.WriteAllText(spec, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["schema_id"] = schema,
            ["features"] = features,
            ["constraints"] = constraints.Select(c => new Dictionary<string, object>
            {
                ["name"] = c.Name,
                ["signal"] = c.Signal,
                ["op"] = "<",
                ["limit"] = c.Limit,
                ["unit"] = "m",
                ["horizon_s"] = 2,
                ["threshold"] = 0.4,
            }).ToArray(),
            ["seed"] = seed,
            ["oversized"] = oversized,
            ["window"] = window,
            ["low"] = range > 0 ? features.Select(_ => -range).ToArray() : [],
            ["high"] = range > 0 ? features.Select(_ => range).ToArray() : [],
        }));
        using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(SharedData.Repository, "tests", "QDistill.Onboard.Tests", "make_model.py"), spec, model]) { RedirectStandardError = true })!;
        string errors = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, errors);
        return model;
    }
}
