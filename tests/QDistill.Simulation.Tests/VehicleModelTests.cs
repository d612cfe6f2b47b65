namespace QDistill.Simulation.Tests;

public class VehicleModelTests
{
    private const double Dt = 0.005;

    private static (VehicleModel Vehicle, List<double> Speeds) Drive(SimulationConfig config, World world, double x, double y, double seconds, double v, double w)
    {
        var vehicle = new VehicleModel(config, world, 1, x, y, 0);
        var speeds = new List<double>();
        vehicle.Command(0, v, w);
        for (int k = 1; k <= seconds / Dt; k++)
        {
            vehicle.Step(k * Dt, Dt);
            speeds.Add(vehicle.WheelSpeed);
        }

        return (vehicle, speeds);
    }

    [Fact]
    public void A_command_acts_after_its_delay_and_within_the_acceleration_limit()
    {
        var config = new SimulationConfig { Slip = 0 };
        (VehicleModel vehicle, List<double> speeds) = Drive(config, World.Empty(40, 40), 20, 20, 3, 0.8, 0);
        Assert.All(speeds.Take(19), s => Assert.Equal(0, s));
        Assert.All(speeds.Zip(speeds.Skip(1)), p => Assert.True(p.Second - p.First <= (config.Acceleration * Dt) + 1e-12));

        // 0.1 s of delay, 1 s to reach 0.8 m/s, then 1.9 s at it.
        Assert.Equal(20 + 0.4 + (1.9 * 0.8), vehicle.X, 0.01);
        Assert.Equal(0.8, vehicle.Speed, 1e-9);
    }

    [Fact]
    public void Constant_speed_and_yaw_rate_go_round_in_a_circle()
    {
        var config = new SimulationConfig { Slip = 0, Acceleration = 20, YawAcceleration = 100, ActuationDelay = 0 };
        double v = 0.5, w = 0.5;
        (VehicleModel vehicle, _) = Drive(config, World.Empty(40, 40), 20, 20, 4 * Math.PI, v, w);
        Assert.Equal(20, vehicle.X, 0.03);
        Assert.Equal(20, vehicle.Y, 0.03);
        Assert.Equal(2 * Math.PI, vehicle.Yaw, 0.02);
        Assert.Equal(v * w, vehicle.Acceleration.Y, 1e-2); // centripetal
    }

    [Fact]
    public void A_wall_stops_the_vehicle_but_not_its_wheels_and_it_can_back_off()
    {
        var config = new SimulationConfig { Slip = 0 };
        World hall = World.Empty(6, 6);
        (VehicleModel vehicle, _) = Drive(config, hall, 4.5, 3, 4, 0.5, 0);
        Assert.True(vehicle.Touching);
        Assert.InRange(vehicle.X + 0.3, 6 - VehicleModel.TouchDistance, 6);
        Assert.Equal(0, vehicle.Speed);
        Assert.Equal(0.5, vehicle.WheelSpeed, 1e-9);
        Assert.Equal(6 - 0.3 - vehicle.X, vehicle.Clearance, 1e-9);

        vehicle.Command(4, -0.3, 0);
        for (int k = 1; k <= 300; k++)
        {
            vehicle.Step(4 + (k * Dt), Dt);
        }

        Assert.False(vehicle.Touching);
        Assert.True(vehicle.X < 5.6);
    }
}
