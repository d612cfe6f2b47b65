using System.Diagnostics;
using QDistill.Features;
using QDistill.Msgs.QdistillMsgs;
using QDistill.Ros;
using Process = System.Diagnostics.Process;

namespace QDistill.Onboard.Host.Tests;

/// <summary>
/// The published program, as a robot gets it: <c>tools/publish-onboard.sh</c> makes it, so that a trim or AOT warning anywhere in the closure fails here. Skipped, with the reason, where there is no linker or no compiler package to be had.
/// </summary>
public sealed class NativeBinaryTests(OnnxModels models) : IClassFixture<OnnxModels>, IDisposable
{
    private static readonly Lazy<(string? Folder, string Problem)> Published = new(Publish);
    private readonly List<Process> started = [];

    // No test, failed or not, leaves a node behind.
    public void Dispose()
    {
        foreach (Process process in started)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }
    }

    [NativeFact]
    public void It_is_published_without_a_trim_or_AOT_warning() => Assert.True(Published.Value.Folder is not null, Published.Value.Problem);

    [NativeFact]
    public void The_native_binary_becomes_active_predicts_and_ends_on_SIGTERM()
    {
        using var domain = new TestDomain();
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml"));
        string model = models.For(robot);
        Process node = Start(domain.Id, "risk_inference", "--model", model);
        string? line = node.StandardOutput.ReadLine();
        Assert.True(line is not null, node.HasExited ? node.StandardError.ReadToEnd() : "it said nothing");
        Assert.Contains("risk_inference active: model ", line);

        using var context = new RosContext(RosContextOptions.Loopback(domain.Id));
        Node probe = context.CreateNode("probe");
        var answers = new List<CollisionRisk>();
        Publisher<FusedFeatures> features = probe.CreatePublisher<FusedFeatures>("/risk_inference/input/features", QoSProfile.Default);
        probe.CreateSubscription<CollisionRisk>("/risk_inference/output/collision_risk", QoSProfile.Default, (m, _) =>
        {
            if (m.Status == CollisionRisk.OK)
            {
                answers.Add(new CollisionRisk { Probability = m.Probability, ModelId = m.ModelId });
            }
        });
        Assert.True(context.SpinUntil(() => features.MatchedCount > 0, TimeSpan.FromSeconds(20)));
        float[] values = [.. Enumerable.Range(0, robot.Schema.Count).Select(i => 0.01f * i)];
        var vector = new FusedFeatures { SchemaId = robot.Schema.Id };
        vector.Values.Assign(values);
        vector.Validity.Assign(Enumerable.Repeat((byte)255, (values.Length + 7) / 8).ToArray());
        Assert.True(context.SpinUntil(() =>
        {
            vector.Header.Stamp.SetNanoseconds(Clock.System.Now);
            features.Publish(vector);
            return answers.Count > 0;
        }, TimeSpan.FromSeconds(20)));

        // The same file in this process gives the same probability.
        using IRiskModel here = OnnxRiskModel.Load(model);
        float[] violation = new float[here.Info.Constraints.Count];
        Assert.True(here.Predict(values, violation, out float expected, out _));
        Assert.Equal(expected, answers[0].Probability, 6);
        Assert.Equal(here.Info.ModelId, answers[0].ModelId);

        Process.Start("kill", ["-TERM", $"{node.Id}"])!.WaitForExit();
        Assert.True(node.WaitForExit(20_000));
        Assert.Equal(0, node.ExitCode);
    }

    [NativeFact]
    public void Told_to_end_while_it_is_flooded_and_loads_another_model_it_ends_in_order()
    {
        using var domain = new TestDomain();
        RobotConfig robot = RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml"));
        Process node = Start(domain.Id, "risk_inference", "--model", models.For(robot));
        Assert.Contains("risk_inference active: model ", node.StandardOutput.ReadLine());
        string other = models.For(robot);
        using var context = new RosContext(RosContextOptions.Loopback(domain.Id));
        Node probe = context.CreateNode("probe");
        int answers = 0;
        Publisher<FusedFeatures> features = probe.CreatePublisher<FusedFeatures>("/risk_inference/input/features", QoSProfile.SensorData);
        probe.CreateSubscription<CollisionRisk>("/risk_inference/output/collision_risk", QoSProfile.Default, _ => answers++);
        using Client<LoadModel, LoadModel.Request, LoadModel.Response> load = probe.CreateClient<LoadModel, LoadModel.Request, LoadModel.Response>("/risk_inference/load_model");
        Assert.True(context.SpinUntil(() => features.MatchedCount > 0 && load.IsServiceReady, TimeSpan.FromSeconds(20)));
        var vector = new FusedFeatures { SchemaId = robot.Schema.Id };
        vector.Values.Resize(robot.Schema.Count);
        vector.Validity.Resize((robot.Schema.Count + 7) / 8);
        void Flood(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                vector.Header.Stamp.SetNanoseconds(Clock.System.Now);
                features.Publish(vector);
            }
        }

        for (int i = 0; i < 200 && answers == 0; i++)
        {
            Flood(100);
            context.SpinUntil(() => answers > 0, TimeSpan.FromMilliseconds(100));
        }

        Assert.True(answers > 0);
        using var patience = new CancellationTokenSource();
        Task<LoadModel.Response> loading = load.CallAsync(new LoadModel.Request { Path = other }, cancellation: patience.Token);
        Flood(500);
        Process.Start("kill", ["-TERM", $"{node.Id}"])!.WaitForExit();
        for (int i = 0; i < 2000 && !node.WaitForExit(10); i++)
        {
            Flood(100);
        }

        Assert.True(node.HasExited);
        Assert.Equal(0, node.ExitCode);
        Assert.DoesNotContain("Exception", node.StandardError.ReadToEnd());

        // Whether the answer was still sent is a matter of moments; the node itself has left, and left nothing behind.
        Assert.True(context.SpinUntil(() => probe.CountPublishers("/risk_inference/output/collision_risk") == 0, TimeSpan.FromSeconds(20)));
        patience.Cancel();
        _ = loading.ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    [NativeFact]
    public void Its_native_libraries_are_found_below_runtimes_by_machine_and_their_absence_is_one_sentence()
    {
        using var folder = new TempDirectory();
        string program = folder["qdistill-onboard"], native = folder[Path.Combine("runtimes", System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier, "native")];
        File.Copy(Path.Combine(Published.Value.Folder!, "qdistill-onboard"), program);
        string model = models.For(RobotConfig.Load(Path.Combine(SharedData.Repository, "robots", "simulated_agv.yaml")));
        using var domain = new TestDomain();
        Process without = StartProgram(domain.Id, program, "risk_inference", "--model", model);
        string said = without.StandardError.ReadToEnd();
        Assert.True(without.WaitForExit(20_000));
        Assert.Equal(1, without.ExitCode);
        Assert.Contains(native, said);
        Assert.DoesNotContain("Exception", said);

        Directory.CreateDirectory(native);
        foreach (string library in Directory.GetFiles(Published.Value.Folder!, "lib*"))
        {
            File.CreateSymbolicLink(Path.Combine(native, Path.GetFileName(library)), library);
        }

        Process node = StartProgram(domain.Id, program, "risk_inference", "--model", model);
        Assert.Contains("risk_inference active: model ", node.StandardOutput.ReadLine());
        Process.Start("kill", ["-TERM", $"{node.Id}"])!.WaitForExit();
        Assert.True(node.WaitForExit(20_000));
    }

    [NativeFact]
    public void What_it_cannot_use_it_refuses_in_one_sentence()
    {
        foreach ((string[] arguments, string expected) in new[]
        {
            (["onbord"], "there is no node 'onbord'; did you mean 'onboard'."),
            (["risk_inference", "--modell", "x"], "the option '--modell' is not known; did you mean '--model'."),
            (["risk_inference", "--model", "/nowhere"], "there is no model"),
            (["onboard", "--robot", "/nowhere.yaml"], "/nowhere.yaml"),
            (new[] { "risk_inference", "--ros-args", "--params-file", "/nowhere.yaml" }, "/nowhere.yaml"),
        })
        {
            using var domain = new TestDomain();
            Process node = Start(domain.Id, arguments);
            string said = node.StandardError.ReadToEnd();
            Assert.True(node.WaitForExit(20_000));
            Assert.Equal(1, node.ExitCode);
            Assert.Contains(expected, said);
            Assert.DoesNotContain("Exception", said);
        }
    }

    private Process Start(int domain, params string[] arguments) => StartProgram(domain, Path.Combine(Published.Value.Folder!, "qdistill-onboard"), arguments);

    private Process StartProgram(int domain, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ROS_DOMAIN_ID"] = $"{domain}";
        start.Environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST";
        start.Environment["CYCLONEDDS_URI"] = "<CycloneDDS><Domain><General><Interfaces><NetworkInterface address=\"127.0.0.1\"/></Interfaces></General></Domain></CycloneDDS>";
        start.Environment.Remove("ROS_LOCALHOST_ONLY");
        start.Environment.Remove("QDISTILL_NATIVE");
        Process process = Process.Start(start)!;
        started.Add(process);
        return process;
    }

    // Objects are kept in artifacts/onboard: only the first run, and one after a change, compiles.
    private static (string? Folder, string Problem) Publish()
    {
        string target = Path.Combine(SharedData.Repository, "artifacts", "onboard-published", "aot");
        var start = new ProcessStartInfo(Path.Combine(SharedData.Repository, "tools", "publish-onboard.sh"), ["aot", string.Empty, target]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process publish = Process.Start(start)!;
        string said = publish.StandardError.ReadToEnd();
        publish.WaitForExit();
        return publish.ExitCode == 0 ? (target, string.Empty) : (null, said);
    }

    /// <summary>Runs where the program can be published. A machine without linker or compiler package skips; a warning or an error in our code does not.</summary>
    private sealed class NativeFactAttribute : FactAttribute
    {
        public NativeFactAttribute()
        {
            if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/gcc"))
            {
                Skip = "gcc links the native binary, and is not installed";
            }
            else if (Published.Value is { Folder: null } p)
            {
                bool unreachable = p.Problem.Contains("NU1101", StringComparison.Ordinal) || p.Problem.Contains("NU1102", StringComparison.Ordinal) || p.Problem.Contains("NU1301", StringComparison.Ordinal);
                Skip = unreachable ? "the NativeAOT compiler's packages cannot be had here" : null;
            }
        }
    }
}
