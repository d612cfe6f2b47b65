using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;

namespace QDistill.Simulation;

/// <summary>A planar lidar over a full turn in the middle of the vehicle: exact ranges, then noise and drop-outs. Low obstacles are beneath its plane.</summary>
internal sealed class LidarSensor
{
    private const double LeastRange = 0.12;
    private readonly SimulationConfig config;
    private readonly double[] exact;
    private Philox random;

    public LidarSensor(SimulationConfig config, ulong seed)
    {
        this.config = config;
        random = new Philox(seed, Streams.Lidar);
        exact = new double[config.Beams];
        Message.Header.FrameId = "agv/base_link/lidar";
        Message.AngleMin = (float)-Math.PI;
        Message.AngleIncrement = (float)Increment;
        Message.AngleMax = (float)(-Math.PI + ((config.Beams - 1) * Increment));
        Message.ScanTime = (float)(1 / config.ScanRate);
        Message.RangeMin = (float)LeastRange;
        Message.RangeMax = (float)config.LidarRange;
        Message.Ranges.Resize(config.Beams);
    }

    /// <summary>The last scan.</summary>
    public LaserScan Message { get; } = new();

    private double Increment => 2 * Math.PI / config.Beams;

    public void Measure(World world, VehicleModel vehicle)
    {
        RayCaster.Cast(vehicle.X, vehicle.Y, vehicle.Yaw - Math.PI, Increment, config.LidarRange, world.Segments, world.Discs, exact);
        Span<float> ranges = Message.Ranges.Span;
        for (int i = 0; i < ranges.Length; i++)
        {
            double noise = config.LidarNoise * random.NextGaussian();
            bool lost = random.NextDouble() < config.LidarDropout;
            ranges[i] = lost || double.IsPositiveInfinity(exact[i]) ? float.PositiveInfinity
                : exact[i] + noise < LeastRange ? float.NegativeInfinity
                : (float)(exact[i] + noise);
        }
    }
}
