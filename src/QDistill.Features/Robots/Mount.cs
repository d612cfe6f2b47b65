using QDistill.Configuration;

namespace QDistill.Features;

/// <summary>Where a sensor sits in the base frame (REP-103: x forward, y left, z up): translation [m] and roll, pitch, yaw [rad], applied in that order about fixed axes.</summary>
public readonly record struct Mount(double X, double Y, double Z, double Roll, double Pitch, double Yaw)
{
    /// <summary>Reads <c>mount: {x, y, z, roll, pitch, yaw}</c>; the base frame itself when absent.</summary>
    internal static Mount Read(ConfigSection? section) => section is null
        ? default
        : new Mount(
            section.Double("x", 0), section.Double("y", 0), section.Double("z", 0),
            section.Double("roll", 0), section.Double("pitch", 0), section.Double("yaw", 0));

    /// <summary>The rotation matrix R with v_base = R v_sensor, row-major: Rz(yaw) Ry(pitch) Rx(roll).</summary>
    internal void Rotation(Span<double> r)
    {
        (double sr, double cr) = Math.SinCos(Roll);
        (double sp, double cp) = Math.SinCos(Pitch);
        (double sy, double cy) = Math.SinCos(Yaw);
        r[0] = cy * cp;
        r[1] = (cy * sp * sr) - (sy * cr);
        r[2] = (cy * sp * cr) + (sy * sr);
        r[3] = sy * cp;
        r[4] = (sy * sp * sr) + (cy * cr);
        r[5] = (sy * sp * cr) - (cy * sr);
        r[6] = -sp;
        r[7] = cp * sr;
        r[8] = cp * cr;
    }
}
