using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;

namespace QDistill.Ros.Tests.Messages;

/// <summary>The steady state of a subscription allocates nothing.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Reading_and_writing_the_same_kind_of_message_again_allocates_nothing()
    {
        var odometry = new Odometry { Header = { FrameId = "odom" }, ChildFrameId = "base_link_é" };
        var scan = new LaserScan { Header = { FrameId = "laser" } };
        scan.Ranges.Resize(720);
        scan.Intensities.Resize(720);
        var imu = new Imu { Header = { FrameId = "imu_link" } };
        var transforms = new Msgs.Tf2Msgs.TFMessage { Transforms = { new() { Header = { FrameId = "map" } }, new() { ChildFrameId = "base" } } };
        var joints = new JointState { Name = { "left", "right" }, Position = { 1, 2 } };
        Check(odometry, new Odometry());
        Check(scan, new LaserScan());
        Check(imu, new Imu());
        Check(transforms, new Msgs.Tf2Msgs.TFMessage());
        Check(joints, new JointState());
        Check(joints, new DynamicMessage(JointState.Type.Structure));
    }

    [Fact]
    public void A_field_path_allocates_nothing()
    {
        byte[] payload = Cdr.Serialize(new Odometry { ChildFrameId = "base", Pose = { Pose = { Position = { X = 4.5 } } } });
        FieldPath x = FieldPath.Compile(Odometry.Type.Structure, "pose.pose.position.x"), child = FieldPath.Compile(Odometry.Type.Structure, "child_frame_id");
        double sum = 0;
        string text = "base";
        long allocated = Measure(() =>
        {
            Assert.True(x.TryReadDouble(payload, out double value));
            sum += value;
            child.TryReadString(payload, text, out text);
        });
        Assert.Equal(4.5 * 200, sum);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Sizes_that_shrink_and_grow_back_reuse_array_and_elements()
    {
        var path = new Msgs.NavMsgs.Path();
        for (int i = 0; i < 10; i++)
        {
            path.Poses.Add(new());
        }

        byte[] full = Cdr.Serialize(path);
        var read = Cdr.Deserialize<Msgs.NavMsgs.Path>(full);
        Msgs.GeometryMsgs.PoseStamped ninth = read.Poses[9];
        Cdr.Deserialize(Cdr.Serialize(new Msgs.NavMsgs.Path()), read);
        Assert.Empty(read.Poses);
        Cdr.Deserialize(full, read);
        Assert.Same(ninth, read.Poses[9]);
    }

    private static void Check(IMessage source, IMessage target)
    {
        byte[] payload = Cdr.Serialize(source);
        var buffer = new CdrBuffer();
        Assert.Equal(0, Measure(() => Cdr.Deserialize(payload, target)));
        Assert.Equal(0, Measure(() => Cdr.Serialize(target, buffer)));
        Assert.True(buffer.Span.SequenceEqual(payload));
    }

    private static long Measure(Action action)
    {
        for (int i = 0; i < 100; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
