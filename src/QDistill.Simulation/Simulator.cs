using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Msgs.GeometryMsgs;
using QDistill.Numerics;
using QDistill.Ros;
using Bool = QDistill.Msgs.StdMsgs.Bool;
using Clock = QDistill.Msgs.RosgraphMsgs.Clock;

namespace QDistill.Simulation;

/// <summary>Receives the messages of a simulated run in order of receipt.</summary>
/// <param name="topic">The topic.</param>
/// <param name="type">Its type.</param>
/// <param name="logTimeNs">When it was received [ns].</param>
/// <param name="publishTimeNs">When it was published [ns].</param>
/// <param name="data">The serialized message; valid during the call.</param>
public delegate void SimulatedMessageHandler(string topic, MessageType type, long logTimeNs, long publishTimeNs, ReadOnlySpan<byte> data);

/// <summary>One stretch of contact in a simulated run.</summary>
/// <param name="StartNs">When it began [ns].</param>
/// <param name="EndNs">When it ended [ns].</param>
/// <param name="Mood">What the driver was up to.</param>
/// <param name="Obstacle">What it touched.</param>
/// <param name="ImpactSpeed">The vehicle's speed just before [m/s].</param>
public readonly record struct SimulatedContact(long StartNs, long EndNs, DriverMood Mood, ObstacleKind Obstacle, double ImpactSpeed);

/// <summary>What happened in a simulated run.</summary>
/// <param name="Contacts">Every stretch of contact.</param>
/// <param name="Messages">How many messages were published.</param>
/// <param name="Distance">How far the vehicle drove [m].</param>
public sealed record SimulationSummary(IReadOnlyList<SimulatedContact> Contacts, long Messages, double Distance);

/// <summary>
/// Drives a seeded AGV through a seeded 2-D world and publishes what its sensors see on <c>/agv/scan</c>, <c>/agv/odom</c>, <c>/agv/imu</c>,
/// <c>/agv/cmd_vel</c> and <c>/agv/bumper_pressed</c>. The same configuration, seed and length give byte-identical messages.
/// </summary>
public sealed class Simulator(SimulationConfig config)
{
    private const double Step = 0.005;
    private static readonly string[] TopicNames = ["/agv/scan", "/agv/odom", "/agv/imu", "/agv/cmd_vel", "/agv/bumper_pressed", "/clock"];
    private readonly MessageType[] types =
    [
        MessageType.Of<Msgs.SensorMsgs.LaserScan>(), MessageType.Of<Msgs.NavMsgs.Odometry>(), MessageType.Of<Msgs.SensorMsgs.Imu>(),
        MessageType.Of<Twist>(), MessageType.Of<Bool>(), MessageType.Of<Clock>(),
    ];

    /// <summary>The configuration.</summary>
    public SimulationConfig Config { get; } = config;

    /// <summary>Writes a run as a rosbag2 bag (MCAP).</summary>
    /// <param name="folder">The bag's folder; it appears when the bag is whole.</param>
    /// <param name="seed">World, driver, people and noise all follow from it.</param>
    /// <param name="seconds">Length of the run [s].</param>
    /// <param name="progress">Receives the share done, in [0, 1].</param>
    /// <param name="cancel">Stops the run.</param>
    /// <param name="overwrite">Whether a bag that is already there is replaced.</param>
    /// <exception cref="UserErrorException">The length is not positive, or the bag cannot be written.</exception>
    public SimulationSummary WriteBag(
        string folder, ulong seed, double seconds, IProgress<double>? progress = null, CancellationToken cancel = default, bool overwrite = false)
    {
        using BagWriter writer = BagWriter.Create(folder, new BagWriteOptions { Overwrite = overwrite });
        var topics = new Dictionary<string, BagWriterTopic>(StringComparer.Ordinal);
        for (int i = 0; i < TopicNames.Length; i++)
        {
            if (i < TopicNames.Length - 1 || Config.Clock)
            {
                topics[TopicNames[i]] = writer.AddTopic(TopicNames[i], new RecordedType(types[i].Name, types[i].Definition, types[i].Hash));
            }
        }

        SimulationSummary summary = Run(seed, seconds, (topic, _, log, publish, data) => writer.Write(topics[topic], log, publish, data), progress, cancel);
        writer.Close();
        return summary;
    }

    /// <summary>Runs and hands over every message.</summary>
    /// <param name="seed">World, driver, people and noise all follow from it.</param>
    /// <param name="seconds">Length of the run [s].</param>
    /// <param name="onMessage">Receives the messages in order of receipt.</param>
    /// <param name="progress">Receives the share done, in [0, 1].</param>
    /// <param name="cancel">Stops the run.</param>
    /// <exception cref="UserErrorException">The length is not positive.</exception>
    public SimulationSummary Run(ulong seed, double seconds, SimulatedMessageHandler onMessage, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        if (!(seconds > 0 && seconds <= 1e6))
        {
            throw new UserErrorException("a run's length must be positive and at most 1000000 s", null, "give the seconds to simulate");
        }

        var world = new World(Config, seed);
        var run = new RunState(this, world, seed, onMessage);
        long steps = (long)Math.Round(seconds / Step);
        for (long k = 0; k < steps; k++)
        {
            run.Advance(k);
            if (k % 2000 == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Report((double)k / steps);
            }
        }

        progress?.Report(1);
        return run.Finish();
    }

    private static bool Due(long step, double rate) => (long)Math.Floor((step * Step * rate) + 1e-9) != (long)Math.Floor(((step - 1) * Step * rate) + 1e-9);

    /// <summary>The state of one run.</summary>
    private sealed class RunState
    {
        private readonly Simulator simulator;
        private readonly SimulationConfig config;
        private readonly World world;
        private readonly VehicleModel vehicle;
        private readonly Driver driver;
        private readonly LidarSensor lidar;
        private readonly ImuSensor imu;
        private readonly OdometrySensor odometry;
        private readonly Twist command = new();
        private readonly Bool bumper = new();
        private readonly Clock clock = new();
        private readonly CdrBuffer buffer = new();
        private readonly SimulatedMessageHandler onMessage;
        private readonly PriorityQueue<(int Topic, long Log, long Publish, byte[] Data), (long Log, long Order)> onItsWay = new();
        private readonly List<SimulatedContact> contacts = [];
        private Philox latency;
        private long messages, order;
        private bool touched, latched;
        private long touchStart, last;
        private DriverMood touchMood;
        private ObstacleKind touchKind;
        private double touchSpeed, previousSpeed, distance;

        public RunState(Simulator simulator, World world, ulong seed, SimulatedMessageHandler onMessage)
        {
            (this.simulator, config, this.world, this.onMessage) = (simulator, simulator.Config, world, onMessage);
            latency = new Philox(seed, Streams.Latency);
            vehicle = new VehicleModel(config, world, seed, world.StartX, world.StartY, latency.NextDouble(-Math.PI, Math.PI));
            driver = new Driver(config, world, seed);
            lidar = new LidarSensor(config, seed);
            imu = new ImuSensor(config, seed);
            odometry = new OdometrySensor(config, seed);
        }

        public void Advance(long k)
        {
            double now = k * Step;
            long stamp = config.StartNs + (k * (long)(Step * 1e9));
            last = stamp;
            Deliver(stamp);
            world.Step(Step, vehicle.Outline, vehicle.Speed);
            vehicle.Step(now, Step);
            imu.Integrate(vehicle);
            NoteContact(stamp);
            distance += Math.Abs(vehicle.Speed) * Step;
            previousSpeed = vehicle.Speed;

            if (config.Clock && Due(k, 100))
            {
                clock.Clock_.SetNanoseconds(stamp);
                Publish(5, clock, stamp, 0);
            }

            if (Due(k, config.ImuRate))
            {
                imu.Measure(world, vehicle);
                imu.Message.Header.Stamp.SetNanoseconds(stamp);
                Publish(2, imu.Message, stamp, 0.0005, 0.0015);
            }

            if (Due(k, config.OdometryRate))
            {
                odometry.Measure(now, vehicle);
                odometry.Message.Header.Stamp.SetNanoseconds(stamp);
                Publish(1, odometry.Message, stamp, 0.001, 0.003);
            }

            if (Due(k, config.ScanRate))
            {
                lidar.Measure(world, vehicle);
                lidar.Message.Header.Stamp.SetNanoseconds(stamp);
                driver.See(lidar.Message.Ranges.Span, lidar.Message.AngleMin, lidar.Message.AngleIncrement, vehicle);
                Publish(0, lidar.Message, stamp, 0.008, 0.02);
            }

            if (Due(k, config.CommandRate))
            {
                driver.Decide(now, vehicle, latched);
                vehicle.Command(now, driver.Linear, driver.Angular);
                (command.Linear.X, command.Angular.Z) = (driver.Linear, driver.Angular);
                Publish(3, command, stamp, 0.0005, 0.001);
                bumper.Data = latched;
                Publish(4, bumper, stamp, 0.0005, 0.001);
                latched = vehicle.Touching;
            }
        }

        public SimulationSummary Finish()
        {
            Deliver(long.MaxValue);
            if (touched)
            {
                contacts.Add(new SimulatedContact(touchStart, last, touchMood, touchKind, touchSpeed));
            }

            return new SimulationSummary(contacts, messages, distance);
        }

        private void NoteContact(long stamp)
        {
            bool touching = vehicle.Touching;
            latched |= touching;
            if (touching && !touched)
            {
                (touchStart, touchMood, touchKind, touchSpeed) = (stamp, driver.Mood, world.Nearest(vehicle.Outline), Math.Abs(previousSpeed));
                double angle = latency.NextDouble(0, 2 * Math.PI), push = latency.NextDouble(1.5, 5);
                imu.Knock(push * Math.Cos(angle), push * Math.Sin(angle));
            }
            else if (!touching && touched)
            {
                contacts.Add(new SimulatedContact(touchStart, stamp, touchMood, touchKind, touchSpeed));
            }

            touched = touching;
        }

        /// <summary>Sends a message that is received after a random latency between the two given [s].</summary>
        private void Publish(int topic, IMessage message, long stamp, double least, double most = 0)
        {
            double delay = most > least ? latency.NextDouble(least, most) : least;
            long publish = stamp + (long)(0.5e9 * delay), log = stamp + (long)(1e9 * delay);
            onItsWay.Enqueue((topic, log, publish, Cdr.Serialize(message, buffer).ToArray()), (log, order++));
        }

        private void Deliver(long until)
        {
            while (onItsWay.TryPeek(out (int Topic, long Log, long Publish, byte[] Data) m, out _) && m.Log <= until)
            {
                onItsWay.Dequeue();
                onMessage(TopicNames[m.Topic], simulator.types[m.Topic], m.Log, m.Publish, m.Data);
                messages++;
            }
        }
    }
}
