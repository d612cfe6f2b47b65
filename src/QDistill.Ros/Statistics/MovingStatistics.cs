namespace QDistill.Ros;

/// <summary>Mean, extremes and standard deviation of a stream of numbers, in one pass (Welford 1962), as libstatistics_collector computes them.</summary>
internal struct MovingStatistics
{
    private double mean;
    private double minimum;
    private double maximum;
    private double squares;

    /// <summary>How many numbers came.</summary>
    public long Count { get; private set; }

    /// <summary>The mean; NaN without a number, as are the others.</summary>
    public readonly double Average => Count > 0 ? mean : double.NaN;

    /// <summary>The smallest.</summary>
    public readonly double Minimum => Count > 0 ? minimum : double.NaN;

    /// <summary>The largest.</summary>
    public readonly double Maximum => Count > 0 ? maximum : double.NaN;

    /// <summary>The standard deviation of the population.</summary>
    public readonly double StandardDeviation => Count > 0 ? Math.Sqrt(squares / Count) : double.NaN;

    /// <summary>Adds a number; NaN is left out.</summary>
    public void Add(double value)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        Count++;
        double before = mean;
        mean = before + ((value - before) / Count);
        minimum = Count == 1 ? value : Math.Min(minimum, value);
        maximum = Count == 1 ? value : Math.Max(maximum, value);
        squares += (value - before) * (value - mean);
    }
}
