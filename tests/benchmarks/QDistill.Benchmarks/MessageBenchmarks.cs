using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;

namespace QDistill.Benchmarks;

/// <summary>CDR of the messages that a robot's sensors send all day; the peer of each is a plain copy of the same bytes.</summary>
internal static class MessageBenchmarks
{
    public static void Run(BenchReport report)
    {
        Odometry odometry = Sensors(report);
        Measure(report, "Odometry, dynamic", odometry, new DynamicMessage(Odometry.Type.Structure));

        byte[] payload = Cdr.Serialize(odometry);
        FieldPath path = FieldPath.Compile(Odometry.Type.Structure, "pose.pose.position.x");
        report.Time("Odometry: one field by path", "ns", () => path.TryReadDouble(payload, out _));
    }

    /// <summary>The generated classes alone.</summary>
    public static Odometry Sensors(BenchReport report)
    {
        var odometry = new Odometry { Header = { FrameId = "odom" }, ChildFrameId = "base_link" };
        odometry.Pose.Covariance.AsSpan().Fill(0.1);
        var scan = new LaserScan { Header = { FrameId = "laser" } };
        scan.Ranges.Resize(720);
        scan.Intensities.Resize(720);
        var imu = new Imu { Header = { FrameId = "imu_link" } };
        Measure(report, "Odometry", odometry, new Odometry());
        Measure(report, "LaserScan(720)", scan, new LaserScan());
        Measure(report, "Imu", imu, new Imu());
        return odometry;
    }

    private static void Measure(BenchReport report, string name, IMessage source, IMessage target)
    {
        byte[] payload = Cdr.Serialize(source), copy = new byte[payload.Length];
        Cdr.Deserialize(payload, target);
        var buffer = new CdrBuffer();
        double read = report.Time($"{name}: read", "ns", () => Cdr.Deserialize(payload, target));
        double write = report.Time($"{name}: write", "ns", () => Cdr.Serialize(target, buffer));
        report.Add(new BenchRow($"{name}: read", "MB/s", payload.Length / read / 1e6, 0));
        report.Add(new BenchRow($"{name}: write", "MB/s", payload.Length / write / 1e6, 0));
        report.Compare(
            $"{name}: read and write",
            "ns",
            () =>
            {
                Cdr.Deserialize(payload, target);
                Cdr.Serialize(target, buffer);
            },
            $"{name}: two copies of its {payload.Length} bytes",
            () =>
            {
                payload.CopyTo(copy, 0);
                copy.CopyTo(payload, 0);
            });
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Cdr.Deserialize(payload, target);
            Cdr.Serialize(target, buffer);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        report.Add(new BenchRow($"{name}: allocated per read and write", "bytes", allocated / 1000.0, 0));
    }
}
