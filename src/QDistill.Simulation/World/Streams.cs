namespace QDistill.Simulation;

/// <summary>Random streams of one run: each part of the simulation draws from its own, so that changing one leaves the others as they were.</summary>
internal static class Streams
{
    public const ulong World = 1;
    public const ulong Driver = 2;
    public const ulong Vehicle = 3;
    public const ulong Lidar = 4;
    public const ulong Odometry = 5;
    public const ulong Imu = 6;
    public const ulong Latency = 7;
    public const ulong Air = 8;
    public const ulong People = 1000;
}
