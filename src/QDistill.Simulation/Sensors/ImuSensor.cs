using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>An inertial unit in the middle of the vehicle: mean acceleration and yaw rate between readings, with bias, noise, vibration that grows with speed and floor, and shocks.</summary>
internal sealed class ImuSensor
{
    private const double Gravity = 9.80665;
    private const double FullScale = 4 * Gravity;
    private readonly SimulationConfig config;
    private readonly double biasX, biasY, biasZ, gyroBias;
    private Philox random;
    private double sumX, sumY, sumW, shockX, shockY;
    private int steps;

    public ImuSensor(SimulationConfig config, ulong seed)
    {
        this.config = config;
        random = new Philox(seed, Streams.Imu);
        biasX = config.AccelerometerBias * random.NextGaussian();
        biasY = config.AccelerometerBias * random.NextGaussian();
        biasZ = config.AccelerometerBias * random.NextGaussian();
        gyroBias = config.GyroscopeBias * random.NextGaussian();
        Message.Header.FrameId = "agv/base_link/imu";
        Message.OrientationCovariance[0] = -1; // this unit estimates no orientation
        for (int i = 0; i < 9; i += 4)
        {
            Message.AngularVelocityCovariance[i] = config.GyroscopeNoise * config.GyroscopeNoise;
            Message.LinearAccelerationCovariance[i] = config.AccelerometerNoise * config.AccelerometerNoise;
        }
    }

    /// <summary>The last reading.</summary>
    public Imu Message { get; } = new();

    /// <summary>Something bumped into the vehicle from a direction in its frame.</summary>
    public void Knock(double x, double y)
    {
        shockX += x;
        shockY += y;
    }

    /// <summary>Takes in one step of the motion.</summary>
    public void Integrate(VehicleModel vehicle)
    {
        sumX += vehicle.Acceleration.X;
        sumY += vehicle.Acceleration.Y;
        sumW += vehicle.YawRate;
        steps++;
    }

    public void Measure(World world, VehicleModel vehicle)
    {
        double motion = Math.Abs(vehicle.Speed) + (0.2 * Math.Abs(vehicle.YawRate));
        double shake = config.Vibration * motion * (world.IsRough(vehicle.X, vehicle.Y) ? config.RoughFloor : 1);
        double n = Math.Max(1, steps);
        Message.LinearAcceleration.X = Limit((sumX / n) + shockX + biasX + Noise(0.5 * shake));
        Message.LinearAcceleration.Y = Limit((sumY / n) + shockY + biasY + Noise(0.5 * shake));
        Message.LinearAcceleration.Z = Limit(Gravity + biasZ + Noise(shake));
        Message.AngularVelocity.X = (0.05 * shake * random.NextGaussian()) + (config.GyroscopeNoise * random.NextGaussian());
        Message.AngularVelocity.Y = (0.05 * shake * random.NextGaussian()) + (config.GyroscopeNoise * random.NextGaussian());
        Message.AngularVelocity.Z = (sumW / n) + gyroBias + (config.GyroscopeNoise * random.NextGaussian());
        (sumX, sumY, sumW, shockX, shockY, steps) = (0, 0, 0, 0, 0, 0);
    }

    private double Noise(double shake) => Math.Sqrt((config.AccelerometerNoise * config.AccelerometerNoise) + (shake * shake)) * random.NextGaussian();

    private static double Limit(double a) => Math.Clamp(a, -FullScale, FullScale);
}
