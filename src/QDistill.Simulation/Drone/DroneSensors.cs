using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;
using Range = QDistill.Msgs.SensorMsgs.Range;

namespace QDistill.Simulation;

/// <summary>What a drone measures: pose (as of motion capture or fused odometry), inertial data, the distance below, the battery.</summary>
internal sealed class DroneSensors
{
    private const float Reach = 12;
    private Philox random;
    private readonly double biasX, biasY, biasZ;

    public DroneSensors(ulong seed)
    {
        random = new Philox(seed, Streams.Imu);
        (biasX, biasY, biasZ) = (0.08 * random.NextGaussian(), 0.08 * random.NextGaussian(), 0.08 * random.NextGaussian());
        (Pose.Header.FrameId, SetPoint.Header.FrameId) = ("map", "map");
        (Imu.Header.FrameId, Range.Header.FrameId, Battery.Header.FrameId) = ("drone/imu", "drone/range", "drone/base_link");
        Imu.OrientationCovariance[0] = -1; // this unit estimates no orientation
        (Range.RadiationType, Range.FieldOfView, Range.MinRange, Range.MaxRange) = (Range.INFRARED, 0.05f, 0.02f, Reach);
        (Battery.Present, Battery.Capacity, Battery.Charge, Battery.Temperature) = (true, float.NaN, float.NaN, float.NaN);
        SetPoint.Pose.Orientation.W = 1;
    }

    public PoseStamped Pose { get; } = new();

    public Imu Imu { get; } = new();

    public Range Range { get; } = new();

    public PoseStamped SetPoint { get; } = new();

    public BatteryState Battery { get; } = new();

    public void MeasurePose(DroneBody b)
    {
        Point p = Pose.Pose.Position;
        (p.X, p.Y, p.Z) = (b.X + Noise(0.004), b.Y + Noise(0.004), b.Z + Noise(0.004));
        double r = (b.Roll + Noise(0.004)) / 2, t = (b.Pitch + Noise(0.004)) / 2;

        // Pitch after roll, no yaw.
        Quaternion q = Pose.Pose.Orientation;
        (q.X, q.Y, q.Z, q.W) = (Math.Sin(r) * Math.Cos(t), Math.Cos(r) * Math.Sin(t), -Math.Sin(r) * Math.Sin(t), Math.Cos(r) * Math.Cos(t));
    }

    public void MeasureImu(DroneBody b, double knock)
    {
        // A damaged propeller is out of balance: the frame shakes with it.
        double spin = b.Thrust / DroneBody.Gravity, shake = spin * (0.35 + (7 * b.Loss)), wobble = spin * (0.01 + (0.25 * b.Loss));
        (double X, double Y, double Z) f = b.SpecificForce;
        double cr = Math.Cos(b.Roll), sr = Math.Sin(b.Roll), cp = Math.Cos(b.Pitch), sp = Math.Sin(b.Pitch);
        Imu.LinearAcceleration.X = (cp * f.X) - (sp * f.Z) + biasX + Noise(0.05 + shake);
        Imu.LinearAcceleration.Y = (sr * sp * f.X) + (cr * f.Y) + (sr * cp * f.Z) + biasY + Noise(0.05 + shake);
        Imu.LinearAcceleration.Z = (cr * sp * f.X) - (sr * f.Y) + (cr * cp * f.Z) + biasZ + knock + Noise(0.05 + shake);
        Imu.AngularVelocity.X = b.RollRate + Noise(0.005 + wobble);
        Imu.AngularVelocity.Y = b.PitchRate + Noise(0.005 + wobble);
        Imu.AngularVelocity.Z = Noise(0.005 + (0.3 * wobble));
    }

    public void MeasureRange(DroneBody b)
    {
        double d = (b.Z / Math.Max(0.2, Math.Cos(b.Tilt))) + Noise(0.015);
        Range.Range_ = d > Reach ? float.PositiveInfinity : (float)Math.Max(0.02, d);
    }

    public void MeasureBattery(DroneBody b)
    {
        double current = 14 * Math.Pow(Math.Max(0, b.Thrust) / DroneBody.Gravity, 1.5);
        Battery.Percentage = (float)b.Charge;
        Battery.Current = (float)-current;
        Battery.Voltage = (float)(13.2 + (3.2 * b.Charge) + (b.Charge < 0.15 ? -8 * (0.15 - b.Charge) : 0) - (0.03 * current) + Noise(0.02));
    }

    private double Noise(double deviation) => deviation * random.NextGaussian();
}
