namespace QDistill.Simulation;

/// <summary>
/// The poses that the vehicle came through, and how to drive them backwards: where it has been nothing fixed stands in the way, so this leads out of any corner.
/// </summary>
internal sealed class Track
{
    private const double Spacing = 0.04, TurnSpacing = 0.08, Reach = 0.12, Pace = 0.2, TurnPace = 0.7;
    private const int Most = 400;
    private readonly List<(double X, double Y, double Yaw)> poses = [];

    /// <summary>Whether there is nothing left to drive back along.</summary>
    public bool IsEmpty => poses.Count == 0;

    /// <summary>Notes a pose if it is a step on from the last.</summary>
    public void Note(VehicleModel vehicle)
    {
        if (poses.Count > 0)
        {
            (double x, double y, double yaw) = poses[^1];
            double dx = vehicle.X - x, dy = vehicle.Y - y;
            if ((dx * dx) + (dy * dy) < Spacing * Spacing && Math.Abs(vehicle.Yaw - yaw) < TurnSpacing)
            {
                return;
            }
        }

        if (poses.Count == Most)
        {
            poses.RemoveRange(0, Most / 4);
        }

        poses.Add((vehicle.X, vehicle.Y, vehicle.Yaw));
    }

    /// <summary>The command that drives back along the track: pure pursuit (Coulter 1992) of the last pose out of reach, and turns on the spot undone.</summary>
    public (double Linear, double Angular) Back(VehicleModel vehicle)
    {
        (double sin, double cos) = Math.SinCos(vehicle.Yaw);
        while (poses.Count > 0)
        {
            (double x, double y, double yaw) = poses[^1];
            double dx = x - vehicle.X, dy = y - vehicle.Y, distance = Math.Sqrt((dx * dx) + (dy * dy)), turn = yaw - vehicle.Yaw;
            if (distance < Reach)
            {
                if (Math.Abs(turn) > 0.2)
                {
                    return (0, TurnPace * Math.Sign(turn));
                }

                poses.RemoveAt(poses.Count - 1);
                continue;
            }

            double along = (cos * dx) + (sin * dy), across = (cos * dy) - (sin * dx);
            double speed = Pace * Math.Sign(along);
            return (speed, Math.Clamp(speed * 2 * across / (distance * distance), -TurnPace, TurnPace));
        }

        return (0, 0);
    }
}
