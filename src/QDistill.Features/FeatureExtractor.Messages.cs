using System.Runtime.InteropServices;
using QDistill.Configuration;
using QDistill.Msgs.BuiltinInterfaces;
using QDistill.Msgs.GeometryMsgs;
using QDistill.Msgs.NavMsgs;
using QDistill.Msgs.SensorMsgs;
using QDistill.Ros;

namespace QDistill.Features;

public sealed partial class FeatureExtractor
{
    private readonly Decoder[] decoders;

    /// <summary>Whether a source's type is compiled in; if not, hand its messages over serialized, or as <see cref="DynamicMessage"/>.</summary>
    public bool IsTyped(int source) => decoders[source].Instance is not null;

    /// <summary>Takes in a message of one source.</summary>
    /// <param name="source">The source's index in <see cref="RobotConfig.Sources"/>.</param>
    /// <param name="message">The message: an instance of the generated class, or a <see cref="DynamicMessage"/>. It is not kept.</param>
    /// <param name="receiptNs">When it was received [ns]: the bag's log time offline, the node's clock onboard.</param>
    /// <exception cref="ArgumentException">The message is not of the source's type.</exception>
    public void OnMessage(int source, IMessage message, long receiptNs)
    {
        Before(source, receiptNs);
        long stamp;
        if (message is DynamicMessage dynamic)
        {
            stamp = decoders[source].Fields is { } fields ? TakeFields(source, fields, new FieldReader(dynamic), receiptNs)
                : throw new ArgumentException($"source '{robotSource(source)}' takes the generated class of {bySource[source].Config.Type}", nameof(message));
        }
        else
        {
            stamp = Take(source, message, receiptNs);
        }

        After(source, stamp, receiptNs);

        string robotSource(int i) => bySource[i].Config.Name;
    }

    /// <summary>Takes in a serialized message (with its encapsulation header) of one source. Bytes that are not a message of its type are counted as rejected.</summary>
    /// <param name="source">The source's index in <see cref="RobotConfig.Sources"/>.</param>
    /// <param name="cdr">The bytes.</param>
    /// <param name="receiptNs">When it was received [ns].</param>
    /// <returns>False when the bytes are malformed.</returns>
    public bool OnSerialized(int source, ReadOnlySpan<byte> cdr, long receiptNs)
    {
        Before(source, receiptNs);
        long stamp;
        try
        {
            if (decoders[source].Instance is { } instance)
            {
                Cdr.Deserialize(cdr, instance);
                stamp = Take(source, instance, receiptNs);
            }
            else
            {
                stamp = TakeFields(source, decoders[source].Fields!, new FieldReader(cdr), receiptNs);
            }
        }
        catch (CdrException)
        {
            malformed[source]++;
            return false;
        }

        After(source, stamp, receiptNs);
        return true;
    }

    private static Decoder CreateDecoder(RobotConfig robot, SourceConfig source)
    {
        bool plainBool = source.Role == SourceRole.Contact && source.Type == "std_msgs/msg/Bool" && source.Fields is ["data"] && source.Threshold == 0;
        if (plainBool || (source.Role != SourceRole.Contact && SourceConfig.KnownTypes(source.Role).Contains(source.Type)))
        {
            return MessageRegistry.TryCreate(source.Type, out IMessage? instance) ? new Decoder(instance, null)
                : throw new UserErrorException($"message type {source.Type} is not compiled in", $"{robot.File}, source '{source.Name}'");
        }

        return new Decoder(null, CustomFields.Compile(robot, source));
    }

    /// <summary>Decodes a message of a compiled-in type and queues it. Returns its stamp.</summary>
    private long Take(int source, IMessage message, long receiptNs)
    {
        SourceStream stream = bySource[source];
        long stamp;
        switch (message)
        {
            case LaserScan m when stream is ScanStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                ScanRecord scan = s.Slot();
                (scan.AngleMin, scan.AngleIncrement, scan.RangeMin, scan.RangeMax) = (m.AngleMin, m.AngleIncrement, m.RangeMin, m.RangeMax);
                scan.Set(m.Ranges.Span);
                s.OnRecord(stamp, scan);
                return stamp;
            case Odometry m when stream is OdometryStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                Pose p = m.Pose.Pose;
                Msgs.GeometryMsgs.Twist t = m.Twist.Twist;
                s.OnRecord(stamp, new OdometryRecord
                {
                    X = p.Position.X, Y = p.Position.Y, Z = p.Position.Z,
                    Qx = p.Orientation.X, Qy = p.Orientation.Y, Qz = p.Orientation.Z, Qw = p.Orientation.W,
                    Vx = t.Linear.X, Vy = t.Linear.Y, Vz = t.Linear.Z,
                    Wx = t.Angular.X, Wy = t.Angular.Y, Wz = t.Angular.Z,
                });
                return stamp;
            case Imu m when stream is ImuStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                TakeImu(s, stamp, new ImuRecord
                {
                    Ax = m.LinearAcceleration.X, Ay = m.LinearAcceleration.Y, Az = m.LinearAcceleration.Z,
                    Wx = m.AngularVelocity.X, Wy = m.AngularVelocity.Y, Wz = m.AngularVelocity.Z,
                });
                return stamp;
            case Msgs.GeometryMsgs.Twist m when stream is CommandStream s:
                stamp = StampOf(source, 0, receiptNs);
                s.OnRecord(stamp, new CommandRecord { Vx = m.Linear.X, Wz = m.Angular.Z });
                return stamp;
            case TwistStamped m when stream is CommandStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                s.OnRecord(stamp, new CommandRecord { Vx = m.Twist.Linear.X, Wz = m.Twist.Angular.Z });
                return stamp;
            case Msgs.StdMsgs.Bool m when stream is ContactStream s:
                stamp = StampOf(source, 0, receiptNs);
                TakeContact(source, s, stamp, m.Data);
                return stamp;
            case Pose m:
                return TakePose(source, stream, 0, m, receiptNs);
            case PoseStamped m:
                return TakePose(source, stream, m.Header.Stamp.ToNanoseconds(), m.Pose, receiptNs);
            case PoseWithCovarianceStamped m:
                return TakePose(source, stream, m.Header.Stamp.ToNanoseconds(), m.Pose.Pose, receiptNs);
            case Point m when stream is SetPointStream s:
                return TakePoint(source, s, 0, m, receiptNs);
            case PointStamped m when stream is SetPointStream s:
                return TakePoint(source, s, m.Header.Stamp.ToNanoseconds(), m.Point, receiptNs);
            case Msgs.SensorMsgs.Range m when stream is RangeStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                s.OnRecord(stamp, new RangeRecord { Distance = m.Range_, Min = m.MinRange, Max = m.MaxRange });
                return stamp;
            case BatteryState m when stream is BatteryStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                s.OnRecord(stamp, new BatteryRecord { Voltage = m.Voltage, Current = m.Current, Charge = m.Percentage });
                return stamp;
            case Image m when stream is ImageStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                ImageRecord image = s.Slot();
                Note(source, s.Reduce(image, m.Width, m.Height, m.Step, m.IsBigendian != 0, m.Encoding, m.Data.Span), m.Encoding);
                s.OnRecord(stamp, image);
                return stamp;
            case CompressedImage m when stream is ImageStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                ImageRecord compressed = s.Slot();
                Note(source, s.Reduce(compressed, m.Data.Span), m.Format);
                s.OnRecord(stamp, compressed);
                return stamp;
            case Image m when stream is DepthStream s:
                stamp = StampOf(source, m.Header.Stamp.ToNanoseconds(), receiptNs);
                DepthRecord depth = s.Slot();
                Note(source, s.Reduce(depth, m.Width, m.Height, m.Step, m.IsBigendian != 0, m.Encoding, m.Data.Span), m.Encoding);
                s.OnRecord(stamp, depth);
                return stamp;
            default:
                throw new ArgumentException($"source '{stream.Config.Name}' takes {stream.Config.Type}, not {message.GetMessageType().Name}", nameof(message));
        }
    }

    /// <summary>Decodes a message of a custom type by the fields that the robot names. Returns its stamp.</summary>
    private long TakeFields(int source, CustomFields fields, in FieldReader reader, long receiptNs)
    {
        SourceConfig config = bySource[source].Config;
        long header = fields.Clock is { } clock ? clocks[source].ToReceiptTime((long)(reader.Read(clock) * config.StampUnit * 1e9), receiptNs) : reader.HeaderStamp(fields);
        long stamp = StampOf(source, header, receiptNs);
        switch (bySource[source])
        {
            case ContactStream s:
                bool pressed = false;
                for (int i = 0; i < fields.Paths.Length; i++)
                {
                    bool there = reader.TryRead(fields.Paths[i], out double value);
                    pressed |= there && (fields.CountsAsContact[i] || value > config.Threshold);
                }

                TakeContact(source, s, stamp, pressed);
                return stamp;
            case ImuStream s:
                TakeImu(s, stamp, new ImuRecord
                {
                    Ax = config.Scale * reader.Read(fields.Paths[0]), Ay = config.Scale * reader.Read(fields.Paths[1]), Az = config.Scale * reader.Read(fields.Paths[2]),
                    Wx = fields.Paths.Length > 3 ? reader.Read(fields.Paths[3]) : 0,
                    Wy = fields.Paths.Length > 3 ? reader.Read(fields.Paths[4]) : 0,
                    Wz = fields.Paths.Length > 3 ? reader.Read(fields.Paths[5]) : 0,
                });
                return stamp;
            case RangeStream s:
                s.OnRecord(stamp, new RangeRecord { Distance = config.Scale * reader.Read(fields.Paths[0]) });
                return stamp;
            case PoseStream s:
                s.OnRecord(stamp, ReadPose(config, fields, reader));
                return stamp;
            case SetPointStream s:
                s.OnRecord(stamp, ReadPose(config, fields, reader));
                return stamp;
            case BatteryStream s:
                s.OnRecord(stamp, new BatteryRecord
                {
                    Voltage = reader.Read(fields.Paths[0]),
                    Current = fields.Paths.Length > 1 ? reader.Read(fields.Paths[1]) : double.NaN,
                    Charge = fields.Paths.Length > 2 ? reader.Read(fields.Paths[2]) : double.NaN,
                });
                return stamp;
            default:
                throw new InvalidOperationException($"role {config.Role} has no custom types");
        }
    }

    private static PoseRecord ReadPose(SourceConfig config, CustomFields fields, in FieldReader reader)
    {
        FieldPath[] paths = fields.Paths;
        bool attitude = paths.Length > 3;
        var pose = new PoseRecord
        {
            X = reader.Read(paths[0]), Y = reader.Read(paths[1]), Z = reader.Read(paths[2]),
            Qx = attitude ? reader.Read(paths[3]) : 0, Qy = attitude ? reader.Read(paths[4]) : 0,
            Qz = attitude ? reader.Read(paths[5]) : 0, Qw = attitude ? reader.Read(paths[6]) : 1,
        };
        return config.NorthEastDown ? pose.FromNorthEastDown() : pose;
    }

    /// <summary>Says what is wrong with a source's images, once for each kind of fault.</summary>
    private void Note(int source, ImageProblem problem, string encoding)
    {
        if (problem == ImageProblem.None || (noted[source] & (1 << (int)problem)) != 0)
        {
            return;
        }

        noted[source] |= 1 << (int)problem;
        SourceConfig config = bySource[source].Config;
        OnWarning?.Invoke($"{config.Topic} ({config.Name}): {problem.Describe(encoding, config.Role == SourceRole.Depth)}; its features are marked invalid");
    }

    private void TakeContact(int source, ContactStream stream, long stampNs, bool pressed)
    {
        stream.OnRecord(stampNs, new ContactRecord { Pressed = pressed });
        Observer?.OnContact(source, stampNs, pressed);
    }

    private void TakeImu(ImuStream stream, long stampNs, in ImuRecord record)
    {
        stream.OnRecord(stampNs, record);
        if (Observer is { } observer)
        {
            stream.ToBase(record.Ax, record.Ay, record.Az, out double x, out double y, out double z);
            observer.OnAcceleration(stampNs, x, y, z);
        }
    }

    private long TakePose(int source, SourceStream stream, long headerNs, Pose pose, long receiptNs)
    {
        long stamp = StampOf(source, headerNs, receiptNs);
        var record = new PoseRecord
        {
            X = pose.Position.X, Y = pose.Position.Y, Z = pose.Position.Z,
            Qx = pose.Orientation.X, Qy = pose.Orientation.Y, Qz = pose.Orientation.Z, Qw = pose.Orientation.W,
        };
        switch (stream)
        {
            case PoseStream s:
                s.OnRecord(stamp, record);
                return stamp;
            case SetPointStream s:
                s.OnRecord(stamp, record);
                return stamp;
            default:
                throw new ArgumentException($"source '{stream.Config.Name}' takes {stream.Config.Type}, not a pose");
        }
    }

    private long TakePoint(int source, SetPointStream stream, long headerNs, Point point, long receiptNs)
    {
        long stamp = StampOf(source, headerNs, receiptNs);
        stream.OnRecord(stamp, new PoseRecord { X = point.X, Y = point.Y, Z = point.Z, Qw = 1 });
        return stamp;
    }

    /// <summary>How a source's messages are decoded: into a reused instance, or field by field.</summary>
    private sealed record Decoder(IMessage? Instance, CustomFields? Fields);

    /// <summary>Reads fields either from bytes or from a decoded dynamic message.</summary>
    private readonly ref struct FieldReader
    {
        private readonly ReadOnlySpan<byte> cdr;
        private readonly DynamicMessage? message;

        public FieldReader(ReadOnlySpan<byte> cdr) => this.cdr = cdr;

        public FieldReader(DynamicMessage message) => this.message = message;

        public bool TryRead(FieldPath path, out double value) =>
            message is null ? path.TryReadDouble(cdr, out value) : message.TryGetDouble(path.Path, out value);

        public double Read(FieldPath path) => TryRead(path, out double value) ? value : double.NaN;

        public long HeaderStamp(CustomFields fields) => fields.Seconds is { } sec && fields.Nanoseconds is { } ns
            ? ((long)Read(sec) * 1_000_000_000L) + (long)Read(ns)
            : 0;
    }
}
