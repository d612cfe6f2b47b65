namespace QDistill.Features;

/// <summary>One velocity command.</summary>
internal struct CommandRecord
{
    public double Vx, Wz;
}

/// <summary>The command in force: the last one received, until its time-out; and how much it is being corrected, since a driver who corrects nothing may not be looking.</summary>
internal sealed class CommandStream(SourceConfig config) : SourceStream<CommandRecord>(config)
{
    private const double ActivitySmoothing = 0.5;
    private Smoothed linearActivity = new(ActivitySmoothing), angularActivity = new(ActivitySmoothing);

    /// <summary>Smoothed magnitude of the change of the linear command [m/s²].</summary>
    public ref readonly Smoothed LinearActivity => ref linearActivity;

    /// <summary>Smoothed magnitude of the change of the angular command [rad/s²].</summary>
    public ref readonly Smoothed AngularActivity => ref angularActivity;

    public double Linear { get; private set; }

    public double Angular { get; private set; }

    public void OnRecord(long stampNs, in CommandRecord record) => Enqueue(stampNs, record);

    protected override bool Take(long stampNs, in CommandRecord r)
    {
        if (!double.IsFinite(r.Vx + r.Wz))
        {
            return false;
        }

        double dt = SinceLast(stampNs);
        if (dt > 0)
        {
            linearActivity.Update(Math.Abs(r.Vx - Linear) / dt, dt);
            angularActivity.Update(Math.Abs(r.Wz - Angular) / dt, dt);
        }
        else if (Seen && stampNs - LastNs > TimeoutNs)
        {
            linearActivity.Reset();
            angularActivity.Reset();
        }

        (Linear, Angular) = (r.Vx, r.Wz);
        return true;
    }

    protected override void Forget()
    {
        (Linear, Angular) = (0, 0);
        linearActivity.Reset();
        angularActivity.Reset();
    }
}
