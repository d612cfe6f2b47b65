using QDistill.Bags;
using QDistill.Configuration;
using QDistill.Numerics;
using QDistill.Ros;
using Bool = QDistill.Msgs.StdMsgs.Bool;

namespace QDistill.Simulation;

/// <summary>One impact of a simulated drone.</summary>
/// <param name="TimeNs">When [ns].</param>
/// <param name="Speed">How fast [m/s].</param>
/// <param name="PropellerLoss">The share of its lift that a propeller had lost.</param>
/// <param name="Charge">The battery's charge.</param>
public readonly record struct DroneImpact(long TimeNs, double Speed, double PropellerLoss, double Charge);

/// <summary>What happened in a simulated run of flights.</summary>
/// <param name="Impacts">Every impact.</param>
/// <param name="Flights">How many flights were begun.</param>
/// <param name="Messages">How many messages were published.</param>
/// <param name="Distance">How far the drone flew [m].</param>
public sealed record DroneSummary(IReadOnlyList<DroneImpact> Impacts, int Flights, long Messages, double Distance);

/// <summary>
/// Flies a seeded quadrotor, one flight after another, and publishes <c>/drone/pose</c>, <c>/drone/imu</c>, <c>/drone/range</c>, <c>/drone/setpoint</c>, <c>/drone/battery</c> and, as truth,
/// <c>/drone/impact</c>. It comes down hard through damaged propellers, empty batteries, hasty descents and downdraughts. The same configuration, seed and length give byte-identical messages.
/// </summary>
public sealed class DroneSimulator(DroneConfig config)
{
    private const double Step = 0.0025;
    private const double LyingFor = 2.5, RestFor = 2;
    private static readonly (string Topic, MessageType Type)[] Topics =
    [
        ("/drone/pose", MessageType.Of<Msgs.GeometryMsgs.PoseStamped>()), ("/drone/imu", MessageType.Of<Msgs.SensorMsgs.Imu>()), ("/drone/range", MessageType.Of<Msgs.SensorMsgs.Range>()),
        ("/drone/setpoint", MessageType.Of<Msgs.GeometryMsgs.PoseStamped>()), ("/drone/battery", MessageType.Of<Msgs.SensorMsgs.BatteryState>()), ("/drone/impact", MessageType.Of<Bool>()),
    ];

    /// <summary>Writes a run as a rosbag2 bag (MCAP), whole or not at all.</summary>
    /// <param name="folder">The bag's folder.</param>
    /// <param name="seed">Flights, air, faults and noise all follow from it.</param>
    /// <param name="seconds">Length of the run [s].</param>
    /// <param name="progress">Receives the share done, in [0, 1].</param>
    /// <param name="cancel">Stops the run.</param>
    /// <param name="overwrite">Whether a bag that is already there is replaced.</param>
    /// <exception cref="UserErrorException">The length is not positive, or the bag cannot be written.</exception>
    public DroneSummary WriteBag(string folder, ulong seed, double seconds, IProgress<double>? progress = null, CancellationToken cancel = default, bool overwrite = false)
    {
        using BagWriter writer = BagWriter.Create(folder, new BagWriteOptions { Overwrite = overwrite });
        Dictionary<string, BagWriterTopic> topics = Topics.ToDictionary(t => t.Topic, t => writer.AddTopic(t.Topic, new RecordedType(t.Type.Name, t.Type.Definition, t.Type.Hash)), StringComparer.Ordinal);
        DroneSummary summary = Run(seed, seconds, (topic, _, log, publish, data) => writer.Write(topics[topic], log, publish, data), progress, cancel);
        writer.Close();
        return summary;
    }

    /// <summary>Flies and hands over every message.</summary>
    /// <param name="seed">Flights, air, faults and noise all follow from it.</param>
    /// <param name="seconds">Length of the run [s].</param>
    /// <param name="onMessage">Receives the messages in order of receipt.</param>
    /// <param name="progress">Receives the share done, in [0, 1].</param>
    /// <param name="cancel">Stops the run.</param>
    /// <exception cref="UserErrorException">The length is not positive.</exception>
    public DroneSummary Run(ulong seed, double seconds, SimulatedMessageHandler onMessage, IProgress<double>? progress = null, CancellationToken cancel = default)
    {
        if (!(seconds > 0 && seconds <= 1e6))
        {
            throw new UserErrorException("a run's length must be positive and at most 1000000 s", null, "give the seconds to simulate");
        }

        var run = new Flights(config, seed, onMessage);
        long steps = (long)Math.Round(seconds / Step);
        for (long k = 0; k < steps; k++)
        {
            run.Advance(k);
            if (k % 4000 == 0)
            {
                cancel.ThrowIfCancellationRequested();
                progress?.Report((double)k / steps);
            }
        }

        progress?.Report(1);
        return run.Summary;
    }

    /// <summary>The state of one run.</summary>
    private sealed class Flights(DroneConfig config, ulong seed, SimulatedMessageHandler onMessage)
    {
        private readonly DroneBody body = new(config, seed);
        private readonly DronePilot pilot = new(config, seed);
        private readonly DroneSensors sensors = new(seed);
        private readonly Bool impact = new();
        private readonly CdrBuffer buffer = new();
        private readonly List<DroneImpact> impacts = [];
        private Philox latency = new(seed, Streams.Latency);
        private double upAgainAt, lyingSince = double.NaN, knock, distance;
        private bool flying, down;
        private long messages, delay;
        private int flights;

        public DroneSummary Summary => new(impacts, flights, messages, distance);

        public void Advance(long k)
        {
            double now = k * Step;
            long stamp = config.StartNs + (k * (long)(Step * 1e9));
            if (!flying && now >= upAgainAt)
            {
                body.Prepare(pilot.TakeOff(now, body.X, body.Y));
                (flying, down) = (true, false);
                flights++;
            }

            if (flying)
            {
                Fly(now, stamp);
            }
            else
            {
                body.Lie();
            }

            Send(k, stamp);
        }

        private void Fly(double now, long stamp)
        {
            if (pilot.Fault is { } fault && now >= fault.At)
            {
                body.Damage(fault.Loss, fault.Seconds);
                pilot.FaultHappened();
            }

            (double x, double y, double z) = pilot.Decide(now, Step, body);
            bool wasUp = body.Z > 0;
            (double Speed, double Tilt)? met = body.Step(Step, x, y, z);
            distance += Math.Sqrt((body.Vx * body.Vx) + (body.Vy * body.Vy) + (body.Vz * body.Vz)) * Step;
            if (met is { } ground && wasUp && (ground.Speed > config.ImpactSpeed || ground.Tilt > 0.6))
            {
                impacts.Add(new DroneImpact(stamp, ground.Speed, body.Loss, body.Charge));
                (flying, down, lyingSince, upAgainAt, knock) = (false, true, now, now + LyingFor, 20 + (10 * ground.Speed));
            }
            else if (pilot.HasLanded)
            {
                (flying, upAgainAt) = (false, now + RestFor);
            }
        }

        private void Send(long k, long stamp)
        {
            delay = (long)latency.NextDouble(0.4e6, 2.2e6);
            if (Due(k, 100))
            {
                sensors.MeasureImu(body, knock);
                knock = 0;
                Publish(1, sensors.Imu.Header.Stamp, sensors.Imu, stamp);
            }

            if (Due(k, 50))
            {
                sensors.MeasurePose(body);
                Publish(0, sensors.Pose.Header.Stamp, sensors.Pose, stamp);
            }

            if (Due(k, 20))
            {
                sensors.MeasureRange(body);
                Publish(2, sensors.Range.Header.Stamp, sensors.Range, stamp);
                impact.Data = down && (k * Step) - lyingSince < 0.5;
                Publish(5, null, impact, stamp);
            }

            if (Due(k, 10))
            {
                (sensors.SetPoint.Pose.Position.X, sensors.SetPoint.Pose.Position.Y, sensors.SetPoint.Pose.Position.Z) = (pilot.SetX, pilot.SetY, pilot.SetZ);
                Publish(3, sensors.SetPoint.Header.Stamp, sensors.SetPoint, stamp);
            }

            if (Due(k, 2))
            {
                sensors.MeasureBattery(body);
                Publish(4, sensors.Battery.Header.Stamp, sensors.Battery, stamp);
            }
        }

        // Delays stay below the step and grow within it, so that messages are received in the order in which they are sent.
        private void Publish(int topic, Msgs.BuiltinInterfaces.Time? header, IMessage message, long stamp)
        {
            header?.SetNanoseconds(stamp);
            delay += 20_000;
            onMessage(Topics[topic].Topic, Topics[topic].Type, stamp + delay, stamp + (delay / 2), Cdr.Serialize(message, buffer));
            messages++;
        }

        private static bool Due(long step, double rate) => (long)Math.Floor((step * Step * rate) + 1e-9) != (long)Math.Floor(((step - 1) * Step * rate) + 1e-9);
    }
}
