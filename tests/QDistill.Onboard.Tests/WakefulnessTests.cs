using System.Buffers.Binary;
using QDistill.Ros;

namespace QDistill.Onboard.Tests;

/// <summary>What keeps the machine awake between two predictions: begun with activation, ended with it, and told where it cannot be had.</summary>
public sealed class WakefulnessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("qdistill-wake-").FullName;
    private readonly NodeHarness harness = new();

    [Fact]
    public void The_bound_on_the_wake_up_latency_is_written_as_the_kernel_wants_it()
    {
        (string device, string driver) = Device("intel_idle");
        using CpuLatencyRequest? request = CpuLatencyRequest.Hold(37, out string? remark, device, driver);
        Assert.NotNull(request);
        Assert.Null(remark);
        Assert.Equal(37, BinaryPrimitives.ReadInt32LittleEndian(File.ReadAllBytes(device)));
    }

    [Fact]
    public void A_kernel_that_will_not_heed_the_bound_is_told_of()
    {
        (string device, string driver) = Device("none");
        using CpuLatencyRequest? request = CpuLatencyRequest.Hold(0, out string? remark, device, driver);
        Assert.NotNull(request);
        Assert.Contains("no idle driver", remark);
    }

    [Fact]
    public void A_bound_that_cannot_be_asked_for_is_one_sentence_with_the_device_and_a_remedy()
    {
        Assert.Null(CpuLatencyRequest.Hold(0, out string? remark, Path.Combine(folder, "nothing")));
        Assert.Contains(Path.Combine(folder, "nothing") + " is not there", remark);
        Assert.EndsWith(".", remark);
        string directory = Directory.CreateDirectory(Path.Combine(folder, "directory")).FullName;
        Assert.Null(CpuLatencyRequest.Hold(0, out remark, directory));
        Assert.Contains("udev", remark);
    }

    /// <summary>Whether the system permits it differs from machine to machine; either answer must be told truly.</summary>
    [Fact]
    public void The_kernels_own_device_takes_the_bound_or_the_refusal_says_why()
    {
        using CpuLatencyRequest? request = CpuLatencyRequest.Hold(1_000_000, out string? remark);
        Assert.True(request is not null || remark!.Contains(CpuLatencyRequest.Device, StringComparison.Ordinal));
    }

    [Fact]
    public void A_node_polls_while_it_is_active_and_no_longer()
    {
        using RiskInferenceNode node = Node(new RealTimeOptions { BusyPoll = 1500 });
        TimeSpan asked = Environment.ProcessorCount > 1 ? TimeSpan.FromMicroseconds(1500) : TimeSpan.Zero;
        Assert.True(node.Configure());
        Assert.Equal(TimeSpan.Zero, harness.Robot.BusyPoll);
        Assert.True(node.Activate());
        Assert.Equal(asked, harness.Robot.BusyPoll);
        Assert.True(node.Deactivate());
        Assert.Equal(TimeSpan.Zero, harness.Robot.BusyPoll);
        Assert.True(node.Activate());
        Assert.True(node.Shutdown());
        Assert.Equal(TimeSpan.Zero, harness.Robot.BusyPoll);
    }

    [Fact]
    public void A_model_is_kept_warm_while_its_node_is_active_and_no_longer()
    {
        var model = new FakeModel();
        using RiskInferenceNode node = Node(new RealTimeOptions { KeepWarm = 500 }, model);
        Assert.True(node.Configure());
        harness.Robot.SpinUntil(() => false, TimeSpan.FromMilliseconds(30));
        Assert.Equal(0, model.Warmed);
        Assert.True(node.Activate());
        Assert.True(harness.Robot.SpinUntil(() => model.Warmed > 5, TimeSpan.FromSeconds(20)));
        Assert.True(node.Deactivate());
        int warmed = model.Warmed;
        harness.Robot.SpinUntil(() => false, TimeSpan.FromMilliseconds(30));
        Assert.Equal(warmed, model.Warmed);
    }

    public void Dispose()
    {
        harness.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    // Files in the places of the device and of the kernel's word on its idle driver.
    private (string Device, string Driver) Device(string idleDriver)
    {
        (string device, string driver) = (Path.Combine(folder, "cpu_dma_latency"), Path.Combine(folder, "current_driver"));
        File.WriteAllBytes(device, []);
        File.WriteAllText(driver, idleDriver + "\n");
        return (device, driver);
    }

    private RiskInferenceNode Node(RealTimeOptions realTime, FakeModel? model = null) =>
        new(harness.Robot, new RiskInferenceOptions { Model = "a.onnx", Operation = new() { RealTime = realTime } }, _ => model ?? new FakeModel());
}
