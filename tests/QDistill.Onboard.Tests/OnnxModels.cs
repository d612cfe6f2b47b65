using System.Diagnostics;
using System.Text.Json;

namespace QDistill.Onboard.Tests;

/// <summary>Students written by python3-onnx, an exporter that is not ours, once for all tests.</summary>
public sealed class OnnxModels : IDisposable
{
    public static readonly string[] Features = ["lidar.clearance", "lidar.ttc", "lidar.left", "motion.speed", "motion.yaw_rate", "motion.acceleration", "imu.tilt", "imu.vibration", "imu.jerk"];

    private readonly TempDirectory folder = new();

    public OnnxModels()
    {
        A = Make("a", 1, FakeModel.Schema);
        B = Make("b", 2, FakeModel.Schema);
        OtherSchema = Make("other", 3, new string('2', 64));
        byte[] whole = File.ReadAllBytes(A);
        Truncated = Write("truncated.onnx", whole[..(whole.Length / 2)]);
        Text = Write("text.onnx", "this is no model\n"u8.ToArray());
        Empty = Write("empty.onnx", []);

        // The same graph with one operator renamed to something that no engine has.
        byte[] unknown = [.. whole];
        int at = unknown.AsSpan().IndexOf("IsNaN"u8);
        "IsNoN"u8.CopyTo(unknown.AsSpan(at));
        UnknownOperator = Write("operator.onnx", unknown);
    }

    public string A { get; }

    public string B { get; }

    public string OtherSchema { get; }

    public string Truncated { get; }

    public string Text { get; }

    public string Empty { get; }

    public string UnknownOperator { get; }

    public string Missing => folder["nowhere/student.onnx"];

    public void Dispose() => folder.Dispose();

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(folder[name], bytes);
        return folder[name];
    }

    private string Make(string name, int seed, string schema)
    {
        string spec = folder[name + ".json"], model = folder[name + ".onnx"];
        File.WriteAllText(spec, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["schema_id"] = schema,
            ["features"] = Features,
            ["constraints"] = new[]
            {
                new Dictionary<string, object> { ["name"] = "keep_clear", ["signal"] = "lidar.clearance", ["op"] = "<", ["limit"] = 0.5, ["unit"] = "m", ["horizon_s"] = 2, ["threshold"] = 0.4 },
                new Dictionary<string, object> { ["name"] = "upright", ["signal"] = "tilt", ["op"] = ">", ["limit"] = 0.2, ["unit"] = "rad", ["horizon_s"] = 2, ["threshold"] = 0.5 },
            },
            ["seed"] = seed,
            ["low"] = Features.Select(_ => -3.0).ToArray(),
            ["high"] = Features.Select(_ => 3.0).ToArray(),
        }));
        using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(SharedData.Repository, "tests", "QDistill.Onboard.Tests", "make_model.py"), spec, model]) { RedirectStandardError = true })!;
        string errors = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, errors);
        return model;
    }
}
