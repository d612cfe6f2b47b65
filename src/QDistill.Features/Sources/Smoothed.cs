namespace QDistill.Features;

/// <summary>
/// A first-order low-pass for irregular steps: x ← x + (u − x) dt/(τ + dt), the backward-Euler form, which needs no exponential and so gives the same bits everywhere.
/// Starts at its first input.
/// </summary>
internal struct Smoothed(double tau)
{
    private readonly double tau = tau;

    public double Value { get; private set; }

    public bool Ready { get; private set; }

    public void Update(double input, double dt)
    {
        Value = Ready ? Value + ((input - Value) * dt / (tau + dt)) : input;
        Ready = true;
    }

    public void Reset()
    {
        Value = 0;
        Ready = false;
    }
}
