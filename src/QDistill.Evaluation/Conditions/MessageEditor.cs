using QDistill.Configuration;
using QDistill.Features;
using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Numerics;
using QDistill.Ros;
using Range = QDistill.Msgs.SensorMsgs.Range;

namespace QDistill.Evaluation.Conditions;

/// <summary>Changes the content of one source's messages; what it returns is valid until the next call.</summary>
internal abstract class MessageEditor
{
    private readonly CdrBuffer buffer = new();

    /// <summary>The editor of a source.</summary>
    /// <exception cref="UserErrorException">Messages of that type cannot be changed so.</exception>
    public static MessageEditor Create(string condition, SensorDisturbance sensor, SourceConfig source, RobotConfig robot, Philox constants) => source.Type switch
    {
        "sensor_msgs/msg/LaserScan" => new ScanEditor(sensor, constants),
        "nav_msgs/msg/Odometry" => new OdometryEditor(sensor),
        "sensor_msgs/msg/Imu" => new ImuEditor(sensor),
        "geometry_msgs/msg/Twist" => new CommandEditor<Msgs.GeometryMsgs.Twist>(sensor, static m => m),
        "geometry_msgs/msg/TwistStamped" => new CommandEditor<TwistStamped>(sensor, static m => m.Twist),
        "geometry_msgs/msg/Pose" => new PoseEditor<Pose>(sensor, static m => m),
        "geometry_msgs/msg/PoseStamped" => new PoseEditor<PoseStamped>(sensor, static m => m.Pose),
        "geometry_msgs/msg/PoseWithCovarianceStamped" => new PoseEditor<PoseWithCovarianceStamped>(sensor, static m => m.Pose.Pose),
        "sensor_msgs/msg/Range" => new RangeEditor(sensor),
        "sensor_msgs/msg/Image" when source.Role == SourceRole.Depth => new DepthEditor(sensor),
        "sensor_msgs/msg/Image" => new ImageEditor(sensor),
        _ when source.Fields.Count > 0 && source.Role is SourceRole.Imu or SourceRole.Range or SourceRole.Pose => new FieldEditor(sensor, source, robot),
        _ => throw new UserErrorException(
            $"the condition '{condition}' changes what is in messages of {source.Topic}, which is not possible for {source.Type}", robot.File, "only dropout, latency and jitter are"),
    };

    /// <summary>The changed message.</summary>
    /// <exception cref="CdrException">The bytes are not a message of the type.</exception>
    public ReadOnlySpan<byte> Edit(ReadOnlySpan<byte> cdr, scoped ref Philox rng)
    {
        IMessage message = Change(cdr, ref rng);
        return Cdr.Serialize(message, buffer);
    }

    /// <summary>Decodes and changes a message; the instance is reused.</summary>
    protected abstract IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng);

    private sealed class OdometryEditor(SensorDisturbance sensor) : MessageEditor
    {
        private readonly Odometry message = new();
        private readonly double speed = sensor["speed_noise"], scale = 1 + sensor["speed_scale"], yaw = sensor["yaw_rate_noise"], yawBias = sensor["yaw_rate_bias"], position = sensor["position_noise"];

        protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
        {
            Cdr.Deserialize(cdr, message);
            Vector3 v = message.Twist.Twist.Linear;
            v.X = (v.X * scale) + (speed * rng.NextGaussian());
            v.Y = (v.Y * scale) + (v.Y != 0 ? speed * rng.NextGaussian() : 0);
            message.Twist.Twist.Angular.Z += (yaw * rng.NextGaussian()) + yawBias;
            message.Pose.Pose.Position.X += position * rng.NextGaussian();
            message.Pose.Pose.Position.Y += position * rng.NextGaussian();
            return message;
        }
    }

    private sealed class ImuEditor(SensorDisturbance sensor) : MessageEditor
    {
        private readonly Imu message = new();
        private readonly double noise = sensor["acceleration_noise"], bias = sensor["acceleration_bias"], rateNoise = sensor["rate_noise"], rateBias = sensor["rate_bias"];

        protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
        {
            Cdr.Deserialize(cdr, message);
            Add(message.LinearAcceleration, noise, bias, ref rng);
            Add(message.AngularVelocity, rateNoise, rateBias, ref rng);
            return message;
        }

        private static void Add(Vector3 v, double noise, double bias, ref Philox rng)
        {
            v.X += (noise * rng.NextGaussian()) + bias;
            v.Y += (noise * rng.NextGaussian()) + bias;
            v.Z += (noise * rng.NextGaussian()) + bias;
        }
    }

    private sealed class CommandEditor<T>(SensorDisturbance sensor, Func<T, Msgs.GeometryMsgs.Twist> twist) : MessageEditor
        where T : class, IMessage<T>, new()
    {
        private readonly T message = new();
        private readonly double speed = sensor["speed_noise"], yaw = sensor["yaw_rate_noise"];

        protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
        {
            Cdr.Deserialize(cdr, message);
            twist(message).Linear.X += speed * rng.NextGaussian();
            twist(message).Angular.Z += yaw * rng.NextGaussian();
            return message;
        }
    }

    private sealed class PoseEditor<T>(SensorDisturbance sensor, Func<T, Pose> pose) : MessageEditor
        where T : class, IMessage<T>, new()
    {
        private readonly T message = new();
        private readonly double noise = sensor["position_noise"];

        protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
        {
            Cdr.Deserialize(cdr, message);
            Point p = pose(message).Position;
            (p.X, p.Y, p.Z) = (p.X + (noise * rng.NextGaussian()), p.Y + (noise * rng.NextGaussian()), p.Z + (noise * rng.NextGaussian()));
            return message;
        }
    }

    private sealed class RangeEditor(SensorDisturbance sensor) : MessageEditor
    {
        private readonly Range message = new();
        private readonly double noise = sensor["noise"], bias = sensor["bias"], scale = 1 + sensor["scale"], most = sensor["range_max"];

        protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
        {
            Cdr.Deserialize(cdr, message);
            float r = message.Range_;
            if (float.IsFinite(r))
            {
                message.Range_ = (float)((r * scale) + bias + (noise * rng.NextGaussian()));
            }

            if (most > 0 && most < message.MaxRange)
            {
                message.MaxRange = (float)most;
                message.Range_ = message.Range_ > most ? float.PositiveInfinity : message.Range_;
            }

            return message;
        }
    }

    /// <summary>Custom types by the fields that the robot names: accelerations and rates, a distance, or a position.</summary>
    private sealed class FieldEditor : MessageEditor
    {
        private readonly MessageDefinition definition;
        private readonly List<(string Path, double Noise, double Bias, double Scale)> fields = [];

        public FieldEditor(SensorDisturbance sensor, SourceConfig source, RobotConfig robot)
        {
            definition = robot.MessageDefinitions.TryGetValue(source.Type, out string? text) ? MessageDefinition.Parse(source.Type, text)
                : MessageRegistry.Find(source.Type)?.Structure ?? throw new UserErrorException($"message type {source.Type} has no definition", robot.File, "give its .msg text under message_definitions");
            double unit = 1 / source.Scale;
            (double noise, double bias, double scale) = source.Role switch
            {
                SourceRole.Imu => (sensor["acceleration_noise"], sensor["acceleration_bias"], 1.0),
                SourceRole.Range => (sensor["noise"], sensor["bias"], 1 + sensor["scale"]),
                _ => (sensor["position_noise"], 0.0, 1.0),
            };
            fields.AddRange(source.Fields.Take(source.Role == SourceRole.Range ? 1 : 3).Select(f => (f, noise * unit, bias * unit, scale)));
            fields.AddRange(source.RateFields.Select(f => (f, sensor["rate_noise"], sensor["rate_bias"], 1.0)));
        }

        protected override IMessage Change(ReadOnlySpan<byte> cdr, ref Philox rng)
        {
            DynamicMessage message = DynamicMessage.Deserialize(definition, cdr);
            foreach ((string path, double noise, double bias, double scale) in fields)
            {
                if (message.TryGetDouble(path, out double v))
                {
                    message.Set(path, (v * scale) + bias + (noise * rng.NextGaussian()));
                }
            }

            return message;
        }
    }
}
